"""A deployed function whose processes come and go: one change, two channels, a place for its state."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.report import Report
from tests.fakes.dms_server import FakeDms
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.proofs.real_change import AheadClock, MovingChange, environment
from tests.proofs.real_hearing import Tally, Told, complaints, is_whole, phrase, tally, told_in_json
from tests.proofs.real_places import Place, place
from tests.proofs.real_process import TickProcess, gate

CHANNELS: Final = ("quick", "slow")

_CHANGE: Final = ChangeId("inst", "task")


class Deployment:
    """All that stays while processes come and go; every tick is a process of its own."""

    def __init__(self, dms: FakeDms, webhooks: WebhookServer, where: Place, clock: AheadClock) -> None:
        """Deploy."""
        self.change = MovingChange(dms, _CHANGE)
        self.clock = clock
        self._webhooks = webhooks
        self._place = where
        # As services do, they take their time; not the same, so that a kill may find one told and one not.
        webhooks.script("/quick", Answer(delay_seconds=0.01))
        webhooks.script("/slow", Answer(delay_seconds=0.04))
        channels = {name: {"url": f"json://{webhooks.location}/{name}"} for name in CHANNELS}
        self.environ = environment(dms.endpoint, where.state, [_CHANGE], channels, where.variables)

    def start(self, processes: int) -> tuple[float, list[Report | None]]:
        """Let so many processes tick at once, to their end; how long they took, and their reports."""
        opens = gate(processes + 1)
        started = [TickProcess(self.environ, self.clock.ahead_seconds, opens) for _ in range(processes)]
        opens.wait()
        began_at = time.monotonic()
        reports = [process.report() for process in started]
        return time.monotonic() - began_at, reports

    @property
    def version(self) -> str | None:
        """The version of the ledger, None if there is none."""
        return self._place.version(_CHANGE)

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self._place.ledger(_CHANGE)

    def messages(self, channel: str) -> list[Told]:
        """What a channel was told so far, message by message."""
        return [told_in_json(r) for r in self._webhooks.received(f"/{channel}") if is_whole(r)]

    def message_counts(self) -> Counter[str]:
        """How many messages each channel has had."""
        return Counter({name: len(self.messages(name)) for name in CHANNELS})

    def tally(self) -> Tally:
        """How all alerts fared, over both channels."""
        ledger = self.ledger
        return sum((tally(ledger, name, self.messages(name)) for name in CHANNELS), Tally())

    def complaints(self) -> list[str]:
        """All that is wrong, in words: promises broken, and news that never became an alert."""
        ledger = self.ledger
        missed = self.change.news - {phrase(alert) for alert in ledger.alerts}
        broken = [words for name in CHANNELS for words in complaints(ledger, name, self.messages(name))]
        return [*broken, *(f"never noticed: {words}" for words in sorted(missed))]


@contextmanager
def deployed(kind: str, folder: Path) -> Iterator[Deployment]:
    """Deploy with a kind of place for the state, on servers of its own."""
    clock = AheadClock()
    with (
        FakeDms(now=clock.now) as dms,
        WebhookServer() as webhooks,
        place(kind, folder, clock.now) as where,
    ):
        yield Deployment(dms, webhooks, where, clock)
