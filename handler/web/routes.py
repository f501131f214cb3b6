"""What can be asked for over HTTP. It decides; the invocation looks, and its report is the answer."""

from __future__ import annotations

import re
from typing import Final

from handler.gateways import Request, Response
from handler.scope import Scope, read_scope
from handler.web import watches
from handler.web.answers import BadRequestError, answer, failure, read_object
from handler.web.callers import is_known, is_lured
from handler.web.watches import Wish, read_wish

_HEALTH: Final = "/healthz"
_CHECK: Final = "/api/check"
_METHODS: Final = {
    re.compile(_HEALTH): ("GET",),
    re.compile(_CHECK): ("POST",),
    re.compile(watches.PATH): ("GET", "POST"),
    re.compile(f"{watches.PATH}/[^/]+(?:/[^/]+)?"): ("DELETE",),
}
"""What each path takes."""

_PLACES: Final = (_HEALTH, _CHECK, watches.PATH)
_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="Headway", Basic realm="Headway", charset="UTF-8"'}


def decide(request: Request, *, token: str | None, base_path: str = "") -> Scope | Wish | Response:
    """Say which changes a caller wants looked at, or what of the list of them; or answer at once.

    Args:
        request: What is asked for.
        token: What callers have to show; None if that is of no avail.
        base_path: What stands before every route, such as `/headway`.
    """
    path = _route(request, base_path)
    methods = _methods(path)
    if path == _HEALTH and request.method in methods:
        return answer({"ok": True})
    if path != _HEALTH and not is_known(request, token):
        return _refuse(token)
    if not methods:
        return failure(404, "not_found", f"There is nothing here; try {', '.join(_PLACES)}.")
    if request.method not in methods:
        allowed = ", ".join(methods)
        return failure(405, "method_not_allowed", f"This wants {allowed}.", {"allow": allowed})
    if request.method != "GET" and is_lured(request, token):
        return failure(415, "unsupported_media_type", "With Basic, this wants content-type application/json.")
    return _read(request, path)


def _methods(path: str) -> tuple[str, ...]:
    found = (methods for pattern, methods in _METHODS.items() if pattern.fullmatch(path))
    return next(found, ())


def _route(request: Request, base_path: str) -> str:
    """The path without what gateways leave before it: perhaps a stage, perhaps the page's own path."""
    paths = [request.path]
    for prefix in (request.stage_path, base_path.rstrip("/")):
        paths += [_below(prefix, path) for path in paths]
    return next(filter(_methods, paths), paths[-1])


def _below(prefix: str, path: str) -> str:
    is_below = path == prefix or path.startswith(f"{prefix}/")
    return path.removeprefix(prefix) or "/" if is_below else path


def _refuse(token: str | None) -> Response:
    message = "Show the token as Authorization: Bearer TOKEN."
    if token is None:
        message = "No http.token is configured, so only callers whom the platform knows are answered."
    return failure(401, "unauthorised", message, _CHALLENGE)


def _read(request: Request, path: str) -> Scope | Wish | Response:
    try:
        if path == _CHECK:
            return read_scope(read_object(request))
        return read_wish(request, path.removeprefix(watches.PATH))
    except (BadRequestError, ValueError) as error:
        return failure(400, "bad_request", str(error))
