"""Headway in one process: from a raw event to a report, on every platform the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from handler.chosen import Chosen
from handler.clock import Clock
from handler.configuration import read_configuration
from handler.core.problem import Problem, ProblemKind
from handler.credentials import ConfigurationError, secrets_of
from handler.gateways import Request
from handler.logs import log_invocation, make_log, make_redact
from handler.mishaps import caught
from handler.outcome import Beat, Outcome, Work
from handler.registry import Registry
from handler.report import is_fine, make_report, stops_job
from handler.runtimes import Runtime, read_runtime
from handler.scope import Scope
from handler.settings import Settings, SettingsError
from handler.settings.variables import HEARTBEAT_VARIABLE
from handler.triggers import Trigger, read_trigger
from handler.wiring import Workshop

if TYPE_CHECKING:
    from handler.heartbeat import Heartbeat
    from handler.trial import Trial


class Application:
    """Answers events, one after the other or side by side; the workshop keeps what serves them all."""

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
        self._heartbeat: Heartbeat | None = None

    def invoke(self, event: object, context: object) -> Outcome:
        """Do what an event asks for; whatever goes wrong stands in the report."""
        return self.serve(read_trigger(event), context)

    def serve(self, trigger: Trigger, context: object) -> Outcome:
        """The same for an event that is read."""
        started_at, begun = self._clock.now(), self._clock.monotonic()
        runtime = read_runtime(context, self._environ, begun)
        work = self._work(trigger, runtime)
        settings, ticks = work.settings, work.ticks
        problem = work.trouble
        has_failed = stops_job(problem) or (stops_job(work.blemish) and not any(map(is_fine, ticks)))
        report = make_report(
            trigger=trigger.kind.value,
            started_at=started_at,
            duration_seconds=self._clock.monotonic() - begun,
            ticks=ticks,
            policy=work.policy,
            problem=problem or work.blemish,
        )
        secrets = {*secrets_of(runtime), *(settings.secrets() if settings else ())}
        log = make_log(runtime.request_id, secrets, self._log_file)
        beat = self._beat(trigger, work, runtime, is_fine=report["ok"] and not has_failed)
        found = {"discovery": work.discovery, "remarks": work.remarks, "trials": work.trials}
        more: dict[str, Any] = {name: value for name, value in found.items() if value}
        if beat:
            more["heartbeat"] = beat.note
        if trigger.request is None:
            log_invocation(log, report, **more)
            return Outcome(
                report, ticks, has_failed, work.discovery, work.remarks, work.answer, beat, work.channels
            )
        # Imported here, as in the rest of this class, because a tick answers nobody.
        from handler.answering import account_of, answer_report, complete  # noqa: PLC0415

        response = work.response or answer_report(report, settings)
        response = complete(trigger.request, response, settings, started_at)
        account = account_of(trigger.request, response, settings, make_redact(secrets))
        log_invocation(log, report, **more, **account)
        return Outcome(report, ticks, has_failed, remarks=work.remarks, response=response)

    def registry(self) -> Registry:
        """The list of what is followed, for whoever sits in front of this machine.

        Raises:
            SettingsError: The configuration is not as it should be.
            ConfigurationError: Something is missing, or cannot work.
        """
        runtime = self._own_runtime()
        return self._workshop.registry(self._read_settings(runtime), runtime)

    def settings(self) -> Settings:
        """The configuration as it is now, for whoever sits in front of this machine.

        Raises:
            SettingsError: It is not as it should be.
        """
        return self._read_settings(self._own_runtime())

    def try_channels(self, names: Sequence[str]) -> Iterator[Trial]:
        """Send a test message to these channels, or to all of them if none is named.

        Raises:
            SettingsError: The configuration is not as it should be.
            TrialError: There is no such channel.
        """
        from handler.trial import try_channels  # noqa: PLC0415

        runtime = self._own_runtime()
        return try_channels(self._read_settings(runtime), names, runtime, self._clock)

    def _work(self, trigger: Trigger, runtime: Runtime) -> Work:
        if trigger.problem:
            return Work(problem=Problem(ProblemKind.MISCONFIGURED, trigger.problem))
        try:
            settings = self._read_settings(runtime)
        except SettingsError as error:
            return Work.without_settings(error, trigger.request)
        if trigger.request:
            return self._oblige(trigger.request, settings, runtime)
        if trigger.trying is not None:
            return self._try(trigger.trying, settings, runtime)
        if trigger.scope is None:
            return Work(settings)
        try:
            # A person who asks by hand has perhaps just mended the key, and wants to know.
            return self._look(trigger.scope, settings, runtime, heeds_rest=not trigger.is_by_hand)
        except Exception as error:
            self._beat(trigger, Work(settings, problem=caught(error)), runtime, is_fine=False)
            raise

    def _oblige(self, request: Request, settings: Settings, runtime: Runtime) -> Work:
        from handler.answering import Desk, answer_caller, decide  # noqa: PLC0415

        wanted = decide(request, settings)
        if isinstance(wanted, Scope):
            return self._look(wanted, settings, runtime, heeds_rest=True)
        desk = Desk(request, settings, runtime, self._clock, self._workshop)
        response, problem, trials = answer_caller(wanted, desk)
        return Work(settings, problem=problem, response=response, trials=trials)

    def _try(self, trying: Chosen, settings: Settings, runtime: Runtime) -> Work:
        from handler.trial import TrialError, try_all  # noqa: PLC0415

        try:
            tried = try_all(settings, trying, runtime, self._clock)
        except TrialError as error:
            return Work(settings, problem=Problem(ProblemKind.MISCONFIGURED, f"`test_alert`: {error}"))
        return Work(settings, trials=tried.account, answer=tried.answer)

    def _look(self, scope: Scope, settings: Settings, runtime: Runtime, *, heeds_rest: bool) -> Work:
        try:
            built = self._workshop.build(settings, runtime, scope, heeds_rest=heeds_rest)
        except ConfigurationError as error:
            return Work(settings, problem=Problem(ProblemKind.MISCONFIGURED, str(error)))
        discovery = built.discovery
        known = discovery.known()
        find = discovery.find if discovery.is_needed else None
        ticks = built.invocation.run(known, find=find, rest=discovery.rest)
        discovery.conclude(ticks)
        ticks = [tick for tick in ticks if not tick.is_stranger]
        trouble = built.notes.problem or discovery.problem
        return Work(settings, ticks, trouble, discovery.blemish, discovery.account(), built.notes.remarks)

    def _beat(self, trigger: Trigger, work: Work, runtime: Runtime, *, is_fine: bool) -> Beat | None:
        settings = work.settings
        url = settings.heartbeat.url if settings else runtime.lookup(HEARTBEAT_VARIABLE)
        if trigger.request or not url:
            return None
        from handler.heartbeat import Heartbeat  # noqa: PLC0415 - only where one is configured

        self._heartbeat = self._heartbeat or Heartbeat(self._clock, self._workshop.connect)
        return self._heartbeat.tell(trigger, work, runtime, is_fine=is_fine)

    def _own_runtime(self) -> Runtime:
        """What this machine gives to whoever sits in front of it."""
        return read_runtime(None, self._environ, self._clock.monotonic())

    def _read_settings(self, runtime: Runtime) -> Settings:
        return read_configuration(runtime.lookup, self._workshop.elsewhere(runtime), self._config_path)
