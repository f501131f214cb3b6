"""A task that changes no capacity, such as a restart: what the API says of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from handler.local.simulation.answers import NO_TASK, Answer
from handler.local.simulation.entries import Entry, task_entry


class Chore(NamedTuple):
    """It has a length, and no progress.

    What the progress call answers for such a task is not documented, hence `progress_error`.
    """

    task_id: str
    name: str
    started_at: datetime
    length_seconds: float
    status_at_end: str = "SUCCESS"
    progress_error: Answer = NO_TASK

    @property
    def ended_at(self) -> datetime:
        """When it ends."""
        return self.started_at + timedelta(seconds=self.length_seconds)

    def progress(self, now: datetime) -> Answer:  # noqa: ARG002 - as a playback has it
        """Answer the progress call: always in the same way."""
        return self.progress_error

    def entry(self, now: datetime) -> Entry:
        """The task as lists of tasks show it."""
        status = "EXECUTING" if now < self.ended_at else self.status_at_end
        return task_entry(self.task_id, self.name, status, self.started_at, min(now, self.ended_at))
