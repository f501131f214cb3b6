"""Contenders for one document over a store that ignores conditions: every step that any of them can take.

Each saves by a flow of `handler.stores.lease`, an operation a step, and may then save again: over what it was
told is committed, else over what it finds, else over the same as before. None of them acts after its bound,
nor does a write of its arrive; a crash is to take no further step, which is among the ways anyhow.

Two histories of answers are one if the flow remembers the same after both: it stands at the same place, and
its variables hold the same. Whatever it does from there on is then the same too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import cache
from types import GeneratorType
from typing import Any, Final, NamedTuple

from handler.stores.lease import Announce, Look, Operation, Seen, Write
from handler.stores.port import Committed
from tests.proofs import storage
from tests.proofs import world as model
from tests.proofs.course import owner
from tests.proofs.storage import RESULTS, UNAVAILABLE, Fate, Flow, Kind, Result
from tests.proofs.world import OVER, TIMEOUT, Budget, Document, Process, Save, Stage, World

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


class Link(NamedTuple):
    """A write that was made: its place is next after what its writer expects; late is one in doubt."""

    version: str
    place: int
    is_late: bool


class Race(NamedTuple):
    """A state: the world, and the chain of all writes; a document's number is its place as in `Link`."""

    world: World
    chain: tuple[Link, ...]


class Move(NamedTuple):
    """A way on from a race: who does what, and the save that ends thereby, if one does."""

    who: int
    what: str
    race: Race
    ended: tuple[Save, Result] | None = None


class Contention:
    """All that may happen in a contest."""

    def __init__(self, contest: Contest) -> None:
        """Begin with nothing visited."""
        self._contest = contest
        self._next, self._answered = cache(self._replay), cache(self._answer)
        self._alike: dict[Hashable, Save] = {}

    def start(self) -> Race:
        """Nobody has begun."""
        processes, budget = (Process(),) * self._contest.contenders, Budget(losses=self._contest.losses)
        world = World(0, Document(0, "first"), True, (), (), processes, (), budget)  # noqa: FBT003 - unused
        return Race(world, (Link("first", 0, is_late=False),))

    def moves(self, race: Race) -> Iterator[Move]:
        """Whatever may happen next; contenders are alike, so they may be numbered as they begin."""
        world = race.world
        for number, process in enumerate(world.processes):
            if process.stage is Stage.START:
                yield from self._begin(race, number)
                break
            yield from self._go_on(race, number, process)
        for late, fate in zip(world.stragglers, storage.arrivals(world), strict=True):
            yield Move(-1, fate.what, _following(race, fate.world, late.document, is_late=True))
        then = next((instant for instant in self._contest.instants if instant > world.now), None)
        if then is not None:
            left = (OVER if model.is_alive(p) and model.bound(p) <= then else p for p in world.processes)
            waited = storage.forget_hopeless(world._replace(now=then, processes=tuple(left)))
            yield Move(-1, f"it is {then} s now", Race(waited, race.chain))

    def _begin(self, race: Race, number: int) -> Iterator[Move]:
        """Load the document, having begun now or before."""
        for instant in self._contest.instants:
            if instant <= race.world.now < instant + BOUND:
                yield _load(race, number, Process(deadline=instant + TIMEOUT), f"began at {instant} s, loads")

    def _go_on(self, race: Race, number: int, process: Process) -> Iterator[Move]:
        if process.save is not None:
            yield from self._save(race, number, process, process.save)
        elif process.stage is Stage.RELOAD:
            yield _load(race, number, process, "loads again")
            poorer = model.spend(race.world, losses=1)
            if poorer is not None:
                blind = _saving(process, number, process.version, process.after)
                yield Move(number, "cannot load again", _with(race, poorer, number, blind))

    def _save(self, race: Race, number: int, process: Process, save: Save) -> Iterator[Move]:
        """One operation of a save, whatever may become of it."""
        world, until = race.world, model.bound(process)
        seconds = max(1, until - world.now + self._contest.kind.lease_margin)
        operation, _ = self._next(save, process.ours, seconds)
        for fate in self._fates(world, save, operation, until):
            after, result = self._answered(save, process.ours, seconds, fate.answer)
            went_on = _following(race, fate.world, save.document)
            ended = (after, result) if isinstance(result, RESULTS) else None
            done = self._ended(went_on, number, process, *ended) if ended else process._replace(save=after)
            yield Move(number, fate.what, _with(went_on, fate.world, number, done), ended)

    def _answer(self, save: Save, ours: frozenset[str], seconds: int, answer: object) -> tuple[Save, Any]:
        """What a save is after an answer, and what it does next or has come to."""
        operation, _ = self._next(save, ours, seconds)
        names = (*save.names, operation.name) if isinstance(operation, Announce) else save.names
        after = save._replace(names=names, answers=(*save.answers, answer))
        result, remembered = self._next(after, ours, seconds)
        return self._alike.setdefault((after[:3], ours, remembered), after), result

    def _replay(self, save: Save, ours: frozenset[str], seconds: int) -> tuple[Any, Hashable]:
        """What a save does next or has come to, and what its flow remembers."""
        flows: list[Flow] = []

        def kept(expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
            flows.append(self._contest.kind.flow(expected, new_name, ours))
            return flows[0]

        result = storage.replay(self._contest.kind._replace(flow=kept), save, ours, seconds)
        return result, _frozen(flows[0])

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

    def _ended(self, race: Race, number: int, process: Process, save: Save, result: Result) -> Process:
        """Begin the next save or be over; announcements of its own that still stand are remembered."""
        if process.saves == self._contest.saves:
            return OVER
        standing = {each.name for each in race.world.announcements}
        process = process._replace(save=None, ours=frozenset(standing & {*process.ours, *save.names}))
        if isinstance(result, Committed):
            place = next((n for n, link in enumerate(race.chain, 1) if link.version == result.version), 0)
            return _saving(process, number, result.version, place)
        return process._replace(stage=Stage.RELOAD, version=save.expected, after=save.document.ledger)


def _load(race: Race, number: int, process: Process, what: str) -> Move:
    saving = _saving(process, number, race.chain[-1].version, len(race.chain))
    return Move(number, f"{what} {race.chain[-1].version}", _with(race, race.world, number, saving))


def _saving(process: Process, number: int, expected: str | None, place: int) -> Process:
    save = Save(Document(place, f"{owner(number)}n{process.saves}"), expected)
    return Process(Stage.CLAIM, process.deadline, saves=process.saves + 1, save=save, ours=process.ours)


def _with(race: Race, world: World, number: int, process: Process) -> Race:
    return Race(model.with_process(world, number, process), race.chain)


def _following(race: Race, world: World, document: Document, *, is_late: bool = False) -> Race:
    """Add the document to the chain if the world holds it now."""
    is_new = world.document != race.world.document
    link = Link(document.version, document.ledger, is_late)
    return Race(world, (*race.chain, link) if is_new else race.chain)


def _frozen(value: object) -> Hashable:
    """A value as it is now; a flow is where it stands, what its variables hold, and the flow within it."""
    if isinstance(value, GeneratorType):
        frame = value.gi_frame
        variables = sorted(frame.f_locals.items()) if frame else ()
        frozen = tuple((name, _frozen(each)) for name, each in variables)
        return value.__name__, frame and frame.f_lasti, frozen, _frozen(value.gi_yieldfrom)
    if isinstance(value, (list, set)):
        return tuple(value) if isinstance(value, list) else frozenset(value)
    assert isinstance(value, Hashable)
    return None if callable(value) else value
