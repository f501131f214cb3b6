"""How far a change was in the course of time, as a line."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.ledger import Ledger, Sample
from handler.core.observation import Observation, Phase, Step, StepState
from handler.web.drawing import Mark, Plot, Point
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


def test_a_change_under_way_is_drawn_until_now_and_pointed_to_its_end() -> None:
    """The last point is the present, the estimate is where the line would reach the top."""
    known = ledger((24, 0), (12, 25), (6, 40), remaining=30 * 60)

    assert draw_plot(known, NOW) == Plot(
        points=(Point(10, 100), Point(30, 75), Point(40, 60), Point(50, 60)),
        marks=(Mark(0, at(30)), Mark(50, NOW), Mark(100, at(-30))),
        estimate=Point(100, 0),
        now=50,
    )


def test_a_change_that_is_over_is_drawn_until_its_end() -> None:
    """That was seen a little later, which does not widen the drawing."""
    plot = draw_plot(ledger((30, 0), (20, 50), (9, 100), phase=Phase.COMPLETED, remaining=60), NOW)

    assert plot
    assert plot.points == (Point(0, 100), Point(50, 50), Point(100, 0))
    assert (plot.estimate, plot.now) == (None, None)


def test_a_change_that_was_sampled_just_now_has_no_other_present() -> None:
    """Nor one that was sampled later than our clock says."""
    for latest in (0, -1):
        plot = draw_plot(ledger((24, 0), (latest, 40)), NOW)
        assert plot
        assert plot.points == (Point(20, 100), Point(100, 60))


def test_a_single_sample_is_no_line() -> None:
    """And nothing is drawn of what nobody has seen."""
    unseen = Ledger("i/t", NOW, samples=(Sample(at(2), 1), Sample(at(1), 2)))

    assert draw_plot(ledger(), NOW) is None
    assert draw_plot(ledger((24, 0)), NOW) is None
    assert draw_plot(unseen, NOW) is None
    assert draw_plot(ledger((24, 0), (12, 25)), NOW)


@given(ledgers | wild_ledgers, moments | far_moments)
def test_whatever_is_kept_stays_within_the_drawing(known: Ledger, now: datetime) -> None:
    """From left to right, on the same axis as the steps."""
    plot, zone = draw_plot(known, now, ZoneInfo("Asia/Kathmandu")), ZoneInfo("Asia/Kathmandu")
    timeline = draw_timeline(known, now, zone)
    assert (plot is not None) == (timeline is not None and len(known.samples) >= 2)
    if plot is None or timeline is None:
        return

    lefts = [point.left for point in plot.points]
    assert lefts == sorted(lefts)
    assert 0 <= len(plot.points) - len(known.samples) <= 1
    assert all(0 <= place <= 100 for point in plot.points for place in point)
    assert (plot.marks, plot.now) == (timeline.marks, timeline.now)
    estimate = timeline.rows[0].estimate
    assert (plot.estimate is None) == (estimate is None)
    assert plot.estimate is None or (0 <= plot.estimate.left <= 100 and plot.estimate.top == 0)
