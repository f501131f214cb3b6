"""When a change began, until when that is seen to have gone on, and when it will be done: what is drawn."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from handler.core.ledger import Ledger
from handler.core.observation import Observation, StepState
from handler.core.record import Record
from handler.web.drawing.sight import has_good_estimate, seen_until


class Course(NamedTuple):
    """From when until when: until it ended if it `is_over`, else until now, or until it was last `seen`.

    If its `start_is_told` it began when its steps say; else that is when it was ordered or first noticed.
    `done_at` is when it will be complete by what the API last said, if that is still to come.
    """

    seen: Observation
    began_at: datetime
    until: datetime
    start_is_told: bool
    done_at: datetime | None

    @property
    def is_over(self) -> bool:
        """True when nothing can follow."""
        return self.seen.phase.is_end


def course_of(record: Record, now: datetime) -> Course | None:
    """The course of a change; None if nothing has been seen of it yet."""
    ledger = record.ledger
    if ledger is None or ledger.observation is None:
        return None
    seen = ledger.observation
    started_at = _started_at(seen)
    return Course(
        seen=seen,
        began_at=started_at or _noticed_at(ledger),
        until=seen_until(record, now),
        start_is_told=started_at is not None,
        done_at=_done_at(seen, now) if has_good_estimate(record, now) else None,
    )


def _started_at(seen: Observation) -> datetime | None:
    begun = (step.started_at for step in seen.steps if step.state is not StepState.WAITING)
    return min(filter(None, begun), default=None)


def _noticed_at(ledger: Ledger) -> datetime:
    if ledger.order and ledger.order.ordered_at:
        return ledger.order.ordered_at
    return ledger.samples[0].at if ledger.samples else ledger.created_at


def _done_at(seen: Observation, now: datetime) -> datetime | None:
    return seen.done_at if seen.done_at and seen.done_at > now else None
