"""Keeps how far a change was in the course of time: few samples, and only where the percentage moved."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from handler.core.ledger import Sample

SAMPLES_MAX: Final = 60
"""More would not be seen in a plot."""


def sample(
    samples: tuple[Sample, ...], percent: int | None, now: datetime, held_until: datetime | None = None
) -> tuple[Sample, ...]:
    """Return the samples, in the order of time, with one more where a known percentage differs from the last.

    Where nothing had moved for a while that is kept, too: see `hold`.

    Args:
        samples: Those taken so far.
        percent: How far the change is, if that is known.
        now: The store's clock.
        held_until: When the percentage was last seen to be as it was, if that is known.
    """
    if percent is None or (samples and samples[-1].percent == percent):
        return samples
    taken = _set_right(hold(samples, held_until, now), now)
    at = max([now, *(one.at for one in taken[-1:])])
    return _thin((*taken, Sample(at, percent)))


def hold(samples: tuple[Sample, ...], until: datetime | None, now: datetime) -> tuple[Sample, ...]:
    """Return the samples with one that says until when the last percentage has stood, for all that is known.

    Without it a long standstill would look like slow progress as soon as it is over.
    """
    if until is None or not samples or not samples[-1].at < until <= now:
        return samples
    last = samples[-1].percent
    is_held = last in {one.percent for one in samples[-2:-1]}
    return _thin((*(samples[:-1] if is_held else samples), Sample(until, last)))


def _set_right(samples: tuple[Sample, ...], now: datetime) -> tuple[Sample, ...]:
    """Move the last sample to now if it alone lies after it: a clock was wrong then, else it is wrong now."""
    late = [one for one in samples if one.at > now]
    return (*samples[:-1], Sample(now, late[0].percent)) if len(late) == 1 else samples


def _thin(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Leave out samples but the first and the last, until there are few enough.

    Each time the one goes that makes the smallest triangle with its neighbours (Visvalingam and Whyatt): by
    its loss the line changes least, and what makes a bend, a jump or a long way stays.
    """
    while len(samples) > SAMPLES_MAX:
        losses = [_loss(*samples[place - 1 : place + 2]) for place in range(1, len(samples) - 1)]
        least = losses.index(min(losses)) + 1
        samples = samples[:least] + samples[least + 1 :]
    return samples


def _loss(before: Sample, middle: Sample, after: Sample) -> tuple[float, float]:
    """Twice the area of a triangle, in seconds times percent; of a straight line the length counts."""
    wide, high = (after.at - before.at).total_seconds(), after.percent - before.percent
    area = abs((middle.at - before.at).total_seconds() * high - wide * (middle.percent - before.percent))
    return area, wide
