"""The ways in which a service can be out of order, seen from its clients."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Trouble(Enum):
    """What is wrong with a service; in some of them what it was asked is done all the same."""

    DOWN = "nobody listens"
    RESET = "connections are reset as soon as they stand"
    CUT_BEFORE = "the connection is reset when all was read, and nothing is done"
    CUT_AFTER = "it is done, and the connection is reset instead of an answer"
    SILENT = "nothing is done, and nothing said"
    SLOW = "it is done, and answered much too late"
    TRICKLE = "it is done, and answered a byte now and then"
    GARBAGE = "it is done, and answered by what means nothing"
    NOISE = "nothing is done, and the answer is not even in the protocol"
    BUSY = "nothing is done, come later"
    BUSY_FOR = "nothing is done, come in ten minutes"
    LIMITED = "nothing is done, too many requests"

    @property
    def is_done(self) -> bool:
        """Whether what was asked is done all the same."""
        return self in _DONE

    @property
    def hangs(self) -> bool:
        """Whether who asks has to wait until time is up."""
        return self in {Trouble.SILENT, Trouble.SLOW, Trouble.TRICKLE}


_DONE: Final = frozenset({Trouble.CUT_AFTER, Trouble.SLOW, Trouble.TRICKLE, Trouble.GARBAGE})
