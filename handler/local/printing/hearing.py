"""Why a channel has not heard all yet, and when it will: its quiet hours, a pause, a refusal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handler.core.audience import only_configured, refuses, unheard
from handler.core.ledger import ChannelState
from handler.local.printing.counting import counted
from handler.tick import Tick
from notifiers.alerts import cannot_wait
from notifiers.channel import Channel
from notifiers.saying import Reader, clock_time, one_line

TERMINAL: Final = "(terminal)"
"""What ledgers call a terminal in which somebody watches; no configured channel can have this name."""

JUST_WAITS: Final = "has not heard all yet"
"""What there is to say of a channel that nothing is in the way of."""


_MINUTE: Final = timedelta(minutes=1)


class _Now(NamedTuple):
    """The moment by our clock, and how far the store's is ahead of it, by which the ledger's moments are."""

    moment: datetime
    store_ahead: timedelta

    def is_ahead(self, kept: datetime | None) -> bool:
        return kept is not None and kept - self.store_ahead > self.moment


def title_of(name: str) -> str:
    """What to call a channel of a ledger."""
    return "a terminal where `headway watch` ran" if name == TERMINAL else one_line(name)


def in_brackets(code: str | None) -> str:
    """A service's code as it stands behind what became of a message, such as ` (404)`; nothing for none."""
    return f" ({one_line(code)})" if code else ""


def next_time(moment: datetime, reader: Reader, now: datetime) -> str:
    """Say when something is to come: to the second where it comes within a minute."""
    said = clock_time(moment, reader, now)
    if moment - now >= _MINUTE:
        return said
    return f"{said}:{moment.astimezone(reader.timezone):%S}"


def mend_hint(change: str, channel: str, state: ChannelState) -> str:
    """Say how somebody who has mended a refusing channel need not wait; nothing to who has done that."""
    if state.resent_at is not None and state.not_before is None:
        return ""
    return f"; mended? `headway resend {change} {one_line(channel)}` has it told at the next look"


def waited_for(tick: Tick) -> dict[str, ChannelState]:
    """The configured channels that have not heard all there is to hear, each with how far it is."""
    return unheard(only_configured(tick.after, {channel.name for channel in tick.audience.channels}))


def why_unheard(tick: Tick, now: datetime, reader: Reader) -> Iterator[str]:
    """Say of each channel that has not heard all why that is, in a line.

    Args:
        tick: What has come of the last look.
        now: Our clock.
        reader: By whose clock the moments are told.
    """
    channels = {channel.name: channel for channel in tick.audience.channels}
    for name, state in waited_for(tick).items():
        wanted = tick.audience.wanted(tick.after, name)
        if name in channels and not wanted:
            continue
        channel = None if cannot_wait(wanted) else channels.get(name)
        rest_until = tick.audience.standing(name).rest_until
        why = _why(state, channel, rest_until, _Now(now, tick.store_ahead), reader)
        if why == JUST_WAITS and wanted:
            more = "more " if state.offset else ""
            why = f"hears {counted(len(wanted), f'{more}alert')} at the next look"
        hint = mend_hint(str(tick.watch.change), name, state) if refuses(state) else ""
        yield f"{title_of(name)} {why}{hint}"


def why_waiting(state: ChannelState, channel: Channel | None, now: datetime, reader: Reader) -> str:
    """Say the same of one channel that has not heard all, as far as its place in a ledger tells it.

    Of one that refuses messages it is said since when; by which code its attempts tell.
    """
    ours = _Now(now, timedelta())
    if refuses(state) and state.refused_since is not None:
        since = clock_time(state.refused_since, reader, now)
        return f"has refused messages since {since}{_again((state.not_before,), ours, reader)}"
    return _why(state, channel, None, ours, reader)


def who_refuses(ticks: Sequence[Tick], now: datetime, reader: Reader) -> Iterator[str]:
    """Say of each channel that has refused messages before a look since when, and until when it rests.

    Args:
        ticks: What has come of that look; of a channel that was tried there nothing is said.
        now: Our clock.
        reader: By whose clock the moments are told.
    """
    heard: set[str] = set()
    for tick in ticks:
        for name in (channel.name for channel in tick.audience.channels):
            standing, state = tick.audience.standing(name), tick.after.channels.get(name)
            if standing.refused_since is None or name in heard or tick.verdicts.get(name) is not None:
                continue
            heard.add(name)
            since = clock_time(standing.refused_since - tick.store_ahead, reader, now)
            pauses = (standing.rest_until, state.not_before if state else None)
            again = _again(pauses, _Now(now, tick.store_ahead), reader)
            yield f"{one_line(name)} has refused messages since {since}{again}"


def _why(
    state: ChannelState, channel: Channel | None, rest_until: datetime | None, now: _Now, reader: Reader
) -> str:
    code = in_brackets(state.last_attempt.code if state.last_attempt else None)
    again = _again((state.not_before, rest_until), now, reader)
    if refuses(state):
        return f"refuses messages{code}{again}"
    if again:
        return f"has not heard all yet{code}{again}"
    if state.claim is not None:
        until = clock_time(state.claim.until - now.store_ahead, reader, now.moment)
        return f"is being told by another run, until {until} at the latest"
    quiet_until = channel.quiet_until(now.moment) if channel else None
    if quiet_until:
        time = next_time(quiet_until, reader, now.moment)
        return f"hears {what_is_left(state)} at {time}, after its quiet hours"
    return JUST_WAITS


def what_is_left(state: ChannelState) -> str:
    """Call what a channel has not heard yet."""
    return "the rest" if state.offset else "it"


def _again(pauses: Sequence[datetime | None], now: _Now, reader: Reader) -> str:
    """Say when a channel is tried again, unless nothing keeps it from that."""
    to_come = [moment for moment in pauses if moment and now.is_ahead(moment)]
    if not to_come:
        return ""
    return f", tried again at {next_time(max(to_come) - now.store_ahead, reader, now.moment)}"
