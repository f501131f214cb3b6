"""Contenders for one document over a store that ignores conditions: every step that any of them can take.

Each saves by a flow of `handler.stores.lease`, an operation a step, and may then save again: over what it was
told is committed, else over what it finds, else over the same as before. None of them acts after its bound,
nor does a write of its arrive; a crash is to take no further step, which is among the ways anyhow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from handler.stores.lease import Announce, Look, Operation, Seen, Write
from handler.stores.port import Committed
from tests.proofs import storage
from tests.proofs import world as model
from tests.proofs.course import owner
from tests.proofs.flows import Flows
from tests.proofs.lease_promises import broken_by
from tests.proofs.storage import RESULTS, UNAVAILABLE, Fate, Kind, Result
from tests.proofs.world import OVER, TIMEOUT, Budget, Deed, Document, Link, Process, Save, Stage, World

BOUND: Final = model.bound(Process(deadline=TIMEOUT))


class Contest(NamedTuple):
    """Who contends, over what kind of store, with how many saves each, and how many answers may be lost.

    All happens at these instants, in any order at each: first, last before the bound, and after the lease.
    """

    kind: Kind
    contenders: int = 3
    saves: int = 1
    losses: int = 1
    instants: tuple[int, ...] = (0, BOUND - 1, BOUND + 1)


class Contention:
    """All that may happen in a contest, as a `Model`.

    `outcomes` is how saves have ended; it `is_overtaken` if a late write met a later one of its sender's.
    """

    def __init__(self, contest: Contest) -> None:
        """Begin with nothing visited."""
        self.outcomes: set[str] = set()
        self.is_overtaken = False
        self._contest = contest
        self._flows = Flows(contest.kind)
        self._answered = cache(self._flows.answered)

    def start(self) -> tuple[World, Sequence[Process]]:
        """Nobody has begun; a document's number is its place as in `Link`."""
        chain = (Link("first", 0, is_late=False),)
        world = World(document=Document(0, "first"), budget=Budget(losses=self._contest.losses), chain=chain)
        return world, [Process()] * self._contest.contenders

    def may_begin(self, number: int, processes: Sequence[Process]) -> bool:
        """See `Model`; contenders are alike, so they may be numbered as they begin."""
        return all(process.stage is not Stage.START for process in processes[:number])

    def deeds(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        """See `Model`."""
        if process.stage is Stage.START:
            yield from self._begin(world, number)
        elif process.save is not None:
            yield from self._save(world, number, process, process.save)
        elif process.stage is Stage.RELOAD:
            yield _load(world, number, process, "loads again")
            poorer = model.spend(world, losses=1)
            if poorer is not None:
                blind = _saving(process, number, process.version, process.after)
                yield Deed("cannot load again", poorer, blind)

    def arrivals(self, world: World) -> Iterator[Deed]:
        """See `Model`; late writes."""
        for late, fate in zip(world.stragglers, storage.arrivals(world), strict=True):
            yield self._judged(
                world, Deed(fate.what, _following(world, fate.world, late.document, is_late=True))
            )

    def later(self, world: World) -> World | None:
        """See `Model`."""
        then = next((instant for instant in self._contest.instants if instant > world.now), None)
        return None if then is None else storage.forget_hopeless(world._replace(now=then))

    def broken(self, _: World, *, is_over: bool) -> None:
        """See `Model`; only deeds break a promise here."""

    def _judged(self, before: World, deed: Deed, ended: tuple[Save, Result] | None = None) -> Deed:
        """Judge a deed, by which a save may have ended."""
        chain = deed.world.chain
        self.is_overtaken |= chain[-1].place != len(chain) - 1
        if ended is not None:
            self.outcomes.add(name_of(ended[1]))
        return deed._replace(broken=broken_by(before, deed.world, ended))

    def _begin(self, world: World, number: int) -> Iterator[Deed]:
        """Load the document, having begun now or before."""
        for instant in self._contest.instants:
            if instant <= world.now < instant + BOUND:
                process = Process(deadline=instant + TIMEOUT)
                yield _load(world, number, process, f"began at {instant} s, loads")

    def _save(self, world: World, number: int, process: Process, save: Save) -> Iterator[Deed]:
        """One operation of a save, whatever may become of it."""
        until = model.bound(process)
        seconds = max(1, until - world.now + self._contest.kind.lease_margin)
        operation = self._flows.operation(save, process.ours, seconds)
        for fate in self._fates(world, save, operation, until):
            answered, result = self._answered(save, process.ours, seconds, fate.answer)
            after = _following(world, fate.world, save.document)
            if isinstance(result, RESULTS):
                done, end = self._ended(after, number, process, answered, result), (answered, result)
                yield self._judged(world, Deed(f"{fate.what}: {name_of(result)}", after, done), end)
            else:
                yield self._judged(world, Deed(fate.what, after, process._replace(save=answered)))

    def _fates(self, world: World, save: Save, operation: Operation, until: int) -> Iterator[Fate]:
        """What `perform` knows, and what else a store may do at its worst."""
        kind, may_pause = self._contest.kind, len(save.names) < self._contest.kind.attempts
        yield from storage.perform(world, kind, save, operation, until=until, may_pause=may_pause)
        poorer = model.spend(world, losses=1)
        if poorer is not None and isinstance(operation, Announce):
            yield Fate("announces itself in vain, no answer", poorer, UNAVAILABLE)
            yield Fate("announces itself, but the store forgets it", poorer, None)
        elif poorer is not None and isinstance(operation, Look):
            yield Fate("looks, but is told no time", poorer, Seen(world.announcements, None))
        elif poorer is not None and isinstance(operation, Write):
            yield Fate("is refused the write", poorer, UNAVAILABLE)

    def _ended(self, world: World, number: int, process: Process, save: Save, result: Result) -> Process:
        """Begin the next save or be over; announcements of its own that still stand are remembered."""
        if process.saves == self._contest.saves:
            return OVER
        standing = {each.name for each in world.announcements}
        process = process._replace(save=None, ours=frozenset(standing & {*process.ours, *save.names}))
        if isinstance(result, Committed):
            place = next((n for n, link in enumerate(world.chain, 1) if link.version == result.version), 0)
            return _saving(process, number, result.version, place)
        return process._replace(stage=Stage.RELOAD, version=save.expected, after=save.document.ledger)


def name_of(result: Result) -> str:
    """What an outcome is called."""
    return result if isinstance(result, str) else type(result).__name__


def _load(world: World, number: int, process: Process, what: str) -> Deed:
    version = world.chain[-1].version
    return Deed(f"{what} {version}", world, _saving(process, number, version, len(world.chain)))


def _saving(process: Process, number: int, expected: str | None, place: int) -> Process:
    save = Save(Document(place, f"{owner(number)}n{process.saves}"), expected)
    return Process(Stage.CLAIM, process.deadline, saves=process.saves + 1, save=save, ours=process.ours)


def _following(before: World, world: World, document: Document, *, is_late: bool = False) -> World:
    """Add the document to the chain if the world holds it only now."""
    if world.document == before.document:
        return world
    link = Link(document.version, document.ledger, is_late)
    return world._replace(chain=(*before.chain, link))
