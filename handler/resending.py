"""Has channels told once more by the next tick, and foresees what will come of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from msgspec.structs import replace

from handler.core.audience import Audience, enrol
from handler.core.change import ChangeId
from handler.core.delivery import plan
from handler.core.ledger import Claim, Ledger
from handler.core.resending import is_being_told, resend
from handler.core.standing import find_standings
from handler.records import Records
from handler.registry import Registry
from notifiers.alerts import Alert, Kind
from notifiers.channel import Channel

_NOBODY: Final = "nobody"
"""Stands for an owner of claims that are never saved."""


class Hindrance(Enum):
    """Why the next tick will not tell a channel.

    It is being told just now, so that it was left as it is; its quiet hours go on; or it rests, for it has
    failed with other changes.
    """

    BEING_TOLD = "being_told"
    QUIET_HOURS = "quiet_hours"
    REST = "rest"


class Resent(NamedTuple):
    """What a channel is to hear again: the alerts, of which those up to `repeat_upto` are marked as repeats.

    That is up to the last one that it may have heard: some before it may be news. One that `hears_anyway`
    what it has not heard yet was left as it is. A `hindrance` ends at `until`, if that is known.
    """

    channel: str
    alerts: tuple[Alert, ...] = ()
    repeat_upto: int = 0
    hindrance: Hindrance | None = None
    until: datetime | None = None
    hears_anyway: bool = False

    @property
    def repeats(self) -> tuple[Alert, ...]:
        """The alerts that will be marked as possible repeats."""
        return tuple(alert for alert in self.alerts if alert.may_repeat or alert.number <= self.repeat_upto)


class ResendingError(Exception):
    """What was wanted cannot be done; the message says why."""


class NoSuchChannelError(ResendingError):
    """No such channel listens to the change; the message says which ones do."""


class Resending:
    """Sets channels back in the ledgers of a state store.

    Whatever cannot be read or written raises a StateUnavailableError. To do it twice before a tick comes
    changes nothing, so whoever was cut off may simply begin anew.
    """

    def __init__(self, registry: Registry, records: Records, channels: Sequence[Channel]) -> None:
        """Take what is followed and what is kept, and the configured channels."""
        self._registry = registry
        self._records = records
        self._channels = tuple(channels)

    def resend(self, change: ChangeId, name: str | None = None, *, everything: bool = False) -> list[Resent]:
        """Have a channel, or (no name) every channel, told again what may not have reached it.

        Args:
            change: A change of which there is a ledger.
            name: The channel.
            everything: Whether to tell all that the log still holds.

        Returns:
            What each channel will hear, in the order of the configuration.

        Raises:
            NoSuchChannelError: No such channel listens to the change, or none at all.
            ResendingError: No tick will look at the change.
        """
        active = self._records.active().records
        others = [one.ledger for one in active if one.ledger is not None and one.change != change]
        told: list[Resent] = []

        def set_back(ledger: Ledger, now: datetime) -> Ledger:
            self._check(change, ledger)
            audience = Audience(ledger.name or ledger.change, self._channels)
            told.clear()
            for channel in self._listening(ledger, name):
                if is_being_told(ledger.channels[channel.name], now):
                    told.append(Resent(channel.name, hindrance=Hindrance.BEING_TOLD))
                    continue
                if not everything and _merely_waits(ledger, audience, channel.name):
                    told.append(Resent(channel.name, hears_anyway=True))
                    continue
                ledger, owed = resend(ledger, audience, channel.name, now, everything=everything)
                told.append(Resent(channel.name, owed.alerts, owed.repeat_upto))
            told[:] = _foresee(
                told, ledger, replace(audience, standings=find_standings([*others, ledger])), now
            )
            return ledger

        self._registry.edit(change, set_back)
        if any(one.alerts or one.hears_anyway for one in told):
            # Only now: a tick that takes the marker away looks at the ledger again after that.
            self._registry.mark(change)
        return told

    def _check(self, change: ChangeId, ledger: Ledger) -> None:
        """Refuse what would never be told."""
        if not self._registry.looks_at(change, ledger):
            raise ResendingError(
                f"{change} is followed no longer, so nobody would be told; to have it followed again first:"
                f" headway follow {change.instance_id} {change.task_id}"
            )

    def _listening(self, ledger: Ledger, name: str | None) -> Sequence[Channel]:
        listening = [channel for channel in self._channels if channel.name in ledger.channels]
        chosen = [channel for channel in listening if name in {None, channel.name}]
        if not listening:
            raise NoSuchChannelError(f"No configured channel listens to {ledger.change} yet.")
        if not chosen:
            names = ", ".join(channel.name for channel in listening)
            raise NoSuchChannelError(f"No channel {name} listens to {ledger.change}; there are {names}.")
        return chosen


def _merely_waits(ledger: Ledger, audience: Audience, name: str) -> bool:
    """True of a channel that has lost nothing and failed in nothing, and has something to hear."""
    state = ledger.channels[name]
    has_failed = state.tries or state.not_before or state.refused_since or state.claim or state.is_set_back
    has_missed = any(name in alert.endings for alert in ledger.alerts if alert.kind is not Kind.REMINDER)
    return not has_failed and not has_missed and bool(audience.wanted(ledger, name))


def _foresee(told: Sequence[Resent], ledger: Ledger, audience: Audience, now: datetime) -> Iterator[Resent]:
    """See by the rules of a tick whom it would tell at this moment, and what keeps it from the others."""
    enrolled = enrol(ledger, audience, now)
    _, deliveries = plan(enrolled, audience, now, Claim(_NOBODY, now, upto=0, tries=0))
    due = {delivery.channel for delivery in deliveries}
    for one in told:
        if not (one.alerts or one.hears_anyway) or one.channel in due:
            yield one
            continue
        rest_until = audience.standing(one.channel).rest_until
        if rest_until is not None and rest_until > now:
            yield one._replace(hindrance=Hindrance.REST, until=rest_until)
        else:
            quiet_until = next(c.quiet_until(now) for c in audience.channels if c.name == one.channel)
            yield one._replace(hindrance=Hindrance.QUIET_HOURS, until=quiet_until)
