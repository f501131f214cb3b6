"""Reads the two lists of the DMS API, of instances and of an instance's tasks, as tolerantly as the rest.

The shapes are those of https://support.huaweicloud.com/api-kafka/ListInstances.html and
https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html as of 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Generic, TypeVar

import msgspec

from handler.core.change import check_id
from handler.core.observation import Phase
from handler.core.operation import read_order
from handler.core.progress import Task
from handler.core.reading import NAME_LENGTH_MAX, read_phase
from handler.core.scalars import clean, read_number, read_time

_TASKLESS: Final = frozenset({"CREATING", "CREATEFAILED", "DELETING", "DELETED"})
_CALM: Final = frozenset({"RUNNING", "ERROR", "FREEZING", "FROZEN"})

_TOTAL_MAX: Final = 1_000_000
"""No project has so many instances, and no instance so many tasks, that a larger number could be true."""


class Instance(msgspec.Struct, frozen=True):
    """A Kafka instance; `status` is the API's own word, in upper case."""

    instance_id: str
    name: str
    status: str

    @property
    def has_tasks(self) -> bool:
        """False while it comes into being or goes: nothing changes its capacity then."""
        return self.status not in _TASKLESS

    @property
    def is_changing(self) -> bool:
        """True when something is under way, or has just gone wrong; so does a word that we do not know."""
        return self.status not in _CALM | _TASKLESS


class ListedTask(msgspec.Struct, frozen=True):
    """A background task as the list shows it; `ended_at` is None as long as it is sure to go on."""

    task_id: str
    task: Task
    created_at: datetime | None = None
    ended_at: datetime | None = None


Entry = TypeVar("Entry", Instance, ListedTask)


class Page(msgspec.Struct, Generic[Entry], frozen=True):
    """A part of a list: the entries that could be read, how many stood there, and how many there are in all.

    `date` is the server's clock.
    """

    entries: tuple[Entry, ...]
    received: int
    total: int
    date: datetime | None = None


def read_instances(document: object, date: datetime | None) -> Page[Instance] | None:
    """Read a page of instances; None when it is none."""
    return _read_page(document, "instances", "instance_num", _read_instance, date)


def read_tasks(document: object, date: datetime | None) -> Page[ListedTask] | None:
    """Read a page of tasks; None when it is none."""
    return _read_page(document, "tasks", "task_count", lambda entry: _read_task(entry, date), date)


def begins_with_newest(tasks: Sequence[ListedTask]) -> bool:
    """True unless a page of tasks begins with older ones than it ends with; the API promises no order."""
    first, last = (tasks[0].created_at, tasks[-1].created_at) if tasks else (None, None)
    return first is None or last is None or first >= last


def _read_page(
    document: object,
    entries_key: str,
    total_key: str,
    read: Callable[[Mapping[str, object]], Entry | None],
    date: datetime | None,
) -> Page[Entry] | None:
    """Read a list; of one that does not say how long it is, this is all."""
    items = document.get(entries_key) if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(items, list):
        return None
    entries = (read(item) for item in items if isinstance(item, Mapping))
    total = read_number(document.get(total_key))
    return Page(
        entries=tuple(entry for entry in entries if entry is not None),
        received=len(items),
        total=int(total) if total is not None and 0 <= total < _TOTAL_MAX else len(items),
        date=date,
    )


def _read_instance(entry: Mapping[str, object]) -> Instance | None:
    instance_id = _read_id(entry.get("instance_id"))
    name = clean(entry.get("name"))[:NAME_LENGTH_MAX]
    status = clean(entry.get("status")).upper()
    return Instance(instance_id, name or instance_id, status) if instance_id else None


def _read_task(entry: Mapping[str, object], date: datetime | None) -> ListedTask | None:
    task_id, status = _read_id(entry.get("id")), clean(entry.get("status"))
    if not task_id or not status:
        return None
    name = clean(entry.get("name"))[:NAME_LENGTH_MAX]
    task = Task(read_phase(status), status, date, name, read_order(entry))
    created_at = read_time(entry.get("created_at"))
    updated_at = read_time(entry.get("updated_at")) or created_at
    goes_on = task.phase in {Phase.WAITING, Phase.RUNNING}
    return ListedTask(task_id, task, created_at, None if goes_on else updated_at)


def _read_id(value: object) -> str | None:
    try:
        return check_id(value) if isinstance(value, str) else None
    except ValueError:
        return None
