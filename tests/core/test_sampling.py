"""How far a change was in the course of time: few samples that keep the shape of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.ledger import Sample
from handler.core.sampling import SAMPLES_MAX, hold, sample

START = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)

looks = st.lists(
    st.tuples(st.none() | st.integers(0, 100), st.integers(-90, 3600).map(lambda s: timedelta(seconds=s))),
    max_size=200,
)


percents = st.integers(0, 100)
moments = st.integers(-90, 10_000).map(lambda seconds: START + timedelta(seconds=seconds))
kept = st.lists(st.builds(Sample, moments, percents), max_size=SAMPLES_MAX - 2).map(
    lambda samples: tuple(sorted(samples, key=lambda one: one.at))
)


def sampled(script: Sequence[tuple[int | None, timedelta]]) -> tuple[Sample, ...]:
    """The samples after looks that saw these percentages, each so long after the one before."""
    samples: tuple[Sample, ...] = ()
    now = START
    for percent, after in script:
        now += after
        samples = sample(samples, percent, now)
    return samples


def line_at(samples: tuple[Sample, ...], moment: datetime) -> float:
    """Where the line through samples is at a moment between the first and the last."""
    after = next(place for place, one in enumerate(samples) if one.at >= moment and place)
    left, right = samples[after - 1], samples[after]
    return left.percent + (right.percent - left.percent) * ((moment - left.at) / (right.at - left.at))


def test_only_a_percentage_that_moved_is_kept() -> None:
    """What is unknown, or as it was, is no sample; what fell back is one."""
    script = [(None, MINUTE), (0, MINUTE), (0, MINUTE), (7, MINUTE), (None, MINUTE), (7, MINUTE), (5, MINUTE)]

    assert sampled(script) == (
        Sample(START + 2 * MINUTE, 0),
        Sample(START + 4 * MINUTE, 7),
        Sample(START + 7 * MINUTE, 5),
    )


def test_a_standstill_is_kept_as_one() -> None:
    """It does not become slow progress when it is over; only how far and until when is kept of it."""
    samples = (Sample(START, 0), Sample(START + 10 * MINUTE, 40))
    held_until, now = START + 125 * MINUTE, START + 130 * MINUTE

    moved = (*samples, Sample(held_until, 40), Sample(now, 70))
    assert sample(samples, 70, now, held_until) == moved
    assert sample(hold(samples, START + 60 * MINUTE, now), 70, now, held_until) == moved
    assert sample(samples, 40, now, held_until) is samples


@pytest.mark.parametrize("until", [None, START + 9 * MINUTE, START + 10 * MINUTE, START + 13 * MINUTE])
def test_what_was_not_seen_to_stand_still_is_not_said_to(until: datetime | None) -> None:
    """Nobody has looked since the last sample, or a clock was wrong."""
    samples, now = (Sample(START, 0), Sample(START + 10 * MINUTE, 40)), START + 12 * MINUTE

    assert hold(samples, until, now) is samples
    assert sample(samples, 70, now, until) == (*samples, Sample(now, 70))
    assert hold((), until, now) == ()


def test_of_many_samples_the_long_standstill_stays() -> None:
    """Both of its ends: what goes are the least bends."""
    samples: tuple[Sample, ...] = ()
    for percent in range(100):
        now = START + (percent + (120 if percent >= 40 else 0)) * MINUTE
        samples = sample(samples, percent, now, START + 158 * MINUTE if percent == 40 else None)

    assert len(samples) == SAMPLES_MAX
    assert {Sample(START + 39 * MINUTE, 39), Sample(START + 158 * MINUTE, 39)} <= {*samples}


@pytest.mark.parametrize("wrong_by", [timedelta(days=-1), timedelta(days=1)])
def test_one_wrong_clock_leaves_the_curve_as_it_is(wrong_by: timedelta) -> None:
    """Fifty samples are worth more than one clock, whether it was ahead or behind."""
    times = [START + number * MINUTE for number in range(53)]
    samples: tuple[Sample, ...] = ()
    for percent, at in enumerate(times):
        samples = sample(samples, percent, at + wrong_by if percent == 50 else at)

    assert [one.percent for one in samples] == [*range(53)]
    assert [one.at for one in samples[:50]] == times[:50]
    assert times[49] <= samples[50].at <= times[51]
    assert [one.at for one in samples[51:]] == times[51:]


def test_a_sample_of_this_very_moment_does_not_lie_after_it() -> None:
    """So the one behind it is alone, and was wrong."""
    now = START + MINUTE

    assert sample((Sample(now, 10), Sample(now + MINUTE, 20)), 30, now) == (
        Sample(now, 10),
        Sample(now, 20),
        Sample(now, 30),
    )


@given(kept, percents, moments, st.none() | moments)
def test_no_look_changes_more_than_one_old_moment(
    samples: tuple[Sample, ...], percent: int, now: datetime, held_until: datetime | None
) -> None:
    """Whatever the clocks say: all others stand where they stood, and all are in order."""
    after = sample(samples, percent, now, held_until)
    gone = Counter(samples) - Counter(after)

    assert [one.at for one in after] == sorted(one.at for one in after)
    assert gone.total() <= 1
    assert gone.keys() <= {*samples[-1:]}
    assert 0 <= len(after) - len(samples) <= 2
    assert after[-1].percent == percent
    assert after[-1].at in {now, *(one.at for one in samples[-1:])}


def test_a_clock_that_goes_back_leaves_no_sample_in_the_future() -> None:
    """What it said before was wrong; from then on times are right again."""
    script = [(0, MINUTE), (10, 600 * MINUTE), (20, -590 * MINUTE), (30, MINUTE)]

    assert sampled(script) == (
        Sample(START + MINUTE, 0),
        Sample(START + 11 * MINUTE, 10),
        Sample(START + 11 * MINUTE, 20),
        Sample(START + 12 * MINUTE, 30),
    )


@given(looks)
def test_samples_are_few_in_order_and_end_with_what_was_seen_last(
    script: Sequence[tuple[int | None, timedelta]],
) -> None:
    """However long a change goes on, and whatever its percentage and the clock do."""
    samples = sampled(script)
    seen = [percent for percent, _ in script if percent is not None]

    assert len(samples) <= SAMPLES_MAX
    assert [one.at for one in samples] == sorted(one.at for one in samples)
    assert [one.percent for one in samples[:1]] == seen[:1]
    assert [one.percent for one in samples[-1:]] == seen[-1:]


@given(looks, st.none() | st.integers(0, 100), st.integers(-90, 3600))
def test_the_same_percentage_once_more_changes_nothing(
    script: Sequence[tuple[int | None, timedelta]], percent: int | None, seconds: int
) -> None:
    """Whenever it is seen."""
    samples = sampled([*script, (percent, MINUTE)])
    now = START + timedelta(seconds=seconds)

    assert sample(samples, percent, now) is samples


@given(st.lists(st.integers(0, 100), min_size=61, max_size=90), st.data())
def test_the_first_and_the_last_moment_stay(percents: list[int], data: st.DataObject) -> None:
    """By a clock that goes on."""
    script = [
        (percent, timedelta(seconds=data.draw(st.integers(1, 3600)) if place % 20 == 0 else 60))
        for place, percent in enumerate(percents)
    ]
    samples = sampled(script)

    assert samples[0].at == START + script[0][1]
    assert samples[-1].at <= START + sum((after for _, after in script), timedelta())


def test_what_is_left_out_changes_the_line_by_hardly_a_percent() -> None:
    """A change with a slow middle and a quick end: its bends stay, and gaps are nowhere wide."""
    paces = [30] * 40 + [300] * 30 + [5] * 31
    script = [(percent, timedelta(seconds=pace)) for percent, pace in enumerate(paces)]
    samples = sampled(script)
    now, all_samples = START, []
    for percent, after in script:
        now += after
        all_samples.append(Sample(now, percent or 0))

    assert len(samples) == SAMPLES_MAX
    assert {39, 69} <= {one.percent for one in samples}
    assert all(abs(line_at(samples, one.at) - one.percent) < 1 for one in all_samples)
    assert max(right.percent - left.percent for left, right in pairwise(samples)) < 12


def test_a_ledger_with_more_than_there_may_be_is_thinned_out_as_well() -> None:
    """Another version may keep more of them."""
    samples = tuple(Sample(START + number * MINUTE, number % 7) for number in range(80))

    thinned = sample(samples, 9, START + 80 * MINUTE)
    assert len(thinned) == SAMPLES_MAX
    assert (thinned[0], thinned[-1]) == (samples[0], Sample(START + 80 * MINUTE, 9))
