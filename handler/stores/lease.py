"""Compare-and-swap for stores that have none: announce, then look, then write.

All announce before they look, so of two contenders the later look sees the other's announcement: at most
one finds itself alone. It may be none, then all step back, wait at random and try again.

This decides and does no I/O. A *flow* is a generator that yields operations and is sent their answers:

| operation | answer | may instead be thrown in `StateUnavailableError` because |
|---|---|---|
| `Announce(name)` | None: it is there | it may not be there |
| `Look()` | `Seen`: all announcements for this document | they cannot be listed |
| `Reread()` | the document's version now, None without a document | it cannot be read |
| `Write()` | the version written, None if the answer was lost | it was certainly not written |
| `ReadBack()` | the version if exactly our bytes stand there, else None | never: unreadable is None |
| `Withdraw(name)` | None, done or not: a leftover only delays | never |
| `Pause()` | whether time is left for another attempt | never |

What a flow returns is what `StateStore.save` answers; if it raises, nothing was saved. After `Unknown` the
announcement is left standing: the write may still arrive, and must not overwrite another holder's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown

ATTEMPTS_MAX: Final = 4

_NAME: Final = re.compile(r"(\d{1,6})-[A-Za-z0-9]+")
_FOREIGN_LEASE: Final = timedelta(days=1)


class Announce(msgspec.Struct, frozen=True):
    """Leave a name beside the document: somebody is about to write it."""

    name: str


class Look(msgspec.Struct, frozen=True):
    """List all announcements beside the document."""


class Reread(msgspec.Struct, frozen=True):
    """Ask for the version of the document."""


class Write(msgspec.Struct, frozen=True):
    """Write the document, once, without condition."""


class ReadBack(msgspec.Struct, frozen=True):
    """See whether what was written stands there."""


class Withdraw(msgspec.Struct, frozen=True):
    """Remove an announcement: our own, or one that has expired."""

    name: str


class Pause(msgspec.Struct, frozen=True):
    """Wait at random, so that those who met part."""


Operation = Announce | Look | Reread | Write | ReadBack | Withdraw | Pause
Swapped = Committed | Conflict | Unknown
Flow = Generator[Operation, Any, Swapped]


class Announcement(msgspec.Struct, frozen=True):
    """What stands beside the document; `since` is by the store's clock (UTC), None if it does not say."""

    name: str
    since: datetime | None


class Seen(msgspec.Struct, frozen=True):
    """All announcements, and the store's clock when it listed them (UTC), None if it does not say."""

    announcements: tuple[Announcement, ...]
    store_date: datetime | None


def announcement_name(lease_seconds: int, random_name: str) -> str:
    """Name an announcement that holds for so long; the other part makes it unique."""
    return f"{lease_seconds}-{random_name}"


def run(flow: Flow, perform: Callable[[Operation], object]) -> Swapped:
    """Perform what a flow asks for, to its end.

    Raises:
        StateUnavailableError: Nothing was saved.
    """
    try:
        operation = next(flow)
        while True:
            operation = _step(flow, operation, perform)
    except StopIteration as end:
        outcome: Swapped = end.value
        return outcome


def _step(flow: Flow, operation: Operation, perform: Callable[[Operation], object]) -> Operation:
    try:
        answer = perform(operation)
    except StateUnavailableError as error:
        return flow.throw(error)
    return flow.send(answer)


def swap(expected: str | None) -> Flow:
    """Compare and write without a lease: for whom nobody else can write."""
    if (yield Reread()) != expected:
        return Conflict()
    version = yield Write()
    if version is None:
        version = yield ReadBack()
    return Unknown() if version is None else Committed(version)


def swap_announced(
    expected: str | None, new_name: Callable[[], str], ours: Collection[str] = frozenset()
) -> Flow:
    """Compare and write under a lease.

    Args:
        expected: The version that the document must still have; None: there must be none.
        new_name: Gives the name of the next announcement; see `announcement_name`.
        ours: Announcements that earlier saves of our own left standing; they are nobody else's.
    """
    mine = set(ours)
    for attempt in range(ATTEMPTS_MAX):
        if attempt and not (yield Pause()):
            break
        if attempt and (yield Reread()) != expected:
            break
        name = new_name()
        mine.add(name)
        outcome: Swapped = Conflict()
        try:
            yield Announce(name)
            is_alone = yield from _is_alone(name, mine)
            if is_alone:
                outcome = yield from swap(expected)
        except StateUnavailableError:
            yield Withdraw(name)
            raise
        if outcome != Unknown():
            yield Withdraw(name)
        if is_alone:
            return outcome
    return Conflict()


def _is_alone(name: str, mine: Collection[str]) -> Generator[Operation, Any, bool]:
    """Whether we are seen and nobody else is; removes what has expired."""
    seen: Seen = yield Look()
    live: set[str] = set()
    for each in seen.announcements:
        if not _has_expired(each, seen.store_date):
            live.add(each.name)
        elif each.name != name:
            yield Withdraw(each.name)
    return name in live and live.issubset(mine)


def _has_expired(announcement: Announcement, store_date: datetime | None) -> bool:
    """By the store's clock alone: ours may be wrong, and whoever announced it has yet another."""
    if store_date is None or announcement.since is None:
        return False
    found = _NAME.fullmatch(announcement.name)
    lease = timedelta(seconds=int(found[1])) if found else _FOREIGN_LEASE
    return store_date - announcement.since > lease
