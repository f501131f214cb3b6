"""Gaps in the watch: times in which nobody looked at a change that went on, told at the first look after one.

Why nobody did is not known then: what does not run, or cannot read what it has kept, writes nothing down.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from handler.core.ledger import Ledger
from handler.core.raising import Cause, raise_alerts
from notifiers.alerts import Kind

UNWATCHED_AFTER: Final = timedelta(minutes=30)
"""A look without news is noted ten minutes after the last one that was, or the next look is.

So what is kept may be twice ten minutes old when all is well, and a timer of up to 25 minutes may be late.
"""

EXPLANATION: Final = (
    "Headway did not run, had no time for it, or could not use its store or the DMS API."
    " What happened meanwhile is told as soon as it is seen."
)


def is_unwatched(ledger: Ledger, now: datetime) -> bool:
    """True when so long ago somebody looked that nobody can be looking any more."""
    return ledger.looked_at is not None and now - ledger.looked_at > UNWATCHED_AFTER


def gap(before: Ledger, now: datetime) -> Iterator[Cause]:
    """That nobody has looked for so long at most, if so: the kept moment may be older than the last look.

    Args:
        before: The ledger before this look.
        now: The store's clock.
    """
    if before.looked_at is not None and is_unwatched(before, now):
        yield Cause(
            Kind.UNWATCHED.cause_since(before.looked_at),
            Kind.UNWATCHED,
            seconds=round((now - before.looked_at).total_seconds()),
            detail=EXPLANATION,
        )


def dismiss(ledger: Ledger, now: datetime) -> Ledger:
    """The change as one that nobody wants followed: if somebody does again, nobody has missed a look."""
    return _excuse(replace(ledger, is_dismissed=True, is_reminding=False), now)


def resume(ledger: Ledger, now: datetime) -> Ledger:
    """The change as one that is followed; if it was dropped, also by an older Headway, no look was missed."""
    return _excuse(replace(ledger, is_dismissed=False), now) if ledger.is_dismissed else ledger


def _excuse(ledger: Ledger, now: datetime) -> Ledger:
    """Take for known that nobody looks until the next look."""
    if ledger.looked_at is None:
        return ledger
    key = Kind.UNWATCHED.cause_since(ledger.looked_at)
    return raise_alerts(ledger, [Cause(key, Kind.UNWATCHED, silent=True)], now)
