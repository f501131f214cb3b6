"""The store of a history, which has every save judged, and a process's way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from handler.stores.port import Absent, Committed, Conflict, Loaded, Oversized, Unchanged, Unknown
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.proofs.history_record import Record

T = TypeVar("T")


class WitnessedStore(MemoryStore):
    """A store whose every save is judged; while it `is_out` nobody reaches it."""

    def __init__(self, clock: FakeClock, records: Mapping[str, Record]) -> None:
        """Have nothing yet; the records are those of all changes."""
        super().__init__(lambda: clock.now() + self._ahead)
        self._ahead = timedelta()
        self.is_out = False
        self._records = records

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`."""
        answer = super().save(key, document, expected)
        if self.documents.get(key) is document:
            change = key.removeprefix("changes/").removesuffix(".json")
            copies = [self.documents[copy] for copy in MemoryStore.list(self, f"aside/{change}/")]
            self._records[change].save(document, copies)
        return answer

    def now(self) -> datetime:
        """The store's own clock."""
        return self._now()

    def set_ahead(self, seconds: int) -> None:
        """Have a clock that is ahead of everybody else's."""
        self._ahead = timedelta(seconds=seconds)

    def heal(self) -> None:
        """Forget all that was to go wrong."""
        self.is_out = False
        self._troubles.clear()


class Caller(Protocol):
    """Whoever calls ports."""

    def call(self, name: str, effect: Callable[[], T]) -> T:
        """Call a port."""
        ...


class ProcessStore:
    """A process's way to the store."""

    def __init__(self, process: Caller, store: MemoryStore) -> None:
        """Take both."""
        self._process, self._store = process, store

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        return self._process.call("load", lambda: self._store.load(key, known_version))

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`."""
        return self._process.call("save", lambda: self._store.save(key, document, expected))

    def put(self, key: str, document: bytes) -> None:
        """See `StateStore`."""
        self._process.call("put", lambda: self._store.put(key, document))

    def copy(self, key: str, version: str, to: str) -> Committed | Conflict:
        """See `StateStore`."""
        return self._process.call("copy", lambda: self._store.copy(key, version, to))

    def latest(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        return self._process.call("latest", lambda: self._store.latest(prefix))

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        return self._process.call("list", lambda: self._store.list(prefix))

    def remove(self, key: str) -> None:
        """See `StateStore`."""
        self._process.call("remove", lambda: self._store.remove(key))
