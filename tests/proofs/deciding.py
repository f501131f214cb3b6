"""What an invocation decides, by the product's own functions over ledgers that go by numbers.

The functions come as `Rules`, so that a proof can be shown to find what is wrong with others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from handler.core.audience import Audience, enrol
from handler.core.compare import compare
from handler.core.delivery import Delivery, plan, settle
from handler.core.ledger import Claim, Ledger
from handler.core.news import is_news
from handler.core.observation import Observation
from handler.core.problem import Problem
from handler.core.rules import Policy
from handler.core.standing import find_standings
from handler.deciding import CLAIM_OUTLIVES
from notifiers.channel import Channel
from notifiers.verdicts import Outcome, Verdict
from tests.proofs.storage import moment
from tests.proofs.world import Parcel

CHANGE: Final = "instance/task"
NAME: Final = "orders"
POLICY: Final = Policy(milestones=(50,), stalled_after=timedelta(days=1))

Seen = Observation | Problem


class Rules(NamedTuple):
    """The functions that are driven."""

    compare: Callable[[Ledger, Seen, Policy, datetime], Ledger] = compare
    plan: Callable[[Ledger, Audience, datetime, Claim], tuple[Ledger, tuple[Delivery, ...]]] = plan
    settle: Callable[[Ledger, Audience, str, Mapping[str, Verdict | None], datetime], Ledger] = settle
    claim_outlives: timedelta = CLAIM_OUTLIVES


class Fortune(NamedTuple):
    """How a send may go: what the sender learns, and whether the message arrives."""

    what: str
    verdict: Verdict | None
    arrives: bool


FORTUNES: Final = (
    Fortune("it is accepted", Verdict(Outcome.SENT), arrives=True),
    Fortune("it is to be sent later", Verdict(Outcome.RETRY), arrives=False),
    Fortune("it arrives, the answer is lost", Verdict(Outcome.UNKNOWN), arrives=True),
    Fortune("it is lost", Verdict(Outcome.UNKNOWN), arrives=False),
    Fortune("it is refused", Verdict(Outcome.REFUSED, "403"), arrives=False),
    Fortune("there is no time", None, arrives=False),
)
ACCEPTED: Final = 0
NO_TIME: Final = len(FORTUNES) - 1


Told = tuple[tuple[int, int], ...]
"""How each send went: the channel, by its place, and what became of it, as the place in `FORTUNES`."""


class Decision(NamedTuple):
    """What a tick has decided: the ledger to save, by number, and what it would send."""

    after: int
    parcels: tuple[Parcel, ...]
    is_news: bool


class Deciding:
    """The decisions of invocations; each distinct one is made once."""

    def __init__(self, rules: Rules, channels: tuple[Channel, ...]) -> None:
        """Know no ledger yet."""
        self.channels = channels
        self._rules = rules
        self._ledgers: list[Ledger] = []
        self._numbers: dict[bytes, int] = {}
        self._decisions: dict[tuple[int | None, int, int, str], Decision] = {}
        self._settlements: dict[tuple[int | None, int, str, Told, int], int] = {}

    def number(self, ledger: Ledger) -> int:
        """The number of a ledger; the same for equal ones."""
        content = msgspec.json.encode(ledger)
        number = self._numbers.setdefault(content, len(self._ledgers))
        if number == len(self._ledgers):
            self._ledgers.append(ledger)
        return number

    def ledger(self, number: int) -> Ledger:
        """The ledger of a number."""
        return self._ledgers[number]

    def decide(self, before: int | None, seen: Seen, now: int, deadline: int, owner: str) -> Decision:
        """Compare and plan, as `Invocation` does."""
        key = (before, now, deadline, owner)
        if key not in self._decisions:
            self._decisions[key] = self._decide(before, seen, now, deadline, owner)
        return self._decisions[key]

    def settle(self, before: int | None, after: int, owner: str, told: Told, now: int) -> int:
        """Record how the sends went over what is saved now, `after`, as `Invocation` does."""
        key = (before, after, owner, told, now)
        if key not in self._settlements:
            verdicts = {self.channels[channel].name: FORTUNES[fate].verdict for channel, fate in told}
            audience, ledger = self._audience(before), self._ledgers[after]
            settled = self._rules.settle(ledger, audience, owner, verdicts, moment(now))
            self._settlements[key] = self.number(settled)
        return self._settlements[key]

    def _audience(self, before: int | None) -> Audience:
        known = [] if before is None else [self._ledgers[before]]
        return Audience(NAME, self.channels, find_standings(known))

    def _decide(self, before: int | None, seen: Seen, seconds: int, deadline: int, owner: str) -> Decision:
        now, audience = moment(seconds), self._audience(before)
        found = Ledger(CHANGE, created_at=now) if before is None else self._ledgers[before]
        current = self._rules.compare(enrol(found, audience, now), seen, POLICY, now)
        claim = Claim(owner, moment(deadline) + self._rules.claim_outlives, upto=0, tries=0)
        current, deliveries = self._rules.plan(current, audience, now, claim)
        parcels = tuple(self._parcel(delivery) for delivery in deliveries)
        return Decision(self.number(current), parcels, is_news(found, current, now))

    def _parcel(self, delivery: Delivery) -> Parcel:
        names = [channel.name for channel in self.channels]
        numbers = tuple(alert.number for alert in delivery.alerts)
        return Parcel(names.index(delivery.channel), numbers, delivery.repeat_upto)
