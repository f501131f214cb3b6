"""S3 on loopback with one bucket: verifies signatures, is atomic, counts, and fails when told to."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from email.utils import format_datetime
from enum import Enum
from urllib.parse import urlsplit, urlunsplit

from typing_extensions import Self

from handler.stores.sigv4 import Credentials
from handler.transport import BODY_BYTES_MAX, Request, Response, Send
from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.fakes.s3_bucket import Answer, FakeBucket, error
from tests.fakes.s3_signature import Received, refused

CREDENTIALS = Credentials("AKIDEXAMPLE", "a secret of S3's fake")


class Fault(Enum):
    """What goes wrong with a request."""

    DROP = "nothing is done, the connection breaks"
    APPLY_THEN_DROP = "the request is done, the connection breaks"
    APPLY_THEN_500 = "the request is done, the answer is 500"
    SLOW_DOWN = "nothing is done, the answer is 503"
    CONFLICT = "nothing is done, the answer is 409"
    TRICKLE = "the answer's body comes a byte at a time, for ever"
    OVERSIZED = "the answer's body is too large"


_INSTEAD = {
    Fault.DROP: Answer(0),
    Fault.SLOW_DOWN: error(503, "SlowDown"),
    Fault.CONFLICT: error(409, "ConditionalRequestConflict"),
    Fault.TRICKLE: Answer(200, {"ETag": '"t"'}),
    Fault.OVERSIZED: Answer(200, {"ETag": '"o"'}, b"." * (BODY_BYTES_MAX + 1)),
}


class FakeS3:
    """S3 behind a real socket, for the time of a `with` block.

    `objects` is what the bucket holds, by name. `counts` is how many requests came, by method; a
    listing counts as LIST, and what failed or was refused counts too.
    """

    def __init__(
        self,
        *,
        bucket: str = "headway-state",
        region: str = "eu-central-1",
        credentials: Credentials = CREDENTIALS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        page_keys_max: int = 1000,
    ) -> None:
        """Serve nothing yet."""
        self.bucket = bucket
        self.region = region
        self.credentials = credentials
        self.counts: Counter[str] = Counter()
        self.endpoint = ""
        self._now = now
        self._content = FakeBucket(bucket, page_keys_max)
        self._faults: list[tuple[str | None, Fault]] = []
        self._lock = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        handler = type("Handler", (_Handler,), {"s3": self})
        self.endpoint = f"http://{HOST}:{self._stack.enter_context(serving(handler))}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    @property
    def objects(self) -> dict[str, bytes]:
        """What the bucket holds."""
        return self._content.objects

    def fail_next(self, fault: Fault, *, method: str | None = None, times: int = 1) -> None:
        """Let requests to come fail, in the order told; those of one method or (None) of any."""
        self._faults += [(method, fault)] * times

    def reached_by(self, send: Send) -> Send:
        """Let requests for any host arrive here, their Host header as it was signed."""

        def redirected(request: Request, *, timeout_seconds: float) -> Response:
            netloc = urlsplit(self.endpoint).netloc
            url = urlunsplit(urlsplit(request.url)._replace(scheme="http", netloc=netloc))
            return send(request._replace(url=url), timeout_seconds=timeout_seconds)

        return redirected

    def answer(self, received: Received) -> tuple[Fault | None, Answer]:
        """Decide about a request and do it, in one step."""
        method = "LIST" if "list-type=" in received.target else received.method
        with self._lock:
            self.counts[method] += 1
            fault = self._next_fault(method)
            if fault in _INSTEAD:
                return fault, _INSTEAD[fault]
            refusal = refused(received, self.credentials, self.region, self._now())
            answer = error(*refusal) if refusal else self._content.answer(received)
        return fault, error(500, "InternalError") if fault is Fault.APPLY_THEN_500 else answer

    def date(self) -> str:
        """The store's clock, as answers show it."""
        return format_datetime(self._now(), usegmt=True)

    def _next_fault(self, method: str) -> Fault | None:
        for index, (wanted, fault) in enumerate(self._faults):
            if wanted in {None, method}:
                del self._faults[index]
                return fault
        return None


class _Handler(QuietHandler):
    s3: FakeS3

    def respond(self) -> None:
        """Answer, or fail as told."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault, answer = self.s3.answer(Received(self.command, self.path, headers, self.body()))
        headers = {"Date": self.s3.date(), **answer.headers}
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
