"""A limit on requests, as a token bucket: so many a second, and a burst at once. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

_ROUNDING_SECONDS: Final = 2e-6
"""Clocks count microseconds; who comes exactly in time is not to be turned away for one."""


class Throttle(NamedTuple):
    """How much the endpoint bears.

    Attributes:
        requests_per_second: In the long run.
        burst: So many at once, after a rest.
        refusals_count: A throttled request counts as well, as is said of another API of Huawei Cloud's: who
            goes on asking is kept out, and by at most one burst more.
        tells_when: A 429 has the header Retry-After.
    """

    requests_per_second: float
    burst: int
    refusals_count: bool = True
    tells_when: bool = True


class Bucket(NamedTuple):
    """How many requests are still free at a moment; it may owe some."""

    tokens: float
    at: datetime

    def take(self, throttle: Throttle, now: datetime) -> tuple[Bucket, float]:
        """Take a request.

        Returns:
            The bucket after it, and in how many seconds there is room again; 0 means that it may pass. A
            clock that stands still refills nothing.
        """
        rate = throttle.requests_per_second
        passed_seconds = max(0.0, (now - self.at).total_seconds())
        tokens = min(float(throttle.burst), self.tokens + passed_seconds * rate)
        at = max(now, self.at)
        if tokens >= 1 - _ROUNDING_SECONDS * rate:
            return Bucket(tokens - 1, at), 0.0
        if throttle.refusals_count:
            tokens = max(tokens - 1, -float(throttle.burst))
        return Bucket(tokens, at), (1 - tokens) / rate
