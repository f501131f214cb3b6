"""A whole project at once: Headway's own application against the simulator, S3 and two channels, all real.

Only the calendar is not: a minute passes between two ticks without being waited for.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from handler.application import Application
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.local.simulation.endpoint import Conditions
from handler.local.simulation.project import Project
from handler.local.simulation.simulator import ProjectSimulator
from handler.wiring import Workshop
from notifiers.messages import Content, Digest
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.s3_server import FakeS3

MINUTE: Final = timedelta(minutes=1)
PREFIX: Final = "state"


class Calendar:
    """Both clocks of everybody: they go on as ever, and jump when told to."""

    def __init__(self) -> None:
        """Begin now."""
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(timezone.utc) + self._ahead

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic() + self._ahead.total_seconds()

    def turn_to(self, moment: datetime) -> None:
        """Jump to a moment, unless it is past."""
        self._ahead += max(timedelta(), moment - self.now())


class _Context:
    """What Lambda says of an invocation."""

    aws_request_id = "request"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """How long it may last."""
        return int(self._seconds * 1000)


class Ear:
    """A channel that takes everything; `heard` counts each alert, `messages` what came in each tick."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.heard: Counter[str] = Counter()
        self.messages: list[Content] = []
        self._lock = threading.Lock()

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`."""
        del timeout_seconds
        with self._lock:
            self.heard.update(message.alert_ids)
            self.messages.append(message)
        return Verdict(Outcome.SENT)

    @property
    def digests(self) -> list[Digest]:
        """The messages that were digests."""
        return [message for message in self.messages if isinstance(message, Digest)]


class ProjectWorld:
    """A project, and the one function that watches it."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that there is
        self,
        project: Project,
        simulator: ProjectSimulator,
        s3: FakeS3,
        calendar: Calendar,
        settings: Mapping[str, object],
        pace: Mapping[str, int],
    ) -> None:
        """Deploy the function; `settings` are those beside the addresses, `pace` is how it may ask."""
        self.project = project
        self.simulator = simulator
        self.s3 = s3
        self.calendar = calendar
        self.ear = Ear()
        self.log = io.StringIO()
        self._began_at = calendar.now()
        self._ticks = 0
        state = f"s3://{s3.bucket}/{PREFIX}?region={s3.region}&endpoint={s3.endpoint}&path_style=true"
        self._environ = {
            "HEADWAY_CONFIG": json.dumps(
                {
                    "huaweicloud": {
                        "region": "simulated-1",
                        "project_id": simulator.project_id,
                        "endpoint": simulator.url,
                        "access_key": simulator.credentials.access_key,
                        "secret_key": simulator.credentials.secret_key,
                        **pace,
                    },
                    "state": state,
                    **settings,
                },
                indent=1,
            ),
            "AWS_ACCESS_KEY_ID": s3.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.credentials.secret_key,
        }
        self.restart()

    def restart(self) -> None:
        """Go on in a fresh process, which remembers nothing."""
        self._application = Application(
            self._environ,
            Workshop(self.calendar, {"ear": self.ear}),
            self.calendar,
            config_path="not-there.yaml",
            log_file=self.log,
        )

    def tick(self, *, seconds: float = 60, **payload: object) -> dict[str, Any]:
        """Let a minute begin, and the timer wake a function that has so many seconds; its report."""
        self.calendar.turn_to(self._began_at + self._ticks * MINUTE)
        self._ticks += 1
        return self._invoke(seconds, payload)

    def tick_shards(self, count: int) -> None:
        """Let a minute begin, and a timer for each part wake the function."""
        self.calendar.turn_to(self._began_at + self._ticks * MINUTE)
        self._ticks += 1
        for index in range(1, count + 1):
            self._invoke(60, {"shard": f"{index}/{count}"})

    def _invoke(self, seconds: float, payload: object) -> dict[str, Any]:
        event = {"trigger_type": "TIMER", "user_event": json.dumps(payload)}
        return self._application.invoke(event, _Context(seconds)).report

    def ledgers(self) -> dict[str, Ledger]:
        """What is kept, by change."""
        kept = f"{PREFIX}/changes/"
        return {
            name.removeprefix(kept).removesuffix(".json"): decode(document)
            for name, document in self.s3.objects.items()
            if name.startswith(kept)
        }

    def markers(self) -> set[str]:
        """The names of the markers."""
        begin = f"{PREFIX}/active/"
        return {name.removeprefix(begin) for name in self.s3.objects if name.startswith(begin)}


@contextmanager
def playing(
    project: Project,
    conditions: Conditions,
    calendar: Calendar,
    settings: Mapping[str, object],
    **pace: int,
) -> Iterator[ProjectWorld]:
    """Play a project and watch it while the block runs."""
    with (
        FakeS3(now=calendar.now) as s3,
        ProjectSimulator(project, conditions=conditions, now=calendar.now) as simulator,
    ):
        yield ProjectWorld(project, simulator, s3, calendar, settings, pace)
