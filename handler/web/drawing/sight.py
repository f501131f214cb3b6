"""Until when it is known how a change stood: what came after that nobody has seen.

Steps, and what the API says of them, are timed by its clock, looks and samples by the store's, the present by
ours; they may be a little apart.
"""

from __future__ import annotations

from datetime import datetime

from handler.core.estimating import is_estimate_good
from handler.core.gaps import is_unwatched
from handler.core.ledger import Ledger
from handler.core.record import NOTHING, Record


def seen_until(record: Record, now: datetime) -> datetime:
    """Until when it is known how a change stood: till its end, till now, or till the last good look at it."""
    ledger = record.ledger or NOTHING
    known_end = ended_at(ledger)
    if known_end is not None:
        return known_end
    return now if is_in_sight(record, now) else min(_last_good_look(ledger), now)


def ended_at(ledger: Ledger) -> datetime | None:
    """When a change ended: with its last step, if all of them tell that, else when it was seen to be over."""
    seen = ledger.observation
    if seen is None or not seen.phase.is_end:
        return None
    if seen.duration_seconds is not None:
        return seen.ended_at
    return max(filter(None, (seen.ended_at, ledger.looked_at)), default=ledger.created_at)


def is_in_sight(record: Record, now: datetime) -> bool:
    """True while a change is followed, somebody looks at it, and the API answers."""
    ledger = record.ledger or NOTHING
    return record.is_active and ledger.outage is None and not is_unwatched(ledger, now)


def has_good_estimate(record: Record, now: datetime) -> bool:
    """True while what the API last said of the time left can be believed."""
    return is_in_sight(record, now) and is_estimate_good(record.ledger or NOTHING)


def is_dropped(record: Record) -> bool:
    """True of a change that is followed no longer, though it was not over when it was last seen."""
    return record.ledger is not None and not record.is_active and not record.ledger.phase.is_end


def _last_good_look(ledger: Ledger) -> datetime:
    """When the API said what is known; if it did not say when, then before it began to fail."""
    if ledger.observation and ledger.observation.date:
        return ledger.observation.date
    return (ledger.outage.since if ledger.outage else ledger.looked_at) or ledger.created_at
