"""A deployed function with everything around it behind relays: the API, the store and four channels."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pytest
from apprise.plugins.slack import NotifySlack
from apprise.plugins.wecombot import NotifyWeComBot

from handler.application import Application
from handler.clock import Budget
from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.report import Report
from handler.wiring import Workshop
from tests.fakes.dms_server import FakeDms
from tests.fakes.loopback import HOST
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.proofs.real_change import TIMER, AheadClock, MovingChange, environment
from tests.proofs.real_hearing import (
    Tally,
    Told,
    complaints,
    phrase,
    tally,
    told_in_json,
    told_in_mail,
    told_in_slack,
    told_in_wecom,
)
from tests.proofs.real_http_relay import HttpRelay
from tests.proofs.real_mail_relay import MailRelay
from tests.proofs.real_places import place
from tests.proofs.real_relay import Relay

CHANNELS: Final = ("json", "slack", "wecom", "mail")
TIMEOUT_SECONDS: Final = 15.0
"""What an invocation has; where all is well it takes little more than the pause between two messages."""
TICK_SECONDS: Final = 60.0

_SHORT_SECONDS: Final = 3.0
_WECOM: Final = "/cgi-bin/webhook/send"
_SLACK: Final = "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


class Context(NamedTuple):
    """Lambda's, as far as it matters."""

    timeout_seconds: float
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        """What is left."""
        return round(self.timeout_seconds * 1000)


class Ticked(NamedTuple):
    """An invocation that is over: its report, when it began on the monotonic clock, how long it took."""

    report: Report
    began_at: float
    seconds: float


class Site:
    """Two changes, four channels and one process; `relays` are called `api`, `state` or as the channel."""

    def __init__(
        self, stack: ExitStack, kind: str, folder: Path, strikes: Callable[[bytes], bool] = lambda _: True
    ) -> None:
        """Build it, with a kind of place for the state; trouble strikes only such requests."""
        clock = AheadClock()
        dms = stack.enter_context(FakeDms(now=clock.now))
        self._place = stack.enter_context(place(kind, folder, clock.now))
        self._webhooks = stack.enter_context(WebhookServer())
        self._smtp = stack.enter_context(SmtpServer())
        self._webhooks.script(_WECOM, Answer.of_json({"errcode": 0, "errmsg": "ok"}))
        self._clock = clock
        self.relays: dict[str, Relay] = {
            "api": HttpRelay(urlsplit(dms.endpoint).port or 0, strikes),
            "state": HttpRelay(self._place.port, strikes),
            **{name: HttpRelay(self._webhooks.port) for name in ("json", "slack", "wecom")},
            "mail": MailRelay(self._smtp.port),
        }
        for relay in self.relays.values():
            stack.enter_context(relay)
        self.changes = [MovingChange(dms, ChangeId("inst", name)) for name in ("alpha", "beta")]
        self._application = self._deploy(stack.enter_context(pytest.MonkeyPatch.context()))
        self._slowest_seconds = 0.0
        self._told: dict[str, list[Told]] = {name: [] for name in CHANNELS}

    def _deploy(self, patch: pytest.MonkeyPatch) -> Application:
        at = {name: f"{HOST}:{relay.port}" for name, relay in self.relays.items()}
        patch.setattr(NotifySlack, "webhook_url", f"http://{at['slack']}/services")
        patch.setattr(NotifyWeComBot, "notify_url", f"http://{at['wecom']}{_WECOM}?key={{key}}")
        urls = {
            "json": f"json://{at['json']}/json",
            "slack": "slack:/" + _SLACK.removeprefix("/services"),
            "wecom": "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
            "mail": f"mailto://{at['mail']}?from=headway@example.com&to=ops@example.com",
        }
        environ = environment(
            f"http://{at['api']}",
            self._place.behind(self.relays["state"].port).state,
            [change.id for change in self.changes],
            {name: {"url": url} for name, url in urls.items()},
            self._place.variables,
        )
        workshop = Workshop(self._clock)
        return Application(environ, workshop, self._clock, config_path="not-there", log_file=io.StringIO())

    @property
    def short_timeout_seconds(self) -> float:
        """Little, so that what hangs costs little; but several times what an invocation is busy for here."""
        return max(_SHORT_SECONDS, 6 * self._slowest_seconds)

    def tick(self, timeout_seconds: float = TIMEOUT_SECONDS) -> Ticked:
        """Invoke once; then a minute passes."""
        began_at = time.monotonic()
        report = self._application.invoke(TIMER, Context(timeout_seconds)).report
        seconds = time.monotonic() - began_at
        busy_seconds = seconds - Budget.of(timeout_seconds).pause_seconds
        self._slowest_seconds = max(self._slowest_seconds, busy_seconds)
        self._clock.advance(TICK_SECONDS)
        return Ticked(report, began_at, seconds)

    def heard(self, channel: str) -> list[Told]:
        """What a channel was told so far, message by message; each is read once."""
        told = self._told[channel]
        match channel:
            case "json":
                told += map(told_in_json, self._webhooks.received("/json")[len(told) :])
            case "slack":
                told += map(told_in_slack, self._webhooks.received(_SLACK)[len(told) :])
            case "wecom":
                told += map(told_in_wecom, self._webhooks.received(_WECOM)[len(told) :])
            case _:
                told += map(told_in_mail, self._smtp.mails[len(told) :])
        return told

    def counts(self) -> Counter[str]:
        """How many messages came so far, by channel and by change."""
        heard = {name: self.heard(name) for name in CHANNELS}
        of_changes = Counter(told.change for messages in heard.values() for told in messages)
        return Counter({name: len(messages) for name, messages in heard.items()}) + of_changes

    @property
    def ledgers(self) -> list[Ledger]:
        """The ledgers of both changes."""
        return [self._place.ledger(change.id) for change in self.changes]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is left to be told."""
        return all(
            state.claim is None and state.offset == ledger.length
            for ledger in self.ledgers
            for state in ledger.channels.values()
        )

    def tally(self, channel: str) -> Tally:
        """How all alerts fared on a channel."""
        return sum((tally(ledger, channel, self.heard(channel)) for ledger in self.ledgers), Tally())

    def complaints(self) -> Iterator[str]:
        """All that is wrong, in words: promises broken, and news that never became an alert."""
        for change, ledger in zip(self.changes, self.ledgers, strict=True):
            for channel in CHANNELS:
                yield from complaints(ledger, channel, self.heard(channel))
            missed = change.news - {phrase(alert) for alert in ledger.alerts}
            yield from (f"never noticed: {words}" for words in sorted(missed))
