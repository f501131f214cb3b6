"""The state store in a local folder, for your own machine: a lock file, a new file, a rename.

No cleaning up is needed: whatever a crash leaves behind is a name with `~`, which is in no key, and the
next save of that document takes it over.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from handler.stores.keys import check_key, check_prefix, is_prefix
from handler.stores.listing import Listed, latest_first
from handler.stores.port import (
    DOCUMENT_BYTES_MAX,
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
    UnusableDocumentError,
)

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

_CHUNK_BYTES: Final = 64 * 1024


class FolderStore:
    """A `StateStore` in a folder; a document's version is its SHA-256."""

    def __init__(self, directory: Path, now: Callable[[], datetime]) -> None:
        """Touch nothing yet; the folder is made by the first save.

        Raises:
            ValueError: This platform has no file locks.
        """
        if fcntl is None:
            raise ValueError("a folder needs POSIX file locks, which this platform lacks; use s3://")
        self._directory = directory
        self._now = now

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        path = self._path(key)
        with self._told(), suppress(FileNotFoundError), path.open("rb") as file:
            version = _version(file)
            if version == known_version:
                return Unchanged(self._now())
            if os.fstat(file.fileno()).st_size > DOCUMENT_BYTES_MAX:
                return Oversized(version, self._now())
            file.seek(0)
            return Loaded(file.read(), version, self._now())
        return Absent(self._now())

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict:
        """See `StateStore`; here no answer is ever lost."""
        with self._told(), _locked(self._path(key)) as path:
            if _version_at(path) != expected:
                return Conflict()
            _replace(path, BytesIO(document))
        return Committed(_version(BytesIO(document)))

    def put(self, key: str, document: bytes) -> None:
        """See `StateStore`."""
        with self._told(), _locked(self._path(key)) as path:
            _replace(path, BytesIO(document))

    def copy(self, key: str, version: str, to: str) -> Committed | Conflict:
        """See `StateStore`."""
        source, target = self._path(key), self._path(to)
        with self._told(), ExitStack() as locks:
            # In one order, or two copies that cross would wait for each other for ever.
            for path in sorted({source, target}):
                locks.enter_context(_locked(path))
            if _version_at(source) != version:
                return Conflict()
            with source.open("rb") as content:
                _replace(target, content)
        return Committed(version)

    def latest(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        keys = self.list(prefix)
        with self._told():
            return latest_first(Listed(key, _modified_at(self._path(key))) for key in keys)

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        top = self._directory / check_prefix(prefix).rpartition("/")[0]
        with self._told():
            tree = list(os.walk(top, onerror=self._unless_missing))
        paths = (Path(folder, name) for folder, _, names in tree for name in names)
        keys = (path.relative_to(self._directory).as_posix() for path in paths)
        return sorted(key for key in keys if key.startswith(prefix) and is_prefix(key))

    def remove(self, key: str) -> None:
        """See `StateStore`."""
        path = self._path(key)
        with self._told(), suppress(FileNotFoundError), _locked(path, make_folder=False):
            path.unlink()

    def _path(self, key: str) -> Path:
        return self._directory / check_key(key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IsADirectoryError as error:
            # Some stray folder's fault: with a rename the second name is the one that stood there.
            name, reason = error.filename2 or error.filename, error.strerror
            raise UnusableDocumentError(f"The file {name} cannot be used: {reason}.") from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StateUnavailableError(f"The folder {self._directory} cannot be used: {reason}.") from error

    def _unless_missing(self, error: OSError) -> None:
        """Let pass that there is no such folder, or a document in its place, as long as the state is one."""
        is_missing = isinstance(error, NotADirectoryError) and self._directory.is_dir()
        if not (is_missing or isinstance(error, FileNotFoundError)):
            raise error


@contextmanager
def _locked(path: Path, *, make_folder: bool = True) -> Iterator[Path]:
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}~lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _version_at(path: Path) -> str | None:
    with suppress(FileNotFoundError), path.open("rb") as file:
        return _version(file)
    return None


def _modified_at(path: Path) -> datetime | None:
    # It may have been removed since it was listed.
    with suppress(FileNotFoundError):
        return datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    return None


def _version(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _replace(path: Path, content: BinaryIO) -> None:
    new = path.with_name(f"{path.name}~new")
    with new.open("wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    # Some file systems cannot sync a folder; the document stands there all the same.
    with suppress(OSError):
        os.fsync(folder)
    os.close(folder)
