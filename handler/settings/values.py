"""How single values of the configuration are written; each reader raises a `ValueError`.

The error's text, if it has one, says what is wrong and never repeats the value, which may be a secret
that stands in the wrong place. Scalars come as text, from files and variables alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, TypeVar

from handler.chosen import NAME_WANTED, is_channel_name
from handler.core.change import check_id
from handler.settings.secret import Secret
from handler.settings.spelling import MisspeltError, nearest
from notifiers.alerts import Group, Kind
from notifiers.channel import parse_kinds

REGION_PATTERN: Final = r"[a-z0-9]+(?:-[a-z0-9]+)+"
"""What a region is called, on either cloud."""

_REGION: Final = re.compile(REGION_PATTERN)
NAME: Final = re.compile(r"\S(?:.{0,98}\S)?")
PERCENT: Final = re.compile(r"[1-9]\d?")
NO_LIST: Final = "is empty, or no list"
NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}")
CONNECTIONS_MAX: Final = 256
RATE_MAX: Final = 1000
TOKEN: Final = re.compile(r"[!-~]{16,}")


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
    return matching(NAME, value)


def read_id(value: object) -> str:
    """Read an id of the cloud's."""
    text = read_text(value)
    try:
        return check_id(text)
    except ValueError:
        raise ValueError("is no id, which has at most 64 letters, digits, '-' and '_'") from None


def read_region(value: object) -> str:
    """Read the name of a region."""
    text = read_text(value)
    if not _REGION.fullmatch(text):
        from handler.settings.regions import likely_region  # noqa: PLC0415 - only where one is wrong

        raise MisspeltError("is not valid", [likely_region(text)])
    return text


def check_channel_name(name: str) -> None:
    """Look at the name of a channel, which offsets hang on."""
    if not is_channel_name(name):
        raise ValueError("is no name", NAME_WANTED)


def read_secret(value: object) -> Secret:
    """Read a secret."""
    return Secret(read_text(value))


def read_token(value: object) -> Secret:
    """Read a token that callers show in a header: nothing that a header changes, or that can be guessed."""
    return Secret(matching(TOKEN, value))


def read_connections(value: object) -> int:
    """Read how many connections there may be."""
    return _number(value, CONNECTIONS_MAX)


def read_rate(value: object) -> int:
    """Read how many requests there may be in a second."""
    return _number(value, RATE_MAX)


def reader_of(kind: type[Member]) -> Callable[[object], Member]:
    """Make the reader of one of several words."""
    words = {member.value: member for member in kind}

    def read_word(value: object) -> Member:
        text = read_text(value)
        if text not in words:
            raise MisspeltError("is not valid", [nearest(text, words)])
        return words[text]

    return read_word


def read_milestones(value: object) -> tuple[int, ...]:
    """Read percentages as a rising sequence."""
    if value == []:
        return ()
    numbers = {matching(PERCENT, item) for item in _items(value)}
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
    known = [member.value for member in (*Group, *Kind)]
    if isinstance(value, str) and value in known:
        raise MisspeltError(NO_LIST, [f"[{value}]"])
    names = [read_text(item) for item in _items(value)]
    try:
        return parse_kinds(names)
    except ValueError:
        close = [nearest(name, known) for name in names if name not in known]
        raise MisspeltError("names what is neither a kind of alert nor a group", close) from None


def matching(pattern: re.Pattern[str], value: object) -> str:
    """Read a text of a pattern."""
    text = read_text(value)
    if not pattern.fullmatch(text):
        raise ValueError("is not valid")
    return text


def _number(value: object, number_max: int) -> int:
    number = int(matching(NUMBER, value))
    if number > number_max:
        raise ValueError("is not valid")
    return number


def _items(value: object) -> Sequence[object]:
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(NO_LIST)
    return value
