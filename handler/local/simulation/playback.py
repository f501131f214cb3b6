"""Plays a script: what the API says of its change at any moment. Pure, and it never goes back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from handler.local.simulation.answers import NO_TASK, Answer
from handler.local.simulation.entries import task_entry
from handler.local.simulation.script import Script


class Playback(NamedTuple):
    """A script as it is played: for which task, since when, and how much faster than written.

    The answers are those of the real API, as documented in the pages that `handler.core.reading` names;
    their times are real ones, so that at speed 10 a tenth of the written time is left. `name` is the API's
    word for what the task does; the one for a capacity change stands in no public source.
    """

    script: Script
    task_id: str
    started_at: datetime
    speed: float = 1.0
    name: str = "simulatedChange"

    @property
    def fails(self) -> bool:
        """Whether it ends with a step that fails."""
        return any(step.work_seconds < step.seconds for step in self.script.steps)

    @property
    def ended_at(self) -> datetime:
        """When it ends, one way or the other."""
        length_seconds = 0.0
        for step in self.script.steps:
            length_seconds += step.length_seconds
            if step.work_seconds < step.seconds:
                break
        return self._moment(length_seconds)

    def status(self, now: datetime) -> str:
        """The API's word for how the task stands."""
        if now < self.ended_at:
            return "EXECUTING"
        return "FAILED" if self.fails else "SUCCESS"

    def progress(self, now: datetime) -> Answer:
        """Answer the progress call."""
        elapsed = self._elapsed_seconds(now)
        if self.script.vanishes_after is not None and elapsed >= self.script.vanishes_after:
            return NO_TASK
        # What is over is over, however the microseconds of its end are rounded.
        acts = list(_acts(self.script, elapsed if now < self.ended_at else math.inf))
        worked = sum(act.worked_seconds for act in acts)
        whole = sum(step.seconds for step in self.script.steps)
        document = {
            "progress_percentage": int(100 * (worked / whole)),
            "remain_time": math.ceil((whole - worked) / self.speed),
            "step_list": [self._step_entry(act) for act in acts],
        }
        return Answer(200, document)

    def entry(self, now: datetime) -> dict[str, object]:
        """The task as lists of tasks show it."""
        updated_at = min(now, self.ended_at)
        return task_entry(self.task_id, self.name, self.status(now), self.started_at, updated_at)

    def _elapsed_seconds(self, now: datetime) -> float:
        """How far the script is, in its own seconds."""
        return (now - self.started_at).total_seconds() * self.speed

    def _moment(self, seconds: float) -> datetime:
        return self.started_at + timedelta(seconds=seconds / self.speed)

    def _step_entry(self, act: _Act) -> dict[str, object]:
        return {
            "name": act.name,
            "statue": act.statue,
            "start_time": self._epoch_ms(act.started),
            "end_time": self._epoch_ms(act.ended),
        }

    def _epoch_ms(self, seconds: float | None) -> int | None:
        return None if seconds is None else round(self._moment(seconds).timestamp() * 1000)


class _Act(NamedTuple):
    """A step as it stands: the API's word for that, and its times in the script's seconds."""

    name: str
    statue: str
    worked_seconds: float = 0.0
    started: float | None = None
    ended: float | None = None


def _acts(script: Script, elapsed: float) -> Iterator[_Act]:
    """Tell how each step stands; one begins only when the one before it is completed."""
    start, is_reached = 0.0, True
    for step in script.steps:
        if not is_reached or elapsed < start:
            is_reached = False
            yield _Act(step.name, "WAITING")
            continue
        worked = step.worked_seconds(elapsed - start)
        end = start + step.length_seconds
        is_reached = worked >= step.seconds
        if worked < step.work_seconds:
            yield _Act(step.name, "IN_PROGRESS", worked, start)
        else:
            yield _Act(step.name, "COMPLETED" if is_reached else "FAILED", worked, start, end)
        start = end
