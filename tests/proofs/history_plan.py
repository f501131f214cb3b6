"""What may happen in a history, as values: how a tick runs and what comes in between."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from notifiers.verdicts import Outcome, Verdict
from tests.fakes.memory_store import Trouble
from tests.proofs.history_source import Event, Mood


class Manner(Enum):
    """How a channel takes a message: what it answers (None: nothing), whether it is heard, in how long."""

    UP = (Verdict(Outcome.SENT), True, 1)
    BUSY = (Verdict(Outcome.RETRY, "503"), False, 1)
    BUSY_FOR_LONG = (Verdict(Outcome.RETRY, "429", 5400.0), False, 1)
    REFUSES = (Verdict(Outcome.REFUSED, "401"), False, 1)
    REFUSES_MESSAGE = (Verdict(Outcome.REFUSED, "400"), False, 1)
    ANSWER_LOST = (Verdict(Outcome.UNKNOWN, "ConnectionError"), True, 1)
    CUT_OFF = (Verdict(Outcome.UNKNOWN, "ConnectionError"), False, 1)
    HANGS = (None, False, 15)
    HANGS_HEARD = (None, True, 15)

    def __init__(self, verdict: Verdict | None, is_heard: bool, seconds: int) -> None:  # noqa: FBT001
        """Name the parts."""
        self.verdict, self.is_heard, self.seconds = verdict, is_heard, seconds

    @property
    def is_cut_off(self) -> bool:
        """True when the sender does not learn what became of the message."""
        return self.verdict is None or self.verdict.outcome is Outcome.UNKNOWN


class Damage(Enum):
    """What becomes of a kept document."""

    OVERWRITTEN = "other bytes"
    TRUNCATED = "half of it"
    ANOTHERS = "the ledger of another change"
    OVERSIZED = "more than 1 MiB"


class Move(NamedTuple):
    """Something becomes of a change."""

    change: int
    event: Event


class Answer(NamedTuple):
    """The API takes to answering in this way about a change."""

    change: int
    mood: Mood


class Turn(NamedTuple):
    """A channel takes to taking messages in this manner."""

    channel: str
    manner: Manner


class Drop(NamedTuple):
    """Somebody wants to hear no more of a change; it stands in the configuration, so reminders of it end."""

    change: int


class Resend(NamedTuple):
    """Somebody has a channel told once more what may not have reached it, or everything that is kept."""

    change: int
    channel: str
    everything: bool


class Spoil(NamedTuple):
    """The document of a change is damaged."""

    change: int
    damage: Damage


class Crash(NamedTuple):
    """The process is killed."""


class Slow(NamedTuple):
    """The call takes long."""

    seconds: int


class Fault(NamedTuple):
    """The store fails: the next save in this way, another call merely as unavailable."""

    trouble: Trouble


class Meanwhile(NamedTuple):
    """The process waits while others act; before each of them so many seconds pass that it sleeps through."""

    seconds: int
    acts: tuple[Act, ...]


class Incident(NamedTuple):
    """Something in between: at the `at`-th call of a port, before or after the call has its effect."""

    at: int
    is_after: bool
    what: Crash | Slow | Fault | Meanwhile


class Tick(NamedTuple):
    """One invocation: which changes it looks at, from which process, in which order, and what goes wrong.

    Who `is_warm` remembers ledgers and trusts its key. Who `is_lazy` does what may be done side by side
    as late as possible, else as early.
    """

    changes: tuple[int, ...] = (0, 1)
    is_warm: bool = True
    is_lazy: bool = False
    incidents: tuple[Incident, ...] = ()


Act = Move | Answer | Turn | Drop | Resend | Spoil | Tick
"""What anybody may do at any time."""
