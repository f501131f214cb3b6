"""`/api/test-alert`: which channels a caller wants tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handler.chosen import Chosen, read_channels
from handler.web.answers import BadRequestError

_KEY: Final = "channels"
KEYS: Final = (_KEY,)
"""All that a body can say."""


def read_trying(payload: Mapping[str, object]) -> Chosen:
    """Read which channels are meant.

    Raises:
        BadRequestError: It cannot be understood.
    """
    if payload.get(_KEY) is None:
        return Chosen()
    try:
        return read_channels(payload[_KEY], _KEY, else_all="leave it out")
    except ValueError as error:
        raise BadRequestError(str(error)) from None
