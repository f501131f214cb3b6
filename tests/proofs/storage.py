"""The model stores: what they do with each request of a save, and what may become of its answer.

A save is a flow as in `handler.stores.lease`, replayed from the answers it has had. On OBS that is the
product's own flow, each of whose operations is a step; a store that compares and writes in one has a
flow of one.

An answer that is lost leaves the write under way: it arrives at some later step, or never. Only under
platform serialisation it has arrived or not at once, for nothing there could fend off a late one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

import msgspec

from handler.stores.lease import (
    Announce,
    Announcement,
    Look,
    Operation,
    Pause,
    ReadBack,
    Reread,
    Seen,
    Withdraw,
    Write,
    swap,
    swap_announced,
)
from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown
from tests.proofs.world import Save, Straggler, World, spend

START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
UNAVAILABLE: Final = "unavailable"


class Swap(msgspec.Struct, frozen=True):
    """Compare and write in one step."""


Flow = Generator[Any, Any, Committed | Conflict | Unknown]
Result = Committed | Conflict | Unknown | str
"""What comes of a save; `UNAVAILABLE` where the port raises `StateUnavailableError`."""
RESULTS: Final = (Committed, Conflict, Unknown, str)


class Kind(NamedTuple):
    """A kind of store: how a save goes there, and whether the platform lets invocations overlap.

    If it `writes_late`, a write whose answer was lost may still arrive until its invocation's bound.
    Under a lease a save announces itself `attempts` times at most, then time is too short for another;
    `lease_margin` is how long an announcement outlasts its holder's bound.
    """

    name: str
    flow: Callable[[str | None, Callable[[], str], frozenset[str]], Flow]
    overlaps: bool = True
    writes_late: bool = True
    attempts: int = 1
    lease_margin: int = 0


class Fate(NamedTuple):
    """What may become of a request."""

    what: str
    world: World
    answer: object


def _swap_at_once(_expected: str | None, _new_name: Callable[[], str], _ours: frozenset[str]) -> Flow:
    outcome: Committed | Conflict | Unknown = yield Swap()
    return outcome


def _swap_alone(expected: str | None, _new_name: Callable[[], str], _ours: frozenset[str]) -> Flow:
    return swap(expected)


ATOMIC: Final = Kind("atomic store", _swap_at_once)
LEASE: Final = Kind("OBS with lease", swap_announced)
PLATFORM: Final = Kind("OBS under platform serialisation", _swap_alone, overlaps=False, writes_late=False)


def moment(seconds: int) -> datetime:
    """The store's clock."""
    return START + timedelta(seconds=seconds)


def replay(kind: Kind, save: Save, ours: frozenset[str], seconds: int) -> Operation | Swap | Result:
    """Find what a save does next, or what came of it; a new announcement would hold for `seconds`."""
    names = iter(save.names)

    def new_name() -> str:
        return next(names, f"{seconds}-{save.document.version}a{len(save.names)}")

    flow = kind.flow(save.expected, new_name, ours)
    try:
        operation: Operation | Swap = next(flow)
        for answer in save.answers:
            if answer == UNAVAILABLE:
                operation = flow.throw(StateUnavailableError("lost"))
            else:
                operation = flow.send(answer)
    except StopIteration as end:
        result: Result = end.value
        return result
    except StateUnavailableError:
        return UNAVAILABLE
    else:
        return operation


def version_of(world: World) -> str | None:
    """The version of what the store holds."""
    return world.document.version if world.document else None


def perform(  # noqa: PLR0913 - the request, by whom and until when
    world: World, kind: Kind, save: Save, operation: Operation | Swap, *, until: int, may_pause: bool
) -> Iterator[Fate]:
    """What may become of one request of a save; first that all goes well."""
    match operation:
        case Swap() | Write():
            yield from _write(world, kind, save, is_swap=isinstance(operation, Swap), until=until)
        case Announce(name=name):
            held = (*world.announcements, Announcement(name, moment(world.now)))
            announced = world._replace(announcements=tuple(sorted(held, key=lambda each: each.name)))
            yield Fate("announces itself", announced, None)
            yield from _lost(announced, "announces itself, no answer", UNAVAILABLE)
        case Look():
            seen = Seen(world.announcements, moment(world.now))
            yield Fate(f"sees {len(world.announcements)} announced", world, seen)
            yield from _lost(world, "cannot look", UNAVAILABLE)
        case Reread():
            yield Fate("reads the version", world, version_of(world))
            yield from _lost(world, "cannot read the version", UNAVAILABLE)
        case ReadBack():
            is_ours = world.document == save.document
            yield Fate("reads back", world, save.document.version if is_ours else None)
            yield from _lost(world, "cannot read back", None)
        case Withdraw(name=name):
            rest = tuple(each for each in world.announcements if each.name != name)
            yield Fate(f"withdraws {name}", world._replace(announcements=rest), None)
            yield from _lost(world, "cannot withdraw", None)
        case Pause():
            yield Fate("waits", world, may_pause)


def arrivals(world: World) -> Iterator[Fate]:
    """The writes without an answer that may arrive now."""
    for late in world.stragglers:
        rest = tuple(each for each in world.stragglers if each != late)
        yield Fate(
            f"the late write {late.document.version} arrives",
            forget_hopeless(world._replace(document=late.document, stragglers=rest)),
            late.document.version,
        )


def forget_hopeless(world: World) -> World:
    """Drop late writes whose condition can never hold again, for no version comes twice."""
    if not world.stragglers:
        return world
    version = version_of(world)
    hopeful = (s for s in world.stragglers if s.expected in {ANY, version} and s.until > world.now)
    return world._replace(stragglers=tuple(hopeful))


ANY: Final = "*"
"""In the place of an expected version: the write asks no condition."""


def _write(world: World, kind: Kind, save: Save, *, is_swap: bool, until: int) -> Iterator[Fate]:
    holds = not is_swap or version_of(world) == save.expected
    if not holds:
        yield Fate("is too late to write", world, Conflict())
        return
    version = save.document.version
    written = forget_hopeless(world._replace(document=save.document))
    yield Fate(f"writes {version}", written, Committed(version) if is_swap else version)
    lost = Unknown() if is_swap else None
    if kind.writes_late:
        late = Straggler(save.document, save.expected if is_swap else ANY, until)
        underway = world._replace(stragglers=tuple(sorted((*world.stragglers, late), key=str)))
        yield from _lost(underway, f"writes {version}, no answer yet", lost)
    else:
        yield from _lost(written, f"writes {version}, the answer is lost", lost)
        yield from _lost(world, f"loses the write {version}", lost)


def _lost(world: World, what: str, answer: object) -> Iterator[Fate]:
    """The same with one loss more, if so many are to be explored."""
    poorer = spend(world, losses=1)
    if poorer is not None:
        yield Fate(what, poorer, answer)
