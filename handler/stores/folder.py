"""The state store in a local folder, for your own machine: a lock file, a new file, a rename.

No cleaning up is needed: whatever a crash leaves behind is a name with `~`, which is in no key, and the
next save of that document takes it over.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from handler.stores.keys import check_key, check_prefix, is_prefix
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    StateUnavailableError,
    Unchanged,
)

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]


class FolderStore:
    """A `StateStore` in a folder; a document's version is its SHA-256."""

    def __init__(self, directory: Path, now: Callable[[], datetime]) -> None:
        """Touch nothing yet; the folder is made by the first save.

        Raises:
            ValueError: This platform has no file locks.
        """
        if fcntl is None:
            raise ValueError("state: a folder needs POSIX file locks, which this platform lacks; use s3://.")
        self._directory = directory
        self._now = now

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded:
        """See `StateStore`."""
        path = self._path(key)
        with self._told():
            document = _read(path)
        if document is None:
            return Absent(self._now())
        version = _version(document)
        if version == known_version:
            return Unchanged(self._now())
        return Loaded(document, version, self._now())

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict:
        """See `StateStore`; here no answer is ever lost."""
        path = self._path(key)
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(path):
                found = _read(path)
                if expected != (None if found is None else _version(found)):
                    return Conflict()
                _replace(path, document)
        return Committed(_version(document))

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        top = self._directory / check_prefix(prefix).rpartition("/")[0]
        with self._told():
            tree = list(os.walk(top, onerror=_unless_missing))
        paths = (Path(folder, name) for folder, _, names in tree for name in names)
        keys = (path.relative_to(self._directory).as_posix() for path in paths)
        return sorted(key for key in keys if key.startswith(prefix) and is_prefix(key))

    def remove(self, key: str) -> None:
        """See `StateStore`."""
        path = self._path(key)
        with self._told(), suppress(FileNotFoundError), _locked(path):
            path.unlink()

    def _path(self, key: str) -> Path:
        return self._directory / check_key(key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StateUnavailableError(f"The folder {self._directory} cannot be used: {reason}.") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}~lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _version(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _replace(path: Path, document: bytes) -> None:
    new = path.with_name(f"{path.name}~new")
    with new.open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    # Some file systems cannot sync a folder; the document stands there all the same.
    with suppress(OSError):
        os.fsync(folder)
    os.close(folder)


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error
