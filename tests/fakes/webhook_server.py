"""A webhook's other end on loopback: keeps what it was sent, answers what a test scripts."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from tests.fakes.loopback import HOST, LoopbackServer, QuietHandler


class Answer(NamedTuple):
    """What is said to one request.

    `delay_seconds` passes before the answer begins; with `trickle_seconds` the body comes byte by byte, so
    far apart. A hanging answer never begins, a dropped one breaks the connection without a word.
    """

    body: bytes = b"ok"
    status: int = 200
    headers: Mapping[str, str] = {}
    delay_seconds: float = 0.0
    trickle_seconds: float = 0.0
    hangs: bool = False
    is_dropped: bool = False

    @classmethod
    def of_json(cls, value: object, status: int = 200) -> Answer:
        """Answer with JSON."""
        return cls(msgspec.json.encode(value), status, {"Content-Type": "application/json"})


HANG: Final = Answer(hangs=True)
DROP: Final = Answer(is_dropped=True)


class Received(NamedTuple):
    """A request that came; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it is
        """The body, read as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def title(self) -> str:
        """The title of a message from Headway, with TIME for when the change will be done.

        That time is checked: it is the one in the message's fields, by the clocks of UTC.
        """
        fields = self.json["headway"]
        title: str = fields["title"]
        assert self.json["title"] == title
        before, mark, after = title.partition(" · done around ")
        if not mark:
            return title
        done_at, seen_at = (
            msgspec.convert(fields["change"][name], datetime) for name in ("done_at", "seen_at")
        )
        time = f"{done_at:%H:%M}" if done_at.date() == seen_at.date() else f"{done_at:%Y-%m-%d %H:%M}"
        assert after.startswith(time), title
        return f"{before}{mark}TIME{after.removeprefix(time)}"


class WebhookServer(LoopbackServer):
    """A server for the time of a `with` block; says `ok` where nothing else is scripted."""

    def __init__(self) -> None:
        """Script nothing yet."""
        super().__init__()
        self.requests: list[Received] = []
        self._answers: dict[str, list[Answer]] = {}
        self._answer_else = Answer()
        self._is_over = threading.Event()
        self._lock = threading.Lock()

    def __exit__(self, *raised: object) -> None:
        """Let go of what hangs, and stop."""
        self._is_over.set()
        super().__exit__(*raised)

    @property
    def location(self) -> str:
        """Host and port, as they stand in a URL."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.location}"

    def script(self, path: str, *answers: Answer) -> None:
        """Answer requests for a path in turn, with the last answer for ever."""
        self._answers[path] = list(answers)

    def answer_all(self, answer: Answer) -> None:
        """Answer so wherever nothing is scripted."""
        self._answer_else = answer

    def received(self, path: str) -> list[Received]:
        """The requests that came for a path."""
        return [request for request in self.requests if request.path == path]

    def visit(self, handler: QuietHandler) -> None:
        """Keep a request and answer it."""
        address = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.requests.append(
                Received(handler.command, address.path, address.query, headers, handler.body())
            )
            answers = self._answers.get(address.path, [self._answer_else])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self._say(handler, answer)

    def _say(self, handler: QuietHandler, answer: Answer) -> None:
        handler.close_connection = True
        self._is_over.wait(None if answer.hangs else answer.delay_seconds)
        if answer.hangs or answer.is_dropped:
            return
        if not answer.trickle_seconds:
            handler.answer(answer.status, dict(answer.headers), answer.body)
            return
        handler.answer(answer.status, {"Content-Length": str(len(answer.body)), **answer.headers})
        for byte in answer.body:
            self._is_over.wait(answer.trickle_seconds)
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
