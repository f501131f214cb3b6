"""Draws how far a change was in the course of time, on the same axis as its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handler.core.ledger import Sample
from handler.core.progress import COMPLETE_PERCENT
from handler.web.drawing import Plot, Point
from handler.web.drawing.axis import Axis, axis_of
from handler.web.drawing.course import Course

SAMPLES_MIN: Final = 2
"""One alone makes no line."""


def draw_plot(samples: Sequence[Sample], course: Course) -> Plot | None:
    """Draw the samples of a change; None if there are too few of them.

    While it is under way the last point is no sample: it says that the change had not got further by then.
    """
    if len(samples) < SAMPLES_MIN:
        return None
    axis, last = axis_of(course), samples[-1]
    has_stood = not course.is_over and course.until > last.at
    standing = (Sample(course.until, last.percent),) if has_stood else ()
    return Plot(
        points=tuple(_point(sample, axis) for sample in (*samples, *standing)),
        estimate=Point(axis.place(course.done_at), 0.0) if course.done_at else None,
    )


def _point(sample: Sample, axis: Axis) -> Point:
    return Point(
        axis.place(sample.at), float(COMPLETE_PERCENT - min(max(sample.percent, 0), COMPLETE_PERCENT))
    )
