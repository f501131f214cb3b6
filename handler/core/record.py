"""What is kept of a change, for whoever looks."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final, NamedTuple

from handler.core.change import ChangeId
from handler.core.ledger import Ledger

NOTHING: Final = Ledger(change="", created_at=datetime.min.replace(tzinfo=timezone.utc))
"""Stands for the ledger of a change of which nothing is kept."""


class Record(NamedTuple):
    """What is kept of a change; without a `ledger` nothing yet, or nothing that can be read: see `trouble`.

    One that `is_active` is followed, or is yet to be told to its end.
    """

    change: ChangeId
    ledger: Ledger | None
    is_active: bool
    trouble: str | None = None

    @property
    def is_followed(self) -> bool:
        """False also of a change that is told to its end, and only waits to be taken from the list."""
        return self.is_active and not (self.ledger or NOTHING).is_told
