"""What comes of an event: of the work it asks for, and of the invocation as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from handler.core.problem import Problem
from handler.gateways import Response
from handler.report import Report
from handler.settings import Settings
from handler.tick import Tick


class Outcome(NamedTuple):
    """What an invocation did: its report, the ticks behind it, and the answer to whoever asked over HTTP.

    Where it `has_failed` it could not do its job at all: its report's error says why. `discovery` is an
    account of the search for changes, if there was one; `remarks` are for whoever wrote the configuration.
    `answer` is for whoever asked for test messages by an event, instead of the report.
    """

    report: Report
    ticks: Sequence[Tick]
    response: Response | None = None
    has_failed: bool = False
    discovery: Mapping[str, Any] | None = None
    remarks: Sequence[str] = ()
    answer: dict[str, Any] | None = None


class Work(NamedTuple):
    """What came of an event: the changes looked at, what kept it from that, or an answer without a look.

    A `blemish` is what went wrong beside the changes; `discovery` is an account of the search for changes, if
    there was one; `remarks` are on what went well, though not in the way configured; `trials` are what came
    of channels that were tried, and `answer` the same for whoever asked for that by an event.
    """

    settings: Settings | None = None
    ticks: Sequence[Tick] = ()
    problem: Problem | None = None
    response: Response | None = None
    blemish: Problem | None = None
    discovery: Mapping[str, Any] | None = None
    remarks: Sequence[str] = ()
    trials: Sequence[Mapping[str, Any]] = ()
    answer: dict[str, Any] | None = None
