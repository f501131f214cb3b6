"""What both platforms call: `handle` takes a raw event and returns the report of what was done."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from handler.clock import Clock
from handler.core.change import Watch
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.credentials import ConfigurationError, secrets_of
from handler.fleet import select
from handler.logs import log_invocation, make_log
from handler.report import Report, make_report
from handler.runtimes import Runtime, read_runtime
from handler.settings import Settings, SettingsError, read_settings
from handler.tick import Tick
from handler.triggers import Trigger, TriggerKind, read_trigger
from handler.wiring import SystemClock, Workshop

CONFIG_FILE: Final = "headway.yaml"

_RAISING: Final = frozenset({TriggerKind.TIMER.value, TriggerKind.MANUAL.value})


class InvocationFailedError(Exception):
    """The job could not be done at all; raised so that the platform's own alarm goes off."""


class Outcome(NamedTuple):
    """What an invocation did: its report, and the ticks behind it for whoever shows them."""

    report: Report
    ticks: Sequence[Tick]


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
        started_at, begun = self._clock.now(), self._clock.monotonic()
        runtime = read_runtime(context, self._environ, begun)
        trigger = read_trigger(event)
        settings: Settings | None = None
        ticks: list[Tick] = []
        problem: Problem | None = None
        if trigger.problem:
            problem = Problem(ProblemKind.MISCONFIGURED, trigger.problem)
        else:
            try:
                settings = self._read_settings(runtime)
                ticks, problem = self._run(settings, runtime, trigger)
            except (SettingsError, ConfigurationError) as error:
                problem = Problem(ProblemKind.MISCONFIGURED, str(error))
        report = make_report(
            trigger=trigger.kind.value,
            started_at=started_at,
            duration_seconds=self._clock.monotonic() - begun,
            ticks=ticks,
            policy=settings.alerts.policy if settings else Policy(),
            problem=problem,
        )
        secrets = {*secrets_of(runtime), *(settings.secrets() if settings else ())}
        log_invocation(make_log(runtime.request_id, secrets, self._log_file), report)
        return Outcome(report, ticks)

    def _read_settings(self, runtime: Runtime) -> Settings:
        return read_settings(runtime.lookup, read_file=_read_file, default_path=self._config_path)

    def _run(
        self, settings: Settings, runtime: Runtime, trigger: Trigger
    ) -> tuple[list[Tick], Problem | None]:
        watches = [Watch(watch.change, watch.name or str(watch.change)) for watch in settings.watches]
        # A person who asks by hand has perhaps just mended the key, and wants to know.
        heeds_rest = trigger.kind is not TriggerKind.MANUAL
        built = self._workshop.build(settings, runtime, heeds_rest=heeds_rest)
        ticks = built.invocation.run(select(watches, trigger.only, trigger.shard))
        mistakes = " ".join(built.channel_mistakes)
        return ticks, Problem(ProblemKind.MISCONFIGURED, mistakes) if mistakes else None


def handle(event: object, context: object) -> Report:
    """Run one invocation; the entry that FunctionGraph and Lambda call.

    Args:
        event: The platform's event for a timer, or any JSON object by hand.
        context: The platform's context object.

    Returns:
        The report.

    Raises:
        InvocationFailedError: Configuration, credentials or state kept the whole job from being done.
    """
    report = _APPLICATION.invoke(event, context).report
    is_failure = report["error"] is not None and report["trigger"] in _RAISING
    if is_failure:
        raise InvocationFailedError(report["error"]["message"])
    return report


_CLOCK: Final = SystemClock()
_APPLICATION: Final = Application(
    os.environ,
    Workshop(_CLOCK),
    _CLOCK,
    config_path=str(Path(__file__).parent.parent / CONFIG_FILE),
)


def _read_file(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
