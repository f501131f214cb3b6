"""Puts a proof together: who overlaps with whom, over what store, and what may go wrong meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from handler.core.audience import Audience, enrol
from handler.core.compare import compare
from handler.core.ledger import Ledger
from handler.core.observation import Observation
from notifiers.channel import Channel
from tests.proofs.deciding import CHANGE, NAME, POLICY, Deciding, Rules, Seen
from tests.proofs.explorer import Report, explore
from tests.proofs.invocations import Invocations
from tests.proofs.promises import TOLD, Promises
from tests.proofs.storage import START, Kind, arrivals, forget_hopeless
from tests.proofs.world import OVER, Budget, Copies, Deed, Document, Process, World

INSTANTS: Final = (0, 59, 74, 75)
"""The first moment of all; for who began then, the last before the timeout, the last at which a step may
happen, and the first at which claims have lapsed. What happens between them happens in the same order."""

HOUR: Final = 3600
RECOVERY_TICKS: Final = 4
"""After all claims and pauses: a lapsed claim, its repeat in doubt, what that left over, and a look."""


REAL: Final = Rules()


class Scenario(NamedTuple):
    """What is explored.

    `seen` is what each invocation observes; the newest of them is what is seen when all is over.
    `history` was observed and told before.
    """

    name: str
    kind: Kind
    channels: tuple[Channel, ...]
    seen: tuple[Seen, ...]
    budget: Budget
    newest: Observation
    history: Observation | None = None
    instants: tuple[int, ...] = INSTANTS


def prove(scenario: Scenario, rules: Rules = REAL) -> Report:
    """Explore a scenario to its end, or to the first broken promise."""
    return explore(Proof(scenario, rules))


class Proof:
    """A scenario under given rules as a `Model`: where it begins, all ways on, and what breaks a promise."""

    def __init__(self, scenario: Scenario, rules: Rules) -> None:
        """Begin with nothing visited."""
        self._scenario = scenario
        self._deciding = Deciding(rules, scenario.channels)
        self._promises = Promises(self._deciding)
        seen = (*scenario.seen, scenario.newest)
        self._invocations = Invocations(self._deciding, self._promises, scenario.kind, seen)
        self._recovered: dict[World, str | None] = {}

    def start(self) -> tuple[World, Sequence[Process]]:
        """Nobody has begun, and all that was observed before has been told."""
        channels, history = self._scenario.channels, self._scenario.history
        ledger = None if history is None else self._told(history)
        world = World(
            document=None if ledger is None else Document(self._deciding.number(ledger), "hn0"),
            is_marked=ledger is not None,
            heard=((Copies(1, 0, 1),) * ledger.length if ledger else (),) * len(channels),
            budget=self._scenario.budget,
        )
        return world, [Process()] * len(self._scenario.seen)

    def _told(self, history: Observation) -> Ledger:
        then = START - timedelta(minutes=1)
        audience = Audience(NAME, self._scenario.channels)
        ledger = compare(enrol(Ledger(CHANGE, then), audience, then), history, POLICY, then)
        states = {name: replace(s, offset=ledger.length) for name, s in ledger.channels.items()}
        return replace(ledger, channels=states)

    def may_begin(self, _: int, processes: Sequence[Process]) -> bool:
        """See `Model`."""
        return self._invocations.may_begin(processes)

    def deeds(self, world: World, number: int, process: Process) -> Iterator[Deed]:
        """See `Model`."""
        return self._invocations.deeds(world, number, process)

    def arrivals(self, world: World) -> Iterator[Deed]:
        """See `Model`; late writes."""
        for fate in arrivals(world):
            yield Deed(fate.what, fate.world, broken=self._promises.broken_by_save(world, fate.world))

    def later(self, world: World) -> World | None:
        """See `Model`."""
        then = next((instant for instant in self._scenario.instants if instant > world.now), None)
        return None if then is None else forget_hopeless(world._replace(now=then))

    def broken(self, world: World, *, is_over: bool) -> str | None:
        """See `Model`; be it only by where a state leads when nothing more goes wrong."""
        broken = self._promises.broken_in(world)
        return self._broken_at_last(world) if broken is None and is_over else broken

    def _broken_at_last(self, world: World) -> str | None:
        """Let time pass beyond all claims and pauses, then tick without a fault: all has to be told."""
        # No save is under way any more that could expect just this version.
        document = world.document and world.document._replace(version="left")
        world = world._replace(now=0, document=document, stragglers=(), budget=Budget())
        if world not in self._recovered:
            self._recovered[world] = self._recover(world)
        return self._recovered[world]

    def _recover(self, world: World) -> str | None:
        for tick in range(RECOVERY_TICKS):
            world, process = world._replace(now=(tick + 1) * HOUR), Process()
            while process is not OVER:
                deed = next(self._invocations.deeds(world, len(self._scenario.seen) + tick, process))
                broken = deed.broken
                if broken is None and deed.world is not world:
                    broken = self._promises.broken_in(deed.world)
                if broken is not None:
                    return f"{broken} (when all is over)"
                world, process = deed.world, deed.process or OVER
        return None if self._is_all_told(world) else TOLD

    def _is_all_told(self, world: World) -> bool:
        if world.document is None:
            return False
        ledger = self._deciding.ledger(world.document.ledger)
        states = ledger.channels.values()
        is_seen = ledger.phase is self._scenario.newest.phase
        return is_seen and all(s.offset == ledger.length and s.claim is None for s in states)
