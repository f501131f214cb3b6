"""Keeps how far a change was in the course of time: few samples, and only where the percentage moved."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from handler.core.ledger import Sample

SAMPLES_MAX: Final = 60
"""More would not be seen in a plot."""


def sample(samples: tuple[Sample, ...], percent: int | None, now: datetime) -> tuple[Sample, ...]:
    """Return the samples, in the order of time, with one more where a known percentage differs from the last.

    A clock that went back was wrong before: what would have been seen later than now was seen by now.

    Args:
        samples: Those taken so far.
        percent: How far the change is, if that is known.
        now: The store's clock.
    """
    if percent is None or (samples and samples[-1].percent == percent):
        return samples
    taken = [Sample(min(one.at, now), one.percent) for one in samples]
    return _thin((*taken, Sample(now, percent)))


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
