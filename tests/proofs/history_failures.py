"""The state machine that makes up histories of changes that have failed, of which one is reminded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.proofs.history_machine import (
    CHANGES,
    MISHAPS,
    NAMES,
    OTHERS,
    PERIODS,
    PLAIN_TICKS,
    Histories,
    troubled,
)
from tests.proofs.history_plan import Drop, Manner, Meanwhile, Move, Tick, Turn
from tests.proofs.history_source import Event

HOURS: Final = st.sampled_from((3600, 3700, 14500))
MEANWHILES: Final = st.builds(
    Meanwhile,
    st.sampled_from((0, 5, 50, 90, 3700)),
    st.lists(st.one_of(st.builds(Drop, CHANGES), PLAIN_TICKS, OTHERS), min_size=1, max_size=2).map(tuple),
)
TROUBLED_TICKS: Final = troubled(st.one_of(MISHAPS, MEANWHILES), 2)
BAD_ENDS: Final = st.sampled_from((Event.FAILS, Event.FAILS, Event.VANISHES))


class Failures(Histories):
    """Two changes that have begun, and have failed or soon will."""

    totals: ClassVar[Counter[str]] = Counter()

    @initialize(
        ahead=st.sampled_from((0, 0, 300, -45)),
        is_damaged=st.sampled_from((False, False, False, True)),
        periods=st.sampled_from([periods for periods in PERIODS if periods]),
    )
    def choose_world(self, ahead: int, *, is_damaged: bool, periods: Mapping[str, int]) -> None:
        """Everybody has heard of the beginning."""
        self.begin(ahead, periods, is_damaged=is_damaged)
        for change in (0, 1):
            self.world.act(Move(change, Event.GOES_ON))
        self.world.act(Tick())

    @rule(change=CHANGES, event=BAD_ENDS, tick=PLAIN_TICKS)
    def change_ends_badly_and_is_looked_at(self, change: int, event: Event, tick: Tick) -> None:
        """There is something to remind of."""
        self.world.act(Move(change, event))
        self.world.act(tick)

    @rule(seconds=HOURS, ticks=st.lists(PLAIN_TICKS, min_size=1, max_size=4))
    def hours_pass(self, seconds: int, ticks: list[Tick]) -> None:
        """Whoever wants it is reminded."""
        for tick in ticks:
            self.world.clock.advance(seconds)
            self.world.act(tick)

    @rule(seconds=HOURS, tick=TROUBLED_TICKS)
    def hours_pass_and_tick_meets_trouble(self, seconds: int, tick: Tick) -> None:
        """Something happens while there is somebody to remind."""
        self.world.clock.advance(seconds)
        self.world.act(tick)

    @rule(seconds=HOURS, channel=NAMES, tick=PLAIN_TICKS)
    def hours_pass_and_an_answer_is_lost(self, seconds: int, channel: str, tick: Tick) -> None:
        """Nobody knows whether a channel was reminded."""
        self.world.clock.advance(seconds)
        for act in (Turn(channel, Manner.ANSWER_LOST), tick, Turn(channel, Manner.UP), tick):
            self.world.act(act)

    @rule(change=CHANGES)
    def change_is_dropped(self, change: int) -> None:
        """Somebody has heard enough."""
        self.world.act(Drop(change))
