"""The two readable answers of the DMS API, and the one observation that they make together.

The bodies are read in `reading.py`, HTTP in `handler.huaweicloud.dms`; here is what they mean.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from handler.core.observation import Observation, Phase, Step, StepState, leave_open_unknown
from handler.core.problem import Missing, Problem, ProblemKind
from notifiers.operations import Order

COMPLETE_PERCENT: Final = 100
_FORBIDDEN: Final = 403


class Progress(msgspec.Struct, frozen=True):
    """A readable answer of the progress call."""

    percent: int | None = None
    remaining_seconds: int | None = None
    steps: tuple[Step, ...] = ()
    date: datetime | None = None

    @property
    def has_finished_steps_only(self) -> bool:
        """True when there are steps and all of them are completed."""
        return bool(self.steps) and all(step.state is StepState.COMPLETED for step in self.steps)

    @property
    def looks_ended(self) -> bool:
        """True when the task has to be asked: this answer alone cannot tell an end from a pause."""
        has_failed_step = any(step.state is StepState.FAILED for step in self.steps)
        is_bare = self.percent is None and not self.steps
        return self.percent == COMPLETE_PERCENT or self.has_finished_steps_only or has_failed_step or is_bare

    def proves_completion(self, known_steps: int) -> bool:
        """True at 100 % with every step completed and none of so many known ones gone."""
        is_whole = len(self.steps) >= known_steps
        return is_whole and self.percent == COMPLETE_PERCENT and self.has_finished_steps_only

    @property
    def phase(self) -> Phase:
        """The phase as far as progress alone can tell, which is never an end."""
        states = {step.state for step in self.steps}
        if self.percent or states & {StepState.RUNNING, StepState.COMPLETED, StepState.FAILED}:
            return Phase.RUNNING
        return Phase.WAITING if states == {StepState.WAITING} or self.percent == 0 else Phase.UNKNOWN


class Task(msgspec.Struct, frozen=True):
    """What the API says of a task; `phase` is unknown for a status that we do not know.

    `name` is what kind of task it is, in a word of the API's; `order` is who ordered it, and what.
    """

    phase: Phase
    status: str
    date: datetime | None = None
    name: str = ""
    order: Order | None = None


def observe(
    progress: Progress | Problem, task: Task | Problem | None, known_steps: int = 0
) -> Observation | Problem:
    """Make one observation of both answers.

    "Completed" needs the task's own word, or 100 % with every step completed where the task may not be
    read. A progress call that answers with an error ends nothing by itself: the task decides.

    Args:
        progress: The answer of the progress call.
        task: The answer of the task call, None when it was not asked.
        known_steps: How many steps are known; a list that lost one of them does not prove an end.
    """
    if isinstance(progress, Progress):
        return _observe_progress(progress, task, known_steps)
    if isinstance(task, Task):
        # Where progress is merely out of order only an end counts: an outage must not seem to be over.
        is_word = progress.asks_task or task.phase.is_end
        return Observation(phase=task.phase, date=task.date) if is_word else progress
    return progress if task is None else _graver(progress, task)


def _observe_progress(
    progress: Progress, task: Task | Problem | None, known_steps: int
) -> Observation | Problem:
    if isinstance(task, Problem) and task.refuses_key:
        return task
    phase = progress.phase
    if isinstance(task, Task):
        phase = phase if task.phase is Phase.UNKNOWN else task.phase
    elif task is not None and task.denies_reading:
        phase = Phase.COMPLETED if progress.proves_completion(known_steps) else phase
    is_over = phase is Phase.COMPLETED
    return Observation(
        phase=phase,
        # Progress is read before the task: what it says of a completed change may be out of date.
        percent=None if is_over and progress.percent != COMPLETE_PERCENT else progress.percent,
        remaining_seconds=progress.remaining_seconds,
        steps=leave_open_unknown(progress.steps) if is_over else progress.steps,
        date=progress.date,
    )


def _graver(progress: Problem, task: Problem) -> Problem:
    """Say of two problems the one that tells more; a call that is not there says nothing of the change."""
    if progress.missing is Missing.API and task.missing is Missing.API:
        return msgspec.structs.replace(task, kind=ProblemKind.MISCONFIGURED, missing=None)
    if progress.missing is Missing.API:
        return task
    # Whoever may not read the task cannot know that it is gone; the permission is what to tell of.
    is_forbidden = task.status == _FORBIDDEN and progress.missing is None
    is_task_closed = task.missing is Missing.API or is_forbidden
    is_instance_gone = progress.missing is Missing.INSTANCE and task.missing is not None
    return progress if is_task_closed or is_instance_gone else task
