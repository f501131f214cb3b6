"""Moments that are round by somebody's clock, for an axis of time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final

SPAN_MIN: Final = timedelta(seconds=3)
"""A shorter time has too few of them."""

MOMENTS_MIN: Final = 3
MOMENTS_MAX: Final = 6

_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - by whichever clock
_NUMBERS: Final = (1, 2, 5, 10, 15, 30)
_STEPS: Final = (
    *(timedelta(days=2**doublings) for doublings in reversed(range(21))),
    *(timedelta(hours=hours) for hours in (12, 6, 3, 2, 1)),
    *(timedelta(minutes=minutes) for minutes in reversed(_NUMBERS)),
    *(timedelta(seconds=seconds) for seconds in reversed(_NUMBERS)),
    # Less round, but where every two would be too many, every five may be too few.
    timedelta(minutes=3),
    timedelta(seconds=3),
)


def round_moments(begins_at: datetime, ends_at: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """Three to six moments in a time, a regular while apart, in order and in UTC; midnights if they are days.

    The hours are those of the zone as its clocks stand at the beginning. Where they change between midnights,
    there may be one of these fewer.
    """
    offset = begins_at.astimezone(zone).utcoffset() or timedelta()
    begins, ends = (at.astimezone(timezone.utc).replace(tzinfo=None) + offset for at in (begins_at, ends_at))
    step, numbers = _choose_step(begins - _EPOCH, ends - _EPOCH)
    times = [_EPOCH + number * step for number in numbers]
    if step < _DAY:
        return tuple((time - offset).replace(tzinfo=timezone.utc) for time in times)
    midnights = {time.replace(tzinfo=zone).astimezone(timezone.utc) for time in times}
    return tuple(sorted(midnight for midnight in midnights if begins_at <= midnight <= ends_at))


def _choose_step(begins: timedelta, ends: timedelta) -> tuple[timedelta, range]:
    """The longest step by which there are neither too few nor too many, and its multiples in a time.

    No step is more than twice as long as the one below it, so that there is always one.
    """
    multiples = ((step, range(-(-begins // step), ends // step + 1)) for step in _STEPS)
    return next(found for found in multiples if MOMENTS_MIN <= len(found[1]) <= MOMENTS_MAX)
