"""Why a channel has not heard all yet, and when it will: its quiet hours, a pause, a refusal. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handler.core.ledger import Attempt, ChannelState
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.saying import Reader, clock_time
from notifiers.verdicts import Outcome

JUST_WAITS: Final = "has not heard all yet"
"""What there is to say of a channel that nothing is in the way of."""


class _Now(NamedTuple):
    """The moment by our clock, and how far the store's is ahead of it, by which the ledger's moments are."""

    moment: datetime
    store_ahead: timedelta

    def is_ahead(self, kept: datetime | None) -> bool:
        return kept is not None and kept - self.store_ahead > self.moment


def unheard(tick: Tick) -> dict[str, ChannelState]:
    """The channels that have not heard all there is to hear, each with how far it is."""
    return {
        name: state
        for name, state in tick.after.channels.items()
        if state.offset < tick.after.length and state.absent_since is None
    }


def refuses(state: ChannelState) -> bool:
    """True for a channel that is not waited for: nothing but a person makes it take a message again."""
    return state.last_attempt is not None and state.last_attempt.outcome is Outcome.REFUSED


def why_unheard(tick: Tick, now: datetime, reader: Reader) -> Iterator[str]:
    """Say of each channel that has not heard all why that is, in a line.

    Args:
        tick: What has come of the last look.
        now: Our clock.
        reader: By whose clock the moments are told.
    """
    channels = {channel.name: channel for channel in tick.audience.channels}
    for name, state in unheard(tick).items():
        rest_until = tick.audience.standing(name).rest_until
        yield f"{name} {_why(state, channels.get(name), rest_until, _Now(now, tick.store_ahead), reader)}"


def why_waiting(state: ChannelState, channel: Channel | None, now: datetime, reader: Reader) -> str:
    """Say the same of one channel that has not heard all, as far as its place in a ledger tells it."""
    return _why(state, channel, None, _Now(now, timedelta()), reader)


def _why(
    state: ChannelState, channel: Channel | None, rest_until: datetime | None, now: _Now, reader: Reader
) -> str:
    def clock(kept: datetime) -> str:
        return clock_time(kept - now.store_ahead, reader, now.moment)

    pauses = [moment for moment in (state.not_before, rest_until) if moment and now.is_ahead(moment)]
    again = f", tried again at {clock(max(pauses))}" if pauses else ""
    if refuses(state):
        return f"refuses messages{_code(state.last_attempt)}{again}"
    if pauses:
        return f"has not heard all yet{_code(state.last_attempt)}{again}"
    if state.claim is not None:
        return f"is being told by another run, until {clock(state.claim.until)} at the latest"
    quiet_until = channel.quiet_until(now.moment) if channel else None
    if quiet_until:
        return f"hears the rest at {clock_time(quiet_until, reader, now.moment)}, after its quiet hours"
    return JUST_WAITS


def _code(attempt: Attempt | None) -> str:
    return f" ({attempt.code})" if attempt is not None and attempt.code else ""
