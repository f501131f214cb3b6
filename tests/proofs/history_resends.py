"""The state machine that makes up histories in which channels are told once more, at any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.proofs.history_machine import (
    CALLS,
    CHANGES,
    MISHAPS,
    NAMES,
    PERIODS,
    PLAIN_TICKS,
    WORLDLY,
    Histories,
    troubled,
)
from tests.proofs.history_plan import Drop, Incident, Manner, Meanwhile, Move, Resend, Tick, Turn
from tests.proofs.history_source import Event

RESENDS: Final = st.builds(Resend, CHANGES, NAMES, st.sampled_from((True, True, False)))
MEANWHILES: Final = st.builds(
    Meanwhile,
    st.sampled_from((0, 0, 5, 90)),
    st.lists(
        st.one_of(RESENDS, RESENDS, PLAIN_TICKS, WORLDLY, st.builds(Drop, CHANGES)), min_size=1, max_size=3
    ).map(tuple),
)
TROUBLED_TICKS: Final = troubled(st.one_of(MISHAPS, MEANWHILES, MEANWHILES), 2)
LAST_CALLS: Final = st.sampled_from((4, 5, 8, 9, 10))
"""When outcomes are saved and the marker is removed, where there was something to ask before, and else."""
ENDS: Final = st.sampled_from((Event.COMPLETES, Event.FAILS, Event.IS_CANCELLED))


class Resends(Histories):
    """Two changes that have begun, and end sooner or later."""

    totals: ClassVar[Counter[str]] = Counter()

    @initialize(
        ahead=st.sampled_from((0, 0, 300, -45)),
        is_damaged=st.sampled_from((False, False, False, True)),
        periods=st.sampled_from(PERIODS),
    )
    def choose_world(self, ahead: int, *, is_damaged: bool, periods: Mapping[str, int]) -> None:
        """Everybody has heard of the beginning."""
        self.begin(ahead, periods, is_damaged=is_damaged)
        for change in (0, 1):
            self.world.act(Move(change, Event.GOES_ON))
        self.world.act(Tick())

    @rule(resend=RESENDS)
    def channel_is_told_once_more(self, resend: Resend) -> None:
        """Somebody wants to be sure."""
        self.world.act(resend)

    @rule(resend=RESENDS, tick=TROUBLED_TICKS)
    def channel_is_told_once_more_and_tick_meets_trouble(self, resend: Resend, tick: Tick) -> None:
        """Something happens while that is told."""
        self.world.act(resend)
        self.world.act(tick)

    @rule(resend=RESENDS, manner=st.sampled_from(Manner), tick=PLAIN_TICKS)
    def channel_takes_badly_what_it_is_told_once_more(
        self, resend: Resend, manner: Manner, tick: Tick
    ) -> None:
        """It had heard it before."""
        self.world.act(resend)
        self.world.act(Turn(resend.channel, manner))
        self.world.act(tick)
        self.world.act(Turn(resend.channel, Manner.UP))

    @rule(event=ENDS, resend=RESENDS, at=st.one_of(CALLS, LAST_CALLS), is_after=st.booleans())
    def channel_is_told_once_more_while_an_end_is_told(
        self, event: Event, resend: Resend, at: int, *, is_after: bool
    ) -> None:
        """Somebody wants to be sure, at some call of the tick that takes the marker away."""
        self.world.act(Move(resend.change, event))
        # Also when it had ended and was told long ago there is something to tell.
        self.world.act(resend)
        self.world.act(Tick((resend.change,), incidents=(Incident(at, is_after, Meanwhile(0, (resend,))),)))

    @rule(change=CHANGES)
    def change_is_dropped(self, change: int) -> None:
        """Somebody has heard enough of a failure."""
        self.world.act(Drop(change))
