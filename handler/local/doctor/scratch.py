"""Where an examination may write: keys of its own, beneath what the function may write and remove.

They stand under `active/_doctor/TIME-RANDOM/`, where nothing else takes notice of them: see
`stores/markers.py`. TIME is in seconds since 1970, so that what an examination has left behind that died is
told from one under way.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from handler.stores.keys import ACTIVE, LEASES
from handler.stores.port import StateStore, StateUnavailableError

TOP: Final = f"{ACTIVE}_doctor/"

_NAME: Final = re.compile(r"(\d{1,11})-[0-9a-z]+/.*")
_DEAD_AFTER: Final = timedelta(minutes=10)
"""No examination takes so long, even if two machines' clocks are some minutes apart."""


class Scratch:
    """The keys of one examination."""

    def __init__(self, name: str, folder: Path | None, *, has_leases: bool) -> None:
        """Write nothing yet.

        Args:
            name: TIME-RANDOM.
            folder: Where the store is, if it is a folder.
            has_leases: Whether the store announces what it saves.
        """
        self.prefix = f"{TOP}{name}/"
        self._keys: set[str] = set()
        self._tops = (TOP, f"{LEASES}{TOP}") if has_leases else (TOP,)
        self._folder = folder
        self._had_folder = folder is not None and folder.exists()

    def key(self, name: str) -> str:
        """Give a key that may be written, and is remembered: a listing might not show it."""
        key = f"{self.prefix}{name}"
        self._keys.add(key)
        return key

    def sweep(self, store: StateStore, now: datetime) -> int:
        """Remove what examinations have left behind that died, and say of how many keys.

        Raises:
            StateUnavailableError: Some of it may still be there.
        """
        found = {key for top in self._tops for key in store.list(top) if is_dead(key, now)}
        swept = _remove(found, store.remove)
        for path in (self._folder / TOP).glob("*") if self._folder else ():
            if is_dead(f"{TOP}{path.name}/", now):
                shutil.rmtree(path, ignore_errors=True)
        return swept

    def clear(self, store: StateStore) -> None:
        """Remove what this examination has written.

        Raises:
            StateUnavailableError: Some of it may still be there.
        """
        own = [f"{top}{self.prefix.removeprefix(TOP)}" for top in self._tops]
        try:
            listed = {key for prefix in own for key in store.list(prefix)}
            # What a listing does not show was perhaps never written.
            with suppress(StateUnavailableError):
                _remove(self._keys - listed, store.remove)
            _remove(listed, store.remove)
        finally:
            self._clear_folder()

    def _clear_folder(self) -> None:
        """Remove what a folder keeps of documents that are gone: locks, and folders that hold nothing."""
        if self._folder is None:
            return
        own = self._folder / self.prefix
        shutil.rmtree(own, ignore_errors=True)
        above = [own.parent, own.parent.parent, *([] if self._had_folder else [self._folder])]
        with suppress(OSError):
            for folder in above:
                folder.rmdir()


def scratch_name(now: datetime, random_name: str) -> str:
    """Name the keys of an examination that begins now."""
    return f"{int(now.timestamp())}-{random_name}"


def is_dead(key: str, now: datetime) -> bool:
    """Tell whether a key belongs to an examination that cannot be under way any more."""
    match = _NAME.fullmatch(key.partition(TOP)[2])
    return match is not None and now.timestamp() - int(match[1]) > _DEAD_AFTER.total_seconds()


def _remove(keys: Iterable[str], remove: Callable[[str], None]) -> int:
    """Remove them all, whatever becomes of one."""
    failure: StateUnavailableError | None = None
    keys = sorted(keys)
    for key in keys:
        try:
            remove(key)
        except StateUnavailableError as error:  # noqa: PERF203 - see above
            failure = failure or error
    if failure is not None:
        raise failure
    return len(keys)
