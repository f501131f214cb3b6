"""Asks the API for instances and for tasks of some of them: what may be a change to follow is a lead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.listing import Instance, ListedTask, Page, begins_with_newest
from handler.core.problem import Problem
from handler.core.watch import Watch
from handler.fleet import LATE_MAX, REGISTERED_LATE_MAX, Wanted, find_leads, instances_to_ask
from handler.scope import Scope
from handler.stores.markers import Marked

SINGLY_MAX: Final = 10
"""So few instances are asked for one by one, for the project may have many more."""

INSTANCE_PAGES_MAX: Final = 1000
"""So many pages of instances are read at most: no project has 50,000 of them, whatever a list may say."""

PAGES_MAX: Final = 10
"""So many pages of one instance's tasks are read at most."""


class Directory(Protocol):
    """The lists of the DMS API; its calls never raise for what API or network do."""

    @property
    def key_accepted(self) -> bool:
        """True when the API has been seen to accept the access key."""
        ...

    @property
    def refusal(self) -> Problem | None:
        """What the API said when it refused the access key, if it has."""
        ...

    def list_instances(self, offset: int, instance_id: str | None = None) -> Page[Instance] | Problem:
        """Ask for a page of instances from `offset` on, counted from 0, or for a certain one."""
        ...

    def list_tasks(self, instance_id: str, start: int) -> Page[ListedTask] | Problem:
        """Ask for a page of an instance's tasks from the `start`-th on, counted from 1."""
        ...


class Survey:
    """One invocation's search.

    `problem` is why instances could not be listed, `blemish` why tasks of one of them could not.
    """

    def __init__(self, wanted: Wanted, scope: Scope, directory: Directory, clock: Clock) -> None:
        """Take what is wanted, which part of it this invocation is to look at, and whom to ask."""
        self.instances: Sequence[Instance] = ()
        self.asked: Sequence[Instance] = ()
        self.leads: Sequence[Watch] = ()
        self.problem: Problem | None = None
        self.blemish: Problem | None = None
        self._wanted = wanted
        self._scope = scope
        self._directory = directory
        self._clock = clock

    def run(self, marked: Marked, threads: Executor) -> Sequence[Watch]:
        """Ask, side by side, for what the markers do not tell."""
        self.instances = self._list_instances(marked.expected, threads)
        self.asked = instances_to_ask(
            self.instances,
            self._wanted,
            marked.expected,
            self._scope,
            self._clock.now(),
            followed={change.instance_id for change in marked.changes - marked.told.keys()},
        )
        known = {*marked.changes, *marked.told, *self._wanted.changes}
        found = threads.map(lambda instance: self._find_leads(instance, marked, known), self.asked)
        self.leads = [lead for leads in found for lead in leads]
        return self.leads

    def account(self, followed: Collection[ChangeId]) -> dict[str, Any] | None:
        """What the search has come to, for the log; None if there was none.

        Which kinds of task are changes of capacity, and which are not, is nowhere written: here it is seen.
        """
        if not self.instances:
            return None
        names: dict[bool, set[str]] = {True: set(), False: set()}
        for lead in self.leads:
            names[lead.change in followed].add(lead.task.name if lead.task else "")
        return {
            "instances": len(self.instances),
            "matching": sum(map(self._wanted.covers, self.instances)),
            "asked": len(self.asked),
            "changes": sorted(names[True]),
            "other_tasks": sorted(names[False]),
        }

    def _list_instances(self, expected: Iterable[str], threads: Executor) -> list[Instance]:
        def ask_for(instance_id: str) -> Page[Instance] | Problem:
            return self._directory.list_instances(0, instance_id)

        singly = {*expected, *self._wanted.instances}
        if self._scope.instance_id:
            pages = [ask_for(self._scope.instance_id)]
        elif self._wanted.patterns or len(singly) > SINGLY_MAX:
            pages = self._list_all_instances(threads)
        else:
            pages = list(threads.map(ask_for, sorted(singly)))
        self.problem = next((page for page in pages if isinstance(page, Problem)), None)
        # A list that shifts while it is read names an instance twice.
        entries = (one for page in pages if isinstance(page, Page) for one in page.entries)
        return list({one.instance_id: one for one in entries}.values())

    def _list_all_instances(self, threads: Executor) -> list[Page[Instance] | Problem]:
        """Read the list to its end by count, for to ask beyond the last instance is an error."""
        first = self._directory.list_instances(0)
        if isinstance(first, Problem) or first.received == 0:
            return [first]
        offsets = range(first.received, first.total, first.received)[:INSTANCE_PAGES_MAX]
        return [first, *threads.map(self._directory.list_instances, offsets)]

    def _find_leads(self, instance: Instance, marked: Marked, known: Collection[ChangeId]) -> list[Watch]:
        tasks, date = self._list_tasks(instance.instance_id)
        now = date or self._clock.now()
        since = now - LATE_MAX
        if not self._wanted.covers(instance):
            since = max(since, marked.expected[instance.instance_id] - REGISTERED_LATE_MAX)
        name = self._wanted.instances.get(instance.instance_id) or instance.name
        return find_leads(
            msgspec.structs.replace(instance, name=name),
            tasks,
            known=known,
            other_kinds=marked.other_kinds - marked.change_kinds,
            now=now,
            since=since,
        )

    def _list_tasks(self, instance_id: str) -> tuple[list[ListedTask], datetime | None]:
        """Read an instance's tasks as long as the newest may still come; with the server's date."""
        tasks: dict[str, ListedTask] = {}
        start, date = 1, None
        for _ in range(PAGES_MAX):
            page = self._directory.list_tasks(instance_id, start)
            if isinstance(page, Problem):
                self.blemish = self.blemish or page
                break
            # Who does not know where to start shows the same ones again.
            tasks |= {one.task_id: one for one in page.entries}
            start, date = start + page.received, page.date
            if page.received == 0 or start > page.total or begins_with_newest(page.entries):
                break
        return list(tasks.values()), date
