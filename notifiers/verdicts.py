"""What became of a send: the four outcomes, and the verdict that carries one."""

from __future__ import annotations

from enum import Enum

import msgspec


class Outcome(Enum):
    """What became of one send to one channel.

    `RETRY` is transient and safe to repeat; `REFUSED` will not get better by itself; `UNKNOWN` was
    cut off, so that the message may or may not have arrived.
    """

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Verdict(msgspec.Struct, frozen=True):
    """An outcome with what the service said of it: its code and how long it asks us to wait."""

    outcome: Outcome
    code: str | None = None
    retry_after_seconds: float | None = None
