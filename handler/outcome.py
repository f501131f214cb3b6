"""What comes of an event: of the work it asks for, and of the invocation as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from handler.configuration import UnavailableError
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.gateways import Request, Response
from handler.report import Report, find_problem
from handler.settings import Settings, SettingsError
from handler.tick import Tick


class Beat(NamedTuple):
    """What became of a heartbeat, in words without an address; `is_lost` if it was due and nobody took it."""

    note: str
    is_lost: bool = False


class Outcome(NamedTuple):
    """What an invocation did: its report and the ticks behind it.

    Where it `has_failed` it could not do its job at all: its report's error says why. `discovery` is an
    account of the search for changes, if there was one; `remarks` are for whoever wrote the configuration.
    `answer` is for whoever asked for test messages by an event, instead of the report. `beat` is what became
    of the heartbeat, where one was owed. `channels` are those that are configured, if that is known. Whoever
    asked over HTTP gets the `response`.
    """

    report: Report
    ticks: Sequence[Tick]
    has_failed: bool = False
    discovery: Mapping[str, Any] | None = None
    remarks: Sequence[str] = ()
    answer: dict[str, Any] | None = None
    beat: Beat | None = None
    channels: Sequence[str] | None = None
    response: Response | None = None


class Work(NamedTuple):
    """What came of an event: the changes looked at, what kept it from that, or an answer without a look.

    A `blemish` is what went wrong beside the changes; `discovery` is an account of the search for changes, if
    there was one; `remarks` are on what went well, though not in the way configured; `trials` are what came
    of channels that were tried, and `answer` the same for whoever asked for that by an event.
    """

    settings: Settings | None = None
    ticks: Sequence[Tick] = ()
    problem: Problem | None = None
    blemish: Problem | None = None
    discovery: Mapping[str, Any] | None = None
    remarks: Sequence[str] = ()
    trials: Sequence[Mapping[str, Any]] = ()
    answer: dict[str, Any] | None = None
    response: Response | None = None

    @property
    def trouble(self) -> Problem | None:
        """What stopped every change, or else was in the way of the work itself."""
        return find_problem(self.problem, self.ticks)

    @property
    def policy(self) -> Policy:
        """When an outage counts as one."""
        return self.settings.alerts.policy if self.settings else Policy()

    @property
    def channels(self) -> tuple[str, ...] | None:
        """The configured channels, if that is known."""
        return tuple(self.settings.channels) if self.settings else None

    @classmethod
    def without_settings(cls, error: SettingsError, request: Request | None) -> Work:
        """Say why nothing can be done; callers, who cannot be known then, learn no more than that."""
        if not isinstance(error, UnavailableError):
            return cls(problem=Problem(ProblemKind.MISCONFIGURED, str(error)))
        problem = Problem(ProblemKind.STATE_UNAVAILABLE, str(error))
        if request is None:
            return cls(problem=problem)
        from handler.web.answers import failure  # noqa: PLC0415 - a tick answers nobody

        said = "The configuration cannot be read; the log says why."
        return cls(problem=problem, response=failure(503, problem.kind.value, said))
