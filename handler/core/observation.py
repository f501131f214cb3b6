"""What one poll of a change saw: its phase, how far it is, and how each step stands."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec


class Phase(Enum):
    """How a change stands as a whole; the four ends absorb."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    UNKNOWN = "unknown"

    @property
    def is_end(self) -> bool:
        """True when nothing can follow."""
        return self in _ENDS


_ENDS: Final = frozenset({Phase.COMPLETED, Phase.FAILED, Phase.CANCELLED, Phase.LOST})


class StepState(Enum):
    """How one step stands; `UNKNOWN` is a word of the API's that we do not know."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """How far on a step in this state is; a word that we do not know is no way on."""
        return _RANKS[self]


_RANKS: Final = {
    StepState.UNKNOWN: -1,
    StepState.WAITING: 0,
    StepState.RUNNING: 1,
    StepState.COMPLETED: 2,
    StepState.FAILED: 2,
}

_OPEN: Final = frozenset({StepState.WAITING, StepState.RUNNING})


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a change: its name and which of that name it is, from 1.

    `status` is the API's own word, kept only where we do not know it. Times are the server's.
    """

    name: str
    state: StepState
    occurrence: int = 1
    status: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        """What the step is known by in cause keys, such as `disk_expansion#1`."""
        return f"{self.name}#{self.occurrence}"

    @property
    def duration_seconds(self) -> int | None:
        """How long the step took, by the server's clock; None while that is not known."""
        return _seconds_between(self.started_at, self.ended_at)


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one poll saw; `date` is the server's clock, which orders observations.

    `percent` is 0 to 100. Over 100 steps `steps` is empty and `step_counts` says how many stand how.
    """

    phase: Phase
    percent: int | None = None
    remaining_seconds: int | None = None
    steps: tuple[Step, ...] = ()
    step_counts: dict[StepState, int] = {}
    date: datetime | None = None

    @property
    def current_step(self) -> Step | None:
        """The step to name when asked "where is it?": the failed, else the first running one."""
        for state in (StepState.FAILED, StepState.RUNNING):
            for step in self.steps:
                if step.state is state:
                    return step
        return None

    def counts(self) -> dict[StepState, int]:
        """How many steps stand how, however many there are."""
        return self.step_counts or dict(Counter(step.state for step in self.steps))

    @property
    def done_at(self) -> datetime | None:
        """When the change will be complete by what was said here; None while that is not known."""
        if self.date is None or self.remaining_seconds is None:
            return None
        return self.date + timedelta(seconds=self.remaining_seconds)

    @property
    def ended_at(self) -> datetime | None:
        """When the last step ended that tells it, by the server's clock."""
        return max((step.ended_at for step in self.steps if step.ended_at), default=None)

    @property
    def duration_seconds(self) -> int | None:
        """From the first step's start to the last one's end; None unless every step tells both.

        Of a change that has failed the steps that still wait took no time: it ended with the failed one.
        """
        steps = self.steps
        if self.phase is Phase.FAILED and any(step.state is StepState.FAILED for step in steps):
            steps = tuple(step for step in steps if step.state is not StepState.WAITING)
        starts = [step.started_at for step in steps]
        ends = [step.ended_at for step in steps]
        if not steps or None in starts or None in ends:
            return None
        return _seconds_between(min(filter(None, starts)), max(filter(None, ends)))


def leave_open_unknown(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps of a change that is over; of those that were open when last seen nothing is known."""
    return tuple(
        msgspec.structs.replace(step, state=StepState.UNKNOWN) if step.state in _OPEN else step
        for step in steps
    )


def _seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None or end < start:
        return None
    return round((end - start).total_seconds())
