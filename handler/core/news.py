"""What is new enough to be written down: most ticks see nothing that is, and write only that they looked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from handler.core.ledger import Ledger

REFRESH_AFTER: Final = timedelta(minutes=10)
"""How old the kept moment of the last look may grow before a tick without news writes it anew."""


def is_old(moment: datetime, now: datetime) -> bool:
    """True of the kept moment of a look that is ten minutes past, so that there is something to do again.

    Also when it is as far ahead, for a clock that was put back: nobody would miss a look until it is past.
    """
    return abs(now - moment) >= REFRESH_AFTER


def is_refresh_due(ledger: Ledger, now: datetime) -> bool:
    """True when the moment of the last look was kept so long ago that it has to be written anew."""
    if ledger.phase.is_end:
        return False
    return ledger.looked_at is None or is_old(ledger.looked_at, now)


def is_news(before: Ledger, after: Ledger, now: datetime) -> bool:
    """True when `after` has to be saved: remaining time and the moment of a look alone are not new."""
    has_looked = after.looked_at != before.looked_at
    return (has_looked and is_refresh_due(before, now)) or _essence(before) != _essence(after)


def _essence(ledger: Ledger) -> Ledger:
    """The ledger without what alone is not new."""
    observation, channels = ledger.observation, ledger.channels
    if observation is not None:
        steps = tuple(replace(step, started_at=None, ended_at=None) for step in observation.steps)
        observation = replace(observation, remaining_seconds=None, date=None, steps=steps)
    # Else two configurations with one state would stamp and clear each other's channels tick by tick.
    channels = {
        name: state
        if ledger.phase.is_end and state.offset < ledger.length
        else replace(state, absent_since=None)
        for name, state in channels.items()
    }
    return replace(ledger, name=None, observation=observation, looked_at=None, samples=(), channels=channels)
