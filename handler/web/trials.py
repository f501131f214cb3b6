"""`/api/test-alert`: which channels a caller wants tried."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from handler.web.answers import BadRequestError

CHANNELS_MAX: Final = 100
"""How many channels can be named at once."""

NAME_LENGTH_MAX: Final = 100
"""Of a channel's name here."""

NAME_PATTERN: Final = "^[a-z0-9_-]+$"
"""What every channel's name is like."""

_KEY: Final = "channels"
KEYS: Final = (_KEY,)
"""All that a body can say."""

_NAME: Final = re.compile(NAME_PATTERN)
_SHOWN_MAX: Final = 40


class Trying(NamedTuple):
    """Which channels are to be sent a test message; none means all of them."""

    channels: tuple[str, ...] = ()


def read_trying(payload: Mapping[str, object]) -> Trying:
    """Read which channels are meant; an empty list must not mean all of them, for it was meant to name some.

    Raises:
        BadRequestError: It cannot be understood.
    """
    if payload.get(_KEY) is None:
        return Trying()
    try:
        names = msgspec.convert(payload[_KEY], list[str])
    except ValueError:
        names = []
    if not 1 <= len(names) <= CHANNELS_MAX:
        raise BadRequestError(
            f"`{_KEY}` wants a list of 1 to {CHANNELS_MAX} names; leave it out, and all channels are tried."
        )
    for name in names:
        _check_name(name)
    return Trying(tuple(names))


def _check_name(name: str) -> None:
    if len(name) > NAME_LENGTH_MAX or not _NAME.fullmatch(name):
        raise BadRequestError(
            f"`{_KEY}`: `{name[:_SHOWN_MAX]}` is no channel's name, which has at most {NAME_LENGTH_MAX}"
            " lower-case letters, digits, '-' and '_'."
        )
