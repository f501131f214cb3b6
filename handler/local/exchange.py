"""One exchange over HTTP: what a request says of its length and its host, and how an answer goes out.

What is asked for, and what is answered, is the business of whoever is served.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from handler.local.serving import LoopbackServer

BODY_BYTES_MAX: Final = 6 * 1024 * 1024
"""What the platforms' gateways let through at most."""

_IDLE_SECONDS_MAX: Final = 75
"""Longer than a client that comes every minute needs to find its connection open."""

_PARTING_SECONDS_MAX: Final = 1.0
_CHUNK_BYTES: Final = 64 * 1024
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_ABSOLUTE: Final = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)


_OF_REFUSALS: Final = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Connection": "close",
}


class Asked(NamedTuple):
    """A request as it came: its path with the query, without a host, and names of headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Answered(NamedTuple):
    """An answer as it goes out; the server adds what HTTP wants to know of its length."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Answering = Callable[[Asked], "Answered | None"]
"""Answers a request, in a thread of its connection's own; None closes that without a word."""


class Exchange(BaseHTTPRequestHandler):
    """Reads requests from a connection, and writes their answers, one after the other."""

    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS_MAX
    # An answer goes out in one piece.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method: which ones there are is for whoever answers to say."""
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - the parent's
        """Say why there is no other answer, and end the connection: what follows would be misread."""
        # Of a line that it cannot read the parent takes the client for one that knows of no headers.
        self.request_version = self.protocol_version
        self._send(Answered(code, _OF_REFUSALS, f"{HTTPStatus(code).phrase}.\n".encode()))
        self._hear_out()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
        """Say nothing."""

    def handle_expect_100(self) -> bool:
        """Say at once that the body may come: what is only buffered keeps the client waiting for it."""
        may_come = super().handle_expect_100()
        self.wfile.flush()
        return may_come

    def _exchange(self) -> None:
        fault = _fault_of(self.headers)
        if fault is not None:
            self.send_error(fault)
            return
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        answered = self.server.answering(self._asked(body)) if len(body) == length else None
        if self.server.closing.wait(self.server.delay_seconds) or answered is None:
            self.close_connection = True
        else:
            self._send(answered)

    def _asked(self, body: bytes) -> Asked:
        headers = {name.lower(): text for name, text in self.headers.items()}
        absolute = _ABSOLUTE.match(self.path)
        if absolute is None:
            return Asked(self.command, self.path, headers, body)
        # https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2: the host of the target counts, not the header.
        headers["host"] = absolute[1]
        path = self.path[absolute.end() :]
        return Asked(self.command, path if path.startswith("/") else f"/{path}", headers, body)

    def _send(self, answered: Answered) -> None:
        self.send_response_only(answered.status)
        for name, value in answered.headers.items():
            self.send_header(name, value)
        has_body = answered.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        is_head = self.command == "HEAD"
        # Where the body was left out already, nobody knows how long it is.
        if has_body and (answered.body or not is_head):
            self.send_header("Content-Length", str(len(answered.body)))
        self.end_headers()
        if has_body and not is_head:
            self.wfile.write(answered.body)

    def _hear_out(self) -> None:
        """Take what is still coming, for a moment: a client that is cut off never sees the answer."""
        self.wfile.flush()
        until = time.monotonic() + _PARTING_SECONDS_MAX
        self.connection.settimeout(_PARTING_SECONDS_MAX)
        while time.monotonic() < until and self.rfile.read1(_CHUNK_BYTES):
            pass


def _fault_of(headers: Message) -> HTTPStatus | None:
    """What is wrong with how a request says whom it is for or where its body ends; without a word none."""
    if len(headers.get_all("host", [])) > 1:
        return HTTPStatus.BAD_REQUEST
    if "transfer-encoding" in headers:
        return HTTPStatus.LENGTH_REQUIRED
    lengths = {*headers.get_all("content-length", ["0"])}
    if len(lengths) != 1 or not all(map(_LENGTH.fullmatch, lengths)):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(*lengths) > BODY_BYTES_MAX else None
