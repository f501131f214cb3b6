"""When a change began, until when it has gone on, and when it will be done: the time that is drawn.

Steps are timed by the API's clock, looks and samples by the store's, the present by ours; they may be a
little apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from handler.core.ledger import Ledger
from handler.core.observation import Observation, StepState
from handler.core.reading import REMAINING_SECONDS_MAX


class Course(NamedTuple):
    """From when until when: until it ended if it `is_over`, else until now.

    If its `start_is_told` it began when its steps say; else that is when it was ordered or first noticed.
    `done_at` is when it will be complete by what the API last said, if that is still to come.
    """

    began_at: datetime
    until: datetime
    is_over: bool
    start_is_told: bool
    done_at: datetime | None


def course_of(ledger: Ledger, now: datetime) -> Course | None:
    """The course of a change; None if nothing has been seen of it yet."""
    observation = ledger.observation
    if observation is None:
        return None
    is_over = observation.phase.is_end
    started_at = _started_at(observation)
    return Course(
        began_at=started_at or _noticed_at(ledger),
        until=_ended_at(ledger, observation) if is_over else now,
        is_over=is_over,
        start_is_told=started_at is not None,
        done_at=None if is_over else _done_at(observation, now),
    )


def _started_at(observation: Observation) -> datetime | None:
    begun = (step.started_at for step in observation.steps if step.state is not StepState.WAITING)
    return min(filter(None, begun), default=None)


def _noticed_at(ledger: Ledger) -> datetime:
    if ledger.order and ledger.order.ordered_at:
        return ledger.order.ordered_at
    return ledger.samples[0].at if ledger.samples else ledger.created_at


def _ended_at(ledger: Ledger, observation: Observation) -> datetime:
    """When the last step ended, if all of them tell; else when it was seen that all is over."""
    known = [observation.ended_at]
    if observation.duration_seconds is None:
        known.append(ledger.looked_at)
    return max(filter(None, known), default=ledger.created_at)


def _done_at(observation: Observation, now: datetime) -> datetime | None:
    if observation.date is None or observation.remaining_seconds is None:
        return None
    left = timedelta(seconds=min(observation.remaining_seconds, REMAINING_SECONDS_MAX))
    done_at = observation.date + left
    return done_at if done_at > now else None
