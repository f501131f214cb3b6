"""A state store in memory that mirrors the port, counts, and fails when told to."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from enum import Enum

from handler.stores.keys import check_key, check_prefix
from handler.stores.port import (
    DOCUMENT_BYTES_MAX,
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
    Unknown,
)


class Trouble(Enum):
    """What goes wrong with an operation; all but being unavailable happens to saves only."""

    UNAVAILABLE = "it raises, nothing is done"
    CONFLICT = "somebody else was quicker, nothing is done"
    REQUEST_LOST = "nothing is done, the outcome is unknown"
    ANSWER_LOST = "it is done, the outcome is unknown"


class MemoryStore:
    """A `StateStore`; `documents` is what it holds, `counts` is how often each operation was asked for.

    `modified` is when its documents were written, but for those that a test put there itself.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        """Hold nothing yet."""
        self.documents: dict[str, bytes] = {}
        self.modified: dict[str, datetime] = {}
        self.counts: Counter[str] = Counter()
        self._now = now
        self._troubles: list[tuple[str, Trouble]] = []
        self._lock = threading.Lock()

    def fail_next(self, trouble: Trouble, *, operation: str = "save", times: int = 1) -> None:
        """Let operations to come fail, in the order told."""
        self._troubles += [(operation, trouble)] * times

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        with self._lock:
            self._begin("load")
            document = self.documents.get(check_key(key))
        if document is None:
            return Absent(self._now())
        version = _version(document)
        if version == known_version:
            return Unchanged(self._now())
        if len(document) > DOCUMENT_BYTES_MAX:
            return Oversized(version, self._now())
        return Loaded(document, version, self._now())

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`."""
        with self._lock:
            trouble = self._begin("save")
            found = self.documents.get(check_key(key))
            version = None if found is None else _version(found)
            if trouble is Trouble.REQUEST_LOST:
                return Unknown()
            if trouble is Trouble.CONFLICT or version != expected:
                return Conflict()
            self._write(key, document)
        return Unknown() if trouble is Trouble.ANSWER_LOST else Committed(_version(document))

    def put(self, key: str, document: bytes) -> None:
        """See `StateStore`."""
        with self._lock:
            self._begin("put")
            self._write(check_key(key), document)

    def copy(self, key: str, version: str, to: str) -> Committed | Conflict:
        """See `StateStore`."""
        with self._lock:
            trouble = self._begin("copy")
            found, target = self.documents.get(check_key(key)), check_key(to)
            if trouble is Trouble.CONFLICT or found is None or version != _version(found):
                return Conflict()
            self._write(target, found)
            return Committed(version)

    def latest(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        with self._lock:
            self._begin("latest")
            return sorted(self._found(prefix), key=lambda key: (-self._seconds_of(key), key))

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        with self._lock:
            self._begin("list")
            return sorted(self._found(prefix))

    def remove(self, key: str) -> None:
        """See `StateStore`."""
        with self._lock:
            self._begin("remove")
            self.documents.pop(check_key(key), None)
            self.modified.pop(key, None)

    def _write(self, key: str, document: bytes) -> None:
        self.documents[key] = document
        self.modified[key] = self._now()

    def _seconds_of(self, key: str) -> float:
        modified = self.modified.get(key)
        return modified.timestamp() if modified else 0

    def _found(self, prefix: str) -> Iterator[str]:
        check_prefix(prefix)
        return (key for key in self.documents if key.startswith(prefix))

    def _begin(self, operation: str) -> Trouble | None:
        self.counts[operation] += 1
        for index, (wanted, trouble) in enumerate(self._troubles):
            if wanted == operation:
                del self._troubles[index]
                if trouble is Trouble.UNAVAILABLE:
                    raise StateUnavailableError("The store in memory was told to be unavailable.")
                return trouble
        return None


def _version(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()
