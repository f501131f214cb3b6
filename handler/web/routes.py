"""What can be asked for over HTTP. It decides; what is decided is done elsewhere."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from handler import scope
from handler.chosen import Chosen
from handler.core.change import ID, ChangeId
from handler.gateways import Request, Response
from handler.scope import Scope, read_scope
from handler.web import trials, watches
from handler.web.answers import BadRequestError, answer, failure, methods_of, read_object, see_other
from handler.web.callers import has_signed_in, identify, may_write, signs_in
from handler.web.readings import PAGES, Reading, Resource, read_reading
from handler.web.signing_in import cookie_of, is_form, same_page
from handler.web.trials import read_trying
from handler.web.watches import Wish, read_wish

Wanted = Scope | Wish | Chosen | Reading
"""What a caller may want: changes looked at, the list of them, channels tried, or something to read."""

_READING: Final = ("GET", "HEAD")
_ASKING: Final = "OPTIONS"
_METHODS: Final = frozenset({*_READING, _ASKING, "POST", "PUT", "PATCH", "DELETE"})


class Route(NamedTuple):
    """A path as people write it, what it takes, and what it shows if that is all it does."""

    path: str
    methods: tuple[str, ...]
    resource: Resource | None = None

    @property
    def allowed(self) -> str:
        """All methods, as HTTP lists them."""
        return ", ".join((*self.methods, _ASKING))

    @property
    def pattern(self) -> re.Pattern[str]:
        """What paths it takes; where something is to be dropped, it is told what is wrong with an id."""
        segment = f"({ID})" if self.resource else "([^/]+)"
        return re.compile(re.sub("INSTANCE|TASK", lambda _: segment, re.escape(self.path)))


_HEALTH: Final = Route("/healthz", _READING)
_CHECK: Final = Route("/api/check", ("POST",))
_TEST_ALERT: Final = Route("/api/test-alert", ("POST",))

ROUTES: Final = (
    Route("/", (*_READING, "POST"), Resource.OVERVIEW),
    Route("/changes/INSTANCE/TASK", (*_READING, "POST"), Resource.CHANGE_PAGE),
    Route("/api/changes", _READING, Resource.CHANGES),
    Route("/api/changes/INSTANCE/TASK", _READING, Resource.CHANGE),
    _CHECK,
    _TEST_ALERT,
    Route(watches.PATH, (*_READING, "POST")),
    Route(f"{watches.PATH}/INSTANCE", ("DELETE",)),
    Route(f"{watches.PATH}/INSTANCE/TASK", ("DELETE",)),
    Route("/api/openapi.json", _READING, Resource.OPENAPI),
    Route("/metrics", _READING, Resource.METRICS),
    _HEALTH,
)
"""All that there is."""

_PATTERNS: Final = {route.pattern: route for route in ROUTES}
_FOR_PROGRAMS: Final = re.compile("/(?:api(?:/.*)?|metrics|healthz)", re.DOTALL)
# Browsers take all challenges of a header for one, and ask nobody if it begins with another than theirs.
_CHALLENGE: Final = {"www-authenticate": 'Basic realm="Headway", charset="UTF-8"'}
# Of this one no browser asks, where somebody is about to type into the page, or nothing typed in would do.
_QUIET_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="Headway"'}


def decide(request: Request, *, token: str | None, base_path: str = "") -> Wanted | Response:
    """Say what a caller wants; or answer at once.

    Args:
        request: What is asked for.
        token: What callers have to show; None if that is of no avail.
        base_path: What stands before every route, such as `/headway`.
    """
    path = _path(request, base_path)
    route = _find(path)
    if token is not None and is_form(request) and not _FOR_PROGRAMS.fullmatch(path):
        return _sign_in(request, token)
    if route is not _HEALTH and not identify(request, token).is_known:
        return _refuse(request, token)
    if route is None:
        return failure(404, "not_found", "There is nothing here; /api/openapi.json tells what there is.")
    if request.method == _ASKING:
        return methods_of(route.allowed)
    return _check_method(request, route, token) or _read(request, route, path)


def is_for_programs(request: Request, base_path: str = "") -> bool:
    """Tell whether a path is none that people look at, so that even a browser gets no page there."""
    return _FOR_PROGRAMS.fullmatch(_path(request, base_path)) is not None


def find_resource(request: Request, base_path: str = "") -> Resource | None:
    """Tell what is to be read at a path; None if nothing is."""
    route = _find(_path(request, base_path))
    return route.resource if route else None


def describe(request: Request, base_path: str = "") -> str:
    """Name what is asked for without a word of the caller's own, who may have put a secret anywhere."""
    method = request.method if request.method in _METHODS else "(another method)"
    route = _find(_path(request, base_path))
    return f"{method} {route.path if route else '(no route)'}"


