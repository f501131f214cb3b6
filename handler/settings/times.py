"""How times are written in the configuration; each reader raises a `ValueError`, as those of `values`."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from handler.settings.spelling import MisspeltError, nearest
from handler.settings.values import read_text
from notifiers.channel import parse_quiet

DURATION: Final = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?")
FACTOR: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)x")

_PERIOD_MIN: Final = timedelta(minutes=10)
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
"""What word processors make of a hyphen."""

_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])0?(\d{1,2})(?::?00)?", re.IGNORECASE)
_UNLISTED: Final = {"beijing": "Asia/Shanghai", "peking": "Asia/Shanghai"}
"""Places that people name and IANA does not."""


def read_timezone(value: object) -> ZoneInfo:
    """Read the IANA name of a timezone."""
    text = read_text(value)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise MisspeltError("is no timezone known here", [_likely_timezone(text.strip())]) from None


def read_duration(value: object) -> timedelta:
    """Read a duration such as `1h30m`; it is longer than nothing."""
    match = DURATION.fullmatch(read_text(value))
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else [0] * 4
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not duration:
        raise ValueError("is not valid")
    return duration


def read_period(value: object) -> timedelta:
    """Read how often something comes again: at most every ten minutes."""
    period = read_duration(value)
    if period < _PERIOD_MIN:
        raise ValueError("is too short")
    return period


def read_factor(value: object) -> float:
    """Read a factor such as `1.5x`; it is over 1."""
    match = FACTOR.fullmatch(read_text(value))
    factor = float(match[1]) if match else 0.0
    if factor <= 1:
        raise ValueError("is not valid")
    return factor


def read_quiet(value: object) -> tuple[time, time]:
    """Read when it is quiet: from, until."""
    text = read_text(value)
    try:
        return parse_quiet(text)
    except ValueError:
        problem = "has a dash where a hyphen (-) belongs" if _DASHES.search(text) else "is not valid"
        raise ValueError(problem) from None


def _likely_timezone(text: str) -> str | None:
    """Find what is spelt like it, the one of that place, or the one that is always so far from UTC."""
    known, place = sorted(available_timezones()), text.rpartition("/")[2].lower()
    if place in _UNLISTED:
        return _UNLISTED[place]
    match = _OFFSET.fullmatch(text)
    if match:
        # The signs of these names go the other way round.
        offset = f"Etc/GMT{'-' if match[1] == '+' else '+'}{match[2]}"
        return offset if offset in known else None
    of_place = (name for name in known if name.rpartition("/")[2].lower() == place.replace(" ", "_"))
    return next(of_place, None) or nearest(text, known, likeness=0.8)
