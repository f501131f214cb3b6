"""The HTTP side on your own machine: real HTTP becomes what the function gets, and its answer HTTP again."""

from __future__ import annotations

import math
import time
from email.utils import formatdate
from typing import Final
from urllib.parse import parse_qsl

from handler.answering import apologise
from handler.application import Application
from handler.gateways import Request, Response
from handler.local.exchange import Answered, Asked
from handler.local.exits import Say, say
from handler.local.serving import LOOPBACK, LoopbackService
from handler.machine import SystemClock
from handler.mishaps import crash_of
from handler.settings import SettingsError
from handler.showing import base_path_of
from handler.triggers import Trigger, TriggerKind
from handler.web.answers import failure
from handler.web.callers import READING
from handler.web.readings import PAGES
from handler.web.routes import find_resource

_NAMES: Final = (LOOPBACK, "localhost", "[::1]")
_CLOCK: Final = SystemClock()
_USUAL: Final = ":80"
"""The port that browsers do not name."""


class Site(LoopbackService):
    """Serves an application over HTTP for the time of a `with` block, to this machine only."""

    def __init__(
        self, application: Application, port: int = 0, *, only_shows: bool = False, say: Say = say
    ) -> None:
        """Take the port, but serve nothing yet; 0 takes a free one.

        Args:
            application: What answers.
            port: Where.
            only_shows: Whether whatever would ask, send or write is refused.
            say: Says where a defect of ours has shown, for nobody here has a log.

        Raises:
            OSError: The port cannot be used.
        """
        self._application = application
        self._only_shows = only_shows
        self._say = say
        self._is_ending = False
        self._refreshed_at = -math.inf
        super().__init__(port, self._serve)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.port}/"

    def end_refreshing(self, lately_seconds: float) -> bool:
        """Let pages that were told how often to refresh themselves do so once more; tell if there are any.

        They are to show how it ended, and not that nobody answers any longer.
        """
        self._is_ending = True
        return time.monotonic() - self._refreshed_at < lately_seconds

    def _serve(self, asked: Asked) -> Answered:
        response = self._respond(asked) if self._is_meant(asked) else self._disown()
        headers = {"date": formatdate(usegmt=True), **response.headers}
        return Answered(response.status, headers, response.body.encode())

    def _is_meant(self, asked: Asked) -> bool:
        """Whether it is this server that was asked for, and no name that another site lets point here.

        Whoever owns a name may have it mean 127.0.0.1, and scripts of his may then read all that it serves.
        """
        names = {f"{name}:{self.port}".removesuffix(_USUAL) for name in _NAMES}
        return asked.headers.get("host", "").lower().removesuffix(_USUAL) in names

    def _disown(self) -> Response:
        return failure(421, "misdirected", f"This is {self.url} and answers to no other name.")

    def _respond(self, asked: Asked) -> Response:
        request = self._read(asked)
        try:
            response = self._answer(request._replace(is_vouched_for=self._is_open()))
        except Exception as error:  # noqa: BLE001 - whoever asked is told of a defect, too
            name, where = crash_of(error)
            self._say(f"A defect of Headway's own ({name}): {' < '.join(reversed(where))}; please report it.")
            response = None
        return response or apologise(request, _CLOCK.now())

    def _answer(self, request: Request) -> Response | None:
        if self._only_shows and not self._shows(request):
            return failure(403, "only_shows", "Here is only shown what is kept (--no-ticks).")
        return self._application.serve(Trigger(TriggerKind.HTTP, request=request), None).response

    def _shows(self, request: Request) -> bool:
        """Whether a request is answered by what is kept alone; what is sent to a page can only sign in."""
        if request.method in READING:
            return True
        try:
            base_path = base_path_of(self._application.settings())
        except SettingsError:
            return False
        return find_resource(request, base_path) in PAGES

    def _is_open(self) -> bool:
        """Where no token is configured whoever is on this machine may look; else it has to be shown."""
        try:
            return self._application.settings().http.token is None
        except SettingsError:
            return False

    def _read(self, asked: Asked) -> Request:
        path, _, text = asked.target.partition("?")
        query = dict(parse_qsl(text, keep_blank_values=True))
        if "refresh" in query:
            self._refreshed_at = time.monotonic()
            query |= {"refresh": "off"} if self._is_ending else {}
        return Request(
            method=asked.method,
            path="/" + path.lstrip("/"),
            headers=asked.headers,
            body=asked.body,
            query=query,
        )
