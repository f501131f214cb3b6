"""The modelled world and the processes in it: immutable, hashable, small.

Ledgers stand in it by number only; `Deciding` knows them. Times are seconds since the world began.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from handler.stores.lease import Announcement

TIMEOUT: Final = 60
REQUEST_TIMEOUT: Final = 15


class Stage(Enum):
    """What an invocation is about to do, in the order of the main path; names are for traces."""

    START = "start"
    LOAD = "load the ledger"
    MARK = "mark the change active"
    CLAIM = "save what is new and its claims"
    CHECK_CLAIM = "read back the claims"
    SEND = "send"
    SETTLE = "save the outcomes"
    CHECK_SETTLE = "read back the outcomes"
    RELOAD = "load the ledger again"
    UNMARK = "remove the mark"
    OVER = "be over"

    # Each is one object. Millions of worlds are hashed, and the one of `Enum` hashes a name anew each time.
    __hash__ = object.__hash__


class Document(NamedTuple):
    """What the store holds: a ledger, by number, and its version, which no other save shares."""

    ledger: int
    version: str


class Save(NamedTuple):
    """A conditional save under way: what it writes over what, and what the store has answered so far."""

    document: Document
    expected: str | None
    names: tuple[str, ...] = ()
    answers: tuple[object, ...] = ()


class Parcel(NamedTuple):
    """What one channel, by its place, is to hear; alerts up to `repeat_upto` are marked."""

    channel: int
    numbers: tuple[int, ...]
    repeat_upto: int


class Process(NamedTuple):
    """One invocation: where it is and all that it remembers; one that is over or dead remembers nothing.

    `before` is the ledger that it found (None: there was none), `after` the one it saves or has saved.
    """

    stage: Stage = Stage.START
    deadline: int = 0
    before: int | None = None
    after: int = -1
    version: str | None = None
    parcels: tuple[Parcel, ...] = ()
    fates: tuple[int, ...] = ()
    saves: int = 0
    save: Save | None = None
    ours: frozenset[str] = frozenset()


OVER: Final = Process(Stage.OVER)


def is_alive(process: Process) -> bool:
    """True from a process's first step until it is over or dead."""
    return process.stage is not Stage.START and process.stage is not Stage.OVER


def bound(process: Process) -> int:
    """When the platform has certainly ended a process, and whatever it sent has arrived."""
    return process.deadline + REQUEST_TIMEOUT


class Straggler(NamedTuple):
    """A write whose answer was lost: it may still arrive, before `until`, or never."""

    document: Document
    expected: str | None
    until: int


class Budget(NamedTuple):
    """What may still go wrong: crashes, lost answers of the store, sends that are not simply accepted."""

    crashes: int = 0
    losses: int = 0
    mishaps: int = 0


class Copies(NamedTuple):
    """How often a channel has heard an alert: unmarked, and marked as a possible repeat.

    `sends` counts all messages that left with it, whether they arrived or not.
    """

    unmarked: int = 0
    marked: int = 0
    sends: int = 0


Hearings = tuple[tuple[Copies, ...], ...]
"""For each channel, by its place, the copies of each alert, by its number less one."""


class Link(NamedTuple):
    """A write that was made: its place is next after what its writer expects; late is one in doubt."""

    version: str
    place: int
    is_late: bool


class World(NamedTuple):
    """Everything there is at one moment but the processes; `chain` is all writes, where one asks for them."""

    now: int = 0
    document: Document | None = None
    is_marked: bool = False
    announcements: tuple[Announcement, ...] = ()
    stragglers: tuple[Straggler, ...] = ()
    heard: Hearings = ()
    budget: Budget = Budget()
    chain: tuple[Link, ...] = ()


class Deed(NamedTuple):
    """What happens: the world then, the process that did it, and the promise that the deed itself breaks.

    There is no process where nobody did it, and mostly no promise.
    """

    what: str
    world: World
    process: Process | None = None
    broken: str | None = None


def leave(world: World, parcel: Parcel, *, arrives: bool) -> World:
    """The world in which a message has left for a channel, which may hear it."""
    place = parcel.channel
    copies = list(world.heard[place])
    copies += [Copies()] * (max(parcel.numbers) - len(copies))
    for number in parcel.numbers:
        unmarked, marked, sends = copies[number - 1]
        is_marked = number <= parcel.repeat_upto
        unmarked += arrives and not is_marked
        marked += arrives and is_marked
        copies[number - 1] = Copies(unmarked, marked, sends + 1)
    return world._replace(heard=(*world.heard[:place], tuple(copies), *world.heard[place + 1 :]))


def spend(world: World, *, crashes: int = 0, losses: int = 0, mishaps: int = 0) -> World | None:
    """The world in which something more has gone wrong; None when that much is not to be explored."""
    left = world.budget
    if left.crashes < crashes or left.losses < losses or left.mishaps < mishaps:
        return None
    budget = Budget(left.crashes - crashes, left.losses - losses, left.mishaps - mishaps)
    return world._replace(budget=budget)
