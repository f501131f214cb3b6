"""How far this machine's clock is from another's; pure.

A signature is refused when its moment is 15 minutes off, by the API as by both stores.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handler.local.doctor.check import Finding, failed, ok, warning
from notifiers.languages import ENGLISH
from notifiers.saying import span

NOTED_FROM: Final = timedelta(seconds=30)
DANGEROUS_FROM: Final = timedelta(minutes=5)
REFUSED_FROM: Final = timedelta(minutes=15)
_WHOLE: Final = timedelta(seconds=1)
_ADVICE: Final = "set this machine's clock by a time server; from 15 minutes on every signature is refused"


def judge_skew(ahead: timedelta | None, whose: str) -> Finding:
    """Judge a difference, known to half a second.

    Args:
        ahead: How far the other clock is ahead of ours; None if it has not told the time.
        whose: Whose clock that is: API or store.
    """
    if ahead is None:
        return warning(f"what the {whose} answers tells no time to compare with")
    size = abs(ahead)
    if size <= _WHOLE:
        return ok(f"less than a second from the {whose}'s")
    direction = "behind" if ahead > timedelta() else "ahead of"
    detail = f"{span(round(size.total_seconds()), ENGLISH)} {direction} the {whose}'s"
    if size > DANGEROUS_FROM:
        return failed(detail, _ADVICE)
    return warning(detail, _ADVICE) if size > NOTED_FROM else ok(detail)


def is_refused(ahead: timedelta | None) -> bool:
    """Tell whether with this difference no signature is accepted."""
    return ahead is not None and abs(ahead) >= REFUSED_FROM
