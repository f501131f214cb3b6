"""Draws the steps of a change to scale, and what is left of it by what the API last said."""

from __future__ import annotations

from datetime import datetime, tzinfo

from handler.core.observation import Step, StepState
from handler.web.drawing import Bar, Row, Timeline
from handler.web.drawing.axis import Axis, axis_of
from handler.web.drawing.course import Course


def draw_timeline(course: Course, now: datetime, timezone: tzinfo) -> Timeline:
    """Draw when which step went on; whatever time a step tells, its bar stays within the drawing.

    Args:
        course: That of the change.
        now: The present.
        timezone: By whose clocks the marked moments are round.
    """
    axis = axis_of(course)
    return Timeline(
        begins_at=axis.begins_at,
        ends_at=axis.ends_at,
        rows=(_whole(course, axis), *(_row(step, course, axis) for step in course.seen.steps)),
        marks=axis.marks(timezone),
        now=axis.place_if_within(now),
    )


def _whole(course: Course, axis: Axis) -> Row:
    so_far = _seconds(course.began_at, course.until) if course.start_is_told else None
    return Row(
        step=None,
        bar=axis.bar(course.began_at, course.until),
        estimate=axis.bar(course.until, course.done_at) if course.done_at else None,
        duration_seconds=course.seen.duration_seconds if course.is_over else so_far,
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
