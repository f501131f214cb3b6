"""What channels are called, and which of them an event or a request chooses for a test message."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import msgspec

CHANNELS_MAX: Final = 100
"""How many channels can be named at once."""

NAME_LENGTH_MAX: Final = 100
NAME_PATTERN: Final = "^[a-z0-9_-]+$"
NAME_WANTED: Final = f"at most {NAME_LENGTH_MAX} lower-case letters, digits, '-' and '_'"
"""What every channel's name is like, for programs and for people."""

_NAME: Final = re.compile(NAME_PATTERN)
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_. -]{1,40}")


class Chosen(NamedTuple):
    """Which channels are to be sent a test message; none means all of them."""

    channels: tuple[str, ...] = ()


def is_channel_name(text: str) -> bool:
    """True for what a channel can be called."""
    return len(text) <= NAME_LENGTH_MAX and bool(_NAME.fullmatch(text))


def read_channels(value: object, key: str, else_all: str) -> Chosen:
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
        if not is_channel_name(name):
            # What is odd may be a channel's URL, and no configuration is read yet to know it by.
            shown = f"`{name}`" if _HARMLESS.fullmatch(name) else "an odd name"
            raise ValueError(f"`{key}`: {shown} is no channel's name, which has {NAME_WANTED}.")
    return Chosen(tuple(names))
