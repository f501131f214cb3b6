"""Bounds the log of a ledger: what is forgotten first is what nobody misses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from handler.core.ledger import Ledger
from notifiers.alerts import Alert, Kind

HEARD_ALERTS_MAX: Final = 200
ALERTS_MAX: Final = 400


def trim(ledger: Ledger) -> Ledger:
    """Keep at most 200 alerts that every channel has heard, and at most 400 in any case.

    Of a log that holds more, reminders that are through go first, so that they push out neither what
    somebody is still to hear nor what has happened; then the oldest alerts do.
    """
    if _fits(ledger):
        return ledger
    ledger = replace(ledger, alerts=tuple(_without_old_reminders(ledger)))
    heard_upto = _heard_upto(ledger)
    heard = [alert for alert in ledger.alerts if alert.number <= heard_upto]
    alerts = (*heard[-HEARD_ALERTS_MAX:], *ledger.alerts_after(heard_upto))
    return replace(ledger, alerts=alerts[-ALERTS_MAX:])


def _fits(ledger: Ledger) -> bool:
    if len(ledger.alerts) <= HEARD_ALERTS_MAX:
        return True
    unheard = ledger.alerts_after(_heard_upto(ledger))
    return len(ledger.alerts) <= ALERTS_MAX and len(ledger.alerts) - len(unheard) <= HEARD_ALERTS_MAX


def _heard_upto(ledger: Ledger) -> int:
    """The number up to which every channel has heard everything."""
    return min((state.offset for state in ledger.channels.values()), default=ledger.length)


def _without_old_reminders(ledger: Ledger) -> Iterator[Alert]:
    """The log without the reminders that their channels have behind them, but for the latest of each matter.

    By those one knows when a channel has heard of a matter, and since when that stands.
    """
    latest = {_matter(alert): alert.number for alert in ledger.alerts}
    for alert in ledger.alerts:
        state = ledger.channels.get(alert.channel or "")
        is_through = state is None or state.offset >= alert.number
        if alert.kind is not Kind.REMINDER or not is_through or alert.number == latest[_matter(alert)]:
            yield alert


def _matter(alert: Alert) -> tuple[str | None, Kind | None]:
    return alert.channel, alert.reminds_of
