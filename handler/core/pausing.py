"""Whether and how long to wait before the next try, by how the last one went."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from handler.core.ledger import ChannelState
from notifiers.verdicts import Outcome, Verdict

REFUSED_PAUSE: Final = timedelta(hours=1)
RETRY_PAUSE: Final = timedelta(seconds=30)
RETRY_PAUSE_MAX: Final = timedelta(minutes=30)
RETRY_AFTER_MAX: Final = timedelta(hours=6)
DOUBT_PAUSE: Final = timedelta(minutes=5)
"""What may have arrived is sent only once more, so that comes when a short trouble should be over."""

LAPSED: Final = "lapsed"
"""The code of an attempt that nobody settled: its holder was in trouble, not the channel."""


def is_paused(state: ChannelState, now: datetime, *, is_urgent: bool) -> bool:
    """True before the next try; what is urgent and new does not wait for a doubt to pass."""
    if state.not_before is None or state.not_before <= now:
        return False
    in_doubt = state.last_attempt is not None and state.last_attempt.outcome is Outcome.UNKNOWN
    return not (in_doubt and is_urgent)


def next_try(tries: int, verdict: Verdict, now: datetime) -> datetime | None:
    """When to try again after the `tries`-th attempt; None for at once."""
    if verdict.outcome is Outcome.REFUSED:
        return now + REFUSED_PAUSE
    if verdict.outcome is Outcome.RETRY:
        return now + retry_pause(tries, verdict.retry_after_seconds)
    is_in_doubt = verdict.outcome is Outcome.UNKNOWN and verdict.code != LAPSED
    return now + DOUBT_PAUSE if is_in_doubt else None


def retry_pause(tries: int, retry_after_seconds: float | None = None) -> timedelta:
    """How long to wait after the `tries`-th attempt: doubling from 30 s to 30 min, or as asked."""
    doubled = min(RETRY_PAUSE * (1 << max(0, min(tries - 1, 10))), RETRY_PAUSE_MAX)
    asked = timedelta(seconds=min(retry_after_seconds or 0, RETRY_AFTER_MAX.total_seconds()))
    return max(doubled, asked)
