"""Who listens to a change: the configured channels, and how they come into its ledger and leave it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from handler.core.ledger import ChannelState, Ledger
from handler.core.standing import Standing, Standings
from notifiers.alerts import Alert
from notifiers.channel import Channel
from notifiers.verdicts import Outcome

DROPPED_AFTER: Final = timedelta(days=1)
"""How long a channel may be missing from the configuration without losing its place."""

PASSING_DROPPED_AFTER: Final = timedelta(minutes=10)
"""The same for one in brackets, which is in no configuration: a terminal that somebody watched in."""


_GOOD: Final = Standing()


class Audience(msgspec.Struct, frozen=True):
    """The configured channels, and the name of the change by which they may select it.

    `standings` is what all changes together know of channels that did not take their last message.
    """

    change_name: str
    channels: tuple[Channel, ...]
    standings: Standings = {}

    def standing(self, channel_name: str) -> Standing:
        """How a channel has fared lately."""
        return self.standings.get(channel_name, _GOOD)

    def wanted(self, ledger: Ledger, channel_name: str) -> tuple[Alert, ...]:
        """The alerts after the channel's offset that it wants, in order; none if it is not configured.

        What has ended there, such as a reminder that was withdrawn, it is not to hear any more.
        """
        state = ledger.channels[channel_name]
        unsettled = [alert for alert in ledger.alerts if not state.has_settled(alert.number)]
        return tuple(
            alert
            for channel in self.channels
            if channel.name == channel_name
            for alert in unsettled
            if channel_name not in alert.endings and channel.wants(alert, ledger.change, self.change_name)
        )


def enrol(ledger: Ledger, audience: Audience, now: datetime) -> Ledger:
    """Take in channels new to the ledger at the log's present end; stamp or drop those that are gone."""
    names = [channel.name for channel in audience.channels]
    states = {
        name: _stamp(state, is_present=name in names, now=now)
        for name, state in ledger.channels.items()
        if name in names or not is_overdue(state.absent_since, _dropped_after(name), now)
    }
    for name in names:
        states.setdefault(name, ChannelState(offset=ledger.length))
    return replace(ledger, channels=states)


def only_configured(ledger: Ledger, names: Collection[str]) -> Ledger:
    """The ledger with those of its channels alone that are configured now: it learns that with the next news.

    One in brackets, such as a terminal, is in no configuration, and stays as the ledger has it.
    """
    channels = {
        name: replace(state, absent_since=None) if name in names else state
        for name, state in ledger.channels.items()
        if name in names or _is_passing(name)
    }
    return replace(ledger, channels=channels)


def unheard(ledger: Ledger) -> dict[str, ChannelState]:
    """The channels that have not heard all there is to hear, each with how far it is."""
    return {
        name: state
        for name, state in ledger.channels.items()
        if state.offset < ledger.length and state.absent_since is None
    }


def refuses(state: ChannelState) -> bool:
    """True for a channel that is not waited for: nothing but a person makes it take a message again."""
    return state.last_attempt is not None and state.last_attempt.outcome is Outcome.REFUSED


def is_overdue(since: datetime | None, after: timedelta, now: datetime) -> bool:
    """True when something set a while ago has been so for as long as told."""
    return since is not None and now - since >= after


def _dropped_after(name: str) -> timedelta:
    return PASSING_DROPPED_AFTER if _is_passing(name) else DROPPED_AFTER


def _is_passing(name: str) -> bool:
    return name.startswith("(")


def _stamp(state: ChannelState, *, is_present: bool, now: datetime) -> ChannelState:
    return replace(state, absent_since=None if is_present else state.absent_since or now)
