"""A message as a value: what is to be told, before any language or markup; and a digest of several.

How they read stands in `titles.py`, `wording.py` and `digests.py`, how they look on each family of services
in `forms.py` and `templates/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec

from notifiers.alerts import Alert, Group, Kind, Severity
from notifiers.operations import Order, Specification

_ENDED_BY: Final = {Kind.STALLED: Kind.RESUMED, Kind.UNREACHABLE: Kind.RECOVERED}
_ON_THE_WAY: Final = frozenset({Kind.STEP_STARTED, Kind.STEP_COMPLETED, Kind.MILESTONE})
_STEP_ALERTS_MAX: Final = 2  # A step's end and the next one's start come in the same look.
_SMALL_WORDS: Final = frozenset({Kind.STEP_STARTED, Kind.MILESTONE})


class StepLine(msgspec.Struct, frozen=True):
    """One step as shown: `state` is `waiting running completed failed` or `unknown`.

    `status` is the API's own word, shown where we do not know it; `seconds` is how long the step took.
    """

    name: str
    state: str
    status: str | None = None
    seconds: int | None = None


class Place(Enum):
    """What a link leads to."""

    STATUS_PAGE = "status_page"
    CONSOLE = "console"


class Link(msgspec.Struct, frozen=True):
    """Where to read on."""

    place: Place
    url: str


class Situation(msgspec.Struct, frozen=True):
    """How a change stands when the message is written; None is unknown.

    `phase` is `waiting running completed failed cancelled lost` or `unknown`. Of very many steps only
    `step_counts` is known: how many are in which state. `seen_at` is when the API last said all this.
    `specification` is the instance's when the change was first looked at, `specification_now` its last one.
    One that `is_stalled` stands still, and that has been told; of one that `was_calm` no trouble ever was.
    """

    change_id: str
    name: str
    phase: str
    percent: int | None = None
    remaining_seconds: int | None = None
    steps: tuple[StepLine, ...] = ()
    step_counts: dict[str, int] = {}
    links: tuple[Link, ...] = ()
    seen_at: datetime | None = None
    order: Order | None = None
    specification: Specification | None = None
    specification_now: Specification | None = None
    is_stalled: bool = False
    was_calm: bool = False

    @property
    def done_at(self) -> datetime | None:
        """When the change will be done by what the API last said; None while that is not known."""
        if self.seen_at is None or self.remaining_seconds is None:
            return None
        return self.seen_at + timedelta(seconds=self.remaining_seconds)


class Message(msgspec.Struct, frozen=True):
    """What one channel is told of one change: its alerts in order, one of them as headline.

    One that `is_test` tells of nothing that has happened.
    """

    headline: Alert
    alerts: tuple[Alert, ...]
    situation: Situation
    repeat_upto: int = 0
    is_test: bool = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages in it, as a digest has them: itself alone."""
        return (self,)

    @property
    def severity(self) -> Severity:
        """How grave the headline is."""
        return self.headline.severity

    @property
    def is_brief(self) -> bool:
        """True where all it tells is that the change has come a step further."""
        return len(self.alerts) <= _STEP_ALERTS_MAX and {one.kind for one in self.alerts} <= _ON_THE_WAY

    @property
    def possible_repeat(self) -> bool:
        """True when some of it may have been heard before."""
        return any(self.repeats(alert) for alert in self.alerts)

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """What each alert is known by for good, `INSTANCE/TASK#NUMBER`."""
        return tuple(f"{self.situation.change_id}#{alert.number}" for alert in self.alerts)

    def repeats(self, alert: Alert) -> bool:
        """True when this alert may have been heard before."""
        return alert.may_repeat or alert.number <= self.repeat_upto


class Digest(msgspec.Struct, frozen=True):
    """What one channel is told of several changes at once: a message each, worst first, at least one.

    `links` are those of the whole; a link that only a message has leads to its change.
    """

    messages: tuple[Message, ...]
    links: tuple[Link, ...] = ()

    @property
    def is_test(self) -> bool:
        """True when it tells of nothing that has happened."""
        return any(message.is_test for message in self.messages)

    @property
    def severity(self) -> Severity:
        """How grave the gravest headline is."""
        return max((message.severity for message in self.messages), key=lambda severity: severity.rank)

    @property
    def possible_repeat(self) -> bool:
        """True when some of it may have been heard before."""
        return any(message.possible_repeat for message in self.messages)

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """What each alert of each message is known by for good."""
        return tuple(alert_id for message in self.messages for alert_id in message.alert_ids)


Content = Message | Digest
"""What is sent as one."""


def compose(alerts: Sequence[Alert], situation: Situation, repeat_upto: int) -> Message:
    """Make one message of one or more alerts.

    Args:
        alerts: At least one, in the order of the log.
        situation: How the change stands.
        repeat_upto: The number of the last alert that may have been heard before.
    """
    fresh = [alert for alert in alerts if alert.number > repeat_upto]
    headline = _headline(fresh or alerts)
    return Message(headline, tuple(alerts), situation, repeat_upto)


def digest(messages: Sequence[Message], links: tuple[Link, ...]) -> Digest:
    """Make one digest of one or more messages: the worst first, then by the change's name."""
    return Digest(tuple(sorted(messages, key=_place)), links)


def _place(message: Message) -> tuple[int, bool, str]:
    situation = message.situation
    is_end = Group.END in message.headline.kind.traits.groups
    return -message.severity.rank, not is_end, (situation.name or situation.change_id).casefold()


def _headline(alerts: Sequence[Alert]) -> Alert:
    """Choose what matters most: an end, else what is gravest and not over, else the latest."""
    return max((alert for alert in alerts if not _is_over(alert, alerts)), key=_weight)


def _is_over(alert: Alert, alerts: Sequence[Alert]) -> bool:
    ended_by = _ENDED_BY.get(alert.reminds_of or alert.kind)
    return any(later.kind is ended_by and later.number > alert.number for later in alerts)


def _weight(alert: Alert) -> tuple[bool, int, bool, int]:
    return (
        Group.END in alert.kind.traits.groups,
        alert.severity.rank,
        alert.kind not in _SMALL_WORDS,
        alert.number,
    )
