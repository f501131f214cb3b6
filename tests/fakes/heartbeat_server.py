"""Healthchecks on loopback: checks that wait to hear that all is fine, as its pinging API has it.

Source: https://healthchecks.io/docs/http_api/ (read November 2026). Like the service in the cloud it answers
200 by a UUID whatever becomes of a ping, and 404 or 409 by a slug.
"""

from __future__ import annotations

import re
import ssl
import threading
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tests.fakes.loopback import LoopbackServer, QuietHandler

UUID: Final = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
PING_KEY: Final = "fqOOd6-F4MMNuCEnzTU01w"
BODY_BYTES_KEPT: Final = 10_000

_SIGNAL: Final = "(?:/(?P<signal>fail|start|log))?"
_BY_UUID: Final = re.compile(rf"/(?P<check>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}){_SIGNAL}")
_BY_SLUG: Final = re.compile(rf"/{PING_KEY}/(?P<check>[a-z0-9_-]+?){_SIGNAL}")


class Ping(NamedTuple):
    """What was heard of a check: `success`, `fail` and the like, by which method, and what was said."""

    check: str
    signal: str
    method: str
    body: str


class HeartbeatServer(LoopbackServer):
    """A server for the time of a `with` block that knows one check by its UUID, and any slug that is created.

    Attributes:
        asked: Methods and targets of all requests that came, understood or not.
        pings: What was heard, in order.
        qualifies: What is put behind the OK to a ping that is not heeded, such as `not found`.
        hangs: True to answer nothing any more.
        redirects: True to send everybody elsewhere.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """Serve plain HTTP, or HTTPS with a context."""
        super().__init__(context)
        self.asked: list[tuple[str, str]] = []
        self.pings: list[Ping] = []
        self.qualifies: str | None = None
        self.hangs = False
        self.redirects = False
        self._slugs: set[str] = set()
        self._is_over = threading.Event()

    def __exit__(self, *raised: object) -> None:
        """Let go of what hangs, and stop."""
        self._is_over.set()
        super().__exit__(*raised)

    @property
    def url(self) -> str:
        """The address of the check."""
        return f"{self.endpoint}/{UUID}"

    @property
    def signals(self) -> list[str]:
        """What was heard, in a word each."""
        return [ping.signal for ping in self.pings]

    @property
    def said(self) -> str:
        """What was last said."""
        return self.pings[-1].body

    def visit(self, handler: QuietHandler) -> None:
        """Hear a ping, and answer it."""
        self.asked.append((handler.command, handler.path))
        body = handler.body()
        if self.hangs:
            self._is_over.wait()
            handler.close_connection = True
            return
        status, text = self._answer(handler.command, handler.path, body)
        headers = {"Content-Type": "text/plain; charset=utf-8", "Ping-Body-Limit": str(BODY_BYTES_KEPT)}
        if handler.close_connection:
            headers["Connection"] = "close"
        if status is HTTPStatus.MOVED_PERMANENTLY:
            headers["Location"] = f"{self.endpoint}/elsewhere"
        handler.answer(status, headers, text.encode())

    def _answer(self, method: str, target: str, body: bytes) -> tuple[HTTPStatus, str]:
        address = urlsplit(target)
        if self.redirects:
            return HTTPStatus.MOVED_PERMANENTLY, ""
        if self.qualifies:
            return HTTPStatus.OK, f"OK ({self.qualifies})"
        match = _BY_UUID.fullmatch(address.path)
        if match:
            is_known, otherwise = match["check"] == UUID, (HTTPStatus.OK, "OK (not found)")
        else:
            match, otherwise = _BY_SLUG.fullmatch(address.path), (HTTPStatus.NOT_FOUND, "not found")
            is_known = match is not None and (match["check"] in self._slugs or address.query == "create=1")
        if match is None or not is_known:
            return otherwise
        said = body[:BODY_BYTES_KEPT].decode()
        self.pings.append(Ping(match["check"], match["signal"] or "success", method, said))
        if match["check"] in {UUID, *self._slugs}:
            return HTTPStatus.OK, "OK"
        self._slugs.add(match["check"])
        return HTTPStatus.CREATED, "Created"
