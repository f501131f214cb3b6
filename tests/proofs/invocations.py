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

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from handler.stores.lease import Announce
from tests.proofs.course import KEPT_BACK, Course, owner
from tests.proofs.deciding import ACCEPTED, FORTUNES, NO_TIME, Deciding, Seen
from tests.proofs.promises import Promises
from tests.proofs.storage import RESULTS, Kind, perform, replay, version_of
from tests.proofs.world import (
    OVER,
    TIMEOUT,
    Process,
    Stage,
    Step,
    World,
    bound,
    is_alive,
    leave,
    spend,
    with_process,
)


class Invocations:
    """All steps that invocations can take in a world; `seen` is what each observes, by its number."""

    def __init__(self, deciding: Deciding, promises: Promises, kind: Kind, seen: tuple[Seen, ...]) -> None:
        """Take the deciding half, what judges, the kind of store, and the observations."""
        self._deciding = deciding
        self._course = Course(deciding)
        self._promises = promises
        self._kind = kind
        self._seen = seen
        self._replay = cache(replay)
        self._acts: dict[Stage, Callable[[World, int, Process], Iterable[Step]]] = {
            Stage.START: self._begin,
            Stage.LOAD: self._load,
            Stage.MARK: self._mark,
            Stage.CLAIM: self._save,
            Stage.CHECK_CLAIM: self._check,
            Stage.SEND: self._send,
            Stage.SETTLE: self._save,
            Stage.CHECK_SETTLE: self._check,
            Stage.RELOAD: self._reload,
            Stage.UNMARK: self._unmark,
            Stage.OVER: lambda *_: (),
        }

    def steps(self, world: World, number: int) -> Iterator[Step]:
        """The steps that one invocation may take now; first that all goes well."""
        process = world.processes[number]
        yield from self._acts[process.stage](world, number, process)
        may_crash = is_alive(process) and not self._kind.overlaps
        poorer = spend(world, crashes=1) if may_crash else None
        if poorer is not None:
            yield Step(number, f"crashes, about to {process.stage.value}", with_process(poorer, number, OVER))

    def _begin(self, world: World, number: int, _: Process) -> Iterator[Step]:
        if self._kind.overlaps or not any(map(is_alive, world.processes)):
            begun = Process(Stage.LOAD, deadline=world.now + TIMEOUT)
            yield Step(number, "begins", with_process(world, number, begun))

    def _mark(self, world: World, number: int, process: Process) -> Iterator[Step]:
        marked = world._replace(is_marked=True)
        yield self._on(marked, number, process._replace(stage=Stage.CLAIM), "marks the change active")

    def _unmark(self, world: World, number: int, _: Process) -> Iterator[Step]:
        yield self._on(world._replace(is_marked=False), number, OVER, "removes the mark")

    def _on(self, world: World, number: int, process: Process, what: str) -> Step:
        """Get on; whoever finds the deadline passed does no more."""
        is_late = process is not OVER and world.now >= process.deadline
        return Step(number, what, with_process(world, number, OVER if is_late else process))

    def _load(self, world: World, number: int, process: Process) -> Iterator[Step]:
        before = world.document.ledger if world.document else None
        seen = self._seen[min(number, len(self._seen) - 1)]
        decision = self._deciding.decide(before, seen, world.now, process.deadline, owner(number))
        if not decision.is_news:
            yield self._on(world, number, OVER, "finds nothing new")
            return
        decided = self._course.decided(process, number, decision, world.document)
        yield self._on(world, number, decided, "loads and decides")

    def _save(self, world: World, number: int, process: Process) -> Iterator[Step]:
        """One request of a save, whatever may become of it."""
        save, until = process.save, bound(process)
        assert save is not None
        seconds = max(1, until - world.now + self._kind.lease_margin)
        operation = self._replay(self._kind, save, process.ours, seconds)
        may_pause = world.now < process.deadline and len(save.names) < self._kind.attempts
        assert not isinstance(operation, RESULTS)
        for fate in perform(world, self._kind, save, operation, until=until, may_pause=may_pause):
            names = (*save.names, operation.name) if isinstance(operation, Announce) else save.names
            went_on = save._replace(names=names, answers=(*save.answers, fate.answer))
            result = self._replay(self._kind, went_on, process.ours, seconds)
            if isinstance(result, RESULTS):
                done = self._course.saved(fate.world, number, process._replace(save=went_on), result)
            else:
                done = process._replace(save=went_on)
            what = f"to {process.stage.value}, {fate.what}"
            step = self._on(fate.world, number, done, what)
            yield step._replace(broken=self._promises.broken_by_save(world, step.world))

    def _check(self, world: World, number: int, process: Process) -> Iterator[Step]:
        """Read back whether a save whose answer was lost has been made."""
        assert process.save is not None
        is_ours = version_of(world) == process.save.document.version
        checked = self._course.after_save(world.now, number, process, is_committed=is_ours)
        yield self._on(world, number, checked, process.stage.value)
        poorer = spend(world, losses=1)
        if poorer is not None:
            failed = self._course.after_save(world.now, number, process, is_committed=False)
            yield self._on(poorer, number, failed, f"cannot {process.stage.value}")

    def _send(self, world: World, number: int, process: Process) -> Iterator[Step]:
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
            step = self._on(after, number, self._course.next_send(world.now, number, told), what)
            yield step._replace(broken=None if fate == NO_TIME else broken)

    def _reload(self, world: World, number: int, process: Process) -> Iterator[Step]:
        assert world.document is not None
        found = process._replace(after=world.document.ledger, version=world.document.version)
        yield self._on(
            world, number, self._course.begin_settling(world.now, number, found), "loads the ledger again"
        )
        poorer = spend(world, losses=1)
        if poorer is not None:
            again = self._course.begin_settling(world.now, number, process)
            yield self._on(poorer, number, again, "cannot load the ledger again")
