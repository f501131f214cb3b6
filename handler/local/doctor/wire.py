"""The way to one counterpart, API or store: sends as the function does, and remembers what it met."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from handler.connections import reason
from handler.local.doctor.reaching import look_up
from handler.transport import Request, Response, Send, TransportError
from notifiers.network import Network

_HALF_A_SECOND: Final = timedelta(milliseconds=500)


class Wire:
    """A `Send` that gives up soon on names that cannot be looked up: the resolver may take half a minute.

    Attributes:
        ahead: How far the other side's clock was ahead of ours when it last said so, to half a second.
        host: Who was asked last.
        answer: The last answer.
        failure: Why there was none to the last request; None if there was.
    """

    def __init__(self, send: Send, network: Network, now: Callable[[], datetime]) -> None:
        """Ask nothing yet."""
        self.ahead: timedelta | None = None
        self.host = ""
        self.answer: Response | None = None
        self.failure: TransportError | None = None
        self._send = send
        self._proxy = urlsplit(network.proxy).hostname if network.proxy else None
        self._now = now
        self._known: set[str] = set()

    @property
    def proxy(self) -> str | None:
        """The host of the proxy that leads there, if there is one."""
        return self._proxy

    def __call__(self, request: Request, *, timeout_seconds: float) -> Response:
        """See `Send`."""
        self.host = urlsplit(request.url).hostname or ""
        try:
            self._look_up(self._proxy or self.host)
            begun = self._now()
            answer = self._send(request, timeout_seconds=timeout_seconds)
        except TransportError as error:
            self.failure = error
            raise
        self.failure, self.answer = None, answer
        self._compare_clocks(answer, begun)
        return answer

    def _look_up(self, host: str) -> None:
        if host in self._known:
            return
        try:
            look_up(host)
        except (OSError, UnicodeError) as error:
            message = f"The name {host} could not be looked up ({reason(error)})."
            raise TransportError(message, timed_out=False, request_sent=False) from error
        self._known.add(host)

    def _compare_clocks(self, answer: Response, begun: datetime) -> None:
        try:
            date = parsedate_to_datetime(answer.headers.get("date", ""))
        except (ValueError, TypeError, OverflowError):
            return
        # It tells whole seconds, of some moment between question and answer.
        between = begun + (self._now() - begun) / 2
        self.ahead = date.replace(tzinfo=timezone.utc) + _HALF_A_SECOND - between
