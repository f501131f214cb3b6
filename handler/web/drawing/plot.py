"""Draws how far a change was in the course of time, on the same axis as its steps."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from handler.core.ledger import Ledger, Sample
from handler.core.progress import COMPLETE_PERCENT
from handler.web.drawing import Plot, Point
from handler.web.drawing.axis import Axis, axis_of
from handler.web.drawing.course import course_of

SAMPLES_MIN: Final = 2
"""One alone makes no line."""

_UTC: Final = ZoneInfo("UTC")


def draw_plot(ledger: Ledger, now: datetime, timezone: tzinfo = _UTC) -> Plot | None:
    """Draw the samples of a change; None if there are too few of them.

    While it is under way the last point is no sample: it says that the change has not got further by now.

    Args:
        ledger: What is kept of the change.
        now: The present.
        timezone: By whose clocks the marked moments are round.
    """
    course = course_of(ledger, now)
    if course is None or len(ledger.samples) < SAMPLES_MIN:
        return None
    axis = axis_of(course)
    last = ledger.samples[-1]
    present = () if course.is_over or now <= last.at else (Sample(now, last.percent),)
    return Plot(
        points=tuple(_point(sample, axis) for sample in (*ledger.samples, *present)),
        marks=axis.marks(timezone),
        estimate=Point(axis.place(course.done_at), 0.0) if course.done_at else None,
        now=axis.place_if_within(now),
    )


def _point(sample: Sample, axis: Axis) -> Point:
    return Point(
        axis.place(sample.at), float(COMPLETE_PERCENT - min(max(sample.percent, 0), COMPLETE_PERCENT))
    )
