"""A project as it is played: Kafka instances and their tasks, at any moment. Pure.

An instance that is not created yet, and a task that has not begun, cannot be seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from handler.core.change import ChangeId
from handler.core.observation import Phase
from handler.local.simulation.chore import Chore
from handler.local.simulation.entries import Entry, instance_entry
from handler.local.simulation.playback import Playback

RECENTLY: Final = timedelta(days=1)
"""A change that ended longer ago than this is nobody's business any more."""

_STATUS_DURING: Final = {"restart": "RESTARTING"}

_STORAGE_GB: Final = 300
"""What an instance begins with, and each capacity change that succeeds adds."""

SimulatedTask = Playback | Chore


class Instance(NamedTuple):
    """An instance and all tasks that it ever has.

    Attributes:
        extending_after_seconds: For so long after a capacity change was asked for, the status is as before.
        failed_for_seconds: For so long after a failed one the status says so.
    """

    instance_id: str
    name: str
    created_at: datetime
    tasks: tuple[SimulatedTask, ...] = ()
    extending_after_seconds: float = 60.0
    failed_for_seconds: float = 600.0

    def status(self, now: datetime) -> str:
        """The API's word for how the instance stands, which follows from its tasks."""
        begun = self.tasks_at(now)
        changes = [task for task in begun if isinstance(task, Playback)]
        if any(self._shows_from(change) <= now < change.ended_at for change in changes):
            return "EXTENDING"
        for task in begun:
            if task.name in _STATUS_DURING and now < task.ended_at:
                return _STATUS_DURING[task.name]
        ended = [change for change in changes if change.ended_at <= now]
        last = max(ended, key=lambda change: change.ended_at, default=None)
        return "EXTENDEDFAILED" if last is not None and self._still_shows(last, now) else "RUNNING"

    def tasks_at(self, now: datetime) -> list[SimulatedTask]:
        """The tasks that have begun, newest first."""
        begun = [task for task in self.tasks if task.started_at <= now]
        return sorted(begun, key=lambda task: (task.started_at, task.task_id), reverse=True)

    def find_task(self, task_id: str, now: datetime) -> SimulatedTask | None:
        """The task of this id, if it has begun."""
        return next((task for task in self.tasks if task.task_id == task_id and task.started_at <= now), None)

    def entry(self, now: datetime) -> Entry:
        """The instance as lists of instances, and the call for it alone, show it."""
        times = self._extend_times(now)
        size = _STORAGE_GB * (1 + times)
        return instance_entry(self.instance_id, self.name, self.status(now), self.created_at, size, times)

    def task_entry(self, task: SimulatedTask, now: datetime) -> Entry:
        """One of its tasks as lists of tasks show it; a capacity change says what size it is to lead to."""
        entry = task.entry(now)
        if isinstance(task, Playback):
            size = _STORAGE_GB * (2 + self._extend_times(task.started_at))
            entry["params"] = json.dumps({"oper_type": "storage", "new_storage_space": size})
        return entry

    def _extend_times(self, now: datetime) -> int:
        """How often its storage has grown."""
        return sum(
            isinstance(task, Playback) and not task.fails and task.ended_at <= now for task in self.tasks
        )

    def _shows_from(self, change: Playback) -> datetime:
        return change.started_at + timedelta(seconds=self.extending_after_seconds)

    def _still_shows(self, change: Playback, now: datetime) -> bool:
        return change.fails and now < change.ended_at + timedelta(seconds=self.failed_for_seconds)


class ExpectedChange(NamedTuple):
    """A capacity change that a watcher should find, and what becomes of it: completed or failed."""

    change: ChangeId
    instance_name: str
    started_at: datetime
    ended_at: datetime
    end: Phase


@dataclass(frozen=True)
class Project:
    """All instances of a project, in the order in which they are listed.

    Attributes:
        began_at: When somebody begins to watch it.
    """

    began_at: datetime
    instances: tuple[Instance, ...] = ()

    def instances_at(self, now: datetime) -> list[Instance]:
        """The instances that are there."""
        return [instance for instance in self.instances if instance.created_at <= now]

    def find_instance(self, instance_id: str, now: datetime) -> Instance | None:
        """The instance of this id, if it is there."""
        instance = self._by_id.get(instance_id)
        return instance if instance is not None and instance.created_at <= now else None

    @property
    def expected_changes(self) -> list[ExpectedChange]:
        """The capacity changes that a watcher should find: those that were not long over when it began."""
        return [
            _expected(instance, task)
            for instance in self.instances
            for task in instance.tasks
            if isinstance(task, Playback) and task.ended_at > self.began_at - RECENTLY
        ]

    @cached_property
    def _by_id(self) -> Mapping[str, Instance]:
        return {instance.instance_id: instance for instance in self.instances}


def project_of(instance_id: str, playback: Playback) -> Project:
    """A project of one instance with one change, which begins as soon as somebody watches."""
    began_at = playback.started_at
    return Project(began_at, (Instance(instance_id, "simulated", began_at - RECENTLY, (playback,)),))


def _expected(instance: Instance, task: Playback) -> ExpectedChange:
    change = ChangeId(instance.instance_id, task.task_id)
    end = Phase.FAILED if task.fails else Phase.COMPLETED
    return ExpectedChange(change, instance.name, task.started_at, task.ended_at, end)