def _find(path: str) -> Route | None:
    return next((route for pattern, route in _PATTERNS.items() if pattern.fullmatch(path)), None)


def _path(request: Request, base_path: str) -> str:
    """The path without what gateways leave before it: perhaps a stage, perhaps the page's own path.

    As much is taken off as leaves a route, for a prefix may be called as the beginning of one. Where a
    gateway has taken such a prefix off by itself that cannot be seen: with the base `/api`
    `/api/changes/INSTANCE/TASK` is a change's page, and its JSON cannot be had.
    """
    stage, base = request.stage_path, base_path.rstrip("/")
    # The path of a page at a stage's own address begins with the stage.
    whole = base if _is_below(stage, base) else stage + base
    prefixes = [prefix for prefix in (whole, base, stage) if prefix and _is_below(prefix, request.path)]
    # Clients that join an address and a path may leave both their slashes there.
    paths = [f"/{request.path.removeprefix(prefix).lstrip('/')}" for prefix in prefixes] + [request.path]
    return next(filter(_find, paths), paths[0])


def _is_below(prefix: str, path: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _sign_in(request: Request, token: str) -> Response:
    """Take the form, at any path that people look at: only who is in learns whether there is something."""
    try:
        is_right = signs_in(request, token)
    except BadRequestError as error:
        return failure(400, "bad_request", str(error))
    if is_right:
        return see_other(same_page(request), cookie_of(token))
    return failure(401, "unauthorised", "That is not the token.", _QUIET_CHALLENGE)


def _refuse(request: Request, token: str | None) -> Response:
    if token is None:
        message = "No http.token is configured, so only callers whom the platform knows are answered."
        return failure(401, "unauthorised", message, _QUIET_CHALLENGE)
    message = "Show the token as Authorization: Bearer TOKEN, or as X-Headway-Token: TOKEN."
    if has_signed_in(request, token):
        message = f"Having signed in is enough for reading only. {message}"
    return failure(401, "unauthorised", message, _CHALLENGE)


def _check_method(request: Request, route: Route, token: str | None) -> Response | None:
    if request.method not in route.methods:
        message = f"This wants {route.allowed}."
        return failure(405, "method_not_allowed", message, {"allow": route.allowed})
    if request.method == "POST" and route.resource in PAGES:
        message = "This takes the form for signing in, and nothing else, where http.token is configured."
        return failure(415, "unsupported_media_type", message)
    if request.method not in _READING and not may_write(request, token):
        message = (
            "This wants content-type application/json, or the token as a bearer's or in X-Headway-Token: a"
            " form on another site can have neither sent."
        )
        return failure(415, "unsupported_media_type", message)
    return None


def _read(request: Request, route: Route, path: str) -> Wanted | Response:
    try:
        return _understand(request, route, path)
    except (BadRequestError, ValueError) as error:
        return failure(400, "bad_request", str(error))


def _understand(request: Request, route: Route, path: str) -> Wanted | Response:
    if route.resource:
        return read_reading(route.resource, _read_change(route, path), request.query)
    if route is _HEALTH:
        return answer({"ok": True})
    if route is _CHECK:
        return read_scope(read_object(request, scope.KEYS))
    if route is _TEST_ALERT:
        return read_trying(read_object(request, trials.KEYS))
    return read_wish(request, path.removeprefix(watches.PATH))


def _read_change(route: Route, path: str) -> ChangeId | None:
    match = route.pattern.fullmatch(path)
    return ChangeId(*match.groups()) if match and match.groups() else None
