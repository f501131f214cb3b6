"""When an invocation is over: by whichever of the two clocks says so first."""

from __future__ import annotations

from handler.clock import Deadline
from tests.fakes.clock import FakeClock


class StoppedWallClock(FakeClock):
    """A clock whose wall clock is set back as fast as time passes; only the other one moves."""

    def advance(self, seconds: float) -> None:
        """Let time pass that the wall clock does not show."""
        super().advance(seconds)
        self.freeze(-seconds)


def test_time_that_both_clocks_show_is_used_up() -> None:
    """What is left shrinks as time passes."""
    clock = FakeClock()
    deadline = Deadline(clock, 60)
    clock.advance(45)

    assert deadline.remaining_seconds() == 15


def test_time_that_the_process_slept_through_is_used_up() -> None:
    """A frozen process cannot tell by its monotonic clock; the wall clock is believed."""
    clock = FakeClock()
    deadline = Deadline(clock, 60)
    clock.freeze(45)

    assert deadline.remaining_seconds() == 15


def test_time_that_the_wall_clock_does_not_show_is_used_up() -> None:
    """A wall clock can be set back; the monotonic clock is believed."""
    clock = StoppedWallClock()
    deadline = Deadline(clock, 60)
    clock.advance(45)

    assert clock.now() == FakeClock().now()
    assert deadline.remaining_seconds() == 15


def test_a_wall_clock_that_is_set_back_gives_no_more_time() -> None:
    """However early it claims to be, no invocation lives longer than it was given."""
    clock = FakeClock()
    deadline = Deadline(clock, 60)
    clock.freeze(-3600)

    assert deadline.remaining_seconds() == 60


def test_time_that_is_up_is_never_less_than_nothing() -> None:
    """Whoever waits for what is left need not guard against a negative wait."""
    for clock in (FakeClock(), StoppedWallClock()):
        deadline = Deadline(clock, 60)
        clock.advance(61)

        assert deadline.remaining_seconds() == 0


def test_what_is_kept_back_of_a_life_is_nobodys_to_use_up() -> None:
    """The platform still ends it only then; whatever must outlive it counts from there."""
    clock = FakeClock()
    deadline = Deadline(clock, 60, kept_seconds=5)
    clock.advance(45)

    assert (deadline.remaining_seconds(), deadline.life_seconds()) == (10, 15)

    clock.advance(12)

    assert (deadline.remaining_seconds(), deadline.life_seconds()) == (0, 3)
