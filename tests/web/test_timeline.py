"""How the steps of a change are drawn to scale."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import Ledger, Outage, Sample
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.record import NOTHING, Record
from handler.web.drawing import Bar, Mark, Row, Timeline
from handler.web.drawing.axis import WIDTH_MIN
from handler.web.drawing.course import course_of
from handler.web.drawing.sight import seen_until
from handler.web.drawing.timeline import draw_timeline
from notifiers.operations import Order
from tests.core.strategies import ledgers, moments, observations_at

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
UTC = ZoneInfo("UTC")
WAITING, RUNNING, COMPLETED, FAILED, UNKNOWN = StepState

far_moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001
wild_ledgers = st.builds(
    replace,
    ledgers,
    created_at=far_moments,
    looked_at=st.none() | far_moments,
    order=st.none() | st.builds(Order, ordered_at=st.none() | far_moments),
    observation=observations_at(moments | far_moments),
)
zones = st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Berlin")])


def at(minutes: float) -> datetime:
    """A moment so many minutes before the present."""
    return NOW - minutes * MINUTE


SAMPLES = (Sample(at(35), 1),)


def step(state: StepState, started: float | None = None, ended: float | None = None) -> Step:
    """A step that began and ended so many minutes before the present."""
    times = [None if minutes is None else at(minutes) for minutes in (started, ended)]
    return Step("disk_expansion", state, 1, None, *times)


def ledger(*steps: Step, phase: Phase = Phase.RUNNING, remaining: int | None = None) -> Ledger:
    """A change that was last looked at a minute ago, and first two hours ago."""
    observation = Observation(phase, 40, remaining, steps, date=at(1))
    return Ledger("i/t", at(120), looked_at=at(1), observation=observation)


def kept(known: Ledger | None, *, is_active: bool = True) -> Record:
    """A change of which this is kept."""
    return Record(ChangeId("i", "t"), known, is_active=is_active)


def draw(known: Ledger, now: datetime = NOW, zone: ZoneInfo = UTC, *, is_active: bool = True) -> Timeline:
    """Draw what can be drawn."""
    course = course_of(kept(known, is_active=is_active), now)
    assert course
    return draw_timeline(course, now, zone)


def row(*steps: Step, number: int = 1, phase: Phase = Phase.RUNNING) -> Row:
    """How one of the steps is drawn."""
    return draw(ledger(*steps, phase=phase)).rows[number]


def test_a_change_under_way_is_drawn_to_scale() -> None:
    """Half an hour is over, and half an hour is left: what has been takes half of the width."""
    steps = (step(COMPLETED, 30, 20), step(RUNNING, 20), step(WAITING))

    assert draw(ledger(*steps, remaining=31 * 60)) == Timeline(
        begins_at=at(30),
        ends_at=at(-30),
        rows=(
            Row(None, Bar(0, 50), Bar(50, 50), 1800),
            Row(steps[0], Bar(0, 16.67), None, 600),
            Row(steps[1], Bar(16.67, 33.33), None, 1200),
            Row(steps[2]),
        ),
        marks=(Mark(0, at(30)), Mark(50, NOW), Mark(100, at(-30))),
        now=50,
    )


def test_a_change_that_is_over_ends_with_its_last_step() -> None:
    """It is drawn the same whenever somebody looks, and there is nothing left of it."""
    known = ledger(step(COMPLETED, 90, 70), step(COMPLETED, 70, 50), phase=Phase.COMPLETED, remaining=600)
    timeline = draw(known)

    assert (timeline.begins_at, timeline.ends_at, timeline.now) == (at(90), at(50), None)
    assert timeline.rows[0] == Row(None, Bar(0, 100), None, 2400)
    assert [one.bar for one in timeline.rows[1:]] == [Bar(0, 50), Bar(50, 50)]
    assert draw(known, NOW + timedelta(days=9)) == timeline
    assert draw(known, is_active=False) == timeline


def test_a_change_that_does_not_tell_when_it_ended_ended_when_that_was_seen() -> None:
    """How long it took nobody knows then, nor how long the step took that was cut off."""
    timeline = draw(ledger(step(COMPLETED, 90, 70), step(RUNNING, 60), phase=Phase.CANCELLED))

    assert timeline.ends_at == at(1)
    assert [one.duration_seconds for one in timeline.rows] == [None, 1200, None]
    assert timeline.rows[2].bar == Bar(33.71, 66.29)


def test_an_end_that_nobody_saw_is_where_the_change_was_first_noticed() -> None:
    """So little is known that only the smallest drawing can be made of it."""
    timeline = draw(Ledger("i/t", at(120), observation=Observation(Phase.LOST)))

    assert (timeline.begins_at, timeline.ends_at) == (at(120), at(120) + timedelta(seconds=3))
    assert timeline.rows == (Row(None, Bar(0, WIDTH_MIN)),)


@pytest.mark.parametrize(
    ("known", "began_at"),
    [
        (ledger(step(WAITING, 50), step(RUNNING, 20), step(COMPLETED, 30, 20)), at(30)),
        (replace(ledger(step(RUNNING, 20)), order=Order(ordered_at=at(40))), at(20)),
        (replace(ledger(step(RUNNING)), order=Order(ordered_at=at(40)), samples=SAMPLES), at(40)),
        (replace(ledger(step(RUNNING)), order=Order("me"), samples=SAMPLES), at(35)),
        (ledger(step(RUNNING), step(WAITING, 50)), at(120)),
    ],
)
def test_a_change_begins_with_the_earliest_step_that_has_begun(known: Ledger, began_at: datetime) -> None:
    """Else when it was ordered, when it was first somewhere, or when it was first looked at."""
    assert draw(known).begins_at == began_at


def test_how_long_a_change_has_taken_is_known_only_by_its_steps() -> None:
    """That it was ordered does not say that it began."""
    timeline = draw(replace(ledger(step(RUNNING)), order=Order(ordered_at=at(40))))

    assert [one.duration_seconds for one in timeline.rows] == [None, None]
    assert [one.bar for one in timeline.rows] == [Bar(0, 100), None]


def test_nothing_is_drawn_of_what_nobody_has_seen() -> None:
    """There may be a ledger before the first good look."""
    assert course_of(kept(Ledger("i/t", NOW)), NOW) is None
    assert course_of(kept(None), NOW) is None


@pytest.mark.parametrize(
    ("drawn", "bar", "seconds"),
    [
        (step(COMPLETED, 50, 40), Bar(50, 10), 600),
        (step(FAILED, 50, 40), Bar(50, 10), 600),
        (step(UNKNOWN, 50, 40), Bar(50, 10), 600),
        (step(RUNNING, 50), Bar(50, 50), 3000),
        (step(RUNNING, 50, 40), Bar(50, 50), 3000),
        (step(RUNNING), None, None),
        (step(RUNNING, -5), Bar(99.5, 0.5), None),
        (step(WAITING, 50, 40), None, None),
        (step(COMPLETED), None, None),
        (step(COMPLETED, 50), Bar(50, 0.5), None),
        (step(FAILED, None, 40), Bar(60, 0.5), None),
        (step(COMPLETED, 50, 50), Bar(50, 0.5), 0),
        (step(COMPLETED, 40, 50), Bar(60, 0.5), None),
        (step(COMPLETED, 0, -5), Bar(99.5, 0.5), 300),
        (step(COMPLETED, 50, -(10**6)), Bar(50, 50), 60_003_000),
        (step(COMPLETED, -(10**6), 50), Bar(99.5, 0.5), None),
    ],
)
def test_a_step_is_drawn_by_what_it_tells(drawn: Step, bar: Bar | None, seconds: int | None) -> None:
    """Beside one that began 100 minutes ago; what took no time, or ran backwards, is a mere line."""
    assert row(step(RUNNING, 100), drawn, number=2) == Row(drawn, bar, None, seconds)


@pytest.mark.parametrize("remaining", [None, 0, 60])
def test_an_estimate_that_is_past_is_not_drawn(remaining: int | None) -> None:
    """It counts from when it was told, a minute ago."""
    timeline = draw(ledger(step(RUNNING, 30), remaining=remaining))

    assert (timeline.rows[0].estimate, timeline.ends_at, timeline.now) == (None, NOW, 100)


def test_an_estimate_of_which_nobody_knows_when_it_was_told_is_not_drawn() -> None:
    """Nobody can say when it will be over."""
    undated = replace(
        ledger(step(RUNNING, 30)), observation=Observation(Phase.RUNNING, 40, 600, (step(RUNNING, 30),))
    )

    assert draw(undated).rows[0].estimate is None


OUT_OF_SIGHT = [
    (replace(ledger(), looked_at=at(31)), True),
    (replace(ledger(), looked_at=at(1), outage=Outage(at(20), ProblemKind.TIMEOUT)), True),
    (ledger(), False),
]


@pytest.mark.parametrize(("known", "is_active"), OUT_OF_SIGHT, ids=["unwatched", "unreachable", "dropped"])
def test_what_nobody_has_seen_is_not_drawn(known: Ledger, *, is_active: bool) -> None:
    """All ends with the last good look, an hour and a half after the beginning: bars, times, the drawing."""
    steps = (step(COMPLETED, 150, 120), step(RUNNING, 120))
    seen = Observation(Phase.RUNNING, 40, 7200, steps, date=at(60))
    timeline = draw(replace(known, observation=seen), is_active=is_active)

    assert (timeline.begins_at, timeline.ends_at, timeline.now) == (at(150), at(60), None)
    assert timeline.rows == (
        Row(None, Bar(0, 100), None, 5400),
        Row(steps[0], Bar(0, 33.33), None, 1800),
        Row(steps[1], Bar(33.33, 66.67), None, 3600),
    )


@pytest.mark.parametrize(
    ("known", "until"),
    [
        (Ledger("i/t", at(120), looked_at=at(40)), at(40)),
        (Ledger("i/t", at(120), looked_at=at(2), outage=Outage(at(20), ProblemKind.TIMEOUT)), at(20)),
        (Ledger("i/t", at(120)), at(120)),
        (replace(ledger(), observation=Observation(Phase.RUNNING, date=at(-1))), NOW),
        (None, NOTHING.created_at),
    ],
)
def test_a_look_of_which_the_api_did_not_say_when_it_was_counts_as_ours(
    known: Ledger | None, until: datetime
) -> None:
    """It was before an outage began; and none was later than now."""
    assert seen_until(kept(known, is_active=False), NOW) == until


def test_a_change_is_in_sight_for_twenty_minutes_after_a_look() -> None:
    """Whoever looks every ten minutes has not gone away then; before the first look nobody has, either."""
    assert draw(replace(ledger(step(RUNNING, 50)), looked_at=at(20))).ends_at == NOW
    assert seen_until(kept(None), NOW) == NOW


def test_clocks_that_disagree_leave_something_to_see() -> None:
    """A step that has yet to begin by our clock: the drawing begins with it, and the present lies outside."""
    timeline = draw(ledger(step(RUNNING, -1), remaining=600))

    assert (timeline.begins_at, timeline.ends_at, timeline.now) == (at(-1), at(-9), None)
    assert [one.bar for one in timeline.rows] == [Bar(0, WIDTH_MIN)] * 2
    assert timeline.rows[0] == Row(None, Bar(0, WIDTH_MIN), Bar(0, 100), None)


def test_of_very_many_steps_only_the_whole_is_drawn() -> None:
    """Their times are not kept."""
    observation = Observation(Phase.RUNNING, 40, step_counts={RUNNING: 1, WAITING: 150})

    assert draw(Ledger("i/t", at(120), observation=observation)).rows == (Row(None, Bar(0, 100)),)


def test_marks_are_round_by_the_clocks_of_the_reader() -> None:
    """Six o'clock in Shanghai is no round hour of three in UTC."""
    known = ledger(step(RUNNING, 24 * 60))
    timeline = draw(known, zone=ZoneInfo("Asia/Shanghai"))

    assert [f"{mark.moment:%H:%M}" for mark in timeline.marks] == ["10:00", "16:00", "22:00", "04:00"]


