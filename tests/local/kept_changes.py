"""A configuration and kept changes in the present folder, for commands that look at what is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from handler.core.document import decode, encode
from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from notifiers.alerts import Alert, Ending, Kind
from notifiers.verdicts import Outcome

NOW: Final = datetime.now(timezone.utc).replace(microsecond=0)
"""What the clock of the machine said, which the commands look at, some time ago."""

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
SECRETS: Final = {
    "team": {"url": "slack://${TEAM_TOKENS}"},
    "ops": {"url": "${ssm:ops-url}"},
}
"""Channels whose secrets are not there."""


def configure(**more: object) -> None:
    """Write a configuration in which nothing is followed but what is registered."""
    settings = {
        "huaweicloud": {"region": "eu-west-101", "project_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"},
        "state": "file:state",
        "watches": [],
        "channels": SECRETS,
        **more,
    }
    Path("headway.yaml").write_text(json.dumps(settings), "utf-8")


def keep(ledger: Ledger, *, is_marked: bool = True) -> None:
    """Put a change there as a tick has left it; one that is marked is followed."""
    _write(f"changes/{ledger.change}.json", encode(ledger, "a tick's"))
    if is_marked:
        mark(ledger.change)


def mark(name: str) -> None:
    """Put a marker there."""
    _write(f"active/{name}", b"")


def _write(name: str, document: bytes) -> None:
    path = Path("state", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document)


def kept(change: str) -> Ledger:
    """What stands there of a change."""
    return decode(Path("state/changes", change).with_suffix(".json").read_bytes())


def is_marked(change: str) -> bool:
    """Whether a change is marked to be looked at."""
    return Path("state/active", change).exists()


def written() -> Mapping[str, bytes]:
    """All that is kept, but for locks."""
    paths = (path for path in Path("state").rglob("*") if path.is_file() and "~" not in path.name)
    return {str(path): path.read_bytes() for path in paths}


def running(change: str = "inst/task", **fields: Any) -> Ledger:  # noqa: ANN401 - any field
    """A change that is at its second step, looked at just now; one alert is told to one channel."""
    now = datetime.now(timezone.utc)
    steps = (
        Step("pre_check", StepState.COMPLETED, started_at=NOW - HOUR, ended_at=NOW - HOUR + MINUTE),
        Step("disk_expansion", StepState.RUNNING, started_at=NOW - HOUR + MINUTE),
        Step("rolling_restart", StepState.WAITING),
    )
    ledger = Ledger(
        change=change,
        created_at=NOW - HOUR,
        name="orders",
        looked_at=now,
        observation=Observation(Phase.RUNNING, 40, 1200, steps, date=now),
        moved_at=NOW,
        length=1,
        alerts=(Alert(1, Kind.STARTED, "started", NOW - HOUR),),
        channels={"team": ChannelState(1)},
    )
    return replace(ledger, **fields)


def ended(change: str = "inst/task", phase: Phase = Phase.COMPLETED, **fields: Any) -> Ledger:  # noqa: ANN401
    """A change that was over an hour ago, of which all have heard."""
    kind = Kind.COMPLETED if phase is Phase.COMPLETED else Kind.FAILED
    seen = Observation(phase, 100, date=NOW - HOUR)
    return running(
        change,
        **{
            "looked_at": NOW - HOUR,
            "observation": seen,
            "alerts": (Alert(1, kind, kind.value, NOW - HOUR, seconds=1800),),
            **fields,
        },
    )


def missed(change: str = "inst/task", **fields: Any) -> Ledger:  # noqa: ANN401 - any field
    """A change of which one channel missed two alerts, and perhaps a third; another one heard all."""
    alerts = (
        Alert(1, Kind.STARTED, "started", NOW - 30 * HOUR, endings={"team": Ending.GIVEN_UP}),
        Alert(2, Kind.MILESTONE, "milestone:50", NOW - 29 * HOUR, 50, endings={"team": Ending.GIVEN_UP}),
        Alert(3, Kind.COMPLETED, "completed", NOW - HOUR, endings={"team": Ending.UNKNOWN}),
    )
    attempts = (
        Attempt(Outcome.RETRY, NOW - 28 * HOUR, "503", 0, 2),
        Attempt(Outcome.UNKNOWN, NOW - HOUR, "timeout", 2, 3),
        Attempt(Outcome.UNKNOWN, NOW - HOUR + 5 * MINUTE, "lapsed", 2, 3),
    )
    states = {"team": ChannelState(3, repeat_upto=3, attempts=attempts), "ops": ChannelState(3)}
    return ended(change, **{"length": 3, "alerts": alerts, "channels": states, **fields})
