"""The kinds of alert, how grave each is, and the alert itself.

The table `TRAITS` is the whole of what is known about a kind; a new kind is one line there, a rule in
`handler.core.rules`, its words in each of `notifiers.languages`, an example in `samples.py`, and its name in
`message.schema.json`. Whoever reads a ledger has to know it, too: see `SCHEMA` in `handler.core.document`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

import msgspec


class Severity(Enum):
    """How grave an alert is; members stand in rising order."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"

    @property
    def rank(self) -> int:
        """Place in the order info < success < warning < failure, from 0."""
        return _RANKS[self]


_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}


class Group(Enum):
    """A name in a channel's `alerts` that stands for several kinds."""

    PROGRESS = "progress"
    STEPS = "steps"
    END = "end"
    TROUBLE = "trouble"


class Kind(Enum):
    """What an alert tells."""

    STARTED = "started"
    STEP_STARTED = "step_started"
    STEP_COMPLETED = "step_completed"
    MILESTONE = "milestone"
    STEP_FAILED = "step_failed"
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    CANCELLED = "cancelled"
    STALLED = "stalled"
    RESUMED = "resumed"
    DELAYED = "delayed"
    UNREACHABLE = "unreachable"
    RECOVERED = "recovered"
    UNWATCHED = "unwatched"
    CHANNEL_REFUSED = "channel_refused"
    LEDGER_RESET = "ledger_reset"
    REMINDER = "reminder"

    @property
    def traits(self) -> Traits:
        """What holds for every alert of this kind."""
        return TRAITS[self]

    def cause_since(self, moment: datetime) -> str:
        """The cause key of what has been so since a moment: ledgers keep it, so that it is told once."""
        return f"{self.value}:{moment.isoformat()}"


class Traits(NamedTuple):
    """What holds for every alert of a kind."""

    severity: Severity
    groups: frozenset[Group]
    passes_quiet_hours: bool

    @property
    def precedence(self) -> tuple[int, bool]:
        """Place among what is told together: the graver comes first, and an end before what goes on."""
        return -self.severity.rank, Group.END not in self.groups


def _traits(severity: Severity, *groups: Group, passes_quiet_hours: bool = False) -> Traits:
    return Traits(severity, frozenset(groups), passes_quiet_hours)


TRAITS: dict[Kind, Traits] = {
    Kind.STARTED: _traits(Severity.INFO, Group.PROGRESS),
    Kind.STEP_STARTED: _traits(Severity.INFO, Group.STEPS),
    Kind.STEP_COMPLETED: _traits(Severity.INFO, Group.STEPS),
    Kind.MILESTONE: _traits(Severity.INFO, Group.PROGRESS),
    Kind.STEP_FAILED: _traits(Severity.FAILURE, Group.STEPS, Group.TROUBLE, passes_quiet_hours=True),
    Kind.COMPLETED: _traits(Severity.SUCCESS, Group.END),
    Kind.FAILED: _traits(Severity.FAILURE, Group.END, Group.TROUBLE, passes_quiet_hours=True),
    Kind.LOST: _traits(Severity.FAILURE, Group.END, Group.TROUBLE, passes_quiet_hours=True),
    Kind.CANCELLED: _traits(Severity.WARNING, Group.END),
    Kind.STALLED: _traits(Severity.WARNING, Group.TROUBLE, passes_quiet_hours=True),
    Kind.RESUMED: _traits(Severity.INFO, Group.TROUBLE),
    Kind.DELAYED: _traits(Severity.WARNING, Group.TROUBLE),
    Kind.UNREACHABLE: _traits(Severity.WARNING, Group.TROUBLE, passes_quiet_hours=True),
    Kind.RECOVERED: _traits(Severity.INFO, Group.TROUBLE),
    Kind.UNWATCHED: _traits(Severity.WARNING, Group.TROUBLE),
    Kind.CHANNEL_REFUSED: _traits(Severity.WARNING, Group.TROUBLE, passes_quiet_hours=True),
    Kind.LEDGER_RESET: _traits(Severity.WARNING, Group.TROUBLE, passes_quiet_hours=True),
    # As grave as what it reminds of: see `Alert.severity`.
    Kind.REMINDER: _traits(Severity.WARNING, Group.TROUBLE, passes_quiet_hours=True),
}


class Ending(Enum):
    """How an alert ended on a channel that may never have heard it."""

    GIVEN_UP = "given_up"
    UNKNOWN = "unknown"


class Alert(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing worth telling about a change, as it stands in the ledger's log.

    `percent` and `remaining_seconds` are the change's at the moment the alert was raised. `step` and
    `step_seconds` (how long a finished step took) belong to the step kinds; `seconds` is how long a
    stall or an outage has lasted, or a gap in the watch at most; `detail` is what there is to add, in plain
    words, at most 200 characters. `channel` is the one that a refusal is about, which never hears of it, or
    the only one that a reminder is for, which `reminds_of` a kind of alert whose matter still stands; its
    `seconds` are how long. An alert that `may_repeat` may have been told by a ledger that is lost. `endings`
    maps a channel to the way the alert ended there unheard or unsure.
    """

    number: int
    kind: Kind
    cause: str
    raised_at: datetime
    percent: int | None = None
    remaining_seconds: int | None = None
    step: str | None = None
    step_seconds: int | None = None
    seconds: int | None = None
    detail: str | None = None
    channel: str | None = None
    reminds_of: Kind | None = None
    may_repeat: bool = False
    endings: dict[str, Ending] = {}

    @property
    def severity(self) -> Severity:
        """How grave it is; a reminder is as grave as what it reminds of."""
        return (self.reminds_of or self.kind).traits.severity


def cannot_wait(alerts: Iterable[Alert]) -> bool:
    """True if quiet hours hold back none of these, because of one that they let through."""
    return any(alert.kind.traits.passes_quiet_hours for alert in alerts)
