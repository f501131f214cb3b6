"""The one home of `requests`: sends a signed request, brings back a bounded answer, never late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Request(NamedTuple):
    """A whole request; the URL is sent exactly as it stands, because its text was signed."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Response(NamedTuple):
    """A whole answer; header names are lower case, redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """No whole answer came; `request_sent` tells whether the other side may have acted."""

    def __init__(self, message: str, *, timed_out: bool, request_sent: bool) -> None:
        """Take a message that names the host and holds no secret."""
        super().__init__(message)
        self.timed_out = timed_out
        self.request_sent = request_sent


class Send(Protocol):
    """What DMS client and S3 store need of a transport."""

    def __call__(self, request: Request, *, timeout_seconds: float) -> Response:
        """Send once, no retry; the whole exchange ends within `timeout_seconds`.

        Raises:
            TransportError: No whole answer came.
        """
        ...
