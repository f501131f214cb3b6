"""How single values of the configuration are written; each reader raises a `ValueError`.

The error's text, if it has one, says what is wrong and never repeats the value, which may be a secret
that stands in the wrong place. Scalars come as text, from files and variables alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from enum import Enum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from handler.chosen import NAME_WANTED, is_channel_name
from handler.core.change import check_id
from handler.settings.secret import Secret
from notifiers.alerts import Kind
from notifiers.channel import parse_kinds, parse_quiet

REGION_PATTERN: Final = r"[a-z0-9]+(?:-[a-z0-9]+)+"
"""What a region is called, on either cloud."""

_REGION: Final = re.compile(REGION_PATTERN)
_NAME: Final = re.compile(r"\S(?:.{0,98}\S)?")
_PERCENT: Final = re.compile(r"[1-9]\d?")
_DURATION: Final = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}")
_CONNECTIONS_MAX: Final = 256
_RATE_MAX: Final = 1000
_TOKEN: Final = re.compile(r"[!-~]{16,}")
_PERIOD_MIN: Final = timedelta(minutes=10)
_FACTOR: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)x")


Member = TypeVar("Member", bound=Enum)


def read_text(value: object) -> str:
    """Read a line of text."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is empty, or no text")
    if not value.isprintable():
        raise ValueError("holds a line break or another invisible character")
    return value


def read_name(value: object) -> str:
    """Read what people call something."""
    return matching(_NAME, value)


def read_id(value: object) -> str:
    """Read an id of the cloud's."""
    text = read_text(value)
    try:
        return check_id(text)
    except ValueError:
        raise ValueError("is not valid") from None


def read_region(value: object) -> str:
    """Read the name of a region."""
    return matching(_REGION, value)


def check_channel_name(name: str) -> None:
    """Look at the name of a channel, which offsets hang on."""
    if not is_channel_name(name):
        raise ValueError(f"is no name; expected {NAME_WANTED}")


def read_secret(value: object) -> Secret:
    """Read a secret."""
    return Secret(read_text(value))


def read_token(value: object) -> Secret:
    """Read a token that callers show in a header: nothing that a header changes, or that can be guessed."""
    return Secret(matching(_TOKEN, value))


def read_timezone(value: object) -> ZoneInfo:
    """Read the IANA name of a timezone."""
    text = read_text(value)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no timezone known here") from None


def read_duration(value: object) -> timedelta:
    """Read a duration such as `1h30m`; it is longer than nothing."""
    match = _DURATION.fullmatch(read_text(value))
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
    match = _FACTOR.fullmatch(read_text(value))
    factor = float(match[1]) if match else 0.0
    if factor <= 1:
        raise ValueError("is not valid")
    return factor


def read_connections(value: object) -> int:
    """Read how many connections there may be."""
    return _number(value, _CONNECTIONS_MAX)


def read_rate(value: object) -> int:
    """Read how many requests there may be in a second."""
    return _number(value, _RATE_MAX)


def reader_of(kind: type[Member]) -> Callable[[object], Member]:
    """Make the reader of one of several words."""
    words = {member.value: member for member in kind}

    def read_word(value: object) -> Member:
        text = read_text(value)
        if text not in words:
            raise ValueError("is not valid")
        return words[text]

    return read_word


def read_milestones(value: object) -> tuple[int, ...]:
    """Read percentages as a rising sequence."""
    if value == []:
        return ()
    numbers = {matching(_PERCENT, item) for item in _items(value)}
    return tuple(sorted(map(int, numbers)))


def read_patterns(value: object) -> tuple[str, ...]:
    """Read patterns of names."""
    return tuple(map(read_text, _items(value)))


def read_discover(value: object) -> tuple[str, ...]:
    """Read which instances' changes are to be found: patterns of names, none for none."""
    words: dict[str, tuple[str, ...]] = {"true": ("*",), "false": ()}
    found = words.get(value.lower()) if isinstance(value, str) else read_patterns(value)
    if found is None:
        raise ValueError("is not valid")
    return found


def read_kinds(value: object) -> frozenset[Kind]:
    """Read kinds of alerts and groups of them."""
    names = [read_text(item) for item in _items(value)]
    try:
        return parse_kinds(names)
    except ValueError:
        raise ValueError("names what is neither a kind of alert nor a group") from None


def read_quiet(value: object) -> tuple[time, time]:
    """Read when it is quiet: from, until."""
    text = read_text(value)
    try:
        return parse_quiet(text)
    except ValueError:
        raise ValueError("is not valid") from None


def matching(pattern: re.Pattern[str], value: object) -> str:
    """Read a text of a pattern."""
    text = read_text(value)
    if not pattern.fullmatch(text):
        raise ValueError("is not valid")
    return text


def _number(value: object, number_max: int) -> int:
    number = int(matching(_NUMBER, value))
    if number > number_max:
        raise ValueError("is not valid")
    return number


def _items(value: object) -> Sequence[object]:
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError("is empty, or no list")
    return value
