"""What can be asked for over HTTP. It decides; the invocation looks, and its report is the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from handler.gateways import Request, Response
from handler.scope import Scope, read_scope
from handler.web.callers import is_known, is_lured

_HEALTH: Final = "/healthz"
_CHECK: Final = "/api/check"
_METHODS: Final = {_HEALTH: "GET", _CHECK: "POST"}

_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="Headway", Basic realm="Headway", charset="UTF-8"'}


def decide(request: Request, *, token: str | None, base_path: str = "") -> Scope | Response:
    """Say which changes a caller wants looked at, or answer at once.

    Args:
        request: What is asked for.
        token: What callers have to show; None if that is of no avail.
        base_path: What stands before every route, such as `/headway`.
    """
    path = _route(request, base_path)
    if path == _HEALTH and request.method == _METHODS[path]:
        return answer({"ok": True})
    if path != _HEALTH and not is_known(request, token):
        return _refuse(token)
    if path not in _METHODS:
        return failure(404, "not_found", f"There is nothing here; try {', '.join(_METHODS)}.")
    if request.method != _METHODS[path]:
        allowed = _METHODS[path]
        return failure(405, "method_not_allowed", f"This wants {allowed}.", {"allow": allowed})
    if is_lured(request, token):
        return failure(415, "unsupported_media_type", "With Basic, this wants content-type application/json.")
    return _read_check(request)


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


def _route(request: Request, base_path: str) -> str:
    """The path without what gateways leave before it: perhaps a stage, perhaps the page's own path."""
    paths = [request.path]
    for prefix in (request.stage_path, base_path.rstrip("/")):
        paths += [_below(prefix, path) for path in paths]
    return next((path for path in paths if path in _METHODS), paths[-1])


def _below(prefix: str, path: str) -> str:
    is_below = path == prefix or path.startswith(f"{prefix}/")
    return path.removeprefix(prefix) or "/" if is_below else path


def _refuse(token: str | None) -> Response:
    message = "Show the token as Authorization: Bearer TOKEN."
    if token is None:
        message = "No http.token is configured, so only callers whom the platform knows are answered."
    return failure(401, "unauthorised", message, _CHALLENGE)


def _read_check(request: Request) -> Scope | Response:
    if request.body is None:
        return failure(400, "bad_request", "The body cannot be decoded.")
    try:
        payload = msgspec.json.decode(request.body or b"{}")
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        return failure(400, "bad_request", "The body is no JSON object.")
    try:
        return read_scope(payload)
    except ValueError as error:
        return failure(400, "bad_request", str(error))
