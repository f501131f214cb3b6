"""How often a page refreshes itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handler.core.observation import Phase
from handler.core.record import Record
from handler.web.pages.visitor import Visitor

BUSY_SECONDS: Final = 10
REST_SECONDS: Final = 60


def refresh_seconds_of(own_pace: int | None, visitor: Visitor) -> int | None:
    """After how many seconds a page refreshes itself that is left to its own pace, or not; None for never."""
    return own_pace if visitor.refresh_seconds is None else visitor.refresh_seconds or None


def overview_pace(records: Sequence[Record]) -> int:
    """How often the overview refreshes itself if it is left to it."""
    running = (
        record.ledger and record.ledger.phase is Phase.RUNNING for record in records if record.is_active
    )
    return BUSY_SECONDS if any(running) else REST_SECONDS


def change_pace(record: Record) -> int | None:
    """How often a change's page refreshes itself if it is left to it: never once all is over and heard."""
    if not record.is_active or (record.ledger is not None and record.ledger.is_heard):
        return None
    is_over = record.ledger is not None and record.ledger.phase.is_end
    return REST_SECONDS if is_over else BUSY_SECONDS
