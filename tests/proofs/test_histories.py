"""Whatever happens, in whatever order, no promise is broken; and a machine that says so can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar, Final

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proofs import history_faults as faults
from tests.proofs.effort import is_long
from tests.proofs.figures import record
from tests.proofs.history_machine import Histories
from tests.proofs.history_plan import Act, Crash, Damage, Incident, Meanwhile, Move, Spoil, Tick
from tests.proofs.history_source import Event
from tests.proofs.history_world import World

HISTORIES, STEPS = (2500, 60) if is_long() else (100, 25)
FIXED: Final = settings(derandomize=True, database=None, deadline=None)


def test_no_history_breaks_a_promise() -> None:
    """Time passing, faults, lost answers, overlaps, frozen processes, damaged documents and crashes."""
    Histories.totals.clear()
    run_state_machine_as_test(
        Histories, settings=settings(FIXED, max_examples=HISTORIES, stateful_step_count=STEPS)
    )
    totals = Histories.totals
    assert totals["histories"] >= HISTORIES
    assert all(totals[what] for what in ("crashes", "lost answers", "repeats", "damaged ledgers"))
    record("histories", ", ".join(f"{count:,} {what}" for what, count in totals.items()))


@pytest.mark.parametrize(
    ("world", "fault", "complaint"),
    [
        (World, faults.settles_to_the_end_of_the_log, "lost"),
        (World, faults.sends_before_it_saves, "was sent unsaved"),
        (World, faults.marks_no_repeats, "neither copy marked"),
        (World, faults.believes_older_answers, "the observation went back"),
        (faults.TimelessWorld, nullcontext, "by a claim that is gone"),
        (faults.StubbornWorld, nullcontext, "by a claim that is gone|went back|rolled back"),
        (faults.CarelessWorld, nullcontext, "no copy of it set aside"),
    ],
)
def test_a_headway_that_is_broken_on_purpose_is_found_out(
    world: type[World], fault: Callable[[], AbstractContextManager[None]], complaint: str
) -> None:
    """Each fault breaks the promise that it should, within a few hundred histories."""

    class Broken(Histories):
        totals: ClassVar[Counter[str]] = Counter()

        def new_world(self) -> World:
            return world()

    looking = settings(
        FIXED,
        max_examples=500,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    with fault(), pytest.raises(AssertionError, match=complaint):
        run_state_machine_as_test(Broken, settings=looking)


def broken_by(*acts: Act) -> list[str]:
    """Let this happen; the promises that it breaks."""
    world = World()
    for act in acts:
        world.act(act)
    return world.broken


def first_tick(at: int, *meanwhile: Act, asleep: int = 0) -> Tick:
    """A first tick, of the first change, that waits after its `at`-th call while others act.

    Its calls: load, progress, task, put the marker, save the claims, send to `all`, send to `quiet`, settle.
    """
    return Tick(
        (0,), is_warm=False, incidents=(Incident(at, is_after=True, what=Meanwhile(asleep, meanwhile)),)
    )


DAMAGED: Final = Spoil(0, Damage.OVERWRITTEN)
GOES_ON, FAILS = Move(0, Event.GOES_ON), Move(0, Event.FAILS)


def test_a_document_damaged_during_a_send_is_set_aside_and_told() -> None:
    """The settlement finds it damaged; the original must not be lost."""
    assert broken_by(GOES_ON, first_tick(6, DAMAGED)) == []


def test_a_settlement_brings_back_no_older_ledger() -> None:
    """What another invocation told meanwhile would be told again, unmarked."""
    assert broken_by(GOES_ON, first_tick(6, FAILS, Tick((0,)), DAMAGED), Tick((0,))) == []


def test_a_process_frozen_before_its_first_save_saves_nothing() -> None:
    """Its claim has lapsed before it stands: nobody sent anything, but a repeat will be marked."""
    assert broken_by(GOES_ON, first_tick(4, GOES_ON, asleep=90)) == []


@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("is_after", [False, True])
def test_a_process_may_crash_at_any_call_of_its_first_tick(call: int, *, is_after: bool) -> None:
    """What it leaves behind is told later by others, marked where it may have been heard."""
    world = World()
    world.act(GOES_ON)
    world.act(Tick((0,), is_warm=False, incidents=(Incident(call, is_after, Crash()),)))
    world.recover()

    assert world.figures["crashes"] == 1
    assert world.broken == []
