"""A directory that lists what a test says is there, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handler.core.listing import Entry, Instance, ListedTask, Page
from handler.core.problem import Problem


class ScriptedDirectory:
    """A `Directory`; pages are as long as the API's, unless a test wants them shorter.

    `asked` is what was asked for, such as `instances 50`, `instance i-1` or `tasks i-1 from 101`; `troubles`
    answers some of that with problems, and of a refused key a `refusal` stays; an answer proves the key. If
    it `ignores_start`, every page of tasks begins with the first.
    """

    def __init__(self) -> None:
        """List nothing yet."""
        self.instances: list[Instance] = []
        self.tasks: dict[str, list[ListedTask]] = {}
        self.troubles: dict[str, Problem] = {}
        self.refusal: Problem | None = None
        self.key_accepted = False
        self.instances_max = 50
        self.tasks_max = 100
        self.ignores_start = False
        self.date: datetime | None = None
        self.asked: list[str] = []

    def list_instances(self, offset: int, instance_id: str | None = None) -> Page[Instance] | Problem:
        """See `Directory`."""
        found = [one for one in self.instances if instance_id in {None, one.instance_id}]
        asked = f"instances {offset}" if instance_id is None else f"instance {instance_id}"
        return self._answer(asked, found, offset, self.instances_max)

    def list_tasks(self, instance_id: str, start: int) -> Page[ListedTask] | Problem:
        """See `Directory`."""
        first = 0 if self.ignores_start else start - 1
        tasks = self.tasks.get(instance_id, [])
        return self._answer(f"tasks {instance_id} from {start}", tasks, first, self.tasks_max)

    def _answer(
        self, asked: str, entries: Sequence[Entry], first: int, entries_max: int
    ) -> Page[Entry] | Problem:
        self.asked.append(asked)
        trouble = self.troubles.get(asked)
        if trouble is not None:
            self.refusal = trouble if trouble.refuses_key else self.refusal
            self.key_accepted = self.key_accepted and not trouble.refuses_key
            return trouble
        self.key_accepted = self.refusal is None
        page = tuple(entries[first : first + entries_max])
        return Page(page, received=len(page), total=len(entries), date=self.date)
