"""Seeded faults: each is the product with one thing wrong, for the explorer to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from msgspec.structs import replace

from handler.core.audience import Audience
from handler.core.compare import compare
from handler.core.delivery import Delivery, plan, settle
from handler.core.ledger import ChannelState, Claim, Ledger
from handler.core.rules import Policy
from handler.stores.lease import (
    Announce,
    Announcement,
    Look,
    Reread,
    Withdraw,
    swap,
    swap_announced,
)
from handler.stores.lease import Seen as LookedAt
from handler.stores.port import Committed, Conflict, Unknown
from notifiers.verdicts import Outcome, Verdict
from tests.proofs.deciding import Seen
from tests.proofs.storage import Flow

PLANNED = tuple[Ledger, tuple[Delivery, ...]]


def compare_without_dates(ledger: Ledger, seen: Seen, policy: Policy, now: datetime) -> Ledger:
    """An older observation is saved after a newer one."""
    if ledger.observation is not None:
        ledger = replace(ledger, observation=replace(ledger.observation, date=None))
    return compare(ledger, seen, policy, now)


def settle_to_the_end(
    ledger: Ledger, audience: Audience, owner: str, verdicts: Mapping[str, Verdict | None], now: datetime
) -> Ledger:
    """An offset moves to the log's end instead of `upto`."""

    def moved(name: str, state: ChannelState) -> ChannelState:
        claim, verdict = ledger.channels[name].claim, verdicts.get(name)
        is_sent = verdict is not None and verdict.outcome is Outcome.SENT
        is_ours = claim is not None and claim.owner == owner
        return replace(state, offset=ledger.length) if is_sent and is_ours else state

    return _each_state(settle(ledger, audience, owner, verdicts, now), moved)


def plan_skipping_quiet(ledger: Ledger, audience: Audience, now: datetime, claim: Claim) -> PLANNED:
    """Quiet hours skip what they held."""
    quiet = {channel.name for channel in audience.channels if channel.is_quiet(now)}

    def moved(name: str, state: ChannelState) -> ChannelState:
        is_held = name in quiet and state.claim is None
        return replace(state, offset=planned.length) if is_held else state

    planned, deliveries = plan(ledger, audience, now, claim)
    return _each_state(planned, moved), deliveries


def plan_taking_over(ledger: Ledger, audience: Audience, now: datetime, claim: Claim) -> PLANNED:
    """A claim is taken over while its holder is frozen."""

    def lapsed(_name: str, state: ChannelState) -> ChannelState:
        claim = state.claim
        return state if claim is None else replace(state, claim=replace(claim, until=now))

    return plan(_each_state(ledger, lapsed), audience, now, claim)


def plan_counting_later(ledger: Ledger, audience: Audience, now: datetime, claim: Claim) -> PLANNED:
    """Tries are counted after the send."""

    def uncounted(name: str, state: ChannelState) -> ChannelState:
        claim = state.claim
        if claim is None or claim == ledger.channels[name].claim:
            return state
        return replace(state, claim=replace(claim, tries=state.tries))

    planned, deliveries = plan(ledger, audience, now, claim)
    return _each_state(planned, uncounted), deliveries


def settle_counting_now(
    ledger: Ledger, audience: Audience, owner: str, verdicts: Mapping[str, Verdict | None], now: datetime
) -> Ledger:
    """Tries are counted after the send: the other half."""

    def counted(_name: str, state: ChannelState) -> ChannelState:
        claim = state.claim
        return state if claim is None else replace(state, claim=replace(claim, tries=claim.tries + 1))

    return settle(_each_state(ledger, counted), audience, owner, verdicts, now)


def plan_unmarked(ledger: Ledger, audience: Audience, now: datetime, claim: Claim) -> PLANNED:
    """A repeat does not say that it may be one."""
    planned, deliveries = plan(ledger, audience, now, claim)
    return planned, tuple(replace(delivery, repeat_upto=0) for delivery in deliveries)


SHORT_CLAIM: Final = timedelta(seconds=-5)
"""A claim lapses before its holder has certainly ended."""


def look_before_announcing(expected: str | None, new_name: Callable[[], str], _ours: frozenset[str]) -> Flow:
    """Under a lease: two who look before they announce both find themselves alone."""
    seen: LookedAt = yield Look()
    if any(map(partial(_is_live, seen), seen.announcements)):
        return Conflict()
    name = new_name()
    yield Announce(name)
    outcome = yield from swap(expected)
    yield Withdraw(name)
    return outcome


def write_unread(expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
    """Under a lease: what was saved between the load and the lease is written over."""
    flow = swap_announced(expected, new_name, ours)
    operation = next(flow)
    while True:
        answer = expected if isinstance(operation, Reread) else (yield operation)
        try:
            operation = flow.send(answer)
        except StopIteration as end:
            outcome: Committed | Conflict | Unknown = end.value
            return outcome


def withdraw_in_doubt(expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
    """Under a lease: it is given up although a write may still arrive."""
    names: list[str] = []

    def noted() -> str:
        names.append(new_name())
        return names[-1]

    outcome = yield from swap_announced(expected, noted, ours)
    if isinstance(outcome, Unknown):
        yield Withdraw(names[-1])
    return outcome


def _is_live(seen: LookedAt, announcement: Announcement) -> bool:
    seconds = int(announcement.name.partition("-")[0])
    since, now = announcement.since, seen.store_date
    return since is None or now is None or now - since <= timedelta(seconds=seconds)


def _each_state(ledger: Ledger, change: Callable[[str, ChannelState], ChannelState]) -> Ledger:
    return replace(ledger, channels={name: change(name, state) for name, state in ledger.channels.items()})
