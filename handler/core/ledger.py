"""The kept document of one change: its last observation, its numbered log of alerts, its offsets.

The log and the offsets are a small Kafka: `compare.py` appends to the log, `delivery.py` moves the
offsets. How it is written down stands in `document.py`; later versions may add fields, not change what
these mean.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from handler.core.observation import Observation, Phase
from handler.core.problem import ProblemKind
from notifiers.alerts import Alert, Group, Kind
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome

KindT = TypeVar("KindT", Outcome, ProblemKind)


class Claim(msgspec.Struct, frozen=True):
    """A lease on sending one channel the alerts up to `upto`: held by `owner` until `until`.

    `tries` counts this attempt in, from 1, since the channel last heard something.
    """

    owner: str
    until: datetime
    upto: int
    tries: int


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a send to a channel ended: the outcome and the service's own code, never its text.

    It told what the channel wanted of the alerts above `after`, up to `upto`; an attempt that an older
    Headway kept has 0 for both, for it did not keep which they were. One that `is_shared` was made for
    several changes at once and counts for another of them; here it says why the alerts may have been heard.
    """

    outcome: Outcome
    ended_at: datetime
    code: str | None = None
    after: int = 0
    upto: int = 0
    is_shared: bool = False


class ChannelState(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far one channel has heard, and what is under way or wrong with it.

    `offset` is the number of the last alert that is settled there. `tries` counts the attempts since
    then that did not deliver. Alerts up to `repeat_upto` may have been heard already. `refused_since` is
    when the service first refused, until it takes a message again. `absent_since` is when the channel was
    first missing from the configuration. `resent_at` is when somebody had it told once more what comes after
    the offset, until that is settled; `heard_beyond` are the numbers of what it had heard of that,
    `heard_again` those of what it had heard and is to hear again. It `is_set_back` until a send since then
    may have been heard: till then `repeat_upto` speaks of earlier ones. `attempts` are the latest ones, the
    newest last; `outcome_counts` is how many sends have ended how.
    """

    offset: int
    claim: Claim | None = None
    tries: int = 0
    not_before: datetime | None = None
    repeat_upto: int = 0
    refused_since: datetime | None = None
    absent_since: datetime | None = None
    resent_at: datetime | None = None
    heard_beyond: tuple[int, ...] = ()
    heard_again: tuple[int, ...] = ()
    is_set_back: bool = False
    attempts: tuple[Attempt, ...] = ()
    outcome_counts: dict[Outcome, int] = {}

    @property
    def last_attempt(self) -> Attempt | None:
        """The newest attempt that counts for this change; None if there was none."""
        return next((attempt for attempt in reversed(self.attempts) if not attempt.is_shared), None)

    def has_settled(self, number: int) -> bool:
        """True when the channel is not to hear of an alert, or not again."""
        return number <= self.offset or number in self.heard_beyond


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
    def is_closed(self) -> bool:
        """True when nobody needs to look at it: all is told, or it was dropped while it goes on."""
        return self.is_told or (self.is_dismissed and not self.phase.is_end)

    @property
    def is_stalled(self) -> bool:
        """True while the change stands still and that has been told."""
        key = Kind.STALLED.cause_since(self.moved_at) if self.moved_at else None
        return self.phase is Phase.RUNNING and key in self.raised

    @property
    def was_calm(self) -> bool:
        """True when nothing that needs anybody has ever been told of the change before its end."""
        families = {key.partition(":")[0] for key in self.raised}
        troubles = {kind for kind in Kind if Group.TROUBLE in kind.traits.groups}
        # What one is reminded of was told before, and a gap in the watch is no trouble of the change's.
        troubles -= {Kind.REMINDER, Kind.UNWATCHED}
        return all(kind.value not in families for kind in troubles)

    def alerts_after(self, offset: int) -> tuple[Alert, ...]:
        """The kept alerts with a number above `offset`, in order."""
        return tuple(alert for alert in self.alerts if alert.number > offset)


def count_in(counts: dict[KindT, int], kind: KindT) -> dict[KindT, int]:
    """The counts with one more of a kind."""
    return {**counts, kind: counts.get(kind, 0) + 1}
