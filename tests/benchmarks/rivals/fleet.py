"""The rivals of a fleet: the same requests in a bare loop, nothing signed, compared or remembered.

`make_loop` is the one to compare with: `requests`, as anybody would write it. `make_floor` is what Python's
own client can do, though its peak memory holds an idle `requests` too. Both have as many connections to
each service as Headway has, and as many threads; connections stay open from round to round, threads do not.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from tests.benchmarks.fleet_shape import CONNECTIONS, Fleet

Get = Callable[[str], object]
Run = Callable[[], None]


def make_loop(fleet: Fleet) -> Run:
    """The bare loop: a session for each service."""
    return _side_by_side(fleet, _Session().get, _Session().get)


def make_floor(fleet: Fleet) -> Run:
    """The floor: the standard library's connections, each in one thread's hand at a time."""
    return _side_by_side(fleet, _Connections(fleet.dms).get, _Connections(fleet.bucket).get)


def _side_by_side(fleet: Fleet, ask_dms: Get, ask_bucket: Get) -> Run:
    progress_urls, ledger_urls = fleet.progress_urls, fleet.ledger_urls

    def run() -> None:
        with ThreadPoolExecutor(CONNECTIONS) as asking, ThreadPoolExecutor(CONNECTIONS) as loading:
            progress = asking.map(ask_dms, progress_urls)
            ledgers = loading.map(ask_bucket, ledger_urls)
            for _ in (*progress, *ledgers):
                pass

    return run


class _Session:
    """One service's session."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS))

    def get(self, url: str) -> bytes:
        answer = self._session.get(url, timeout=10)
        answer.raise_for_status()
        return answer.content


class _Connections:
    """One service's connections, those in use last first."""

    def __init__(self, base_url: str) -> None:
        host = urlsplit(base_url).netloc
        self._base_url = base_url
        self._idle = [http.client.HTTPConnection(host, timeout=10) for _ in range(CONNECTIONS)]

    def get(self, url: str) -> bytes:
        connection = self._idle.pop()
        connection.request("GET", url.removeprefix(self._base_url))
        answer = connection.getresponse()
        body = answer.read()
        self._idle.append(connection)
        if answer.status != http.client.OK:
            raise RuntimeError(f"{url} was answered with {answer.status}.")
        return body
