"""Reads the bodies of the DMS API tolerantly: what is missing, absurd or unheard of becomes unknown.

The shapes are those of https://support.huaweicloud.com/api-kafka/ShowBackgroundTaskProgress.html and
ShowBackgroundTask.html as of 2026-11. Nothing here raises for what the API sends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from handler.core.observation import Phase, Step, StepState
from handler.core.operation import read_order
from handler.core.progress import COMPLETE_PERCENT, Progress, Task
from handler.core.scalars import clean, read_number, read_time

NAME_LENGTH_MAX: Final = 100
"""Characters kept of a step's name, which stands in the ledger several times."""

REMAINING_SECONDS_MAX: Final = 30 * 24 * 3600
"""A longer estimate than a month is taken for nonsense: it becomes unknown."""

_STEP_STATES: Final = {
    "WAITING": StepState.WAITING,
    "IN_PROGRESS": StepState.RUNNING,
    "COMPLETED": StepState.COMPLETED,
    "FAILED": StepState.FAILED,
}

_TASK_PHASES: Final = {
    "CREATED": Phase.WAITING,
    "EXECUTING": Phase.RUNNING,
    "SUCCESS": Phase.COMPLETED,
    "FAILED": Phase.FAILED,
    "CANCELLED": Phase.CANCELLED,
    "CANCELED": Phase.CANCELLED,
    "DELETED": Phase.LOST,
}


class TimeUnit(Enum):
    """The unit of `remain_time`, which the API does not document."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    MINUTES = "minutes"


_SECONDS_PER_UNIT: Final = {
    TimeUnit.SECONDS: 1.0,
    TimeUnit.MILLISECONDS: 0.001,
    TimeUnit.MINUTES: 60.0,
}


def read_progress(document: object, unit: TimeUnit, date: datetime | None) -> Progress | None:
    """Read the body of the progress call; None when it holds no field of that call at all."""
    if not isinstance(document, Mapping):
        return None
    if not document.keys() & {"progress_percentage", "remain_time", "step_list"}:
        return None
    return Progress(
        percent=read_percent(document.get("progress_percentage")),
        remaining_seconds=read_remaining(document.get("remain_time"), unit),
        steps=_read_steps(document.get("step_list")),
        date=date,
    )


def read_task(document: object, date: datetime | None) -> Task | None:
    """Read the body of the task call; None when it holds no task with a status."""
    tasks = document.get("tasks") if isinstance(document, Mapping) else None
    task = tasks[0] if isinstance(tasks, list) and tasks else None
    status = clean(task.get("status")) if isinstance(task, Mapping) else ""
    if not isinstance(task, Mapping) or not status:
        return None
    return Task(phase=read_phase(status), status=status, date=date, order=read_order(task))


def read_phase(status: str) -> Phase:
    """Read the status of a task; a word that we do not know is an unknown phase."""
    return _TASK_PHASES.get(status.upper(), Phase.UNKNOWN)


def read_percent(value: object) -> int | None:
    """Read a percentage: 0 to 100, anything else is unknown."""
    number = read_number(value)
    return int(number) if number is not None and 0 <= number <= COMPLETE_PERCENT else None


def read_remaining(value: object, unit: TimeUnit) -> int | None:
    """Read a remaining time as seconds: negative or over a month is unknown."""
    number = read_number(value)
    if number is None:
        return None
    seconds = number * _SECONDS_PER_UNIT[unit]
    return round(seconds) if 0 <= seconds <= REMAINING_SECONDS_MAX else None


def _read_steps(step_list: object) -> tuple[Step, ...]:
    entries = step_list if isinstance(step_list, list) else []
    seen: Counter[str] = Counter()
    steps = []
    for entry in entries:
        if isinstance(entry, Mapping):
            name = clean(entry.get("name"))[:NAME_LENGTH_MAX] or "unnamed"
            seen[name] += 1
            steps.append(_read_step(entry, name, seen[name]))
    return tuple(steps)


def _read_step(entry: Mapping[str, object], name: str, occurrence: int) -> Step:
    # The API spells it `statue`; older pages and SDKs, and perhaps a repaired API, say `status`.
    status = clean(entry.get("statue")) or clean(entry.get("status"))
    state = _STEP_STATES.get(status.upper(), StepState.UNKNOWN)
    return Step(
        name=name,
        occurrence=occurrence,
        state=state,
        status=(status or None) if state is StepState.UNKNOWN else None,
        started_at=read_time(entry.get("start_time")),
        ended_at=read_time(entry.get("end_time")),
    )
