"""Many changes and two channels, one of which has had its token revoked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from handler.application import Application
from handler.core.change import ChangeId
from handler.wiring import Workshop
from tests.fakes.dms_server import FakeDms
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.proofs.effort import is_long
from tests.proofs.real_change import TIMER, AheadClock, MovingChange, environment
from tests.proofs.real_hearing import Told, told_in_json

CHANGES: Final = 200 if is_long() else 60

_BAD: Final = "/bad"
_GOOD: Final = "/good"


class Fleet:
    """Changes that run on and on; `bad` answers 401, the other wants to hear of refusals only.

    Between two of its minutes nobody may look for so long that this is told, too.
    """

    def __init__(self, dms: FakeDms, webhooks: WebhookServer, folder: Path, clock: AheadClock) -> None:
        """Deploy."""
        self._clock = clock
        self._webhooks = webhooks
        self._minute = 0
        self._changes = [MovingChange(dms, ChangeId("inst", f"task{n}")) for n in range(CHANGES)]
        webhooks.script(_BAD, Answer(status=401))
        channels: dict[str, dict[str, object]] = {
            "bad": {"url": f"json://{webhooks.location}{_BAD}"},
            "good": {"url": f"json://{webhooks.location}{_GOOD}", "alerts": ["channel_refused"]},
        }
        watches = [change.id for change in self._changes]
        # Many changes that wait for nothing: the pace is proved elsewhere.
        environ = environment(dms.endpoint, f"file:{folder}", watches, channels, {}, rate_per_second=1000)
        self._application = Application(
            environ, Workshop(clock), clock, config_path="not-there", log_file=io.StringIO()
        )

    def run(self, minutes: Iterable[int]) -> int:
        """Invoke in these minutes, each with news of every change; how often the bad channel was tried."""
        before = len(self._webhooks.received(_BAD))
        for minute in minutes:
            self._clock.advance((minute - self._minute) * 60)
            self._minute = minute
            self._application.invoke(TIMER, None)
            for change in self._changes:
                change.move()
        return len(self._webhooks.received(_BAD)) - before

    @property
    def told(self) -> list[Told]:
        """What the good channel was told."""
        return [told_in_json(request) for request in self._webhooks.received(_GOOD)]


@contextmanager
def watched_by_two(folder: Path) -> Iterator[Fleet]:
    """Deploy on servers of their own."""
    clock = AheadClock()
    with FakeDms(now=clock.now) as dms, WebhookServer() as webhooks:
        yield Fleet(dms, webhooks, folder, clock)
