"""What is done to the markers of a history: by each invocation at its end, and by who drops or resends."""

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
from handler.records import Records
from handler.registry import Registry, RegistryError
from handler.resending import Resending, ResendingError
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Marked, Markers
from handler.stores.port import StateStore, StateUnavailableError
from handler.tick import Tick
from notifiers.channel import Channel
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scripted_directory import ScriptedDirectory
from tests.proofs.history_inline import no_threads

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

    def conclude(self, store: StateStore, ledgers: Ledgers, marked: Marked, ticks: Sequence[Tick]) -> None:
        """Put them in order at its end."""
        books = Bookkeeping(self._wanted, marked, Markers(store), ledgers, NOTHING_LISTED)
        books.keep(ticks, self._clock.now())

    def drop(self, change: ChangeId) -> None:
        """Drop a change; what is not reminded of is followed all the same."""
        with suppress(RegistryError, StateUnavailableError):
            self._registry(Ledgers(self._store, self._new_name, {})).drop(change.instance_id, change.task_id)

    def resend(self, change: ChangeId, name: str, channels: Sequence[Channel], *, everything: bool) -> bool:
        """Have a channel told once more; whether it is going to be."""
        ledgers = Ledgers(self._store, self._new_name, {})
        resending = Resending(self._registry(ledgers), Records(self._store, ledgers, 1), channels)
        with suppress(ResendingError, StateUnavailableError), no_threads(is_lazy=False):
            return any(one.alerts for one in resending.resend(change, name, everything=everything))
        return False

    def is_lost(self, change: ChangeId, ledger: Ledger | None) -> bool:
        """Whether a change that has ended is to be told, and has no marker by which it is found."""
        if ledger is None or not ledger.phase.is_end or ledger.is_told:
            return False
        return change not in self.marked().changes

    def is_through(self, change: ChangeId, ledger: Ledger | None) -> bool:
        """Whether nobody is reminded of a change any more, and what was told to its end has no marker."""
        if ledger is None or ledger.is_reminding:
            return False
        return not ledger.is_told or change not in self.marked().changes

    def _registry(self, ledgers: Ledgers) -> Registry:
        return Registry(self._wanted, Markers(self._store), ledgers, self._clock)
