"""Reads single values of the DMS API tolerantly: texts, numbers and moments.

Nothing here raises for what the API sends.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

TEXT_LENGTH_MAX: Final = 200
"""Characters kept of any text that comes from outside."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=timezone.utc)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=timezone.utc)
_EPOCH_SECONDS_BELOW: Final = 100_000_000_000


def read_time(value: object) -> datetime | None:
    """Read a moment: epoch ms (or s) as number or text, ISO 8601, else None; UTC, 2000 to 2100."""
    number = read_number(value)
    if number is not None:
        return _read_epoch(number)
    try:
        moment = msgspec.convert(value, datetime)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return _plausible(moment)


def clean(text: object) -> str:
    """Make one line of at most 200 characters of any text; what is no text is empty."""
    if not isinstance(text, str):
        return ""
    visible = text[: 4 * TEXT_LENGTH_MAX]
    if not visible.isprintable():
        visible = "".join(char if char.isprintable() else " " for char in visible)
    return " ".join(visible.split())[:TEXT_LENGTH_MAX]


def read_number(value: object) -> float | None:
    """Read a number, also as text; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _read_epoch(number: float) -> datetime | None:
    seconds = number if number < _EPOCH_SECONDS_BELOW else number / 1000
    try:
        return _plausible(_EPOCH + timedelta(seconds=seconds))
    except (ValueError, OverflowError):
        return None


def _plausible(moment: datetime) -> datetime | None:
    return moment.astimezone(timezone.utc) if _EARLIEST <= moment < _LATEST else None
