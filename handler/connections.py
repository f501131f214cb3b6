"""Connections that keep to a timeout as a whole; below `transport.py`, which alone uses them.

A socket's own timeout begins anew with every byte, and urllib3 grants its connect timeout to each of
a host's addresses in turn; neither would hold a deadline.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError


class UnreachedError(Exception):
    """The connection never stood, so the request has not left; the cause is what happened."""


class _TimedReader(io.RawIOBase):
    """Reads a socket for as long as its timeout said at the start, however the bytes come."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket) -> None:
        self._inner = inner
        self._sock = sock
        self._deadline = time.monotonic() + cast(float, sock.gettimeout())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]
        left_seconds = self._deadline - time.monotonic()
        if left_seconds <= 0:
            raise TimeoutError
        self._sock.settimeout(left_seconds)
        return cast("int | None", self._inner.readinto(buffer))

    def close(self) -> None:
        self._inner.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """Status line, headers and body together take no longer than the socket's timeout."""

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None) -> None:
        super().__init__(sock, debuglevel, method)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, http.client.HTTPException, OSError) as error:
            where = f"The proxy {self.proxy.host}" if self.proxy else self.host
            how = "in time" if is_timeout(error) else f"({reason(error)})"
            raise UnreachedError(f"{where} could not be reached {how}.") from error

    def _new_conn(self) -> socket.socket:
        return connected(self.host, self.port, cast(float, self.timeout))


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class Pool(urllib3.HTTPConnectionPool):
    """Keeps connections to a host over plain HTTP."""

    ConnectionCls = _Connection


class TlsPool(urllib3.HTTPSConnectionPool):
    """Keeps connections to a host over TLS."""

    ConnectionCls = _TlsConnection


def connected(host: str, port: int, timeout_seconds: float) -> socket.socket:
    """Connect to the first address of the host that answers, each given its share of the time.

    Returns:
        A socket whose timeout is what is left, for the TLS handshake.
    """
    deadline = time.monotonic() + timeout_seconds
    failure: OSError = TimeoutError()
    # Not every resolver knows that these are loopback: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    host = "localhost" if host.endswith(".localhost") else host
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if time.monotonic() >= deadline:
        # A look-up keeps no time. Whoever waited has given up, and what is sent too late may be wrong by now.
        raise TimeoutError
    for index, (*_, address) in enumerate(found):
        share_seconds = (deadline - time.monotonic()) / (len(found) - index)
        try:
            sock = socket.create_connection((str(address[0]), port), max(share_seconds, 0.001))
        except OSError as error:
            failure = error
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
            return sock
    raise failure


def is_timeout(error: BaseException | None) -> bool:
    """Whether it is about time that ran out."""
    return isinstance(error, (TimeoutError, urllib3.exceptions.TimeoutError))


def reason(error: Exception) -> str:
    """What happened, in words that cannot quote the request."""
    if isinstance(error, OSError):
        return error.strerror or str(error)[:100] or type(error).__name__
    return type(error).__name__
