"""The checks of the store: whether it can be read, written and tidied up, and keeps its promises.

What it is asked stands beneath a prefix of this examination's own, and is removed whatever becomes of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from handler.clock import Deadline
from handler.credentials import ConfigurationError
from handler.local.doctor.causes import cause_of
from handler.local.doctor.check import Check, Finding, failed, made, needs, ok, warning
from handler.local.doctor.means import CLEAN_UP_SECONDS, Means
from handler.local.doctor.promises import Promises
from handler.local.doctor.scratch import Scratch, scratch_name
from handler.local.doctor.skew import judge_skew
from handler.local.interrupting import interruptible
from handler.local.printing.counting import counted
from handler.machine import random_name
from handler.settings import FolderState, ObsState
from handler.stores.keys import ACTIVE, CHANGES
from handler.stores.markers import read_marked
from handler.stores.port import Absent, Loaded, StateStore, StateUnavailableError

_NOT_THERE: Final = f"{CHANGES}_doctor/none.json"


class Store:
    """The checks of one examination; what one of them finds out, those after it go by."""

    def __init__(self, means: Means, *, has_refused_key: bool) -> None:
        """Ask nothing yet; with `has_refused_key` the API does not accept the key that OBS would need."""
        state = means.settings.state
        self._means = means
        self._wire = means.wire()
        self._state = state
        self._lacks_key = has_refused_key and isinstance(state, ObsState)
        self._store: StateStore | None = None
        self._may_write = False
        folder = Path(state.directory) if isinstance(state, FolderState) else None
        name = scratch_name(means.clock.now(), random_name())
        self._scratch = Scratch(name, folder, has_leases=isinstance(state, ObsState))

    @property
    def is_readable(self) -> bool:
        """True when what is kept can be looked at."""
        return self._store is not None

    @property
    def ahead(self) -> timedelta:
        """How far the store's clock is ahead of ours, as far as it tells."""
        return self._wire.ahead or timedelta()

    @property
    def name(self) -> str:
        """What `state` calls the place."""
        state = self._state
        if isinstance(state, FolderState):
            return f"file:{state.directory}"
        return f"{'obs' if isinstance(state, ObsState) else 's3'}://{state.bucket}/{state.prefix}".rstrip("/")

    def checks(self) -> Iterator[Check]:
        """Make them, one after the other; what was written is gone when the last one is made."""
        yield made("store", self._read)
        if not isinstance(self._state, FolderState):
            yield made("store clock", self._compare_clocks)
        left: StateUnavailableError | None = None
        promises = Promises(self._means, self._open, self._scratch)
        try:
            yield self._made("store writing", self._write)
            for name, find in (("conditions", promises.race), ("listing", promises.list)):
                rights = None if self._may_write else needs("the right to write and to remove")
                yield self._made(f"store {name}", find) if rights is None else Check(f"store {name}", rights)
        finally:
            left = self._tidy()
        if left is not None:
            said = f"something of this examination stays beneath {self._scratch.prefix}: {left}".rstrip(".")
            yield Check("store tidied", warning(said, "remove it by hand; nothing else takes notice of it"))

    def _made(self, name: str, find: Callable[[], Finding]) -> Check:
        """Make a check that Ctrl-C does not cut: what was sent then could arrive when all is tidied up."""
        with interruptible() as self._means.wish:
            check = made(name, find)
        self._heed()
        return check

    def _heed(self) -> None:
        """Break off now, if somebody wished to stop meanwhile."""
        if self._means.wish is not None and self._means.wish.is_set():
            raise KeyboardInterrupt

    def _read(self) -> Finding:
        if self._lacks_key:
            return needs("an access key that is accepted")
        try:
            store = self._open()
        except ConfigurationError as error:
            return failed(str(error), is_misconfigured=True)
        try:
            marked = read_marked(store.list(ACTIVE), "")
            store.load(_NOT_THERE)
        except StateUnavailableError as error:
            return self._unreadable(error)
        self._store = store
        return ok(f"{self.name} can be read; {counted(len(marked.changes), 'change')} marked as followed")

    def _open(self) -> StateStore:
        return self._means.store(self._wire, self._means.store_seconds)

    def _unreadable(self, error: StateUnavailableError) -> Finding:
        """Say why; where no answer came, what that comes from."""
        failure = self._wire.failure
        if failure is None:
            return failed(str(error), _rights_for(error))
        return failed(*cause_of(failure, self._wire.host, "state", self._wire.proxy))

    def _compare_clocks(self) -> Finding:
        # Who refuses says what time it is, too.
        return needs("the store") if self._wire.answer is None else judge_skew(self._wire.ahead, "store")

    def _write(self) -> Finding:
        store = self._store
        if store is None:
            return needs("the store")
        try:
            return self._try_to_write(store)
        except StateUnavailableError as error:
            return failed(str(error), _rights_for(error))

    def _try_to_write(self, store: StateStore) -> Finding:
        key, document = self._scratch.key("written"), random_name().encode()
        store.put(key, document)
        found = store.load(key)
        if not isinstance(found, Loaded) or found.document != document:
            return failed("what has just been written is not what can be read then", "use another store")
        store.remove(key)
        if not isinstance(store.load(key), Absent):
            return failed("what has just been removed can still be read", "use another store")
        self._may_write = True
        swept = self._scratch.sweep(store, self._means.clock.now())
        more = f"; removed {counted(swept, 'key')} that an examination before had left" if swept else ""
        return ok(f"a document was written, read and removed{more}")

    def _tidy(self) -> StateUnavailableError | None:
        """Remove what was written, however the checks have ended; the error is why some of it stays."""
        if self._store is None:
            return None
        remaining = Deadline(self._means.clock, CLEAN_UP_SECONDS).remaining_seconds
        failure: StateUnavailableError | None = None
        with interruptible() as self._means.wish:
            try:
                self._scratch.clear(self._means.store(self._wire, remaining))
            except StateUnavailableError as error:
                failure = error
        self._heed()
        return failure


def _rights_for(error: StateUnavailableError) -> str | None:
    """Say who needs which rights, where a folder gives them not; a bucket says so itself."""
    if not isinstance(error.__cause__, PermissionError):
        return None
    return (
        f"whoever runs Headway, here user {os.geteuid()}, needs the right to read, write and enter it and all"
        " in it, or to make it where it is not there"
    )
