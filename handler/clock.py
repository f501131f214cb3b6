"""The clock as a port, and the time that an invocation has: until when, and what is kept back for what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from notifiers.dispatch import SEND_SECONDS_MAX


class Clock(Protocol):
    """Two clocks in one: what time it is, and how time passes."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, from an arbitrary start."""
        ...


class Deadline:
    """When an invocation must be over, by both clocks.

    A platform may freeze a process and thaw it much later; the monotonic clock can stand still
    meanwhile, and the wall clock can be set. Whichever says that time is up is believed.
    """

    def __init__(self, clock: Clock, seconds: float, kept_seconds: float = 0.0) -> None:
        """Begin to count the seconds of its life now, of which the last are kept for what comes after it."""
        self._clock = clock
        self._kept_seconds = kept_seconds
        self._monotonic_end = clock.monotonic() + seconds
        self._wall_end = clock.now() + timedelta(seconds=seconds)

    def remaining_seconds(self) -> float:
        """Time left, 0 when it is up."""
        return max(0.0, self.life_seconds() - self._kept_seconds)

    def life_seconds(self) -> float:
        """Time until the platform ends it, whatever of that is kept; 0 when it has."""
        by_wall = (self._wall_end - self._clock.now()).total_seconds()
        return max(0.0, min(self._monotonic_end - self._clock.monotonic(), by_wall))


class Budget(NamedTuple):
    """How an invocation's time is shared out.

    `exchange_seconds` is what one exchange with API or store may take at most, `send_seconds` what one send
    may take, and must find left when it begins. `claim_seconds` are kept for saving the claims,
    `settle_seconds` for recording what came of the sends, `answer_seconds` for the report and its log line.
    Where there is a heartbeat to send, all but the answer ends `heartbeat_seconds` earlier, to leave it time.
    """

    exchange_seconds: float
    claim_seconds: float
    send_seconds: float
    settle_seconds: float
    answer_seconds: float
    heartbeat_seconds: float

    @property
    def after_looking_seconds(self) -> float:
        """What must be left when the API has been asked, so that what is due can still go out."""
        return self.claim_seconds + self.send_seconds + self.settle_seconds

    @property
    def pause_seconds(self) -> float:
        """How long a channel is left alone between two messages at most: of the usual 60 s it may be 3."""
        return self.send_seconds / 5

    @classmethod
    def of(cls, timeout_seconds: float) -> Budget:
        """Share out a timeout: of the usual 60 s half is for looking, and 15 s are for a send."""
        return cls(
            exchange_seconds=min(15.0, timeout_seconds / 4),
            claim_seconds=min(5.0, timeout_seconds / 12),
            send_seconds=min(SEND_SECONDS_MAX, timeout_seconds / 4),
            settle_seconds=min(10.0, timeout_seconds / 6),
            answer_seconds=min(1.0, timeout_seconds / 60),
            heartbeat_seconds=min(5.0, timeout_seconds / 12),
        )
