"""What is done to the markers of a history: by each invocation at its end, and by who drops a change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from handler.bookkeeping import Bookkeeping
from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.watch import Watch
from handler.fleet import Wanted
from handler.registry import Registry, RegistryError
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Marked, Markers
from handler.stores.port import StateStore, StateUnavailableError
from handler.tick import Tick
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scripted_directory import ScriptedDirectory

NOTHING_LISTED: Final = ScriptedDirectory()


class Clerk:
    """Whoever keeps the list of what is followed, where all changes stand in the configuration."""

    def __init__(
        self, store: MemoryStore, watches: Sequence[Watch], clock: Clock, new_name: Callable[[], str]
    ) -> None:
        """Take what there is to keep in order."""
        self._store, self._clock, self._new_name = store, clock, new_name
        self._wanted = Wanted({watch.change: watch.name for watch in watches}, is_open=True)

    def marked(self) -> Marked:
        """What the markers say at the beginning of an invocation."""
        return Markers(self._store).find()

    def conclude(self, store: StateStore, marked: Marked, ticks: Sequence[Tick]) -> None:
        """Put them in order at its end."""
        Bookkeeping(self._wanted, marked, Markers(store), NOTHING_LISTED).keep(ticks, self._clock.now())

    def drop(self, change: ChangeId) -> None:
        """Drop a change; what is not reminded of is followed all the same."""
        ledgers = Ledgers(self._store, self._new_name, {})
        registry = Registry(self._wanted, Markers(self._store), ledgers, self._clock)
        with suppress(RegistryError, StateUnavailableError):
            registry.drop(change.instance_id, change.task_id)

    def is_through(self, change: ChangeId, ledger: Ledger | None) -> bool:
        """Whether nobody is reminded of a change any more, and what was told to its end has no marker."""
        if ledger is None or ledger.is_reminding:
            return False
        return not ledger.is_told or change not in self.marked().changes
