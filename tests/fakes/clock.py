"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

START = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)


class FakeClock:
    """A `Clock` whose two clocks move together, or apart when a process is frozen."""

    def __init__(self, now: datetime = START) -> None:
        """Begin at 08:00."""
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """See `Clock`."""
        return self._now

    def monotonic(self) -> float:
        """See `Clock`."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def freeze(self, seconds: float) -> None:
        """Let time pass that the process does not notice."""
        self._now += timedelta(seconds=seconds)
