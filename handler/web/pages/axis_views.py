"""The axis of time and the progress along it, as templates get them: places written out, with words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple

from handler.core.ledger import Sample
from handler.web.drawing import Mark, Plot, Point
from handler.web.pages.visitor import Visitor
from notifiers.saying import fill
from notifiers.telling import share

_WHOLE: Final = 100
_EDGE: Final = 6
"""Percent of the width within which a label would be cut off if it stood in the middle of its mark."""

_DAY: Final = "%m-%d"
_YEAR: Final = "%Y"
_ROOM_ON_PHONES: Final = {_DAY: 15, "%H:%M": 15, "%H:%M:%S": 22}
"""Percent of a phone's width that a label takes."""


class MarkView(NamedTuple):
    """A moment on the axis; with its date, of a day its year, where that is another one than before it.

    `anchor` is which end of the label stands there; one that `is_spare` has no room on phones.
    """

    left: str
    time: str
    date: str
    anchor: str
    is_spare: bool


class PlotView(NamedTuple):
    """A line by its points, the ground beneath it, the way it may go on, and all that in words."""

    line: str
    ground: str
    estimate: str
    end: str
    told: str


def view_plot(plot: Plot | None, samples: Sequence[Sample], visitor: Visitor) -> PlotView | None:
    """Word the progress over time, if it was drawn."""
    if plot is None:
        return None
    first, last = plot.points[0], plot.points[-1]
    line = " ".join(map(_place, plot.points))
    language = visitor.reader.language
    told = {
        "first": share(samples[0].percent, language),
        "start": visitor.time(samples[0].at),
        "last": share(samples[-1].percent, language),
        "end": visitor.time(samples[-1].at),
    }
    return PlotView(
        line=line,
        ground=f"{first.left:.1f},100 {line} {last.left:.1f},100",
        estimate=f"{_place(last)} {_place(plot.estimate)}" if plot.estimate else "",
        end=_place(last),
        told=fill(visitor.words.progress_told, **told),
    )


def view_marks(marks: Sequence[Mark], visitor: Visitor) -> tuple[MarkView, ...]:
    """Label the marks; where they stand close, only every second or third one has room on phones."""
    moments = [mark.moment.astimezone(visitor.reader.timezone) for mark in marks]
    form = _form(moments)
    is_days = form == _DAY
    gap = min((later.left - mark.left for mark, later in pairwise(marks)), default=float(_WHOLE))
    step = ceil(_ROOM_ON_PHONES[form] / max(gap, 1.0))
    today, *dates = (
        moment.year if is_days else moment.date()
        for moment in (visitor.now.astimezone(visitor.reader.timezone), *moments)
    )
    return tuple(
        MarkView(
            left=f"{mark.left:.2f}",
            time=f"{moment:{form}}",
            date=f"{moment:{_YEAR if is_days else _DAY}}" if date != before else "",
            anchor=_anchor(mark.left),
            is_spare=number % step > 0,
        )
        for number, (mark, moment, date, before) in enumerate(
            zip(marks, moments, dates, [today, *dates], strict=False)
        )
    )


def _form(moments: Sequence[datetime]) -> str:
    """How to write moments on an axis: days where all are midnights, seconds where they matter."""
    if len(moments) > 1 and all(moment.time() == time.min for moment in moments):
        return _DAY
    return "%H:%M:%S" if any(moment.second for moment in moments) else "%H:%M"


def _anchor(left: float) -> str:
    return "start" if left < _EDGE else "end" if left > _WHOLE - _EDGE else "middle"


def _place(point: Point) -> str:
    return f"{point.left:.1f},{point.top:.1f}"
