"""Has a channel told once more what may not have reached it: like a consumer that is set back in the log.

Only the channel's place in the ledger is another one then. The next tick tells what comes after it in the
usual way, as one message: quiet hours stay as they are, and so does the rest of a channel that fails with
other changes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from handler.core.audience import Audience
from handler.core.delivery import Delivery, tidy
from handler.core.ledger import ChannelState, Ledger
from notifiers.alerts import Alert, Ending, Kind


def is_being_told(state: ChannelState, now: datetime) -> bool:
    """True while somebody holds a claim on the channel: what becomes of that send is not known yet."""
    return state.claim is not None and state.claim.until > now


def resend(
    ledger: Ledger, audience: Audience, name: str, now: datetime, *, everything: bool = False
) -> tuple[Ledger, Delivery]:
    """Set a channel back to the first alert that may not have reached it, and lift what it waits for.

    What it has heard after that one it does not hear again. Reminders that have ended stay so: they say for
    how long something has stood by then. Of what it hears all up to the last alert that it may have heard
    before is marked as a possible repeat. It is sent as often as if it were new before it ends again.

    Args:
        ledger: The ledger, in which the channel has its place and is not being told just now.
        audience: Who listens, the channel among them.
        name: The channel.
        now: The store's clock.
        everything: Tell all that the log still holds; what was heard for sure stays so, whatever comes of it.

    Returns:
        The ledger, as it was if there is nothing to tell, and what the channel will hear of it.
    """
    tidied = tidy(ledger, audience, name, now)
    again = _again(tidied, audience, name, everything=everything)
    numbers = {alert.number for alert in again}
    state = _set_back(tidied.channels[name], name, tidied.alerts, again, now)
    set_back = replace(
        tidied,
        alerts=tuple(_reopened(alert, name) if alert.number in numbers else alert for alert in tidied.alerts),
        channels={**tidied.channels, name: state},
    )
    owed = Delivery(name, audience.wanted(set_back, name), state.repeat_upto)
    return (set_back if owed.alerts else ledger), owed


def _again(ledger: Ledger, audience: Audience, name: str, *, everything: bool) -> list[Alert]:
    """The alerts that have ended on the channel, or all of them: as far as it wants them still."""
    channel = next(channel for channel in audience.channels if channel.name == name)
    return [
        alert
        for alert in ledger.alerts
        if (everything or name in alert.endings) and alert.kind is not Kind.REMINDER
        if channel.wants(alert, ledger.change, audience.change_name)
    ]


def _set_back(
    state: ChannelState, name: str, log: Sequence[Alert], again: Sequence[Alert], now: datetime
) -> ChannelState:
    """The channel in its new place; it knows what of all that follows there it has heard, or may have."""
    numbers = {alert.number for alert in again}
    heard = {alert.number for alert in log if state.has_settled(alert.number) and name not in alert.endings}
    doubtful = {alert.number for alert in again if alert.endings.get(name) is Ending.UNKNOWN}
    heard_again = (heard & numbers).union(state.heard_again)
    offset = min([state.offset, *(number - 1 for number in numbers)])
    return replace(
        state,
        offset=offset,
        heard_beyond=tuple(sorted(number for number in heard - numbers if number > offset)),
        heard_again=tuple(sorted(heard_again)),
        is_set_back=True,
        repeat_upto=max([state.repeat_upto, *doubtful, *heard_again]),
        tries=0,
        not_before=None,
        resent_at=now,
    )


def _reopened(alert: Alert, name: str) -> Alert:
    """The alert as one that has not ended on the channel."""
    return replace(alert, endings={other: how for other, how in alert.endings.items() if other != name})
