"""How far a change was in the course of time, as a line."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import Ledger, Outage, Sample
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.drawing import Plot, Point
from handler.web.drawing.course import course_of
from handler.web.drawing.plot import draw_plot
from handler.web.drawing.timeline import draw_timeline
from tests.core.strategies import ledgers, moments, observations_at

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)

far_moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001
wild_samples = st.lists(st.builds(Sample, moments | far_moments, st.integers(-9, 200)), max_size=9)
wild_ledgers = st.builds(
    replace,
    ledgers,
    observation=observations_at(moments | far_moments),
    samples=wild_samples.map(lambda taken: tuple(sorted(taken, key=lambda one: one.at))),
)


def at(minutes: float) -> datetime:
    """A moment so many minutes before the present."""
    return NOW - minutes * MINUTE


def ledger(*samples: tuple[float, int], phase: Phase = Phase.RUNNING, remaining: int | None = None) -> Ledger:
    """A change that began half an hour ago, with samples so many minutes before the present."""
    ended_at = at(10) if phase.is_end else None
    step = Step("disk_expansion", StepState.COMPLETED if ended_at else StepState.RUNNING)
    steps = (replace(step, started_at=at(30), ended_at=ended_at),)
    taken = tuple(Sample(at(minutes), percent) for minutes, percent in samples)
    seen = Observation(phase, 40, remaining, steps, date=NOW)
    return Ledger("i/t", at(120), samples=taken, observation=seen)


def draw(known: Ledger, now: datetime = NOW, *, is_active: bool = True) -> Plot | None:
    """Draw what can be drawn."""
    course = course_of(Record(ChangeId("i", "t"), known, is_active=is_active), now)
    return draw_plot(known.samples, course) if course else None


def test_a_change_under_way_is_drawn_until_now_and_pointed_to_its_end() -> None:
    """The last point is the present, the estimate is where the line would reach the top."""
    known = ledger((24, 0), (12, 25), (6, 40), remaining=30 * 60)

    assert draw(known) == Plot(
        points=(Point(10, 100), Point(30, 75), Point(40, 60), Point(50, 60)), estimate=Point(100, 0)
    )


def test_where_nobody_has_seen_it_no_line_is_drawn() -> None:
    """It ends with the last good look: nobody looks any more, the API fails, or nobody is meant to look."""
    known = ledger((25, 0), (15, 25), remaining=30 * 60)
    assert known.observation
    known = replace(known, looked_at=NOW, observation=replace(known.observation, date=at(10)))
    ends = (Point(25, 100), Point(75, 75), Point(100, 75))

    assert draw(known, is_active=False) == Plot(ends)
    assert draw(replace(known, looked_at=at(31))) == Plot(ends)
    assert draw(replace(known, outage=Outage(at(9), ProblemKind.TIMEOUT))) == Plot(ends)


def test_a_standstill_is_a_level_line() -> None:
    """The same percentage twice says how long it stood so."""
    plot = draw(ledger((30, 40), (12, 40), (6, 55), phase=Phase.RUNNING))

    assert plot
    assert plot.points == (Point(0, 60), Point(60, 60), Point(80, 45), Point(100, 45))
    level = draw(ledger((30, 40), (15, 40)))
    assert level
    assert {point.top for point in level.points} == {60}


def test_a_change_that_is_over_is_drawn_until_its_end() -> None:
    """That was seen a little later, which does not widen the drawing."""
    plot = draw(ledger((30, 0), (20, 50), (9, 100), phase=Phase.COMPLETED, remaining=60))

    assert plot
    assert plot.points == (Point(0, 100), Point(50, 50), Point(100, 0))
    assert plot.estimate is None
    early = draw(ledger((30, 0), (20, 50), phase=Phase.CANCELLED))
    assert early
    assert early.points == (Point(0, 100), Point(50, 50))


def test_a_change_that_was_sampled_just_now_has_no_other_present() -> None:
    """Nor one that was sampled later than our clock says."""
    for latest in (0, -1):
        plot = draw(ledger((24, 0), (latest, 40)))
        assert plot
        assert plot.points == (Point(20, 100), Point(100, 60))


def test_a_single_sample_is_no_line() -> None:
    """And nothing is drawn of what nobody has seen."""
    unseen = Ledger("i/t", NOW, samples=(Sample(at(2), 1), Sample(at(1), 2)))

    assert draw(ledger()) is None
    assert draw(ledger((24, 0))) is None
    assert draw(unseen) is None
    assert draw(ledger((24, 0), (12, 25)))


@given(known=ledgers | wild_ledgers, now=moments | far_moments, is_active=st.booleans())
def test_whatever_is_kept_stays_within_the_drawing(known: Ledger, now: datetime, *, is_active: bool) -> None:
    """From left to right, on the same axis as the steps."""
    course = course_of(Record(ChangeId("i", "t"), known, is_active=is_active), now)
    plot = draw_plot(known.samples, course) if course else None
    assert (plot is not None) == (course is not None and len(known.samples) >= 2)
    if plot is None or course is None:
        return

    lefts = [point.left for point in plot.points]
    assert lefts == sorted(lefts)
    assert 0 <= len(plot.points) - len(known.samples) <= 1
    assert all(0 <= place <= 100 for point in plot.points for place in point)
    estimate = draw_timeline(course, now, ZoneInfo("Asia/Kathmandu")).rows[0].estimate
    assert (plot.estimate is None) == (estimate is None)
    assert plot.estimate is None or (0 <= plot.estimate.left <= 100 and plot.estimate.top == 0)
