"""From what was seen to what is to be done: compares and plans, for all changes of an invocation.

Between the reads and the writes of an invocation this is the one place where all its changes meet. It
decides by the pure functions of `handler.core`; only the time comes from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

from handler.clock import Clock, Deadline
from handler.core.audience import Audience, enrol
from handler.core.change import Watch
from handler.core.compare import compare
from handler.core.delivery import plan
from handler.core.ledger import Claim, Ledger, is_news
from handler.core.observation import Observation
from handler.core.problem import Problem
from handler.core.raising import tell_loss
from handler.core.rules import Policy
from handler.core.standing import Standings, find_standings, note_tried
from handler.looking import Look
from handler.mishaps import caught
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.verdicts import Outcome

CLAIM_OUTLIVES: Final = timedelta(seconds=15)
"""A claim lapses this long after the platform has ended its holder, who thus never sends too late."""

_NEVER: Final = datetime.min.replace(tzinfo=timezone.utc)


class Terms(msgspec.Struct, frozen=True):
    """On what terms an invocation decides: for whom, by which policy, and who it is as an owner of claims."""

    channels: tuple[Channel, ...]
    policy: Policy
    owner: str


def decide(
    watches: Sequence[Watch], looks: Sequence[Look | Problem], terms: Terms, clock: Clock, deadline: Deadline
) -> list[Tick]:
    """Decide for a change after the other: what one has learnt of a channel holds for the next.

    Args:
        watches: The changes.
        looks: What was seen of each, or why not even its ledger could be read.
        terms: On what terms.
        clock: What time it is.
        deadline: When the invocation must be over, and its claims soon after.
    """
    ledgers = [seen.loaded.kept.ledger if isinstance(seen, Look) else None for seen in looks]
    standings = find_standings(ledger for ledger in ledgers if ledger is not None)
    ticks: dict[int, Tick] = {}
    # Who has failed last comes last, so that no change takes every trial of a channel from the others.
    for place in sorted(range(len(watches)), key=lambda place: _failed_at(ledgers[place])):
        tick = _decide(watches[place], looks[place], terms, standings, clock, deadline)
        standings = note_tried(standings, (delivery.channel for delivery in tick.deliveries))
        ticks[place] = tick
    return [ticks[place] for place in range(len(watches))]


def _failed_at(ledger: Ledger | None) -> datetime:
    """When a channel last failed a change; long ago if none has."""
    attempts = (state.last_attempt for state in ledger.channels.values()) if ledger else ()
    failed = (a.ended_at for a in attempts if a is not None and a.outcome is not Outcome.SENT)
    return max(failed, default=_NEVER)


def _decide(  # noqa: PLR0913, PLR0917 - a change, what is known of it and of its channels, and the time
    watch: Watch, seen: Look | Problem, terms: Terms, standings: Standings, clock: Clock, deadline: Deadline
) -> Tick:
    audience = Audience(watch.name, terms.channels, standings)
    if isinstance(seen, Look):
        now = clock.now() + seen.loaded.store_ahead
        until = now + timedelta(seconds=deadline.remaining_seconds()) + CLAIM_OUTLIVES
        try:
            return _decide_seen(watch, seen, audience, terms, now, until)
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            seen = caught(error)
    nothing = Ledger(change=str(watch.change), created_at=clock.now())
    return Tick(watch, nothing, nothing, nothing, audience, problem=seen)


def _decide_seen(  # noqa: PLR0913, PLR0917 - as above
    watch: Watch, seen: Look, audience: Audience, terms: Terms, now: datetime, until: datetime
) -> Tick:
    """Compare and plan: a tick with what is known now and with the deliveries that are due."""
    kept, store_ahead = seen.loaded
    before = kept.ledger or Ledger(change=str(watch.change), created_at=now)
    current = enrol(before, audience, now)
    if kept.damage is not None:
        current = tell_loss(current, kept.damage, now)
    if seen.seen is not None:
        current = compare(current, seen.seen, terms.policy, now)
    current, deliveries = plan(current, audience, now, Claim(terms.owner, until, upto=0, tries=0))
    is_unseen = kept.version is None and seen.seen is None
    return Tick(
        watch,
        before,
        before,
        current,
        audience,
        has_news=not is_unseen and is_news(before, current, now),
        version=kept.version,
        damage=kept.damage,
        store_ahead=store_ahead,
        deliveries=deliveries,
        problem=seen.problem,
        is_blind=seen.problem is not None and not isinstance(seen.seen, Observation),
    )
