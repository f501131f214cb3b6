"""What both invoke APIs have in common: a function behind HTTP on loopback, invoked by who may.

FunctionGraph's is in `functiongraph_api`, Lambda's in `lambda_api`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from tests.fakes.loopback import LoopbackServer, QuietHandler


class Result(NamedTuple):
    """What the function gave: its result or, if `has_failed`, the error in the platform's shape."""

    payload: object
    has_failed: bool = False


class Refusal(NamedTuple):
    """An answer that is the API's own."""

    status: int
    code: str


class Reply(NamedTuple):
    """An answer as it goes out; one that `breaks_off` is followed by the end of the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    breaks_off: bool = False


Function = Callable[[object], Result]


class InvokeApi(LoopbackServer):
    """The API for the time of a `with` block; `events` are what the function was invoked with, in order.

    Each of `interruptions` is answered to one request that is signed well, in order. `times_asked` counts all
    requests.
    """

    def __init__(self, function: Function) -> None:
        """Serve nothing yet."""
        super().__init__()
        self.function = function
        self.events: list[object] = []
        self.interruptions: list[Refusal | Reply] = []
        self.times_asked = 0

    def visit(self, handler: QuietHandler) -> None:
        """Answer a request, and break off if that is how it ends."""
        reply = self.receive(handler, handler.body())
        handler.close_connection |= reply.breaks_off
        handler.answer(reply.status, dict(reply.headers), reply.body)

    def receive(self, request: QuietHandler, body: bytes) -> Reply:
        """Check a request, and invoke the function."""
        refusal: Refusal | Reply | None = self.check(request, body)
        self.times_asked += 1
        if refusal is None and self.interruptions:
            refusal = self.interruptions.pop(0)
        if isinstance(refusal, Reply):
            return refusal
        if refusal:
            return self.refuse(refusal)
        event = msgspec.json.decode(body)
        self.events.append(event)
        return self.reply(self.function(event))

    @abstractmethod
    def check(self, request: QuietHandler, body: bytes) -> Refusal | None:
        """Refuse what is not signed, or is for no function that there is."""

    @abstractmethod
    def refuse(self, refusal: Refusal) -> Reply:
        """Write a refusal as the API does."""

    @abstractmethod
    def reply(self, result: Result) -> Reply:
        """Write a result as the API does."""
