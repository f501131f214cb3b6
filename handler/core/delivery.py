"""Who is to be told what, and what follows from how it went: `plan` and `settle`.

A delivery takes the alerts after a channel's offset that the channel wants, as one message. It is
claimed in the ledger before it is sent and settled there afterwards; a claim that nobody settled lapses
and counts as a send with unknown outcome. All times are those of the store's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

import msgspec
from msgspec.structs import replace

from handler.core.audience import Audience, is_overdue
from handler.core.concluding import conclude, end_alerts, with_state
from handler.core.ledger import Claim, Ledger
from handler.core.pausing import LAPSED, is_paused
from handler.core.raising import Cause, raise_alerts
from handler.core.trimming import trim
from notifiers.alerts import Alert, Ending, Kind
from notifiers.channel import Channel
from notifiers.verdicts import Outcome, Verdict

GIVEN_UP_AFTER: Final = timedelta(days=1)


class Delivery(msgspec.Struct, frozen=True):
    """What one channel is to hear now of one change; alerts up to `repeat_upto` may be repeats."""

    channel: str
    alerts: tuple[Alert, ...]
    repeat_upto: int

    @property
    def is_possible_repeat(self) -> bool:
        """True when some of it may have been heard before."""
        return any(alert.may_repeat or alert.number <= self.repeat_upto for alert in self.alerts)


def plan(
    ledger: Ledger, audience: Audience, now: datetime, claim: Claim
) -> tuple[Ledger, tuple[Delivery, ...]]:
    """Decide what every enrolled channel is to hear now, and claim it.

    Args:
        ledger: The ledger with this tick's alerts in its log and all channels enrolled.
        audience: Who listens.
        now: The store's clock.
        claim: Owner and end of this invocation's claims; `upto` and `tries` are filled in here.

    Returns:
        The ledger with the claims in it, and the deliveries in the channels' order.
    """
    deliveries = []
    for channel in audience.channels:
        ledger = tidy(ledger, audience, channel.name, now)
        alerts = _due(ledger, audience, channel, now)
        if alerts:
            state = ledger.channels[channel.name]
            deliveries.append(Delivery(channel.name, alerts, state.repeat_upto))
            taken = replace(claim, upto=ledger.length, tries=state.tries + 1)
            ledger = with_state(ledger, channel.name, replace(state, claim=taken))
    return trim(ledger), tuple(deliveries)


def settle(
    ledger: Ledger,
    audience: Audience,
    owner: str,
    verdicts: Mapping[str, Verdict | None],
    now: datetime,
) -> Ledger:
    """Record how the deliveries of `owner` went; a claim that is not the owner's is left alone.

    Args:
        ledger: The ledger as it stands now, perhaps changed by others since the claim.
        audience: Who listens.
        owner: Whose claims these are.
        verdicts: For each claimed channel its verdict, or None where nothing was sent.
        now: The store's clock.
    """
    for name, verdict in verdicts.items():
        state = ledger.channels.get(name)
        if state and state.claim and state.claim.owner == owner:
            ledger = conclude(ledger, audience, name, state.claim, verdict, now)
            if verdict is not None and verdict.outcome is Outcome.REFUSED:
                ledger = _tell_refusal(ledger, audience, name, verdict, now)
            ledger = _step_over(ledger, audience, name)
    return trim(ledger)


def tidy(ledger: Ledger, audience: Audience, name: str, now: datetime) -> Ledger:
    """Let a lapsed claim count as unknown, give up what is a day old, step over what is unwanted."""
    claim = ledger.channels[name].claim
    if claim is not None and claim.until > now:
        return ledger
    if claim is not None:
        ledger = conclude(ledger, audience, name, claim, Verdict(Outcome.UNKNOWN, LAPSED), now)
    wanted, resent_at = audience.wanted(ledger, name), ledger.channels[name].resent_at
    expired = [*takewhile(lambda alert: _is_overdue(alert, resent_at, now), wanted)]
    ledger = end_alerts(ledger, name, expired, Ending.GIVEN_UP)
    if expired:
        state = replace(ledger.channels[name], offset=expired[-1].number, refused_since=None)
        ledger = with_state(ledger, name, state)
    return _step_over(ledger, audience, name)


def _is_overdue(alert: Alert, resent_at: datetime | None, now: datetime) -> bool:
    """True when a channel has not heard of something for a day, in which it was tried all the time."""
    return is_overdue(max(alert.raised_at, resent_at or alert.raised_at), GIVEN_UP_AFTER, now)


def _step_over(ledger: Ledger, audience: Audience, name: str) -> Ledger:
    """Move the offset over the alerts next in line that the channel does not want."""
    waiting = audience.wanted(ledger, name)
    state = ledger.channels[name]
    offset = max(state.offset, waiting[0].number - 1 if waiting else ledger.length)
    beyond, again = (
        tuple(number for number in numbers if number > offset)
        for numbers in (state.heard_beyond, state.heard_again)
    )
    state = replace(
        state,
        offset=offset,
        heard_beyond=beyond,
        heard_again=again,
        resent_at=state.resent_at if waiting else None,
    )
    return with_state(ledger, name, state)


def _due(ledger: Ledger, audience: Audience, channel: Channel, now: datetime) -> tuple[Alert, ...]:
    """The alerts that the channel is to hear now; none while it is claimed, paused, at rest or quiet."""
    state = ledger.channels[channel.name]
    wanted = audience.wanted(ledger, channel.name)
    urgent = [alert for alert in wanted if alert.kind.traits.passes_quiet_hours]
    is_urgent = any(alert.number > state.repeat_upto for alert in urgent)
    must_wait = is_paused(state, now, is_urgent=is_urgent) or audience.standing(channel.name).rests(
        now, is_urgent=is_urgent
    )
    if state.claim is not None or must_wait:
        return ()
    return wanted if urgent or not channel.is_quiet(now) else ()


def _tell_refusal(ledger: Ledger, audience: Audience, name: str, verdict: Verdict, now: datetime) -> Ledger:
    """Tell the other channels once that this one refuses; not again while it goes on, at any change."""
    known_since = audience.standing(name).refused_since or ledger.channels[name].refused_since
    refused_since = known_since or now
    ledger = with_state(ledger, name, replace(ledger.channels[name], refused_since=refused_since))
    if known_since is not None:
        return ledger
    detail = f"Its service answered {verdict.code}." if verdict.code else None
    key = f"{Kind.CHANNEL_REFUSED.value}:{name}:{refused_since.isoformat()}"
    return raise_alerts(ledger, [Cause(key, Kind.CHANNEL_REFUSED, detail=detail, channel=name)], now)
