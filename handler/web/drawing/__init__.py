"""Where things stand in a drawing: in percent of its width from the left, and of its height from the top."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from handler.core.observation import Step


class Bar(NamedTuple):
    """From where on, and how far."""

    left: float
    width: float


class Mark(NamedTuple):
    """A moment on the axis of time."""

    left: float
    moment: datetime


class Row(NamedTuple):
    """A step, or without one the change as a whole; its time as a bar, if that is known.

    The `estimate` is the time that is left by what the API last said, after the bar.
    """

    step: Step | None
    bar: Bar | None = None
    estimate: Bar | None = None
    duration_seconds: int | None = None


class Timeline(NamedTuple):
    """The steps of a change to scale: all of it first, then each step, and the axis that they share.

    Every bar is wide enough to be seen. `now` is where the present is, if it is within the drawing.
    """

    begins_at: datetime
    ends_at: datetime
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    now: float | None = None


class Point(NamedTuple):
    """A place in a plot."""

    left: float
    top: float


class Plot(NamedTuple):
    """How far a change was in the course of time, on the same axis as its steps.

    `points` are its samples in order, and while it is under way the moment until which it was seen. The
    `estimate` is where it will be complete by what the API last said.
    """

    points: tuple[Point, ...]
    estimate: Point | None = None
