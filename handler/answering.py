"""Answers callers over HTTP: does what they want, or says why it cannot be done.

What only some callers want is imported where it is wanted, for every cold start pays for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from handler.chosen import Chosen
from handler.clock import Clock
from handler.core.problem import Problem, ProblemKind
from handler.credentials import ConfigurationError
from handler.gateways import Request, Response
from handler.logs import Redact
from handler.mishaps import caught
from handler.registering import fulfil
from handler.registry import Registry
from handler.runtimes import Runtime
from handler.settings import Settings
from handler.showing import Guest, base_path_of, show_change, show_error, show_overview
from handler.stores.port import StateUnavailableError
from handler.web import routes
from handler.web.accepting import wants_page
from handler.web.answers import answer, copy_of, failure, finish, text_copy
from handler.web.callers import identify
from handler.web.readings import Reading, Resource
from handler.web.watches import Wish

if TYPE_CHECKING:
    from handler.records import Records

ACTIVE_MAX: Final = 2000
"""How many changes that are followed the overview shows at most."""

ENDED_MAX: Final = 50
"""How many of those that ended last."""

_ASKED_LENGTH_MAX: Final = 200
_ERROR: Final = 400


class Sources(Protocol):
    """Where the state of changes is had from; whatever it takes may be missing: a ConfigurationError."""

    def registry(self, settings: Settings, runtime: Runtime) -> Registry:
        """The list of what is followed."""
        ...

    def records(self, settings: Settings, runtime: Runtime) -> Records:
        """What is kept of changes."""
        ...


class Desk(NamedTuple):
    """A request, and what it is answered with."""

    request: Request
    settings: Settings
    runtime: Runtime
    clock: Clock
    sources: Sources

    def records(self) -> Records:
        """What is kept of changes."""
        return self.sources.records(self.settings, self.runtime)

    def guest(self) -> Guest:
        """For whom pages are made."""
        return Guest(self.request, self.settings, self.clock.now())


class Answer(NamedTuple):
    """An answer, what kept it from being another if anything did, and what the log is told of trials."""

    response: Response
    problem: Problem | None = None
    trials: Sequence[Mapping[str, Any]] = ()


def decide(request: Request, settings: Settings) -> routes.Wanted | Response:
    """Say what a caller wants, or answer at once."""
    return routes.decide(request, token=_token(settings), base_path=base_path_of(settings))


def answer_caller(wanted: Wish | Chosen | Reading | Response, desk: Desk) -> Answer:
    """Do what a caller wants."""
    if isinstance(wanted, Response):
        return Answer(wanted)
    try:
        return _do(wanted, desk)
    except StateUnavailableError as error:
        status, problem = 503, caught(error)
    except ConfigurationError as error:
        status, problem = 500, Problem(ProblemKind.MISCONFIGURED, str(error))
    return Answer(failure(status, problem.kind.value, problem.explanation), problem)


def answer_report(report: Mapping[str, Any], settings: Settings | None) -> Response:
    """The report; but where the configuration cannot be used, nobody can be known, so nobody learns why."""
    if settings is None:
        return failure(500, "misconfigured", "The configuration cannot be used; the log says why.")
    return answer(report)


def complete(request: Request, response: Response, settings: Settings | None, now: datetime) -> Response:
    """Make of an answer what goes out: whoever looks at pages reads on one why there is no other."""
    is_shown = wants_page(request) and not routes.is_for_programs(request, base_path_of(settings))
    if response.status >= _ERROR and is_shown:
        response = show_error(response, Guest(request, settings, now))
    return finish(request, response)


def apologise(request: Request, now: datetime) -> Response:
    """Say that there is a defect: on a page to whoever looks at one, if that at least can be made."""
    response = failure(500, "internal", "Headway has a defect here; its log says where.")
    try:
        return complete(request, response, None, now)
    except Exception:  # noqa: BLE001 - it is told in any case
        return response


def account_of(
    request: Request, response: Response, settings: Settings | None, redact: Redact
) -> dict[str, Any]:
    """Tell the log what was asked for, by whom, and how that ended; of strangers it takes no word."""
    caller = identify(request, _token(settings)) if settings else None
    if caller and caller.is_known:
        # Struck out before it is cut, or half a secret would be left.
        asked = str(redact(f"{request.method} {request.path}"))[:_ASKED_LENGTH_MAX]
    else:
        asked = routes.describe(request, base_path_of(settings))
    return {"request": asked, "caller": caller.value if caller else None, "status": response.status}


def _do(wanted: Wish | Chosen | Reading, desk: Desk) -> Answer:
    if isinstance(wanted, Wish):
        return Answer(fulfil(wanted, desk.sources.registry(desk.settings, desk.runtime)))
    return _try(wanted, desk) if isinstance(wanted, Chosen) else Answer(_read(wanted, desk))


def _try(trying: Chosen, desk: Desk) -> Answer:
    from handler.trial import TrialError, try_all  # noqa: PLC0415

    try:
        tried = try_all(desk.settings, trying, desk.runtime, desk.clock)
    except TrialError as error:
        if not desk.settings.channels:
            return Answer(failure(409, "conflict", str(error)))
        return Answer(failure(400, "bad_request", f"`channels`: {error}"))
    return Answer(answer(tried.answer), trials=tried.account)


def _read(reading: Reading, desk: Desk) -> Response:
    match reading.resource:
        case Resource.OVERVIEW:
            return show_overview(desk.records().overview(ACTIVE_MAX, ENDED_MAX), reading, desk.guest())
        case Resource.CHANGES:
            return _list(reading, desk)
        case Resource.CHANGE | Resource.CHANGE_PAGE:
            return _change(reading, desk)
        case Resource.METRICS:
            from handler.web.api.metrics import MEDIA_TYPE, metrics_of  # noqa: PLC0415

            followed = desk.records().active()
            return text_copy(metrics_of(followed.records, followed.refused_at), MEDIA_TYPE)
        case Resource.OPENAPI:
            from handler.web.api.openapi import document  # noqa: PLC0415

            return copy_of(document())


def _list(reading: Reading, desk: Desk) -> Response:
    from handler.records import CursorError  # noqa: PLC0415
    from handler.web.api.shapes import list_of  # noqa: PLC0415

    try:
        part = desk.records().part(reading.group, reading.cursor, reading.limit)
    except CursorError as error:
        return failure(400, "bad_request", str(error))
    return copy_of(list_of(part.records, part.next_cursor, part.refused_at))


def _change(reading: Reading, desk: Desk) -> Response:
    record = desk.records().find(reading.change) if reading.change else None
    if record is None:
        return failure(404, "not_found", "Nothing is kept of such a change, and it is not followed.")
    if reading.resource is Resource.CHANGE_PAGE:
        return show_change(record, reading, desk.guest())
    from handler.web.api.shapes import detail_of  # noqa: PLC0415

    return copy_of(detail_of(record))


def _token(settings: Settings) -> str | None:
    return settings.http.token.reveal() if settings.http.token else None
