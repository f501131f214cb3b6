"""Spaces out the requests of one invocation, whichever thread makes them; slower after a 429.

The gateway lets 200 calls a second of each API through unless it is told otherwise:
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html (APIGW.0308).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

GATEWAY_PER_SECOND: Final = 200
BURST_SECONDS: Final = 3.0
"""So many seconds' worth may go at once by default: with 50 a second that makes 200 in the first second."""

_BURST_SECONDS_BEYOND: Final = 0.25

PAUSE_SECONDS: Final = 1.0
"""How long all wait at least after a 429; where it names no time, each pause is twice the last one."""


def burst_seconds_for(rate_per_second: float, parts: int) -> float:
    """How much may go at once, so that all parts together keep to what the gateway lets through.

    Whoever sets a higher rate than that knows of a gateway that lets more through.
    """
    left = GATEWAY_PER_SECOND / parts - rate_per_second
    return left / rate_per_second if left >= 0 else _BURST_SECONDS_BEYOND


class Pace:
    """Gives each request its turn; after a 429 nobody has one for a while, and then half as many do."""

    def __init__(
        self,
        rate_per_second: float,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        burst_seconds: float = BURST_SECONDS,
    ) -> None:
        """Begin with a whole burst to spend: so many seconds' worth of requests."""
        self.is_throttled = False
        self._interval_seconds = 1 / rate_per_second
        self._burst_seconds = burst_seconds
        self._pause_seconds = PAUSE_SECONDS
        self._next_at = monotonic() - self._burst_seconds
        self._paused_until = self._next_at
        self._pauses = 0
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()

    def wait(self, seconds_max: float) -> bool:
        """Wait for one's turn; False, at once, when it comes too late."""
        if seconds_max < 0:
            return False
        until = self._monotonic() + seconds_max
        while True:
            pauses = self._pauses
            wait_seconds = self._take_turn(until)
            if wait_seconds is None or wait_seconds <= 0:
                return wait_seconds is not None
            self._sleep(wait_seconds)
            if pauses == self._pauses:
                return True

    def slow_down(self, retry_after_seconds: float | None) -> None:
        """Take a 429 to heart; of those that come during a pause only one that asks for longer counts."""
        with self._lock:
            now = self._monotonic()
            asked_seconds = self._pause_seconds if retry_after_seconds is None else retry_after_seconds
            paused_until = now + max(asked_seconds, PAUSE_SECONDS)
            is_first = now >= self._paused_until
            if not is_first and (retry_after_seconds is None or paused_until <= self._paused_until):
                return
            if is_first:
                self._pause_seconds *= 2
                self._interval_seconds *= 2
            self.is_throttled = True
            self._burst_seconds = 0.0
            self._paused_until = paused_until
            # Turns that were promised are void, or all who wait would go at once when the pause ends.
            self._pauses += 1
            self._next_at = max(paused_until, now + self._interval_seconds)

    def _take_turn(self, until: float) -> float | None:
        """How long until one's turn; None, and it is not taken, if that is too late."""
        with self._lock:
            now = self._monotonic()
            turn_at = max(self._next_at, now - self._burst_seconds)
            if turn_at > max(until, now):
                return None
            self._next_at = turn_at + self._interval_seconds
            return turn_at - now
