"""What every answer has in common, and what every request that carries something has to be."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from handler.gateways import Request, Response


class BadRequestError(Exception):
    """What was asked for cannot be understood; the message is for whoever asked."""


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer of JSON."""
    return Response(
        status,
        {
            "content-type": "application/json; charset=utf-8",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **(headers or {}),
        },
        msgspec.json.encode(content).decode(),
    )


def failure(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer that says why there is no other."""
    return answer({"error": {"code": code, "message": message}}, status, headers)


def read_object(request: Request) -> dict[str, object]:
    """Read the JSON object that a request carries; nothing at all is an empty one.

    Raises:
        BadRequestError: It carries something else.
    """
    if request.body is None:
        raise BadRequestError("The body cannot be decoded.")
    try:
        payload = msgspec.json.decode(request.body or b"{}")
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise BadRequestError("The body is no JSON object.")
    return payload
