"""The axis of time that the drawings of a change share."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from handler.web.drawing import Bar, Mark
from handler.web.drawing.course import Course
from handler.web.drawing.moments import SPAN_MIN, round_moments

WIDTH_MIN: Final = 0.5
"""How wide a bar is at least, in percent: what took no time is still to be seen."""


class Axis(NamedTuple):
    """From when until when; what lies outside is drawn at the edge."""

    begins_at: datetime
    ends_at: datetime

    def place(self, moment: datetime) -> float:
        """Where a moment is, in percent from the left."""
        share = (moment - self.begins_at) / (self.ends_at - self.begins_at)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def place_if_within(self, moment: datetime) -> float | None:
        """Where a moment is; None if it lies outside."""
        return self.place(moment) if self.begins_at <= moment <= self.ends_at else None

    def bar(self, start: datetime, end: datetime) -> Bar:
        """The time between two moments; of one that runs backwards its start."""
        left = min(self.place(start), 100 - WIDTH_MIN)
        return Bar(left, max(round(self.place(end) - left, 2), WIDTH_MIN))

    def marks(self, zone: tzinfo) -> tuple[Mark, ...]:
        """Round moments by the clocks of a time zone, in order."""
        moments = round_moments(self.begins_at, self.ends_at, zone)
        return tuple(Mark(self.place(moment), moment) for moment in moments)


def axis_of(course: Course) -> Axis:
    """From the beginning of a change to its end, until it was last seen, or until it will be done."""
    ends_at = max(course.until, course.done_at or course.until)
    return Axis(course.began_at, max(ends_at, course.began_at + SPAN_MIN))
