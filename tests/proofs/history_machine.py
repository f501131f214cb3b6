"""The state machine that makes up histories, and the strategies it makes them up from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from notifiers.channel import Channel
from tests.fakes.memory_store import Trouble
from tests.proofs.history_plan import (
    Act,
    Answer,
    Crash,
    Damage,
    Fault,
    Incident,
    Manner,
    Meanwhile,
    Move,
    Slow,
    Spoil,
    Tick,
    Turn,
)
from tests.proofs.history_source import Event, Mood
from tests.proofs.history_world import CHANNELS, World, reminded

CHANGES: Final = st.sampled_from((0, 1))
MOVES: Final = st.builds(Move, CHANGES, st.sampled_from((*[Event.GOES_ON] * 8, *Event)))
ANSWERS: Final = st.builds(Answer, CHANGES, st.sampled_from((*[Mood.GOOD] * 5, Mood.OLDER, *Mood)))
NAMES: Final = st.sampled_from([channel.name for channel in CHANNELS])
TURNS: Final = st.builds(Turn, NAMES, st.sampled_from((*[Manner.UP] * 6, *Manner)))
SPOILS: Final = st.builds(Spoil, CHANGES, st.sampled_from(Damage))

CALLS: Final = st.integers(1, 12)
"""Of the calls of ports that a tick makes, the one at which something comes in between."""
PLAIN_TICKS: Final = st.builds(
    Tick, st.sampled_from([(0, 1), (0,), (1,)]), st.booleans(), st.booleans(), st.just(())
)
WORLDLY: Final = st.one_of(MOVES, ANSWERS, TURNS)
PERIODS: Final[tuple[dict[str, int], ...]] = ({}, {}, {"trouble": 3600}, {"all": 600, "quiet": 14400})
"""How many seconds after it has heard of something a channel wants to be reminded."""


def troubled(what: st.SearchStrategy[Crash | Slow | Fault | Meanwhile], most: int) -> st.SearchStrategy[Tick]:
    """Ticks to which something happens, up to so many times."""
    incidents = st.builds(Incident, CALLS, st.booleans(), what)
    return st.builds(
        Tick,
        st.sampled_from([(0, 1), (0, 1), (0,), (1,)]),
        st.booleans(),
        st.booleans(),
        st.lists(incidents, min_size=1, max_size=most).map(tuple),
    )


MISHAPS: Final = st.one_of(
    st.just(Crash()),
    st.builds(Slow, st.sampled_from((5, 20, 70))),
    st.builds(Fault, st.sampled_from(Trouble)),
)
OTHERS: Final = st.one_of(PLAIN_TICKS, troubled(MISHAPS, 1), WORLDLY, SPOILS)
MEANWHILES: Final = st.builds(
    Meanwhile,
    st.sampled_from((0, 5, 50, 90, 1200)),
    st.lists(OTHERS, min_size=1, max_size=3).map(tuple),
)
TROUBLED_TICKS: Final = troubled(st.one_of(MISHAPS, MEANWHILES, MEANWHILES), 2)


class Histories(RuleBasedStateMachine):
    """Whatever can happen, in any order; after each step no promise may be broken."""

    totals: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        """Begin a history."""
        super().__init__()
        self.world = self.new_world()

    def new_world(self, channels: Sequence[Channel] = CHANNELS) -> World:
        """Build the world of one history."""
        return World(channels)

    @initialize(
        ahead=st.sampled_from((0, 0, 300, -45)),
        is_damaged=st.sampled_from((False, False, True)),
        periods=st.sampled_from(PERIODS),
    )
    def choose_world(self, ahead: int, *, is_damaged: bool, periods: Mapping[str, int]) -> None:
        """Nothing is there yet."""
        self.begin(ahead, periods, is_damaged=is_damaged)

    def begin(self, ahead: int, periods: Mapping[str, int], *, is_damaged: bool) -> None:
        """The store has its own clock, and some channels want to be reminded.

        In few histories documents are damaged, and much is marked then.
        """
        self.world = self.new_world(reminded(periods))
        self.world.store.set_ahead(ahead)
        self.world.keeps_documents = not is_damaged

    @rule(seconds=st.sampled_from((1, 15, 60, 80, 200, 700, 1900, 3700, 30000, 90000)))
    def time_passes(self, seconds: int) -> None:
        """Nobody looks for a while."""
        self.world.clock.advance(seconds)

    @rule(acts=st.lists(WORLDLY, min_size=1, max_size=3))
    def world_moves(self, acts: list[Act]) -> None:
        """Changes, the API and channels move."""
        for act in acts:
            self.world.act(act)

    @rule(act=SPOILS)
    def document_is_damaged(self, act: Act) -> None:
        """Somebody has laid hands on a document."""
        self.world.act(act)

    @rule(tick=PLAIN_TICKS)
    def store_is_out(self, tick: Tick) -> None:
        """Somebody looks while the store is out of reach."""
        self.world.store.is_out = True
        self.world.act(tick)
        self.world.store.is_out = False

    @rule(change=CHANGES, tick=PLAIN_TICKS)
    def change_goes_on_and_is_looked_at(self, change: int, tick: Tick) -> None:
        """The usual thing."""
        self.world.act(Move(change, Event.GOES_ON))
        self.world.act(tick)

    @rule(count=st.integers(1, 4), tick=PLAIN_TICKS)
    def minutes_pass(self, count: int, tick: Tick) -> None:
        """The timer wakes it every minute."""
        for _ in range(count):
            self.world.clock.advance(60)
            self.world.act(tick)

    @rule(tick=TROUBLED_TICKS)
    def tick_meets_trouble(self, tick: Tick) -> None:
        """Something happens at a call of a port."""
        self.world.act(tick)

    @rule(change=CHANGES, tick=TROUBLED_TICKS)
    def change_goes_on_and_tick_meets_trouble(self, change: int, tick: Tick) -> None:
        """Something happens while there is something to tell."""
        self.world.act(Move(change, Event.GOES_ON))
        self.world.act(tick)

    @rule(change=CHANGES, at=CALLS, is_after=st.booleans(), asleep=st.sampled_from((0, 5, 90)))
    def change_goes_on_while_it_is_looked_at(
        self, change: int, at: int, asleep: int, *, is_after: bool
    ) -> None:
        """Somebody else sees the next step, and tells it, at some call of who tells the one before."""
        goes_on, others = Move(change, Event.GOES_ON), Tick((change,), is_warm=False)
        meanwhile = Meanwhile(asleep, (goes_on, goes_on, others))
        for act in (goes_on, goes_on, Tick((change,), incidents=(Incident(at, is_after, meanwhile),))):
            self.world.act(act)

    @rule(change=CHANGES, seconds=st.sampled_from((60, 300)), tick=PLAIN_TICKS)
    def api_falls_behind(self, change: int, seconds: int, tick: Tick) -> None:
        """What was true before the last look is said once more."""
        for mood in (Mood.GOOD, Mood.GOOD, Mood.OLDER):
            self.world.clock.advance(seconds)
            self.world.act(Move(change, Event.GOES_ON))
            self.world.act(Answer(change, mood))
            self.world.act(tick)
        self.world.act(Answer(change, Mood.GOOD))

    @invariant()
    def no_promise_is_broken(self) -> None:
        """Whatever was recorded was right."""
        assert not self.world.broken, "; ".join(self.world.broken)

    def teardown(self) -> None:
        """Let everything be healthy in the end: then everything is told."""
        if not self.world.broken:
            self.world.recover()
            self.no_promise_is_broken()
        self.totals["histories"] += 1
        self.totals.update(self.world.figures)
        for record in self.world.records.values():
            self.totals.update(record.figures)
