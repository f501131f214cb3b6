"""Whatever happens, in whatever order, no promise is broken; and a machine that says so can fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar, Final

import pytest
from hypothesis import Phase, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import invariant, run_state_machine_as_test

from notifiers.channel import Channel
from tests.proofs import history_faults as faults
from tests.proofs.effort import is_long
from tests.proofs.figures import record
from tests.proofs.history_failures import Failures
from tests.proofs.history_machine import Histories
from tests.proofs.history_plan import Act, Crash, Damage, Incident, Meanwhile, Move, Spoil, Tick
from tests.proofs.history_resends import Resends
from tests.proofs.history_source import Event
from tests.proofs.history_world import CHANNELS, World, reminded

HISTORIES, FAILURES, RESENDS, STEPS = (2500, 1000, 1000, 60) if is_long() else (60, 50, 40, 25)
# Every history is made up anew. Of its own accord hypothesis makes five more of each by copying parts of it,
# of which hardly one shows anything else.
AVAILABLE_PROVIDERS["anew"] = HypothesisProvider
FIXED: Final = settings(derandomize=True, database=None, deadline=None, backend="anew")


def test_no_history_breaks_a_promise() -> None:
    """Time passing, faults, lost answers, overlaps, frozen processes, damaged documents and crashes."""
    Histories.totals.clear()
    run_state_machine_as_test(
        Histories, settings=settings(FIXED, max_examples=HISTORIES, stateful_step_count=STEPS)
    )
    totals = Histories.totals
    assert totals["histories"] >= HISTORIES
    assert all(totals[what] for what in ("crashes", "lost answers", "repeats", "damaged ledgers", "gaps"))
    record("histories", ", ".join(f"{count:,} {what}" for what, count in totals.items()))


def test_no_history_of_failures_breaks_a_promise() -> None:
    """Whoever wants it is reminded until it is over: for a day, or until somebody drops the change."""
    Failures.totals.clear()
    run_state_machine_as_test(
        Failures, settings=settings(FIXED, max_examples=FAILURES, stateful_step_count=STEPS)
    )
    totals = Failures.totals
    assert totals["histories"] >= FAILURES
    assert all(totals[what] for what in ("crashes", "reminders", "repeated reminders", "drops"))
    record("histories of failures", ", ".join(f"{count:,} {what}" for what, count in totals.items()))


def test_no_history_of_resends_breaks_a_promise() -> None:
    """Whoever is told once more hears it, whenever that is asked for, and loses nothing that it had heard."""
    Resends.totals.clear()
    run_state_machine_as_test(
        Resends, settings=settings(FIXED, max_examples=RESENDS, stateful_step_count=STEPS)
    )
    totals = Resends.totals
    assert totals["histories"] >= RESENDS
    assert all(totals[what] for what in ("crashes", "repeats", "resends"))
    record("histories of resends", ", ".join(f"{count:,} {what}" for what, count in totals.items()))


@pytest.mark.parametrize(
    ("world", "fault", "complaint"),
    [
        (World, faults.settles_to_the_end_of_the_log, "lost"),
        (World, faults.sends_before_it_saves, "was sent unsaved"),
        (World, faults.marks_no_repeats, "neither copy marked"),
        (World, faults.believes_older_answers, "the observation went back"),
        (World, faults.keeps_one_attempt_only, "was forgotten"),
        (World, faults.makes_up_gaps, "nobody looked for 0:"),
        (World, faults.hushes_up_gaps, "nobody looked for"),
        (faults.TimelessWorld, nullcontext, "by a claim that is gone"),
        (faults.StubbornWorld, nullcontext, "by a claim that is gone|went back|rolled back|and is"),
        (faults.CarelessWorld, nullcontext, "no copy of it set aside"),
    ],
)
def test_a_headway_that_is_broken_on_purpose_is_found_out(
    world: type[World], fault: Callable[[], AbstractContextManager[None]], complaint: str
) -> None:
    """Each fault breaks the promise that it should, within some hundred histories."""
    with fault():
        find_out(Histories, world, complaint)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (faults.reminds_all_the_time, "was reminded too soon"),
        (faults.reminds_for_days, "was reminded after a day"),
        (faults.reminds_of_what_was_dropped, "of what was dropped"),
        (faults.forgets_to_stop_reminding, "not enough to tell everything"),
    ],
)
def test_a_headway_that_reminds_wrongly_is_found_out(
    fault: Callable[[], AbstractContextManager[None]], complaint: str
) -> None:
    """The same for reminders."""
    with fault():
        find_out(Failures, World, complaint)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (faults.removes_markers_blindly, "is found by nobody"),
        (faults.ends_what_was_heard, "which had heard it"),
        (faults.marks_no_repeats, "neither copy marked"),
    ],
)
def test_a_headway_that_tells_wrongly_once_more_is_found_out(
    fault: Callable[[], AbstractContextManager[None]], complaint: str
) -> None:
    """The same for channels that are set back."""
    with fault():
        find_out(Resends, World, complaint)


class FoundOutError(BaseException):
    """The promise is broken that should be.

    No mere `Exception`, because it ends the search at once: to see such a history once more, and to print it,
    takes longer than to find it.
    """


def find_out(machine: type[Histories], world: type[World], complaint: str) -> None:
    """See that this promise is broken in some history of such a world."""

    class Faulty(machine):  # type: ignore[misc, valid-type]
        totals: ClassVar[Counter[str]] = Counter()

        def new_world(self, channels: Sequence[Channel] = CHANNELS) -> World:
            return world(channels)

        @invariant()
        def no_promise_is_broken(self) -> None:
            if re.search(complaint, "; ".join(self.world.broken)):
                raise FoundOutError

    looking = settings(
        FIXED,
        max_examples=1500,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    with pytest.raises(FoundOutError):
        run_state_machine_as_test(Faulty, settings=looking)


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


def crashed_at_the_last(call: int, *, is_after: bool) -> World:
    """A change that has failed, and a crash in the tick that puts an end to its reminders.

    Its calls: load, save that nobody is reminded any more, remove the marker.
    """
    world = World(reminded({"trouble": 3600}))
    for act in (GOES_ON, Tick((0,)), FAILS, Tick((0,))):
        world.act(act)
    world.clock.advance(3600)
    world.act(Tick((0,)))
    world.clock.advance(86400)
    world.act(Tick((0,), is_warm=False, incidents=(Incident(call, is_after, Crash()),)))
    assert world.figures["crashes"] == 1
    world.recover()
    return world


@pytest.mark.parametrize("call", range(1, 4))
@pytest.mark.parametrize("is_after", [False, True])
def test_a_process_may_crash_at_any_call_of_the_tick_that_ends_reminders(
    call: int, *, is_after: bool
) -> None:
    """The marker it leaves behind is removed by others."""
    world = crashed_at_the_last(call, is_after=is_after)

    assert world.broken == []
    assert world.records["inst/one"].figures["reminders"] == 1


def test_a_marker_that_is_left_behind_for_good_is_found_out() -> None:
    """Nothing else would tell of it."""
    with faults.leaves_markers():
        world = crashed_at_the_last(3, is_after=False)

    assert world.broken == ["two healthy days were not enough to tell everything"]
