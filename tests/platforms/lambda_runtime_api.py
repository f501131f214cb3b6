"""The side of Lambda's Runtime API that the platform serves, on loopback, for the real runtime client.

    with RuntimeApi() as api:
        ... start the client with AWS_LAMBDA_RUNTIME_API=api.address ...
        answer = api.invoke(event, timeout_seconds=3)

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple
from uuid import uuid4

from typing_extensions import Self

from tests.fakes.loopback import HOST, QuietHandler, serving

ARN: Final = "arn:aws:lambda:eu-west-1:111122223333:function:headway"

_ROOT: Final = "/2018-06-01/runtime/"
_START_SECONDS: Final = 30
_INIT_ERROR: Final = "init/error"
_JSON: Final = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    """What came back: the parsed result, or what is told about an error, its type beside it.

    `request_id` is None if the error came before any invocation.
    """

    payload: Any
    error_type: str | None = None
    request_id: str | None = None


class NoAnswerError(Exception):
    """Nothing came until the deadline: the platform would end the process now."""


class _Offer(NamedTuple):
    request_id: str
    timeout_seconds: float
    event: bytes
    is_taken: threading.Event


class RuntimeApi:
    """One function's Runtime API for the time of a `with` block; one invocation at a time.

    `is_invoking` is whether the client is at one: it is not while it starts. What runs beside the function
    may refuse outside of it.
    """

    def __init__(self) -> None:
        """Serve nothing yet."""
        self.address = ""
        self.is_invoking = False
        self._offers: SimpleQueue[_Offer | None] = SimpleQueue()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        api = self

        class Handler(QuietHandler):
            def respond(self) -> None:
                api.visit(self)

        self.address = f"{HOST}:{self._stack.enter_context(serving(Handler))}"
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of a client that waits for its next invocation, and stop."""
        self._offers.put(None)
        self._stack.close()

    def invoke(self, event: object, timeout_seconds: float) -> Answer:
        """Invoke the function, or learn that it could not be initialised.

        Raises:
            NoAnswerError: Time is up; whoever started the process has to end it.
        """
        offer = _Offer(str(uuid4()), timeout_seconds, json.dumps(event).encode(), threading.Event())
        self._offers.put(offer)
        self._await_start(offer)
        try:
            return self._answers.get(timeout=timeout_seconds)
        except Empty:
            raise NoAnswerError(f"no answer after {timeout_seconds:g} s") from None
        finally:
            self.is_invoking = False

    def _await_start(self, offer: _Offer) -> None:
        """Wait until the client has started, or says that it could not; its time begins only then."""
        give_up_at = time.monotonic() + _START_SECONDS
        while not offer.is_taken.wait(0.01) and self._answers.empty():
            if time.monotonic() > give_up_at:
                raise NoAnswerError(f"not ready after {_START_SECONDS} s")

    def visit(self, request: QuietHandler) -> None:
        """Answer the client."""
        words = request.path.removeprefix(_ROOT)
        if (request.command, words) == ("GET", "invocation/next"):
            self._say_next(request)
            return
        body = _body(request)
        request.answer(202, _JSON, b'{"status":"OK"}')
        # What the client posts counts as soon as it was told so.
        error_type = request.headers.get("Lambda-Runtime-Function-Error-Type")
        if words == _INIT_ERROR:
            self._answers.put(Answer(json.loads(body), error_type))
            return
        _, request_id, kind = words.split("/")
        if kind == "error":
            error_type = error_type or str(json.loads(body).get("errorType"))
        self._answers.put(Answer(json.loads(body), error_type, request_id))

    def _say_next(self, request: QuietHandler) -> None:
        offer = self._offers.get()
        if offer is None:
            # To answer here with an error would make the client's C++ side crash.
            request.close_connection = True
            return
        self.is_invoking = True
        offer.is_taken.set()
        deadline = time.time() + offer.timeout_seconds
        headers = {
            **_JSON,
            "Lambda-Runtime-Aws-Request-Id": offer.request_id,
            "Lambda-Runtime-Deadline-Ms": str(round(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
        }
        request.answer(200, headers, offer.event)


def _body(request: QuietHandler) -> bytes:
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return request.body()
    chunks = []
    while size := int(request.rfile.readline().split(b";")[0], 16):
        chunks.append(request.rfile.read(size))
        request.rfile.readline()
    request.rfile.readline()
    return b"".join(chunks)
