"""Records what a service answered, and holds each request to the time that is left.

apprise's plugins call `requests.post` and keep neither status nor body, so what they send is watched at
the one point that all of them pass. Outside of a recording `requests` behaves as ever.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import requests
from urllib3.exceptions import MaxRetryError

from notifiers.network import Network
from notifiers.verdicts import Outcome, Reply, Verdict

CONNECT_SECONDS_MAX: Final = 2.0
"""For each address of a host in turn; with six dead ones there is still time to say so."""

READ_SECONDS_MAX: Final = 5.0
_CHUNK_BYTES: Final = 8 * 1024
BODY_BYTES_MAX: Final = 64 * 1024
"""More of an answer than this is not looked at."""


class Recording:
    """What came of the requests made so far; `last` is the latest answer, or why there is none."""

    def __init__(self, timeout_seconds: float, network: Network) -> None:
        """Begin to count the time."""
        self.last: Reply | Verdict | None = None
        self.network = network
        self._ends_at = time.monotonic() + timeout_seconds

    def timeouts(self, wanted: object) -> tuple[float, float]:
        """Seconds for connecting and for each read: no more than wanted, allowed, or left.

        Raises:
            requests.ConnectTimeout: There is no time left.
        """
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise requests.ConnectTimeout
        connect, read = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        return (
            min(left, CONNECT_SECONDS_MAX, connect or left),
            min(left, READ_SECONDS_MAX, read or left),
        )


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)
_send = requests.Session.send


@contextmanager
def recording(timeout_seconds: float, network: Network) -> Iterator[Recording]:
    """Record all requests that the present thread makes, and send them through the network given."""
    record = Recording(timeout_seconds, network)
    token = _recording.set(record)
    try:
        yield record
    finally:
        _recording.reset(token)


def _send_recorded(
    session: requests.Session,
    request: requests.PreparedRequest,
    **options: Any,  # noqa: ANN401
) -> requests.Response:
    record = _recording.get()
    if record is None:
        return _send(session, request, **options)
    try:
        options["timeout"] = record.timeouts(options.get("timeout"))
        options["stream"] = True
        options["proxies"] = record.network.proxies
        if options.get("verify"):
            options["verify"] = record.network.ca_file or True
        response = _send(session, request, **options)
        body = _read(response)
    except Exception as error:
        record.last = _failure(error)
        raise
    record.last = Reply(
        status=response.status_code,
        retry_after=response.headers.get("Retry-After"),
        date=response.headers.get("Date"),
        body=body,
    )
    return response


def _read(response: requests.Response) -> bytes:
    """Read as much of an answer as matters, and let the plugin see no more: one may have no end."""
    body = b""
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) >= BODY_BYTES_MAX:
            break
    response.close()
    response._content = body  # noqa: SLF001 - as if the library itself had read it
    return body


def _failure(error: Exception) -> Verdict:
    """Say what it means that no answer came: nothing has left before the connection stood."""
    before_connected = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    is_refused = bool(error.args) and isinstance(error.args[0], MaxRetryError)
    if isinstance(error, before_connected) or is_refused:
        return Verdict(Outcome.RETRY, "unreachable")
    return Verdict(Outcome.UNKNOWN, "timeout" if isinstance(error, requests.Timeout) else "broken-off")


requests.Session.send = _send_recorded  # type: ignore[assignment,method-assign]
