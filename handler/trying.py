"""Which channels are to be sent a test message, as events and bodies of requests say it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import msgspec

CHANNELS_MAX: Final = 100
"""How many channels can be named at once."""

NAME_LENGTH_MAX: Final = 100
"""Of a channel's name here."""

NAME_PATTERN: Final = "^[a-z0-9_-]+$"
"""What every channel's name is like."""

_NAME: Final = re.compile(NAME_PATTERN)
_SHOWN_MAX: Final = 40


class Trying(NamedTuple):
    """Which channels are to be sent a test message; none means all of them."""

    channels: tuple[str, ...] = ()


def read_channels(value: object, key: str, else_all: str) -> Trying:
    """Read which channels are meant; an empty list must not mean all of them, for it was meant to name some.

    Args:
        value: What should be a list of names.
        key: What it is called by whoever wrote it.
        else_all: What to do instead, if all channels are meant.

    Raises:
        ValueError: It cannot be understood; the text is a sentence that names the key.
    """
    try:
        names = msgspec.convert(value, list[str])
    except ValueError:
        names = []
    if not 1 <= len(names) <= CHANNELS_MAX:
        raise ValueError(
            f"`{key}` wants a list of 1 to {CHANNELS_MAX} names; {else_all}, and all channels are tried."
        )
    for name in names:
        _check_name(name, key)
    return Trying(tuple(names))


def _check_name(name: str, key: str) -> None:
    if len(name) > NAME_LENGTH_MAX or not _NAME.fullmatch(name):
        raise ValueError(
            f"`{key}`: `{name[:_SHOWN_MAX]}` is no channel's name, which has at most {NAME_LENGTH_MAX}"
            " lower-case letters, digits, '-' and '_'."
        )
