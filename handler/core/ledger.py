"""The kept document of one change: its last observation, its numbered log of alerts, its offsets.

The log and the offsets are a small Kafka: `compare.py` appends to the log, `delivery.py` moves the
offsets. How it is written down stands in `document.py`; later versions may add fields, not change what
these mean.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from handler.core.observation import Observation, Phase
from handler.core.problem import ProblemKind
from notifiers.alerts import Alert, Group, Kind
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome

KindT = TypeVar("KindT", Outcome, ProblemKind)

REFRESH_AFTER: Final = timedelta(minutes=10)
"""How old the kept moment of the last look may grow before a tick without news writes it anew."""


class Claim(msgspec.Struct, frozen=True):
    """A lease on sending one channel the alerts up to `upto`: held by `owner` until `until`.

    `tries` counts this attempt in, from 1, since the channel last heard something.
    """

    owner: str
    until: datetime
    upto: int
    tries: int


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the last send to a channel ended: the outcome and the service's own code, never its text."""

    outcome: Outcome
    ended_at: datetime
    code: str | None = None


class ChannelState(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far one channel has heard, and what is under way or wrong with it.

    `offset` is the number of the last alert that is settled there. `tries` counts the attempts since
    then that did not deliver. Alerts up to `repeat_upto` may have been heard already. `refused_since` is
    when the service first refused, until it takes a message again. `absent_since` is when the channel was
    first missing from the configuration. `outcome_counts` is how many sends have ended how.
    """

    offset: int
    claim: Claim | None = None
    tries: int = 0
    not_before: datetime | None = None
    repeat_upto: int = 0
    refused_since: datetime | None = None
    absent_since: datetime | None = None
    last_attempt: Attempt | None = None
    outcome_counts: dict[Outcome, int] = {}


class Estimate(msgspec.Struct, frozen=True):
    """The first remaining time that the API gave, and when."""

    made_at: datetime
    remaining_seconds: int


class Outage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time in which no poll has been good; `kind` is what the first bad one said.

    `key_refused_since` and `missing_since` are set while the API refuses the access key, or says that
    instance or task is not there.
    """

    since: datetime
    kind: ProblemKind
    key_refused_since: datetime | None = None
    missing_since: datetime | None = None


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """How far the change was, in percent, and when that was seen; kept as `[at, percent]`."""

    at: datetime
    percent: int


class Ledger(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is remembered of one change.

    `name` is what people call it, as last known. One that `is_dismissed` is followed only if somebody asks
    for it again, or if it has ended one is reminded of it no longer; one that `is_reminding` has failed, and
    there are channels to be reminded of it for a while.
    `order` is who ordered it and what, `specification` what the instance was like when the change was first
    looked at, `specification_now` what it was like at its end. `raised` are the cause keys of alerts already
    raised (or silently taken for known at the first look). `length` is the number of the last alert ever
    appended; `alerts` holds the newest of them, in order. `moved_at` is when the change last got further,
    `percent_peak` how far; `samples` are how far it was in the course of time. `outage_counts` is how many
    outages have begun with which kind of problem. A ledger that `follows_loss` was begun in the place of one
    that could not be read: what it tells may have been told before. Times are the store's clock.
    """

    change: str
    created_at: datetime
    name: str | None = None
    is_dismissed: bool = False
    is_reminding: bool = False
    order: Order | None = None
    specification: Specification | None = None
    specification_now: Specification | None = None
    looked_at: datetime | None = None
    observation: Observation | None = None
    moved_at: datetime | None = None
    percent_peak: int | None = None
    first_estimate: Estimate | None = None
    samples: tuple[Sample, ...] = ()
    outage: Outage | None = None
    outage_counts: dict[ProblemKind, int] = {}
    follows_loss: bool = False
    raised: tuple[str, ...] = ()
    length: int = 0
    alerts: tuple[Alert, ...] = ()
    channels: dict[str, ChannelState] = {}

    @property
    def phase(self) -> Phase:
        """The phase last seen; unknown before the first good look."""
        return self.observation.phase if self.observation else Phase.UNKNOWN

    @property
    def is_heard(self) -> bool:
        """True when the change has ended and no channel has anything left to hear of it by now."""
        return self.phase.is_end and all(s.offset >= self.length for s in self.channels.values())

    @property
    def is_told(self) -> bool:
        """True when all that there was to tell is heard: it need not be looked at any more."""
        return self.is_heard and not self.is_reminding

    @property
    def is_stalled(self) -> bool:
        """True while the change stands still and that has been told."""
        key = f"{Kind.STALLED.value}:{self.moved_at.isoformat()}" if self.moved_at else None
        return self.phase is Phase.RUNNING and key in self.raised

    @property
    def was_calm(self) -> bool:
        """True when nothing that needs anybody has ever been told of the change before its end."""
        families = {key.partition(":")[0] for key in self.raised}
        troubles = (
            kind for kind in Kind if Group.TROUBLE in kind.traits.groups and kind is not Kind.REMINDER
        )
        return all(kind.value not in families for kind in troubles)

    def alerts_after(self, offset: int) -> tuple[Alert, ...]:
        """The kept alerts with a number above `offset`, in order."""
        return tuple(alert for alert in self.alerts if alert.number > offset)


def count_in(counts: dict[KindT, int], kind: KindT) -> dict[KindT, int]:
    """The counts with one more of a kind."""
    return {**counts, kind: counts.get(kind, 0) + 1}


def is_refresh_due(ledger: Ledger, now: datetime) -> bool:
    """True when the moment of the last look was kept so long ago that it has to be written anew."""
    if ledger.phase.is_end:
        return False
    return ledger.looked_at is None or now - ledger.looked_at >= REFRESH_AFTER


def is_news(before: Ledger, after: Ledger, now: datetime) -> bool:
    """True when `after` has to be saved: remaining time and the moment of a look alone are not new."""
    has_looked = after.looked_at != before.looked_at
    return (has_looked and is_refresh_due(before, now)) or _essence(before) != _essence(after)


def _essence(ledger: Ledger) -> Ledger:
    """The ledger without what alone is not new."""
    observation, channels = ledger.observation, ledger.channels
    if observation is not None:
        steps = tuple(replace(step, started_at=None, ended_at=None) for step in observation.steps)
        observation = replace(observation, remaining_seconds=None, date=None, steps=steps)
    # Else two configurations with one state would stamp and clear each other's channels tick by tick.
    channels = {
        name: state
        if ledger.phase.is_end and state.offset < ledger.length
        else replace(state, absent_since=None)
        for name, state in channels.items()
    }
    return replace(ledger, name=None, observation=observation, looked_at=None, samples=(), channels=channels)
