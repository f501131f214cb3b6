"""A source that says what a test scripts, and counts what it was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from handler.core.change import ChangeId
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task
from notifiers.operations import Specification

BEFORE = Specification("kafka.2u4g.cluster", 3, 300)
NOT_SCRIPTED = Problem(ProblemKind.UNAVAILABLE, "Nothing is scripted.", status=503)


class ScriptedSource:
    """A `Source` with one progress and one task answer for all changes, to be set by the test.

    `answers` are those of the progress call for certain changes; all instances are as large as
    `specification` says. `asked` are the changes whose progress or task was asked for. `while_asking` is
    called with each change whose progress is asked for, before the answer: it may wait, let time pass or
    raise.
    """

    def __init__(self, *, key_accepted: bool = True) -> None:
        """Answer nothing useful yet."""
        self.key_accepted = key_accepted
        self.progress: Progress | Problem = NOT_SCRIPTED
        self.task: Task | Problem = NOT_SCRIPTED
        self.specification: Specification | Problem = BEFORE
        self.answers: dict[ChangeId, Progress | Problem] = {}
        self.while_asking: Callable[[ChangeId], None] = lambda _: None
        self.counts: Counter[str] = Counter()
        self.asked: list[ChangeId] = []

    def fetch_progress(self, change: ChangeId) -> Progress | Problem:
        """See `Source`."""
        self.asked.append(change)
        self.counts["progress"] += 1
        self.while_asking(change)
        return self.answers.get(change, self.progress)

    def fetch_task(self, change: ChangeId) -> Task | Problem:
        """See `Source`."""
        self.asked.append(change)
        self.counts["task"] += 1
        return self.task

    def fetch_specification(self, instance_id: str) -> Specification | Problem:
        """See `Source`."""
        del instance_id
        self.counts["specification"] += 1
        return self.specification
