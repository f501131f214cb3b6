"""Headway in one process: from a raw event to a report, on every platform the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import urlsplit

from handler.clock import Clock
from handler.configuration import read_configuration
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.credentials import ConfigurationError, secrets_of
from handler.gateways import Request, Response
from handler.logs import log_invocation, make_log, make_redact
from handler.mishaps import caught
from handler.outcome import Outcome, Work
from handler.registering import fulfil
from handler.registry import Registry
from handler.report import Report, find_problem, is_fine, make_report, stops_job
from handler.runtimes import Runtime, read_runtime
from handler.scope import Scope
from handler.settings import Settings, SettingsError
from handler.stores.port import StateUnavailableError
from handler.triggers import Trigger, read_trigger
from handler.web import routes
from handler.web.answers import answer, failure
from handler.web.watches import Wish
from handler.wiring import Workshop

if TYPE_CHECKING:
    from handler.trial import Trial

_ASKED_LENGTH_MAX: Final = 200


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
        settings, ticks, problem, response, blemish, discovery, remarks = self._work(trigger, runtime)
        problem = find_problem(problem, ticks)
        has_failed = stops_job(problem) or (stops_job(blemish) and not any(map(is_fine, ticks)))
        report = make_report(
            trigger=trigger.kind.value,
            started_at=started_at,
            duration_seconds=self._clock.monotonic() - begun,
            ticks=ticks,
            policy=settings.alerts.policy if settings else Policy(),
            problem=problem or blemish,
        )
        secrets = {*secrets_of(runtime), *(settings.secrets() if settings else ())}
        log = make_log(runtime.request_id, secrets, self._log_file)
        found = {"discovery": discovery, "remarks": remarks}
        more: dict[str, Any] = {name: value for name, value in found.items() if value}
        if trigger.request is None:
            log_invocation(log, report, **more)
            return Outcome(report, ticks, None, has_failed, discovery, remarks)
        response = response or _answer(report, settings)
        # Struck out before it is cut, or half a secret would be left.
        asked = str(make_redact(secrets)(f"{trigger.request.method} {trigger.request.path}"))
        log_invocation(log, report, **more, request=asked[:_ASKED_LENGTH_MAX], status=response.status)
        return Outcome(report, ticks, response, has_failed, remarks=remarks)

    def registry(self) -> Registry:
        """The list of what is followed, for whoever sits in front of this machine.

        Raises:
            SettingsError: The configuration is not as it should be.
            ConfigurationError: Something is missing, or cannot work.
        """
        runtime = read_runtime(None, self._environ, self._clock.monotonic())
        return self._workshop.registry(self._read_settings(runtime), runtime)

    def try_channels(self, names: Sequence[str]) -> Iterator[Trial]:
        """Send a test message to these channels, or to all of them if none is named.

        Raises:
            SettingsError: The configuration is not as it should be.
            TrialError: There is no such channel.
        """
        # Imported here, because a tick has no test messages.
        from handler.trial import try_channels  # noqa: PLC0415

        runtime = read_runtime(None, self._environ, self._clock.monotonic())
        return try_channels(self._read_settings(runtime), names, runtime, self._clock)

    def _work(self, trigger: Trigger, runtime: Runtime) -> Work:
        if trigger.problem:
            return Work(problem=Problem(ProblemKind.MISCONFIGURED, trigger.problem))
        try:
            settings = self._read_settings(runtime)
        except SettingsError as error:
            return Work(problem=Problem(ProblemKind.MISCONFIGURED, str(error)))
        wish = _decide(trigger.request, settings) if trigger.request else trigger.scope
        if wish is None or isinstance(wish, Response):
            return Work(settings, response=wish)
        try:
            return self._grant(wish, settings, runtime, heeds_rest=not trigger.is_by_hand)
        except ConfigurationError as error:
            problem = Problem(ProblemKind.MISCONFIGURED, str(error))
            return Work(settings, problem=problem, response=_decline(wish, problem, 500))

    def _grant(self, wish: Scope | Wish, settings: Settings, runtime: Runtime, *, heeds_rest: bool) -> Work:
        if isinstance(wish, Wish):
            try:
                return Work(settings, response=fulfil(wish, self._workshop.registry(settings, runtime)))
            except StateUnavailableError as error:
                problem = caught(error)
                return Work(settings, problem=problem, response=_decline(wish, problem, 503))
        # A person who asks by hand has perhaps just mended the key, and wants to know.
        built = self._workshop.build(settings, runtime, wish, heeds_rest=heeds_rest)
        discovery = built.discovery
        known = discovery.known()
        find = discovery.find if discovery.is_needed else None
        ticks = built.invocation.run(known, find=find, rest=discovery.rest)
        discovery.conclude(ticks)
        ticks = [tick for tick in ticks if not tick.is_stranger]
        trouble = built.notes.problem or discovery.problem
        return Work(
            settings, ticks, trouble, None, discovery.blemish, discovery.account(), built.notes.remarks
        )

    def _read_settings(self, runtime: Runtime) -> Settings:
        return read_configuration(runtime.lookup, self._workshop.fetch(runtime), self._config_path)


def _decide(request: Request, settings: Settings) -> Scope | Wish | Response:
    token, page = settings.http.token, settings.links.status_page
    return routes.decide(
        request,
        token=token.reveal() if token else None,
        base_path=urlsplit(page).path if page else "",
    )


def _decline(wish: Scope | Wish, problem: Problem, status: int) -> Response | None:
    """Who wants something of the list must not take a report for its success."""
    return failure(status, problem.kind.value, problem.explanation) if isinstance(wish, Wish) else None


def _answer(report: Report, settings: Settings | None) -> Response:
    """The report; but where the configuration cannot be used, nobody can be known, so nobody learns why."""
    if settings is None:
        return failure(500, "misconfigured", "The configuration cannot be used; the log says why.")
    return answer(report)
