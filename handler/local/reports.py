"""The report of a deployed function, in lines; of another version's what it says alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from handler.local.display import line, told
from handler.local.watching import ExitCode, exit_code_of
from notifiers.messages import Situation, StepLine
from notifiers.saying import one_line


class _Error(msgspec.Struct):
    kind: str
    message: str


class _Delivery(msgspec.Struct):
    channel: str
    outcome: str
    alert_count: int


class _Change(msgspec.Struct):
    id: str
    name: str
    phase: str
    percent: int | None
    remaining_seconds: int | None
    step: str | None
    deliveries: list[_Delivery]
    error: _Error | None


class Report(msgspec.Struct):
    """What of a report is shown."""

    ok: bool
    trigger: str
    started_at: datetime
    error: _Error | None
    changes: list[_Change]


def read_report(result: object) -> Report | None:
    """Read what a function returned; None if it is no report."""
    try:
        return msgspec.convert(result, Report)
    except ValueError:
        return None


def is_fine(report: Report) -> bool:
    """Whether nothing at all is in the way."""
    return exit_code_of(msgspec.to_builtins(report)) is ExitCode.FINE


def trouble_of(report: Report) -> str:
    """Say in a sentence why it is not fine."""
    return next(filter(None, _troubles(report)), "Not all is fine.")


def _troubles(report: Report) -> Iterator[str | None]:
    yield report.error.message if report.error else None
    for change in report.changes:
        yield f"{one_line(change.name)}: {change.error.message}" if change.error else None
    for change in report.changes:
        for delivery in change.deliveries:
            yield f"{delivery.channel}: {delivery.outcome}" if delivery.outcome != "sent" else None


def lines_of(report: Report) -> Iterator[str]:
    """Say how the changes stand, as a look from this machine does, but for what a report does not tell."""
    shown = set()
    for change in report.changes:
        yield line(_situation(change, report.started_at))
        yield from told(msgspec.to_builtins(change))
        shown.add(change.error.message if change.error else None)
    if report.error and report.error.message not in shown:
        yield report.error.message
    elif not report.changes:
        yield "No change is under way."


def _situation(change: _Change, looked_at: datetime) -> Situation:
    return Situation(
        change_id=change.id,
        name=change.name,
        phase=change.phase,
        percent=change.percent,
        remaining_seconds=change.remaining_seconds,
        steps=(StepLine(change.step, "running"),) if change.step else (),
        # What was last seen before a look in vain is of another time.
        seen_at=None if change.error else looked_at,
    )
