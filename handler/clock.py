"""The clock as a port, and the deadline that everything in an invocation is measured against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Two clocks in one: what time it is, and how time passes."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, from an arbitrary start."""
        ...


class Deadline:
    """When an invocation must be over, by both clocks.

    A platform may freeze a process and thaw it much later; the monotonic clock can stand still
    meanwhile, and the wall clock can be set. Whichever says that time is up is believed.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Begin to count now."""
        self._clock = clock
        self._monotonic_end = clock.monotonic() + seconds
        self._wall_end = clock.now() + timedelta(seconds=seconds)

    def remaining_seconds(self) -> float:
        """Time left, 0 when it is up."""
        by_wall = (self._wall_end - self._clock.now()).total_seconds()
        return max(0.0, min(self._monotonic_end - self._clock.monotonic(), by_wall))
