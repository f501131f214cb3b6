"""How often a page refreshes itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handler.core.observation import Phase
from handler.core.record import Record
from handler.web.pages.visitor import Visitor

BUSY_SECONDS: Final = 10
REST_SECONDS: Final = 60


def refresh_seconds_of(shown: Record | Sequence[Record], visitor: Visitor) -> int | None:
    """After how many seconds a page of a change, or of several, refreshes itself; None for never."""
    if visitor.refresh_seconds is not None:
        return visitor.refresh_seconds or None
    return own_pace(shown)


def own_pace(shown: Record | Sequence[Record]) -> int | None:
    """How often a page refreshes itself if it is left to it: never once all is over and heard."""
    if not isinstance(shown, Record):
        is_busy = any(
            record.ledger and record.ledger.phase is Phase.RUNNING for record in shown if record.is_active
        )
        return BUSY_SECONDS if is_busy else REST_SECONDS
    if not shown.is_active or (shown.ledger is not None and shown.ledger.is_heard):
        return None
    is_over = shown.ledger is not None and shown.ledger.phase.is_end
    return REST_SECONDS if is_over else BUSY_SECONDS
