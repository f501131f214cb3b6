"""Headway in one process: from a raw event to a report, on every platform the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO
from urllib.parse import urlsplit

from handler.clock import Clock
from handler.core.change import Watch
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.credentials import ConfigurationError, secrets_of
from handler.fleet import select
from handler.gateways import Request, Response
from handler.logs import log_invocation, make_log, make_redact
from handler.report import Report, make_report
from handler.runtimes import Runtime, read_runtime
from handler.scope import Scope
from handler.settings import Settings, SettingsError, read_settings
from handler.tick import Tick
from handler.triggers import Trigger, read_trigger
from handler.web import routes
from handler.wiring import Workshop

_ASKED_LENGTH_MAX: Final = 200


class Outcome(NamedTuple):
    """What an invocation did: its report, the ticks behind it, and the answer to whoever asked over HTTP."""

    report: Report
    ticks: Sequence[Tick]
    response: Response | None = None


class _Work(NamedTuple):
    """What came of an event: the changes looked at, what kept it from that, or an answer without a look."""

    settings: Settings | None = None
    ticks: Sequence[Tick] = ()
    problem: Problem | None = None
    response: Response | None = None


class Application:
    """Headway in one process: from raw events to reports, on every platform the same."""

    def __init__(
        self,
        environ: Mapping[str, str],
        workshop: Workshop,
        clock: Clock,
        *,
        config_path: str,
        log_file: TextIO | None = None,
    ) -> None:
        """Read nothing yet: settings and secrets are read anew in every invocation.

        Args:
            environ: The environment.
            workshop: Builds the invocations.
            clock: The machine's clock.
            config_path: The configuration file that need not be there.
            log_file: Where the log line goes, instead of stdout.
        """
        self._environ = environ
        self._workshop = workshop
        self._clock = clock
        self._config_path = config_path
        self._log_file = log_file

    def invoke(self, event: object, context: object) -> Outcome:
        """Do what an event asks for; whatever goes wrong stands in the report."""
        return self.serve(read_trigger(event), context)

    def serve(self, trigger: Trigger, context: object) -> Outcome:
        """The same for an event that is read."""
        started_at, begun = self._clock.now(), self._clock.monotonic()
        runtime = read_runtime(context, self._environ, begun)
        settings, ticks, problem, response = self._work(trigger, runtime)
        report = make_report(
            trigger=trigger.kind.value,
            started_at=started_at,
            duration_seconds=self._clock.monotonic() - begun,
            ticks=ticks,
            policy=settings.alerts.policy if settings else Policy(),
            problem=problem,
        )
        secrets = {*secrets_of(runtime), *(settings.secrets() if settings else ())}
        log = make_log(runtime.request_id, secrets, self._log_file)
        if trigger.request is None:
            log_invocation(log, report)
            return Outcome(report, ticks)
        response = response or _answer(report, settings)
        # Struck out before it is cut, or half a secret would be left.
        asked = str(make_redact(secrets)(f"{trigger.request.method} {trigger.request.path}"))
        log_invocation(log, report, request=asked[:_ASKED_LENGTH_MAX], status=response.status)
        return Outcome(report, ticks, response)

    def _work(self, trigger: Trigger, runtime: Runtime) -> _Work:
        if trigger.problem:
            return _Work(problem=Problem(ProblemKind.MISCONFIGURED, trigger.problem))
        try:
            settings = self._read_settings(runtime)
        except SettingsError as error:
            return _Work(problem=Problem(ProblemKind.MISCONFIGURED, str(error)))
        scope = _decide(trigger.request, settings) if trigger.request else trigger.scope
        if isinstance(scope, Response):
            return _Work(settings, response=scope)
        if scope is None:
            return _Work(settings)
        try:
            ticks, problem = self._run(settings, runtime, scope, heeds_rest=not trigger.is_by_hand)
        except ConfigurationError as error:
            return _Work(settings, problem=Problem(ProblemKind.MISCONFIGURED, str(error)))
        return _Work(settings, ticks, problem)

    def _read_settings(self, runtime: Runtime) -> Settings:
        return read_settings(
            runtime.lookup,
            fetch=self._workshop.fetch(runtime),
            read_file=_read_file,
            default_path=self._config_path,
        )

    def _run(
        self, settings: Settings, runtime: Runtime, scope: Scope, *, heeds_rest: bool
    ) -> tuple[list[Tick], Problem | None]:
        watches = [Watch(watch.change, watch.name or str(watch.change)) for watch in settings.watches]
        # A person who asks by hand has perhaps just mended the key, and wants to know.
        built = self._workshop.build(settings, runtime, heeds_rest=heeds_rest)
        ticks = built.invocation.run(select(watches, scope))
        mistakes = " ".join(built.channel_mistakes)
        return ticks, Problem(ProblemKind.MISCONFIGURED, mistakes) if mistakes else None


def _decide(request: Request, settings: Settings) -> Scope | Response:
    token, page = settings.http.token, settings.links.status_page
    return routes.decide(
        request,
        token=token.reveal() if token else None,
        base_path=urlsplit(page).path if page else "",
    )


def _answer(report: Report, settings: Settings | None) -> Response:
    """The report; but where the configuration cannot be used, nobody can be known, so nobody learns why."""
    if settings is None:
        return routes.failure(500, "misconfigured", "The configuration cannot be used; the log says why.")
    return routes.answer(report)


def _read_file(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
