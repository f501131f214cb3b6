"""The report of a deployed function, in lines; of another version's what it says alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypedDict

import msgspec

from handler.local.exits import ExitCode
from handler.local.printing.display import line, said_of, told
from handler.local.watching import exit_code_of
from notifiers.messages import Situation, StepLine
from notifiers.saying import one_line


class Report(NamedTuple):
    """Why not all is fine, in a sentence, if it is not; and the lines that say how the changes stand."""

    trouble: str | None
    lines: tuple[str, ...]


class _Error(TypedDict):
    kind: str
    message: str


class _Delivery(TypedDict):
    channel: str
    outcome: str
    alert_count: int


class _Change(TypedDict):
    id: str
    name: str
    phase: str
    percent: int | None
    remaining_seconds: int | None
    step: str | None
    deliveries: list[_Delivery]
    error: _Error | None


class _Report(TypedDict):
    ok: bool
    trigger: str
    started_at: datetime
    error: _Error | None
    changes: list[_Change]


def read_report(result: object) -> Report | None:
    """Read what a function returned; None if it is no report, or one with numbers that nothing can have."""
    try:
        report = msgspec.convert(result, _Report)
        is_fine = exit_code_of({**report}) is ExitCode.FINE
        trouble = None if is_fine else next(_troubles(report), "Not all is fine.")
        return Report(trouble, tuple(_lines(report)))
    except (ValueError, OverflowError):
        return None


def _troubles(report: _Report) -> Iterator[str]:
    if report["error"]:
        yield report["error"]["message"]
    for change in report["changes"]:
        if change["error"]:
            yield f"{one_line(change['name'])}: {change['error']['message']}"
    for change in report["changes"]:
        for delivery in change["deliveries"]:
            if delivery["outcome"] != "sent":
                yield f"{delivery['channel']}: {said_of(delivery['outcome'])}"


def _lines(report: _Report) -> Iterator[str]:
    """Say how the changes stand, as a look from this machine does, but for what a report does not tell."""
    shown = set()
    for change in report["changes"]:
        yield line(_situation(change, report["started_at"]))
        yield from told(change)
        shown.add(change["error"]["message"] if change["error"] else None)
    if report["error"] and report["error"]["message"] not in shown:
        yield report["error"]["message"]
    elif not report["changes"]:
        yield "No change is under way."


def _situation(change: _Change, looked_at: datetime) -> Situation:
    return Situation(
        change_id=change["id"],
        name=change["name"],
        phase=change["phase"],
        percent=change["percent"],
        remaining_seconds=change["remaining_seconds"],
        steps=(StepLine(change["step"], "running"),) if change["step"] else (),
        # What was last seen before a look in vain is of another time.
        seen_at=None if change["error"] else looked_at,
    )
