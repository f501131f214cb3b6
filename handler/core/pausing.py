"""How long to wait before the next try, by how the last one went."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

REFUSED_PAUSE: Final = timedelta(hours=1)
RETRY_PAUSE: Final = timedelta(seconds=30)
RETRY_PAUSE_MAX: Final = timedelta(minutes=30)
RETRY_AFTER_MAX: Final = timedelta(hours=6)
DOUBT_PAUSE: Final = timedelta(minutes=5)
"""What may have arrived is sent only once more, so that comes when a short trouble should be over."""


def retry_pause(tries: int, retry_after_seconds: float | None = None) -> timedelta:
    """How long to wait after the `tries`-th attempt: doubling from 30 s to 30 min, or as asked."""
    doubled = min(RETRY_PAUSE * (1 << max(0, min(tries - 1, 10))), RETRY_PAUSE_MAX)
    asked = timedelta(seconds=min(retry_after_seconds or 0, RETRY_AFTER_MAX.total_seconds()))
    return max(doubled, asked)
