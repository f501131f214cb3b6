"""A store without compare-and-swap as a model, and contenders that take their steps in any order.

Each contender runs the real flow; the model only performs its operations, or fails to.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from handler.stores.lease import (
    Announce,
    Announcement,
    Look,
    Operation,
    Pause,
    ReadBack,
    Reread,
    Seen,
    Swapped,
    Withdraw,
    Write,
    announcement_name,
    swap_announced,
)
from handler.stores.port import StateUnavailableError


class Luck(Enum):
    """How an operation goes; what has no answer to lose fails, or says no."""

    GOOD = "it is done"
    DONE_UNHEARD = "it is done, the answer is lost"
    LOST = "nothing is done, the answer is lost"
    LATE = "the answer is lost, it is done some steps later"
    REFUSED = "nothing is done, and that is certain"


class ModelStore:
    """One document, and the announcements beside it; time stands still, so none expires."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.version: str | None = None
        self.writes: list[tuple[str | None, str]] = []
        self.announced: set[str] = set()
        self.late: list[Callable[[], None]] = []

    def write(self, version: str) -> None:
        """Write over whatever stands there; `writes` tells what that was."""
        self.writes.append((self.version, version))
        self.version = version


class Contender:
    """One save by one who shares nothing with the others."""

    def __init__(self, name: str, store: ModelStore) -> None:
        """Begin, with what stands in the store now."""
        self.expected = store.version
        self.version = f"by-{name}"
        self.outcome: Swapped | StateUnavailableError | None = None
        self._store = store
        names = iter(announcement_name(60, f"{name}x{attempt}") for attempt in range(9))
        self._flow = swap_announced(self.expected, lambda: next(names))
        self._operation: Operation = next(self._flow)

    def step(self, luck: Luck) -> None:
        """Perform the operation that is due."""
        try:
            try:
                answer = self._perform(luck)
            except StateUnavailableError as error:
                self._operation = self._flow.throw(error)
            else:
                self._operation = self._flow.send(answer)
        except StopIteration as end:
            self.outcome = end.value
        except StateUnavailableError as error:
            self.outcome = error

    def _perform(self, luck: Luck) -> object:
        store, heard = self._store, luck is Luck.GOOD
        match self._operation:
            case Announce(name=name):
                self._effect(luck, lambda: store.announced.add(name))
                _raise_unless(heard)
            case Withdraw(name=name):
                self._effect(luck, lambda: store.announced.discard(name))
            case Write():
                self._effect(luck, lambda: store.write(self.version))
                _raise_unless(luck is not Luck.REFUSED)
                return self.version if heard else None
            case Look():
                _raise_unless(heard)
                return Seen(tuple(Announcement(name, None) for name in sorted(store.announced)), None)
            case Reread():
                _raise_unless(heard)
                return store.version
            case ReadBack():
                return self.version if heard and store.version == self.version else None
            case Pause():
                return heard
        return None

    def _effect(self, luck: Luck, effect: Callable[[], None]) -> None:
        if luck in {Luck.GOOD, Luck.DONE_UNHEARD}:
            effect()
        if luck is Luck.LATE:
            self._store.late.append(effect)


def _raise_unless(condition: object) -> None:
    if not condition:
        raise StateUnavailableError("The model was told so.")
