"""What is to be followed, and how Headway has come to know of it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from handler.core.change import ChangeId
from handler.core.progress import Task


class Origin(Enum):
    """How Headway has come to know of a change.

    A `CONFIGURED` one stands in the configuration, a `MARKED` one has its marker in the store (it was
    registered, or found earlier), a `FOUND` one was found in a list of tasks just now: it is followed only
    once its progress call has answered, for only capacity changes have progress.
    """

    CONFIGURED = "configured"
    MARKED = "marked"
    FOUND = "found"


class Watch(NamedTuple):
    """A change to follow, and what people call it; without a name the ledger may know one.

    `task` is what a list of tasks has just said of it, which saves asking for it again.
    """

    change: ChangeId
    name: str | None = None
    origin: Origin = Origin.CONFIGURED
    task: Task | None = None

    @property
    def title(self) -> str:
        """What to call it in front of people."""
        return self.name or str(self.change)
