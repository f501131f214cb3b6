"""Ticks of a change made up for a test: what was seen, who has heard of it, and what was in the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final

from handler.core.audience import Audience
from handler.core.change import ChangeId
from handler.core.ledger import ChannelState, Ledger
from handler.core.observation import Observation
from handler.core.problem import Problem
from handler.core.standing import Standings
from handler.core.watch import Watch
from handler.tick import Tick
from notifiers.alerts import Alert, Kind
from notifiers.channel import Channel
from notifiers.verdicts import Verdict

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)


def tick(  # noqa: PLR0913 - what a tick is made of
    observation: Observation,
    *,
    alerts: int = 0,
    problem: Problem | None = None,
    states: Mapping[str, ChannelState] | None = None,
    channels: tuple[Channel, ...] | None = None,
    standings: Standings | None = None,
    verdicts: Mapping[str, Verdict | None] | None = None,
    ahead: timedelta = timedelta(),
) -> Tick:
    """A tick of the change `orders` that saw this and raised so many alerts.

    Of each channel in `states` it tells how far it has heard; if `channels` does not say who is configured,
    all of them are. The store's clock is `ahead` of ours.
    """
    before = Ledger("i/t", NOW)
    told = tuple(Alert(number, Kind.STARTED, f"started:{number}", NOW) for number in range(1, alerts + 1))
    after = Ledger(
        "i/t", NOW, observation=observation, length=alerts, alerts=told, channels=dict(states or {})
    )
    configured = tuple(map(Channel, states or ())) if channels is None else channels
    return Tick(
        Watch(ChangeId("i", "t"), "orders"),
        before,
        after,
        after,
        Audience("orders", configured, standings or {}),
        store_ahead=ahead,
        verdicts=verdicts or {},
        problem=problem,
    )
