"""How fast requests go out: never faster than told, slower after a 429, and not at all if too late."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handler.huaweicloud.pace import BURST_SECONDS, PAUSE_SECONDS, Pace, burst_seconds_for
from tests.huaweicloud.virtual_time import VirtualTime

TINY: Final = 1e-6
"""What sums of fractions may be off by."""


class Asker(NamedTuple):
    """Somebody who asks for a turn at a moment, and what came of it: when they went, if at all."""

    at: float
    seconds_max: float
    is_let_go: bool = False
    done_at: float = 0.0


class Brake(NamedTuple):
    """A 429 that comes at a moment, and how long it wants to be left alone."""

    at: float
    retry_after_seconds: float | None


def played(rate: float, askers: Sequence[Asker], brakes: Sequence[Brake] = ()) -> list[Asker]:
    """Let everybody ask when they want to; who is done, in the order in which they were; times from 0."""
    clock = VirtualTime()
    origin = clock.monotonic()
    pace = Pace(rate, clock.monotonic, clock.sleep)
    done: list[Asker] = []

    def ask(asker: Asker) -> None:
        clock.sleep(asker.at)
        is_let_go = pace.wait(asker.seconds_max)
        done.append(asker._replace(is_let_go=is_let_go, done_at=clock.monotonic() - origin))

    def brake(one: Brake) -> None:
        clock.sleep(one.at)
        pace.slow_down(one.retry_after_seconds)

    clock.run(
        [
            *(lambda one=one: brake(one) for one in brakes),
            *(lambda one=one: ask(one) for one in askers),
        ]
    )
    return done


def gone(askers: Sequence[Asker]) -> list[float]:
    """When those went who were let go."""
    return [asker.done_at for asker in askers if asker.is_let_go]


def most_in(moments: Sequence[float], window_seconds: float) -> int:
    """How many moments lie within a window of this length at most, both its ends included."""
    return max(
        (sum(begin <= one <= begin + window_seconds + TINY for one in moments) for begin in moments),
        default=0,
    )


RATES: Final = st.sampled_from([0.5, 1.0, 3.0, 7.0])
SECONDS: Final = st.integers(0, 200).map(lambda tenths: tenths / 10)
GROUPS: Final = st.builds(
    lambda asker, count: [asker] * count, st.builds(Asker, SECONDS, SECONDS), st.integers(1, 12)
)
CROWDS: Final = st.lists(GROUPS, max_size=5).map(
    lambda groups: [asker for group in groups for asker in group]
)
BRAKES: Final = st.lists(st.builds(Brake, SECONDS, st.none() | SECONDS), max_size=4)

PATIENT: Final = [Asker(0.0, 60.0)] * 12
"""More than may go at once; they wait for their turns."""


@given(RATES, CROWDS, SECONDS)
def test_nobody_makes_it_faster_than_its_rate_and_one_burst(
    rate: float, crowd: list[Asker], window_seconds: float
) -> None:
    """In no window of any length, whoever comes when and however long they can wait."""
    moments = gone(played(rate, crowd))

    assert most_in(moments, window_seconds) <= rate * (window_seconds + BURST_SECONDS) + 1 + TINY


@given(RATES, CROWDS, BRAKES, SECONDS)
@example(1.0, PATIENT, [Brake(0.5, 30.0)], 0.0)
def test_a_429_never_makes_it_faster(
    rate: float, crowd: list[Asker], brakes: list[Brake], window_seconds: float
) -> None:
    """Those it has held up do not all go at once when it is over."""
    moments = gone(played(rate, crowd, brakes))

    assert most_in(moments, window_seconds) <= rate * (window_seconds + BURST_SECONDS) + 1 + TINY


@given(RATES, CROWDS, BRAKES)
def test_whoever_goes_goes_in_time(rate: float, crowd: list[Asker], brakes: list[Brake]) -> None:
    """Nobody is let go later than they said they could wait."""
    for asker in played(rate, crowd, brakes):
        assert not asker.is_let_go or asker.at - TINY <= asker.done_at <= asker.at + asker.seconds_max + TINY


@given(RATES, CROWDS)
def test_whoever_would_come_too_late_is_told_at_once(rate: float, crowd: list[Asker]) -> None:
    """Their time is better spent on something else."""
    for asker in played(rate, crowd):
        assert asker.is_let_go or asker.done_at == pytest.approx(asker.at)


@given(RATES, st.integers(1, 40), SECONDS)
def test_nobody_waits_longer_than_the_rate_asks_for(rate: float, count: int, seconds_max: float) -> None:
    """Of those who come together a burst goes at once, the others one by one, as long as they can wait."""
    burst = int(rate * BURST_SECONDS) + 1
    expected = [max(0.0, (place + 1 - burst) / rate) for place in range(count)]
    ahead = rate * BURST_SECONDS - (burst - 1)

    moments = gone(played(rate, [Asker(0.0, seconds_max)] * count))

    for moment, latest in zip(moments, expected, strict=False):
        assert max(0.0, latest - ahead / rate) - TINY <= moment <= latest + TINY
    assert len(moments) >= sum(latest <= seconds_max - TINY for latest in expected)


def test_whoever_is_refused_takes_no_turn_from_others() -> None:
    """A turn goes to the next who can wait for it."""
    crowd = [*[Asker(0.0, 0.0)] * 10, Asker(0.0, 0.5), Asker(0.0, 5.0), Asker(0.0, 5.0)]

    moments = gone(played(1.0, crowd))

    assert moments == pytest.approx([0.0, 0.0, 0.0, 0.0, 1.0, 2.0])


def test_a_rest_earns_one_burst_and_no_more() -> None:
    """However long nobody asked."""
    moments = gone(played(2.0, [Asker(1000.0, 0.0)] * 20))

    assert moments == pytest.approx([1000.0] * 7)


@given(RATES, CROWDS, BRAKES)
@example(1.0, [Asker(0.3, 20.0)], [Brake(0.1, 0.5), Brake(0.2, 5.0)])
def test_nobody_goes_before_the_api_wants_to_be_asked_again(
    rate: float, crowd: list[Asker], brakes: list[Brake]
) -> None:
    """Whoever it said so to, and also when others were told a shorter time."""
    moments = gone(played(rate, crowd, brakes))

    for brake in brakes:
        until = brake.at + (brake.retry_after_seconds or 0.0)
        assert not [moment for moment in moments if brake.at + TINY < moment < until - TINY]


@given(RATES, CROWDS, BRAKES.filter(bool), SECONDS)
@example(1.0, PATIENT, [Brake(0.5, 4.0)], 1.0)
def test_after_a_429_half_as_many_go_and_none_in_a_burst(
    rate: float, crowd: list[Asker], brakes: list[Brake], window_seconds: float
) -> None:
    """Those who had their turns already go one by one as well."""
    first_at = min(brake.at for brake in brakes)
    moments = [moment for moment in gone(played(rate, crowd, brakes)) if moment > first_at + TINY]

    assert most_in(moments, window_seconds) <= rate / 2 * window_seconds + 1 + TINY


def test_a_429_that_names_no_time_pauses_all_for_a_second_then_for_two() -> None:
    """Each further one says that it was not enough."""
    brakes = [Brake(0.0, None), Brake(5.0, None), Brake(15.0, None)]
    crowd = [Asker(at + 0.1, 20.0) for at in (0.0, 5.0, 15.0)]

    moments = gone(played(100.0, crowd, brakes))

    assert moments == pytest.approx([PAUSE_SECONDS, 5 + 2 * PAUSE_SECONDS, 15 + 4 * PAUSE_SECONDS])


@pytest.mark.parametrize("retry_after_seconds", [None, 0.0, 2.0])
def test_many_a_429_at_once_counts_once(retry_after_seconds: float | None) -> None:
    """Whoever was under way when the first one came is told the same, and it is one thing that was told."""
    brakes = [Brake(0.0, retry_after_seconds)] * 64

    moments = gone(played(10.0, [Asker(3.0, 60.0)] * 6, brakes))

    assert moments == pytest.approx([3.0, 3.2, 3.4, 3.6, 3.8, 4.0])


def test_whoever_cannot_wait_for_the_end_of_a_pause_is_told_at_once() -> None:
    """Also those who had been promised a turn, as soon as it comes."""
    crowd = [*[Asker(0.0, 4.0)] * 5, Asker(1.0, 1.0)]

    done = played(1.0, crowd, [Brake(0.5, 100.0)])

    assert gone(done) == pytest.approx([0.0] * 4)
    assert [asker.done_at for asker in done if not asker.is_let_go] == pytest.approx([1.0, 1.0])


def test_it_says_whether_the_api_has_asked_for_fewer() -> None:
    """The reason for which somebody is refused."""
    clock = VirtualTime()
    pace = Pace(1.0, clock.monotonic, clock.sleep)
    assert not pace.is_throttled

    pace.slow_down(0.0)

    assert pace.is_throttled


def test_nobody_goes_on_no_time_at_all() -> None:
    """A deadline may have passed."""
    clock = VirtualTime()

    assert not Pace(1.0, clock.monotonic, clock.sleep).wait(-0.1)


def test_no_turn_is_given_twice_however_many_threads_ask() -> None:
    """On real threads and real time."""
    rate, askers = 400.0, 64
    pace = Pace(rate, time.monotonic, time.sleep)
    began_at = time.monotonic()

    with ThreadPoolExecutor(askers) as threads:
        let_go = list(threads.map(lambda _: pace.wait(30.0), range(1400)))
    seconds = time.monotonic() - began_at

    assert all(let_go)
    assert (1400 - 1) / rate - BURST_SECONDS - TINY <= seconds < 5


@pytest.mark.parametrize(
    ("rate", "parts", "at_once"), [(50, 1, 150), (50, 4, 0), (40, 4, 10), (200, 1, 0), (1000, 1, 250)]
)
def test_all_parts_together_keep_to_what_the_gateway_lets_through(
    rate: int, parts: int, at_once: int
) -> None:
    """In the first second, too; a rate above that is for a gateway that lets more through."""
    assert burst_seconds_for(rate, parts) * rate == pytest.approx(at_once)
