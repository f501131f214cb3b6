"""The checks of what the access key may do: each call that Headway makes of the API is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from handler.core.change import ChangeId
from handler.core.listing import ListedTask, Page
from handler.core.problem import Missing, Problem
from handler.huaweicloud.dms import DmsClient
from handler.local.doctor.api import Api
from handler.local.doctor.check import Check, Finding, made, needs, ok, skipped, warning
from handler.local.doctor.judging import denies_project, judge_list, judge_permission, judge_progress
from handler.local.printing.counting import counted
from handler.settings import Settings
from handler.wanted import wanted_of
from notifiers.schemas import schema_of

_LIST: Final = "dms:instance:list"
_GET: Final = "dms:instance:get"
_TASKS: Final = "dms:instance:getBackgroundTask"
_NO_INSTANCE: Final = needs("an instance: none is watched, and none was found")
_NO_TASK: Final = needs("a task: none is watched, and none was found")


class Permissions:
    """The checks of one examination; what one of them finds, the next ones ask about."""

    def __init__(self, settings: Settings, api: Api) -> None:
        """Ask nothing yet."""
        self._settings = settings
        self._api = api
        self._wanted = wanted_of(settings)
        self._tasks: Sequence[ListedTask] = ()
        self._is_task_there = False

    def checks(self) -> Iterator[Check]:
        """Make them, one after the other."""
        yield self._check(_LIST, lambda _: self._judge_list())
        yield self._check(_GET, self._show_instance)
        yield self._check(f"{_TASKS} (tasks of an instance)", self._list_tasks)
        yield self._check(f"{_TASKS} (a task)", self._show_task)
        yield self._check(f"{_TASKS} (its progress)", self._show_progress)
        for name, channel in self._settings.channels.items():
            if schema_of(channel.url.reveal()) == "smn":
                said = f"not tried, for only sending would tell: headway test-alert {name}"
                yield Check("permission smn:topic:publish", skipped(said))

    def _check(self, name: str, find: Callable[[DmsClient], Finding]) -> Check:
        client, obstacle = self._api.client, self._api.obstacle
        if client is None or obstacle is not None:
            return Check(f"permission {name}", needs(obstacle or ""))
        if name != _LIST and denies_project(self._api.listed):
            return Check(f"permission {name}", needs("a project that the API knows"))
        return made(f"permission {name}", lambda: find(client))

    def _judge_list(self) -> Finding:
        """Judge by the answer that has shown the signature to be good."""
        listed = self._api.listed
        if not isinstance(listed, Page):
            return judge_list(listed, _LIST, is_needed=self._wanted.is_open)
        detail = f"granted; {counted(listed.total, 'Kafka instance')} in the project"
        if listed.total == 0:
            return warning(detail, "check huaweicloud.project_id and huaweicloud.region")
        is_whole = listed.received >= listed.total
        if self._wanted.patterns and is_whole and not any(map(self._wanted.covers, listed.entries)):
            return warning(f"{detail}, none of which `discover` matches", "check its patterns")
        return ok(detail)

    def _show_instance(self, client: DmsClient) -> Finding:
        """Without it all works, only the instance's size stays unknown."""
        instance_id = self._instance_id()
        if instance_id is None:
            return _NO_INSTANCE
        return judge_permission(client.fetch_specification(instance_id), _GET, is_needed=False)

    def _list_tasks(self, client: DmsClient) -> Finding:
        instance_id = self._instance_id()
        if instance_id is None:
            return _NO_INSTANCE
        answer = client.list_tasks(instance_id, 1)
        if not isinstance(answer, Page):
            return judge_permission(answer, _TASKS, is_needed=True)
        self._tasks = answer.entries
        return ok(f"granted; {counted(answer.total, 'task')}")

    def _show_task(self, client: DmsClient) -> Finding:
        change = self._change()
        if change is None:
            return _NO_TASK
        answer = client.fetch_task(change)
        self._is_task_there = not isinstance(answer, Problem)
        return judge_permission(answer, _TASKS, is_needed=True)

    def _show_progress(self, client: DmsClient) -> Finding:
        change = self._change()
        if change is None:
            return _NO_TASK
        answer = client.fetch_progress(change)
        # A region without the call leaves the task's status to go by, for changes that need not be found.
        is_absent = isinstance(answer, Problem) and answer.missing is Missing.API
        is_needed = self._wanted.is_open or not is_absent
        return judge_progress(answer, _TASKS, is_task_there=self._is_task_there, is_needed=is_needed)

    def _instance_id(self) -> str | None:
        """An instance to ask about: one that is watched, one that is discovered, or any."""
        watched = [change.instance_id for change in self._wanted.changes] or [*self._wanted.instances]
        listed = self._api.listed
        entries = listed.entries if isinstance(listed, Page) else ()
        found = sorted(entries, key=lambda one: not self._wanted.covers(one))
        return next(iter([*watched, *(one.instance_id for one in found)]), None)

    def _change(self) -> ChangeId | None:
        """A change to ask about: one that is watched, or the task that the list begins with."""
        instance_id = self._instance_id()
        listed = (ChangeId(instance_id, one.task_id) for one in self._tasks if instance_id)
        return next(iter([*self._wanted.changes, *listed]), None)
