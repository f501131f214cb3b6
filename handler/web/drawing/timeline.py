"""Draws the steps of a change to scale, and what is left of it by what the API last said."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from handler.core.ledger import Ledger
from handler.core.observation import Observation, Step, StepState
from handler.web.drawing import Bar, Row, Timeline
from handler.web.drawing.axis import Axis, axis_of
from handler.web.drawing.course import Course, course_of

_UTC: Final = ZoneInfo("UTC")


def draw_timeline(ledger: Ledger, now: datetime, timezone: tzinfo = _UTC) -> Timeline | None:
    """Draw when which step went on; None if nothing has been seen of the change yet.

    Whatever time a step tells, its bar stays within the drawing.

    Args:
        ledger: What is kept of the change.
        now: The present.
        timezone: By whose clocks the marked moments are round.
    """
    course, seen = course_of(ledger, now), ledger.observation
    if course is None or seen is None:
        return None
    axis = axis_of(course)
    return Timeline(
        begins_at=axis.begins_at,
        ends_at=axis.ends_at,
        rows=(_whole(seen, course, axis), *(_row(step, course, axis) for step in seen.steps)),
        marks=axis.marks(timezone),
        now=axis.place_if_within(now),
    )


def _whole(seen: Observation, course: Course, axis: Axis) -> Row:
    so_far = _seconds(course.began_at, course.until) if course.start_is_told else None
    return Row(
        step=None,
        bar=axis.bar(course.began_at, course.until),
        estimate=axis.bar(course.until, course.done_at) if course.done_at else None,
        duration_seconds=seen.duration_seconds if course.is_over else so_far,
    )


def _row(step: Step, course: Course, axis: Axis) -> Row:
    if step.state is StepState.WAITING:
        return Row(step)
    if step.state is not StepState.RUNNING:
        return Row(step, _bar(step, axis), duration_seconds=step.duration_seconds)
    if step.started_at is None:
        return Row(step)
    # When it ended in the end of a change nobody has told.
    so_far = None if course.is_over else _seconds(step.started_at, course.until)
    return Row(step, axis.bar(step.started_at, course.until), duration_seconds=so_far)


def _bar(step: Step, axis: Axis) -> Bar | None:
    """From start to end; of a step that tells but one of them that moment alone."""
    start, end = step.started_at or step.ended_at, step.ended_at or step.started_at
    return axis.bar(start, end) if start and end else None


def _seconds(start: datetime, end: datetime) -> int | None:
    return round((end - start).total_seconds()) if start <= end else None
