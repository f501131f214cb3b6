"""What is followed: the list of it, and how a change is put on it or taken off by whoever is asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import Enum
from typing import Final

import msgspec
from msgspec.structs import replace

from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.gaps import dismiss, resume
from handler.core.ledger import Ledger
from handler.fleet import Wanted
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Marked, Markers
from handler.stores.port import Committed, StateUnavailableError, UnusableDocumentError

_LOADS_MAX: Final = 16
_TRIES_MAX: Final = 3


class Reason(Enum):
    """How something has come to be followed.

    `CONFIGURED` stands in the configuration, `FOLLOWED` was registered or found, and goes on until it ends,
    or as long as reminders of its failure do; of an `EXPECTED` instance the next change is.
    """

    CONFIGURED = "configured"
    FOLLOWED = "followed"
    EXPECTED = "expected"


class Entry(msgspec.Struct, frozen=True):
    """Something that is followed: a change, or with no task an instance's changes."""

    instance_id: str
    task_id: str | None
    name: str | None
    reason: Reason


class RegistryError(Exception):
    """What was wanted cannot be done; the message says why."""


class Registry:
    """The list in the state store beside the configuration.

    Whatever cannot be read or written raises a StateUnavailableError.
    """

    def __init__(self, wanted: Wanted, markers: Markers, ledgers: Ledgers, clock: Clock) -> None:
        """Take what the configuration wants, and where the rest is kept."""
        self._wanted = wanted
        self._markers = markers
        self._ledgers = ledgers
        self._clock = clock

    @property
    def patterns(self) -> tuple[str, ...]:
        """Whose changes are found besides, whoever begins them: patterns of instances' names."""
        return self._wanted.patterns

    def entries(self) -> list[Entry]:
        """All that is followed."""
        return [*self._configured(), *self._registered()]

    def awaited(self) -> list[Entry]:
        """What is followed even if nothing is kept of it: by the configuration, and what is expected."""
        return [*self._configured(), *self._expected(self._marked())]

    def follow(self, instance_id: str, task_id: str | None, name: str | None) -> Entry:
        """Have a change followed from the next tick until its end, or without a task an instance's next one.

        To do so twice changes nothing but the name.

        Raises:
            RegistryError: The change has ended, or nothing but what is configured is looked at.
        """
        if not self._wanted.is_open:
            raise RegistryError(
                "Nothing is looked at but what the configuration names: every watch there has a task_id. Set"
                " http.token or discover, or leave a task_id out, and others can be followed too."
            )
        if task_id is None:
            self._markers.expect(instance_id, self._clock.now())
            return Entry(instance_id, None, None, Reason.EXPECTED)
        change = ChangeId(instance_id, task_id)
        if change in self._wanted.changes:
            return Entry(instance_id, task_id, self._wanted.changes[change], Reason.CONFIGURED)

        def register(ledger: Ledger, now: datetime) -> Ledger:
            if ledger.phase.is_end:
                raise RegistryError(f"{change} is {ledger.phase.value} already.")
            return replace(resume(ledger, now), name=name or ledger.name)

        ledger = self.edit(change, register)
        self.mark(change)
        return Entry(instance_id, task_id, ledger.name, Reason.FOLLOWED)

    def drop(self, instance_id: str, task_id: str | None) -> bool:
        """Have a change, or without a task an instance's next one, followed no longer.

        Of a change that has failed this is the end of all reminders, also if it stands in the configuration.
        Who has not heard that it has ended, hears it yet.

        Returns:
            True if it was.

        Raises:
            RegistryError: It stands in the configuration.
        """
        if task_id is None:
            return self._expect_no_longer(instance_id)
        change = ChangeId(instance_id, task_id)
        is_configured = change in self._wanted.changes
        known = self._ledgers.load(change).ledger
        if is_configured and not (known and known.is_reminding):
            raise RegistryError(f"{change} stands in the configuration, and is followed as long as it does.")
        is_marked = is_configured or change in self._markers.find().changes
        if not is_marked or (known and _is_off_the_list(known)):
            return False
        # Else it would be found again as long as it goes on.
        ledger = self.edit(change, dismiss)
        if ledger.is_heard or not ledger.phase.is_end:
            self._ledgers.unmark_active(change)
        return True

    def _expect_no_longer(self, instance_id: str) -> bool:
        since = self._markers.find().expected.get(instance_id)
        if since is not None:
            self._markers.fulfil(instance_id, since)
        elif instance_id in self._wanted.instances:
            raise RegistryError(
                f"The changes of {instance_id} are followed as long as the configuration says so."
            )
        return since is not None

    def looks_at(self, change: ChangeId, ledger: Ledger) -> bool:
        """True when ticks look at a change, at least while it is marked."""
        is_dropped = ledger.is_dismissed and not ledger.phase.is_end
        return change in self._wanted.changes or (self._wanted.is_open and not is_dropped)

    def mark(self, change: ChangeId) -> None:
        """Have the next ticks look at a change, until everybody has heard its end."""
        self._markers.follow(change)

    def edit(self, change: ChangeId, edit: Callable[[Ledger, datetime], Ledger]) -> Ledger:
        """Change a ledger by the store's clock, or begin it; what was saved meanwhile is not overwritten."""
        for _ in range(_TRIES_MAX):
            kept = self._ledgers.load(change)
            before = kept.ledger or Ledger(change=str(change), created_at=kept.store_date)
            after = edit(before, kept.store_date)
            if kept.damage is not None or after == kept.ledger:
                # What cannot be read is set aside, and told, by the next tick.
                return after
            if isinstance(self._ledgers.save(change, after, kept.version), Committed):
                return after
        raise StateUnavailableError(f"The ledger of {change} is being written by others; try again.")

    def _configured(self) -> Iterator[Entry]:
        for change, name in self._wanted.changes.items():
            yield Entry(change.instance_id, change.task_id, name, Reason.CONFIGURED)
        for instance_id, name in self._wanted.instances.items():
            yield Entry(instance_id, None, name, Reason.CONFIGURED)

    def _registered(self) -> Iterator[Entry]:
        """What the markers say; none of it is looked at where the configuration names all."""
        marked = self._marked()
        changes = sorted(marked.changes - self._wanted.changes.keys())
        with ThreadPoolExecutor(_LOADS_MAX) as threads:
            for change, ledger in zip(changes, threads.map(self._read, changes), strict=True):
                if ledger is None or not _is_off_the_list(ledger):
                    name = ledger.name if ledger else None
                    yield Entry(change.instance_id, change.task_id, name, Reason.FOLLOWED)
        yield from self._expected(marked)

    def _marked(self) -> Marked:
        return self._markers.find() if self._wanted.is_open else Marked()

    def _expected(self, marked: Marked) -> Iterator[Entry]:
        for instance_id in sorted(marked.expected):
            yield Entry(instance_id, None, None, Reason.EXPECTED)

    def _read(self, change: ChangeId) -> Ledger | None:
        try:
            return self._ledgers.load(change).ledger
        except UnusableDocumentError:
            return None


def _is_off_the_list(ledger: Ledger) -> bool:
    """True for a change that is marked only until everybody has heard its end."""
    return ledger.is_dismissed and ledger.phase.is_end
