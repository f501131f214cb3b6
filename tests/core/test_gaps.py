"""Times in which nobody looked: told once, at the first look after, and never made up."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.compare import LOST_AFTER, compare
from handler.core.gaps import EXPLANATION, UNWATCHED_AFTER, dismiss, is_unwatched, resume
from handler.core.ledger import Ledger
from handler.core.news import REFRESH_AFTER, is_news
from handler.core.observation import Observation, Phase
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.rules import Policy
from notifiers.alerts import Alert, Kind

START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOURS: Final = timedelta(hours=3, minutes=30)
RUNNING: Final = Observation(Phase.RUNNING, 40)
TIMEOUT: Final = Problem(ProblemKind.TIMEOUT, "The DMS API did not answer in time.")
GONE: Final = Problem(ProblemKind.NOT_FOUND, "There is no such task.", status=404, missing=Missing.TASK)
PATIENT: Final = Policy(stalled_after=timedelta(days=9))


def looked(seen: Observation | Problem, ledger: Ledger, at: datetime = START) -> Ledger:
    """The ledger after one look."""
    return compare(ledger, seen, PATIENT, at)


def new() -> Ledger:
    """A change that nobody has looked at yet."""
    return Ledger(change="i/t", created_at=START)


@pytest.fixture
def known() -> Ledger:
    """A change that was looked at once, at 08:00."""
    return looked(RUNNING, new())


def raised(before: Ledger, after: Ledger) -> list[Kind]:
    """The kinds of the alerts that a look has raised."""
    return [alert.kind for alert in after.alerts_after(before.length)]


@pytest.mark.parametrize("seen", [RUNNING, TIMEOUT])
def test_the_first_look_after_a_gap_says_for_how_long_nobody_looked_at_most(
    known: Ledger, seen: Observation | Problem
) -> None:
    """Whether that look is good or not; the kept moment may be ten minutes older than the last look."""
    after = looked(seen, known, START + HOURS)

    assert after.alerts[-1] == Alert(
        known.length + 1,
        Kind.UNWATCHED,
        "unwatched:2026-11-24T08:00:00+00:00",
        START + HOURS,
        percent=40,
        seconds=12600,
        detail=EXPLANATION,
    )
    assert raised(known, after) == [Kind.UNWATCHED]


def test_what_happened_meanwhile_is_told_after_it(known: Ledger) -> None:
    """In the order of events: first that nobody looked, then what is seen now."""
    after = looked(Observation(Phase.COMPLETED, 100), known, START + HOURS)

    assert raised(known, after) == [Kind.UNWATCHED, Kind.COMPLETED]


@pytest.mark.parametrize("outage", [[], [TIMEOUT]])
def test_a_gap_in_an_outage_is_told_beside_that(known: Ledger, outage: list[Problem]) -> None:
    """Of the outage only what was seen of it counts: it is told as soon as it lasts long enough."""
    for problem in outage:
        known = looked(problem, known, START + MINUTE)

    after = looked(TIMEOUT, known, START + HOURS)

    assert raised(known, after) == [Kind.UNWATCHED, *([Kind.UNREACHABLE] if outage else [])]


def test_a_change_that_is_lost_meanwhile_is_told_as_lost_as_well(known: Ledger) -> None:
    """Both are true."""
    known = looked(GONE, known, START + MINUTE)
    after = looked(GONE, known, START + MINUTE + max(LOST_AFTER, HOURS))

    assert raised(known, after) == [Kind.UNWATCHED, Kind.LOST]


def test_an_answer_from_before_the_gap_ends_it_as_well(known: Ledger) -> None:
    """Somebody looks again, though what the API sent is older than what is known."""
    known = replace(known, observation=replace(RUNNING, date=START + MINUTE))

    after = looked(replace(RUNNING, date=START), known, START + HOURS)

    assert raised(known, after) == [Kind.UNWATCHED]
    assert after.observation == known.observation


def test_the_next_look_says_nothing_more(known: Ledger) -> None:
    """A gap is told once; the next one again, and of their causes only the latest is remembered."""
    after = looked(RUNNING, known, START + HOURS)

    assert raised(after, looked(RUNNING, after, START + HOURS + MINUTE)) == []
    again = looked(RUNNING, after, START + 2 * HOURS)
    assert raised(after, again) == [Kind.UNWATCHED]
    assert [key for key in again.raised if key.startswith("unwatched:")] == [again.alerts[-1].cause]


@pytest.mark.parametrize(("after", "is_told"), [(UNWATCHED_AFTER, False), (UNWATCHED_AFTER + SECOND, True)])
def test_a_gap_is_what_the_pages_call_one(known: Ledger, after: timedelta, *, is_told: bool) -> None:
    """From the same moment on."""
    assert (looked(RUNNING, known, START + after).length > known.length) is is_told
    assert is_unwatched(known, START + after) is is_told


@given(st.lists(st.integers(1, 60), max_size=40))
def test_a_gap_is_never_made_up_and_never_hushed_up(waits: list[int]) -> None:
    """Of looks at most ten minutes apart no gap is told, of more than thirty always one, at least as long.

    What is kept lags behind: only news is saved, and now and then the moment of a look.
    """
    kept, now = looked(RUNNING, new()), START
    for wait in waits:
        now += wait * MINUTE
        seen = looked(RUNNING, kept, now)
        told = [alert for alert in seen.alerts_after(kept.length) if alert.kind is Kind.UNWATCHED]
        assert len(told) <= (wait * MINUTE > REFRESH_AFTER)
        assert len(told) >= (wait * MINUTE > UNWATCHED_AFTER)
        for alert in told:
            assert 0 <= (alert.seconds or 0) - 60 * wait <= REFRESH_AFTER.total_seconds()
        kept = seen if is_news(kept, seen, now) else kept


@given(st.integers(1, 25 * 60), st.lists(st.integers(0, 60), min_size=5, max_size=60))
@example(10 * 60, [0, 0, 59, 0, 60])
@example(20 * 60, [0, 60, 0, 60, 0])
@example(25 * 60, [60, 0, 60, 0, 60])
def test_a_slow_timer_that_is_late_now_and_then_is_no_gap(period: int, delays: list[int]) -> None:
    """Be it of a second or of 25 minutes, and each look up to a minute late."""
    kept = looked(RUNNING, new())
    for place, delay in enumerate(delays, 1):
        now = START + (place * period + delay) * SECOND
        seen = looked(RUNNING, kept, now)
        assert raised(kept, seen) == []
        kept = seen if is_news(kept, seen, now) else kept


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_end])
def test_nobody_misses_a_look_at_what_is_over(known: Ledger, phase: Phase) -> None:
    """Nothing happens there any more."""
    ended = looked(Observation(phase), known)

    assert looked(RUNNING, ended, START + HOURS) == ended


def test_the_first_look_at_a_change_follows_no_gap() -> None:
    """However long ago somebody asked for it."""
    ledger = looked(RUNNING, new(), START + HOURS)

    assert Kind.UNWATCHED not in raised(new(), ledger)


def test_nobody_misses_a_look_at_what_was_dropped(known: Ledger) -> None:
    """Whoever follows it again hears of no gap; of a later one they do."""
    dropped = dismiss(known, START + MINUTE)
    again = replace(dropped, is_dismissed=False)
    after = looked(RUNNING, again, START + HOURS)

    assert (dropped.is_dismissed, dropped.length) == (True, known.length)
    assert raised(again, after) == []
    assert raised(after, looked(RUNNING, after, START + 2 * HOURS)) == [Kind.UNWATCHED]
    assert dismiss(new(), START) == replace(new(), is_dismissed=True)


def test_nobody_misses_a_look_at_what_an_older_headway_has_dropped(known: Ledger) -> None:
    """It noted no more than that; what was not dropped is followed as it was."""
    again = resume(replace(known, is_dismissed=True), START + HOURS)
    after = looked(RUNNING, again, START + HOURS + MINUTE)

    assert not again.is_dismissed
    assert raised(again, after) == []
    assert raised(after, looked(RUNNING, after, START + 3 * HOURS)) == [Kind.UNWATCHED]
    assert resume(known, START + HOURS) is known
    assert resume(replace(new(), is_dismissed=True), START) == new()


def test_a_gap_is_no_trouble_of_the_change(known: Ledger) -> None:
    """It has been calm, so that its end closes no incident that nothing has opened."""
    after = looked(RUNNING, known, START + HOURS)

    assert after.was_calm


@pytest.mark.parametrize(
    ("minutes", "is_due"), [(-180, True), (-10, True), (-9, False), (9, False), (10, True)]
)
def test_a_clock_that_was_put_back_hushes_up_no_gap(known: Ledger, minutes: int, *, is_due: bool) -> None:
    """A look that was dated too late is dated anew; one by another machine's clock need not be."""
    now = START + minutes * MINUTE

    assert is_news(known, looked(RUNNING, known, now), now) is is_due