@given(known=ledgers | wild_ledgers, now=moments | far_moments, zone=zones, is_active=st.booleans())
def test_whatever_is_kept_stays_within_the_drawing(
    known: Ledger, now: datetime, zone: ZoneInfo, *, is_active: bool
) -> None:
    """Steps in their order, no bar without width, and marks one after another."""
    course = course_of(kept(known, is_active=is_active), now)
    assert (course is None) == (known.observation is None)
    if course is None or known.observation is None:
        return
    timeline = draw_timeline(course, now, zone)
    assert course.is_over or course.until <= now

    bars = [bar for one in timeline.rows for bar in (one.bar, one.estimate) if bar]
    assert all(bar.left >= 0 and bar.width >= WIDTH_MIN for bar in bars)
    assert all(round(bar.left + bar.width, 2) <= 100 for bar in bars)
    assert [one.step for one in timeline.rows] == [None, *known.observation.steps]
    assert all(one.duration_seconds is None or one.duration_seconds >= 0 for one in timeline.rows)
    assert all(one.bar is None for one in timeline.rows if one.step and one.step.state is WAITING)
    lefts = [mark.left for mark in timeline.marks]
    assert 2 <= len(lefts) <= 6
    assert lefts == sorted(set(lefts))
    assert 0 <= lefts[0] <= lefts[-1] <= 100
    assert timeline.now is None or 0 <= timeline.now <= 100
    assert timeline.begins_at < timeline.ends_at
