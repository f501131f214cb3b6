"""The rival: what the same requests cost with nothing around them but an open `requests` session."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import requests


class Cost(NamedTuple):
    """What one run cost this process, in seconds."""

    elapsed: float
    cpu: float


def measure(run: Callable[[], object]) -> Cost:
    """Time one run by the wall and by this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


class BareRequests:
    """Two GETs on an open session, one after the other, bodies read, nothing looked at."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Open the session and its connections."""
        self._session = requests.Session()
        self._session.trust_env = False
        self._urls = urls
        self.get_all()

    def get_all(self) -> None:
        """Get every URL once."""
        for url in self._urls:
            self.get(url)

    def get(self, url: str) -> bytes:
        """Get one URL."""
        return self._session.get(url, timeout=10).content
