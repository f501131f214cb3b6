"""An object store on loopback with one bucket: atomic, counts, and fails when told to.

What S3 and OBS have in common; each has its own bucket and its own reading of signatures.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from email.utils import format_datetime
from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from typing_extensions import Self

from handler.transport import BODY_BYTES_MAX, Request, Response, Send
from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.fakes.s3_bucket import Answer, FakeBucket, error
from tests.fakes.s3_signature import Received


class Fault(Enum):
    """What goes wrong with a request."""

    DROP = "nothing is done, the connection breaks"
    APPLY_THEN_DROP = "the request is done, the connection breaks"
    APPLY_THEN_500 = "the request is done, the answer is 500"
    SLOW_DOWN = "nothing is done, the answer is 503"
    CONFLICT = "nothing is done, the answer is 409"
    FORBIDDEN = "nothing is done, the answer is 403"
    TRICKLE = "the answer's body comes a byte at a time, for ever"
    OVERSIZED = "the answer's body is too large"
    HALF = "the answer's body is its first half, under the ETag of the whole"


_INSTEAD = {
    Fault.DROP: Answer(0),
    Fault.SLOW_DOWN: error(503, "SlowDown"),
    Fault.CONFLICT: error(409, "ConditionalRequestConflict"),
    Fault.FORBIDDEN: error(403, "AccessDenied"),
    Fault.TRICKLE: Answer(200, {"ETag": '"t"'}),
    Fault.OVERSIZED: Answer(200, {"ETag": '"o"'}, b"." * (BODY_BYTES_MAX + 1)),
}


class _Planned(NamedTuple):
    fault: Fault
    method: str | None
    at: str


class ObjectServer(ABC):
    """A bucket behind a real socket, for the time of a `with` block.

    `objects` is what the bucket holds, by name. `counts` is how many requests came, by method; a
    listing counts as LIST, and what failed or was refused counts too. `received` is all that came.
    """

    def __init__(self, content: FakeBucket) -> None:
        """Serve nothing yet."""
        self.counts: Counter[str] = Counter()
        self.received: list[Received] = []
        self.endpoint = ""
        self._content = content
        self._faults: list[_Planned] = []
        self._lock = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        handler = type("Handler", (_Handler,), {"server_of_objects": self})
        self.endpoint = f"http://{self._host}:{self._stack.enter_context(serving(handler))}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    @property
    def _host(self) -> str:
        return HOST

    @property
    def objects(self) -> dict[str, bytes]:
        """What the bucket holds."""
        return self._content.objects

    def fail_next(self, fault: Fault, *, method: str | None = None, times: int = 1, at: str = "/") -> None:
        """Let requests to come fail, in the order told.

        Args:
            fault: How.
            method: Only those of this method; a listing's is LIST.
            times: How many of them.
            at: Only those whose target begins so.
        """
        self._faults += [_Planned(fault, method, at)] * times

    def age(self, name: str, seconds: float) -> None:
        """Let an object be this much older than now."""
        self._content.modified[name] = self._content.now() - timedelta(seconds=seconds)

    def grow_older(self, seconds: float) -> None:
        """Let all objects be this much older than they are."""
        for name, modified in self._content.modified.items():
            self._content.modified[name] = modified - timedelta(seconds=seconds)

    def reached_by(self, send: Send) -> Send:
        """Let requests for any host arrive here, their Host header as it was signed."""

        def redirected(request: Request, *, timeout_seconds: float) -> Response:
            url = urlsplit(request.url)
            headers = {"Host": url.netloc, **request.headers}
            here = urlunsplit(url._replace(scheme="http", netloc=urlsplit(self.endpoint).netloc))
            return send(request._replace(url=here, headers=headers), timeout_seconds=timeout_seconds)

        return redirected

    def answer(self, received: Received) -> tuple[Fault | None, Answer]:
        """Decide about a request and do it, in one step."""
        method = "LIST" if self._content.is_listing(received) else received.method
        with self._lock:
            self.counts[method] += 1
            self.received.append(received)
            fault = self._next_fault(method, received.target)
            if fault in _INSTEAD:
                return fault, _INSTEAD[fault]
            refusal = self.refused(received)
            answer = error(*refusal) if refusal else self._content.answer(received)
        if fault is Fault.HALF:
            answer = answer._replace(body=answer.body[: len(answer.body) // 2])
        return fault, error(500, "InternalError") if fault is Fault.APPLY_THEN_500 else answer

    @abstractmethod
    def refused(self, received: Received) -> tuple[int, str] | None:
        """Status and code with which the request is refused; None if its signature is good."""

    def date(self) -> str:
        """The store's clock, as answers show it."""
        return format_datetime(self._content.now(), usegmt=True)

    def _next_fault(self, method: str, target: str) -> Fault | None:
        for index, planned in enumerate(self._faults):
            if planned.method in {None, method} and target.startswith(planned.at):
                del self._faults[index]
                return planned.fault
        return None


class _Handler(QuietHandler):
    server_of_objects: ObjectServer

    def respond(self) -> None:
        """Answer, or fail as told."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, self.path, headers, self.body())
        fault, answer = self.server_of_objects.answer(received)
        headers = {"Date": self.server_of_objects.date(), **answer.headers}
        match fault:
            case Fault.DROP | Fault.APPLY_THEN_DROP:
                self.close_connection = True
            case Fault.TRICKLE:
                self.answer(answer.status, {**headers, "Content-Length": "100000"})
                self._trickle()
            case _:
                self.answer(answer.status, headers, answer.body)

    def _trickle(self) -> None:
        while True:
            time.sleep(0.02)
            self.wfile.write(b".")
            self.wfile.flush()
