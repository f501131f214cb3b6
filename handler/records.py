"""Reads what is kept of changes, for whoever looks: those that are followed, and those that are over.

Nothing is written, and the API is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple

from handler.core.change import ID, ChangeId
from handler.core.record import Record
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Markers
from handler.stores.port import StateStore, UnusableDocumentError
from handler.web.readings import Group

_CURSOR: Final = re.compile(f"({Group.ACTIVE.value}|{Group.ENDED.value}):({ID}/{ID})")


class Overview(NamedTuple):
    """Changes, and how many more are followed.

    At `refused_at` the access key in use was refused; None if it was accepted since, as far as that is kept.
    At `other_refused_at` some other key was, which may be of use no longer.
    """

    records: tuple[Record, ...]
    left_out: int = 0
    refused_at: datetime | None = None
    other_refused_at: datetime | None = None


class CursorError(Exception):
    """There is no such cursor; the message says what to do."""


class Part(NamedTuple):
    """A part of a list of changes; `next_cursor` asks for the following one, None after the last.

    `refused_at` and `other_refused_at` are the same as in an `Overview`.
    """

    records: tuple[Record, ...]
    next_cursor: str | None = None
    refused_at: datetime | None = None
    other_refused_at: datetime | None = None


class _Place(NamedTuple):
    """Where a change stands in the list of all; as text it is the cursor that asks for those after it."""

    group: Group
    change: ChangeId

    def __str__(self) -> str:
        """Such as `active:INSTANCE/TASK`."""
        return f"{self.group.value}:{self.change}"


class _Listing(NamedTuple):
    """What listings alone tell: where changes stand, and when the access key, or another one, was refused."""

    places: Sequence[_Place]
    refused_at: datetime | None
    other_refused_at: datetime | None


class Records:
    """What is kept of changes in a state store; whatever cannot be read raises a StateUnavailableError.

    A single ledger that cannot be used is no such trouble, but told in its record.
    """

    def __init__(
        self, store: StateStore, ledgers: Ledgers, connections: int, key_name: str | None = None
    ) -> None:
        """Take where all is kept.

        Args:
            store: The store.
            ledgers: Its ledgers.
            connections: How many requests may be under way at once.
            key_name: What the access key in use is told from others by; None if there is none.
        """
        # No refusal is noted of a key without a name.
        self._markers = Markers(store, key_name or "")
        self._ledgers = ledgers
        self._connections = connections

    def active(self) -> Overview:
        """All changes that are followed, by their ids."""
        with ThreadPoolExecutor(self._connections) as threads:
            places, refused_at, _ = self._list(Group.ACTIVE, threads)
            return Overview(self._read(places, threads), refused_at=refused_at)

    def overview(self, active_max: int, ended_max: int) -> Overview:
        """Those that are followed and those that ended last, so many of each at most."""
        with ThreadPoolExecutor(self._connections) as threads:
            places, *refused = self._list(Group.ALL, threads)
            active, ended = (
                [place for place in places if place.group is group] for group in (Group.ACTIVE, Group.ENDED)
            )
            records = self._read([*active[:active_max], *ended[:ended_max]], threads)
        return Overview(records, len(active[active_max:]), *refused)

    def part(self, group: Group, cursor: str | None, limit: int) -> Part:
        """A part of a list: those that are followed by their ids, then those that ended last.

        Raises:
            CursorError: There is no such cursor.
        """
        last = None if cursor is None else _read_cursor(cursor, group)
        with ThreadPoolExecutor(self._connections) as threads:
            places, *refused = self._list(group, threads)
            following = _after(last, places)
            records = self._read(following[:limit], threads)
        return Part(records, str(following[limit - 1]) if len(following) > limit else None, *refused)

    def find(self, change: ChangeId) -> Record | None:
        """What is kept of a change; None if nothing is, and it is not followed either."""
        with ThreadPoolExecutor(2) as threads:
            is_followed = threads.submit(self._markers.is_followed, change)
            kept = threads.submit(self._read_one, change)
            record = kept.result()._replace(is_active=is_followed.result())
        return record if _says_something(record) else None

    def _list(self, group: Group, threads: Executor) -> _Listing:
        """All changes of a group in order; of those that are followed no ledger is looked for."""
        marked = threads.submit(self._markers.find)
        latest = None if group is Group.ACTIVE else threads.submit(self._ledgers.latest)
        active = marked.result().changes
        places = [_Place(Group.ACTIVE, change) for change in sorted(active)]
        if latest is not None:
            places += [_Place(Group.ENDED, change) for change in latest.result() if change not in active]
        wanted = [place for place in places if group in {Group.ALL, place.group}]
        refused, others_refused = marked.result().refused, marked.result().others_refused
        return _Listing(wanted, max(refused, default=None), max(others_refused, default=None))

    def _read(self, places: Sequence[_Place], threads: Executor) -> tuple[Record, ...]:
        """Read ledgers side by side; one that was removed meanwhile has nothing to say."""

        def read(place: _Place) -> Record:
            return self._read_one(place.change)._replace(is_active=place.group is Group.ACTIVE)

        return tuple(record for record in threads.map(read, places) if _says_something(record))

    def _read_one(self, change: ChangeId) -> Record:
        try:
            kept = self._ledgers.load(change)
        except UnusableDocumentError as error:
            return Record(change, None, is_active=False, trouble=str(error))
        damage = kept.damage
        trouble = None if damage is None else f"The ledger of {change} cannot be read ({damage})."
        return Record(change, kept.ledger, is_active=False, trouble=trouble)


def _says_something(record: Record) -> bool:
    return record.is_active or record.ledger is not None or record.trouble is not None


def _read_cursor(text: str, group: Group) -> _Place:
    found = _CURSOR.fullmatch(text)
    if found is None or group.value not in {Group.ALL.value, found[1]}:
        raise CursorError(
            "The cursor is none of this list's: leave `cursor` out to begin, or give the `next_cursor` of the"
            " part before."
        )
    return _Place(Group(found[1]), ChangeId.parse(found[2]))


def _after(last: _Place | None, places: Sequence[_Place]) -> Sequence[_Place]:
    """Those that follow the last one shown; what has ended since then may come twice, but is never missed.

    Only what is followed again, or is written again though it is over, may come to stand before the last one.
    """
    if last is None:
        return places
    if last.group is Group.ACTIVE:
        return [place for place in places if place.group is Group.ENDED or place.change > last.change]
    if last in places:
        # If it was written again it stands first now, and all the others follow once more.
        return places[places.index(last) + 1 :]
    # Its ledger was removed or it is followed again: nobody knows where it stood, so all are shown once more.
    return [place for place in places if place.group is Group.ENDED]
