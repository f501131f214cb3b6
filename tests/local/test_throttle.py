"""The token bucket: what it lets through, and what it promises to those whom it turns away."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.local.simulation.throttle import Bucket, Throttle
from tests.local.projects import START, at

throttles = st.builds(Throttle, st.sampled_from([0.1, 1.0, 7.0, 200.0]), st.integers(1, 20), st.booleans())
# How much later each request comes than the one before it, in seconds; none comes earlier.
arrivals = st.lists(st.floats(0, 3), max_size=60).map(lambda gaps: [at(s) for s in accumulate(gaps)])


def waits(throttle: Throttle, moments: list[datetime]) -> list[float]:
    """How long each request has to wait, 0 for one that passes."""
    bucket, told = Bucket(throttle.burst, START), []
    for moment in moments:
        bucket, wait_seconds = bucket.take(throttle, moment)
        told.append(wait_seconds)
    return told


def test_a_burst_passes_at_once_and_then_so_many_a_second() -> None:
    """The time to wait is the time until there is room for one."""
    assert waits(
        Throttle(2, burst=3, refusals_count=False), [at(s) for s in (0, 0, 0, 0, 0.4, 0.5, 0.6)]
    ) == [
        0,
        0,
        0,
        0.5,
        pytest.approx(0.1),
        0,
        pytest.approx(0.4),
    ]


@given(throttles, arrivals)
def test_no_span_of_time_sees_more_than_a_burst_and_the_rate(
    throttle: Throttle, moments: list[datetime]
) -> None:
    """Wherever it begins and ends."""
    told = waits(throttle, moments)
    passed = [moment for moment, wait in zip(moments, told, strict=True) if not wait]
    for first, begin in enumerate(passed):
        for count, end in enumerate(passed[first:], start=1):
            room = throttle.burst + (end - begin).total_seconds() * throttle.requests_per_second

            assert count <= room + 1e-3


@given(throttles, st.integers(0, 60))
def test_who_keeps_to_the_rate_is_never_turned_away(throttle: Throttle, count: int) -> None:
    """Not even by the last digit of a number."""
    gap_seconds = 1 / throttle.requests_per_second

    assert not any(waits(throttle, [at(n * gap_seconds) for n in range(count)]))


@given(throttles, arrivals)
def test_who_waits_as_told_passes(throttle: Throttle, moments: list[datetime]) -> None:
    """If nobody else comes meanwhile."""
    bucket = Bucket(throttle.burst, START)
    for moment in moments:
        bucket, wait_seconds = bucket.take(throttle, moment)
        later = moment + timedelta(seconds=wait_seconds + 1e-6)

        assert bucket.take(throttle, later)[1] == 0 or not wait_seconds


def test_who_goes_on_asking_is_kept_out_where_refusals_count() -> None:
    """Though by no more than one burst."""
    stubborn = [at(n * 0.1) for n in range(1000)]
    counting, lenient = Throttle(5, burst=10), Throttle(5, burst=10, refusals_count=False)

    assert waits(counting, stubborn).count(0) < 20
    assert waits(lenient, stubborn).count(0) > 500
    assert max(waits(counting, stubborn)) <= (1 + counting.burst) / counting.requests_per_second


def test_a_clock_that_goes_back_takes_nothing_away_and_gives_nothing() -> None:
    """The time that was counted once is not counted again."""
    told = waits(Throttle(1, burst=1, refusals_count=False), [at(10), at(5), at(10), at(11)])

    assert [wait == 0 for wait in told] == [True, False, False, True]
