"""The steps of an invocation, as `handler.invocation` takes them, over the product's own decisions.

The bound that is assumed: **no step of an invocation happens later than its timeout plus one request
timeout** (60 s and 15 s). Before each step the invocation looks at the clock, so whatever it does after
its timeout was begun before; then the platform ends it. One that is frozen longer and thaws finds its
time up, and does nothing more. A late write of its own arrives within the same bound.

A crash is an invocation that takes no further step until its bound, so any number of crashes, before and
after every step, is among the ways anyhow. Only where the platform lets nobody begin before the former
is over a crash is a step of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import ClassVar

from handler.stores.lease import Announce
from tests.proofs.course import KEPT_BACK, Course, owner
from tests.proofs.deciding import ACCEPTED, FORTUNES, NO_TIME, Deciding, Seen
from tests.proofs.promises import Promises
from tests.proofs.storage import RESULTS, Kind, perform, replay, version_of
from tests.proofs.world import (
    OVER,
    TIMEOUT,
    Deed,
    Process,
    Stage,
    World,
    bound,
    is_alive,
    leave,
    spend,
)


class Invocations:
    """All steps that invocations can take; `seen` is what each observes, by its number."""

    def __init__(self, deciding: Deciding, promises: Promises, kind: Kind, seen: tuple[Seen, ...]) -> None:
        """Take the deciding half, what judges, the kind of store, and the observations."""
        self._deciding = deciding
        self._course = Course(deciding)
        self._promises = promises
        self._kind = kind
        self._seen = seen
        self._replay = cache(partial(replay, kind))

    def may_begin(self, processes: Sequence[Process]) -> bool:
        """Whether one that has not begun may do so beside these."""
        return self._kind.overlaps or not any(map(is_alive, processes))

    def deeds(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        """The steps that one invocation may take now, if it may begin; first that all goes well."""
        yield from self._ACTS[process.stage](self, world, number, process)
        may_crash = is_alive(process) and not self._kind.overlaps
        poorer = spend(world, crashes=1) if may_crash else None
        if poorer is not None:
            yield Deed(f"crashes, about to {process.stage.value}", poorer, OVER)

    def _begin(self, world: World, *_: object) -> Iterator[Deed]:
        yield Deed("begins", world, Process(Stage.LOAD, deadline=world.now + TIMEOUT))

    def _mark(self, world: World, _: int, process: Process) -> Iterator[Deed]:
        marked = world._replace(is_marked=True)
        yield _on(marked, process._replace(stage=Stage.CLAIM), "marks the change active")

    def _unmark(self, world: World, *_: object) -> Iterator[Deed]:
        yield _on(world._replace(is_marked=False), OVER, "removes the mark")

    def _load(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        before = world.document.ledger if world.document else None
        seen = self._seen[min(number, len(self._seen) - 1)]
        decision = self._deciding.decide(before, seen, world.now, process.deadline, owner(number))
        if decision.is_news:
            decided = self._course.decided(process, number, decision, world.document)
            yield _on(world, decided, "loads and decides")
        else:
            yield _on(world, OVER, "finds nothing new")

    def _save(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        """One request of a save, whatever may become of it."""
        save, until = process.save, bound(process)
        assert save is not None
        seconds = max(1, until - world.now + self._kind.lease_margin)
        operation = self._replay(save, process.ours, seconds)
        may_pause = world.now < process.deadline and len(save.names) < self._kind.attempts
        assert not isinstance(operation, RESULTS)
        for fate in perform(world, self._kind, save, operation, until=until, may_pause=may_pause):
            names = (*save.names, operation.name) if isinstance(operation, Announce) else save.names
            went_on = save._replace(names=names, answers=(*save.answers, fate.answer))
            result = self._replay(went_on, process.ours, seconds)
            done = process._replace(save=went_on)
            if isinstance(result, RESULTS):
                done = self._course.saved(fate.world, number, done, result)
            broken = self._promises.broken_by_save(world, fate.world)
            yield _on(fate.world, done, f"to {process.stage.value}, {fate.what}", broken)

    def _check(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        """Read back whether a save whose answer was lost has been made."""
        assert process.save is not None
        is_ours = version_of(world) == process.save.document.version
        checked = self._course.after_save(world.now, number, process, is_committed=is_ours)
        yield _on(world, checked, process.stage.value)
        poorer = spend(world, losses=1)
        if poorer is not None:
            failed = self._course.after_save(world.now, number, process, is_committed=False)
            yield _on(poorer, failed, f"cannot {process.stage.value}")

    def _send(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        """One message leaves, and what becomes of it; or it was looked at the clock too late."""
        parcel = process.parcels[len(process.fates)]
        broken = self._promises.broken_by_send(world, owner(number), parcel, process.after)
        for fate, fortune in enumerate(FORTUNES):
            is_possible = fate != NO_TIME or world.now > process.deadline - KEPT_BACK
            after = spend(world, mishaps=0 if fate in {ACCEPTED, NO_TIME} else 1)
            if not is_possible or after is None:
                continue
            if fate != NO_TIME:
                after = leave(after, parcel, arrives=fortune.arrives)
            told = process._replace(fates=(*process.fates, fate))
            what = f"sends alerts {parcel.numbers} to channel {parcel.channel}: {fortune.what}"
            going_on = self._course.next_send(world.now, number, told)
            yield _on(after, going_on, what, None if fate == NO_TIME else broken)

    def _reload(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        assert world.document is not None
        found = process._replace(after=world.document.ledger, version=world.document.version)
        settling = self._course.begin_settling(world.now, number, found)
        yield _on(world, settling, "loads the ledger again")
        poorer = spend(world, losses=1)
        if poorer is not None:
            again = self._course.begin_settling(world.now, number, process)
            yield _on(poorer, again, "cannot load the ledger again")

    _ACTS: ClassVar[Mapping[Stage, Callable[[Invocations, World, int, Process], Iterable[Deed]]]] = {
        Stage.START: _begin,
        Stage.LOAD: _load,
        Stage.MARK: _mark,
        Stage.CLAIM: _save,
        Stage.CHECK_CLAIM: _check,
        Stage.SEND: _send,
        Stage.SETTLE: _save,
        Stage.CHECK_SETTLE: _check,
        Stage.RELOAD: _reload,
        Stage.UNMARK: _unmark,
        Stage.OVER: lambda *_: (),
    }


def _on(world: World, process: Process, what: str, broken: str | None = None) -> Deed:
    """Get on; whoever finds the deadline passed does no more."""
    is_late = process is not OVER and world.now >= process.deadline
    return Deed(what, world, OVER if is_late else process, broken)
