"""What the machine gives: its clocks, chance, and waiting; asked for nowhere else."""

from __future__ import annotations

import random
import secrets
import time
from datetime import datetime, timezone
from typing import Final

sleep: Final = time.sleep


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


def random_name() -> str:
    """Make a name that nobody else has."""
    return secrets.token_hex(8)


def pause(tries: int) -> None:
    """Wait a little, longer after more tries, and not as long as others who also wait."""
    time.sleep(random.uniform(0.05, 0.2) * min(tries, 10))  # noqa: S311 - to part those who wait alike


def pause_contender(seconds_max: float) -> None:
    """Wait long enough for those who met over a lease to part."""
    time.sleep(max(0.0, min(random.uniform(0.2, 3), seconds_max)))  # noqa: S311 - as above
