"""The calls of the API that the simulated endpoint knows, answered from a project at a moment. Pure.

As documented in https://support.huaweicloud.com/api-kafka/ListInstances.html, ShowInstance.html,
ListBackgroundTasks.html, ShowBackgroundTask.html and ShowBackgroundTaskProgress.html. Deliberately absent: a
list's filters by time, and every call that changes something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from handler.local.simulation.answers import NO_INSTANCE, NO_TASK, PAST_THE_END, WRONG_PARAMETER, Answer
from handler.local.simulation.entries import Entry
from handler.local.simulation.project import Instance, Project

UNKNOWN: Final = "unknown"
"""The kind of a call for what is not there; the others are those that a `Call` has."""

_PATH: Final = re.compile(r"/v2/([^/]+)/instances(?:/([^/]+)(?:/(tasks)(?:/([^/]+)(/progress)?)?)?)?")
_INSTANCES_MAX: Final = 50
_TASKS_MAX: Final = 100
_LIMIT_DEFAULT: Final = 10
_NUMBER: Final = re.compile(r"[0-9]{1,9}")

_FILTERS: Final[Mapping[str, Callable[[Instance, str, datetime], bool]]] = {
    "instance_id": lambda instance, text, _: instance.instance_id == text,
    # Part of a name is enough, says the documentation.
    "name": lambda instance, text, _: text in instance.name,
    "status": lambda instance, text, now: instance.status(now) == text,
}


class Call(NamedTuple):
    """A call as its URL says it; ids that it does not name are empty.

    `kind` is `instances`, `instance`, `tasks`, `task` or `progress`.
    """

    kind: str
    project_id: str
    instance_id: str
    task_id: str
    query: Mapping[str, str]


def read_call(url: str) -> Call | None:
    """Read the URL of a request; None for one that is no call of the API."""
    parts = urlsplit(url)
    match = _PATH.fullmatch(unquote(parts.path))
    if match is None:
        return None
    project_id, instance_id, tasks, task_id, progress = match.groups()
    kinds = {
        "progress": progress,
        "task": task_id,
        "tasks": tasks,
        "instance": instance_id,
        "instances": True,
    }
    kind = next(kind for kind, is_named in kinds.items() if is_named)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Call(kind, project_id, instance_id or "", task_id or "", query)


def answer_call(call: Call, project: Project, now: datetime) -> tuple[str, Answer]:
    """Answer a call, and say of which kind it was, or `unknown`; its project id is not looked at."""
    if call.kind == "instances":
        return call.kind, _list_instances(project, call.query, now)
    instance = project.find_instance(call.instance_id, now)
    if instance is None:
        return UNKNOWN, NO_INSTANCE
    if call.kind == "instance":
        return call.kind, Answer(200, instance.entry(now))
    if call.kind == "tasks":
        return call.kind, _list_tasks(instance, call.query, now)
    return _show_task(call, instance, now)


def _show_task(call: Call, instance: Instance, now: datetime) -> tuple[str, Answer]:
    task = instance.find_task(call.task_id, now)
    if task is None:
        return UNKNOWN, NO_TASK
    if call.kind == "progress":
        return call.kind, task.progress(now)
    return call.kind, _tasks([instance.task_entry(task, now)], count=1)


def _list_instances(project: Project, query: Mapping[str, str], now: datetime) -> Answer:
    limit = _read_limit(query, _INSTANCES_MAX)
    offset = _read_number(query, "offset", default=0)
    if limit is None or offset is None or query.get("engine") != "kafka":
        return WRONG_PARAMETER
    wanted = {key: query[key] for key in _FILTERS if query.get(key)}
    found = [
        instance
        for instance in project.instances_at(now)
        if all(_FILTERS[key](instance, text, now) for key, text in wanted.items())
    ]
    if offset and offset >= len(found):
        return PAST_THE_END
    page = [instance.entry(now) for instance in found[offset : offset + limit]]
    return Answer(200, {"instances": page, "instance_num": len(found)})


def _list_tasks(instance: Instance, query: Mapping[str, str], now: datetime) -> Answer:
    limit = _read_limit(query, _TASKS_MAX)
    # One parameter with two names: the documentation has changed its mind twice, and `start` counts from 1.
    begin_at_0 = _read_number(query, "offset", default=0)
    begin_at_1 = _read_number(query, "start", default=None if begin_at_0 is None else begin_at_0 + 1)
    if limit is None or not begin_at_1:
        return WRONG_PARAMETER
    tasks = instance.tasks_at(now)
    page = [instance.task_entry(task, now) for task in tasks[begin_at_1 - 1 :][:limit]]
    return _tasks(page, count=len(tasks))


def _tasks(entries: list[Entry], count: int) -> Answer:
    # The count is a text, in this list only.
    return Answer(200, {"task_count": str(count), "tasks": entries})


def _read_limit(query: Mapping[str, str], limit_max: int) -> int | None:
    limit = _read_number(query, "limit", default=_LIMIT_DEFAULT)
    return limit if limit is not None and 1 <= limit <= limit_max else None


def _read_number(query: Mapping[str, str], key: str, default: int | None) -> int | None:
    """Read a number that is not negative; None when the query's is none."""
    text = query.get(key)
    if text is None:
        return default
    return int(text) if _NUMBER.fullmatch(text) else None
