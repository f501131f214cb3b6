"""Plays a script: what the API says of its change at any moment. Pure, and it never goes back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from handler.local.answers import NO_TASK, Answer
from handler.local.script import Script


class Playback(NamedTuple):
    """A script as it is played: for which task, since when, and how much faster than written.

    The answers are those of the real API, as documented in the pages that `handler.core.reading` names;
    their times are real ones, so that at speed 10 a tenth of the written time is left.
    """

    script: Script
    task_id: str
    started_at: datetime
    speed: float = 1.0

    def progress(self, now: datetime) -> Answer:
        """Answer the progress call."""
        elapsed = self._elapsed_seconds(now)
        if self.script.vanishes_after is not None and elapsed >= self.script.vanishes_after:
            return NO_TASK
        acts = list(_acts(self.script, elapsed))
        worked = sum(act.worked_seconds for act in acts)
        whole = sum(step.seconds for step in self.script.steps)
        document = {
            "progress_percentage": int(100 * (worked / whole)),
            "remain_time": math.ceil((whole - worked) / self.speed),
            "step_list": [self._entry(act) for act in acts],
        }
        return Answer(200, document)

    def task(self, now: datetime) -> Answer:
        """Answer the task call."""
        acts = list(_acts(self.script, self._elapsed_seconds(now)))
        status = _status(acts)
        ends = [act.ended for act in acts if act.ended is not None]
        updated_at = now if status == "EXECUTING" else self._moment(max(ends))
        task = {
            "id": self.task_id,
            "name": "simulatedChange",
            "user_name": "simulator",
            "user_id": "0" * 32,
            "params": "{}",
            "status": status,
            "created_at": _iso(self.started_at),
            "updated_at": _iso(updated_at),
        }
        return Answer(200, {"task_count": "1", "tasks": [task]})

    def _elapsed_seconds(self, now: datetime) -> float:
        """How far the script is, in its own seconds."""
        return (now - self.started_at).total_seconds() * self.speed

    def _moment(self, seconds: float) -> datetime:
        return self.started_at + timedelta(seconds=seconds / self.speed)

    def _entry(self, act: _Act) -> dict[str, object]:
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


def _status(acts: list[_Act]) -> str:
    statues = {act.statue for act in acts}
    if "FAILED" in statues:
        return "FAILED"
    return "SUCCESS" if statues == {"COMPLETED"} else "EXECUTING"


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
