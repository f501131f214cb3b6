"""What is watched in proofs with real processes and sockets: a change that moves when it is told to."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from handler.core.change import ChangeId
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms

TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}

_LONG_SECONDS: Final = 30 * 86400
_MOVES_MAX: Final = 90
"""Of more than a hundred steps only counts are told."""


class AheadClock:
    """A `Clock` that runs as the machine's does, `ahead_seconds` ahead of it."""

    def __init__(self, ahead_seconds: float = 0.0) -> None:
        """Run that much ahead."""
        self.ahead_seconds = ahead_seconds

    def now(self) -> datetime:
        """See `Clock`."""
        return datetime.now(timezone.utc) + timedelta(seconds=self.ahead_seconds)

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic() + self.ahead_seconds

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead_seconds += seconds


class MovingChange:
    """A change in the API's answers: with each move a step completes and the next one starts.

    Steps are called `LETTER001` and so on, so that each alert is known by words of its own.
    """

    def __init__(self, dms: FakeDms, change: ChangeId, letter: str = "s") -> None:
        """Begin with the first step."""
        self.id = change
        self.moves = 0
        self._dms = dms
        self._letter = letter
        dms.script_task(change, Answer.of_task("EXECUTING"))
        self._say()

    def move(self) -> None:
        """Let there be news."""
        self.moves += 1
        assert self.moves < _MOVES_MAX
        self._say()

    @property
    def news(self) -> set[str]:
        """What nobody who watched it from its beginning may miss; a start that is over goes unsaid."""
        over = {f"{self._name(number)} completed" for number in range(self.moves)}
        return {"capacity change started", f"{self._name(self.moves)} started", *over}

    def _say(self) -> None:
        over = [(self._name(number), "COMPLETED") for number in range(self.moves)]
        running = (self._name(self.moves), "IN_PROGRESS")
        self._dms.script_progress(self.id, Answer.of_progress(10, *over, running, remain_time=_LONG_SECONDS))

    def _name(self, number: int) -> str:
        return f"{self._letter}{number:03}"


def environment(
    endpoint: str,
    state: str,
    watches: Sequence[ChangeId],
    channels: Mapping[str, Mapping[str, Any]],
    variables: Mapping[str, str],
    **pace: int,
) -> dict[str, str]:
    """The environment of a deployed function; `pace` is how it may ask the API, if not as usual."""
    configuration = {
        "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": endpoint, **pace},
        "state": state,
        "watches": [watch._asdict() for watch in watches],
        "channels": channels,
        "alerts": {"unreachable_after": "3m"},
    }
    keys = {
        "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
        "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
        "HEADWAY_CONFIG": json.dumps(configuration, indent=1),
    }
    return {**keys, **variables}
