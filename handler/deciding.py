"""From what was seen to what is to be done: compares and plans, for all changes of an invocation.

Between the reads and the writes of an invocation this is the one place where all its changes meet. It
decides by the pure functions of `handler.core`; only the time comes from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from handler.clock import Clock, Deadline
from handler.core.audience import Audience, enrol
from handler.core.compare import compare
from handler.core.delivery import plan
from handler.core.ledger import Claim, Ledger
from handler.core.mending import Completion, find_completion, is_mended
from handler.core.news import is_news
from handler.core.observation import Observation
from handler.core.operation import learn
from handler.core.problem import Problem
from handler.core.raising import tell_loss
from handler.core.reminding import remind
from handler.core.rules import Policy
from handler.core.standing import Standings, find_standings, note_tried
from handler.core.watch import Origin, Watch
from handler.looking import Look, is_dismissed
from handler.mishaps import caught
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.verdicts import Outcome

CLAIM_OUTLIVES: Final = timedelta(seconds=15)
"""A claim lapses this long after the platform has ended its holder, who thus never sends too late."""

Sighting = tuple[Watch, "Look | Problem"]
"""A change and what was seen of it."""

_NEVER: Final = datetime.min.replace(tzinfo=timezone.utc)


class Terms(msgspec.Struct, frozen=True):
    """On what terms an invocation decides: for whom, by which policy, and who it is as an owner of claims."""

    channels: tuple[Channel, ...]
    policy: Policy
    owner: str


class _Known(NamedTuple):
    """What all changes together tell a single one."""

    standings: Standings
    completions: Sequence[Completion]


def decide(
    sightings: Sequence[Sighting],
    terms: Terms,
    clock: Clock,
    deadline: Deadline,
    earlier: Iterable[Ledger] = (),
) -> list[Tick]:
    """Decide for a change after the other: what one has learnt of a channel holds for the next.

    Args:
        sightings: The changes, each with what was seen of it, or why not even its ledger could be read.
        terms: On what terms.
        clock: What time it is.
        deadline: Until when the invocation may live, and its claims soon after.
        earlier: The ledgers of changes that this invocation is through with.

    Returns:
        A tick for each change; that of one whose channels have failed last comes last.
    """
    found = [(_ledger_of(seen), watch, seen) for watch, seen in sightings]
    known = _find_known(found, list(earlier))
    ticks = []
    # Who has failed last comes last, so that no change takes every trial of a channel from the others.
    for _, watch, seen in sorted(found, key=lambda one: _failed_at(one[0])):
        tick = _decide(watch, seen, terms, known, clock, deadline)
        tried = note_tried(known.standings, (delivery.channel for delivery in tick.deliveries))
        known = known._replace(standings=tried)
        ticks.append(tick)
    return ticks


def _find_known(
    found: Iterable[tuple[Ledger | None, Watch, Look | Problem]], earlier: Sequence[Ledger]
) -> _Known:
    kept = [ledger for ledger, _, _ in found if ledger is not None]
    completions = [find_completion(ledger.change, None, ledger) for ledger in earlier]
    completions += [find_completion(str(watch.change), _seen(look), ledger) for ledger, watch, look in found]
    return _Known(find_standings([*earlier, *kept]), [*filter(None, completions)])


def _seen(look: Look | Problem) -> Observation | None:
    return look.seen if isinstance(look, Look) and isinstance(look.seen, Observation) else None


def _ledger_of(seen: Look | Problem) -> Ledger | None:
    return seen.loaded.kept.ledger if isinstance(seen, Look) else None


def _failed_at(ledger: Ledger | None) -> datetime:
    """When a channel last failed a change; long ago if none has."""
    attempts = (state.last_attempt for state in ledger.channels.values()) if ledger else ()
    failed = (a.ended_at for a in attempts if a is not None and a.outcome is not Outcome.SENT)
    return max(failed, default=_NEVER)


def _decide(  # noqa: PLR0913, PLR0917 - a change, what is known of it and of its channels, and the time
    watch: Watch, seen: Look | Problem, terms: Terms, known: _Known, clock: Clock, deadline: Deadline
) -> Tick:
    ledger = _ledger_of(seen)
    kept_name = ledger.name if ledger else None
    # A name that somebody has registered says more than that of the instance.
    is_first = watch.origin is Origin.MARKED and kept_name is not None
    watch = watch._replace(name=kept_name if is_first else watch.name or kept_name)
    audience = Audience(watch.title, terms.channels, known.standings)
    if isinstance(seen, Look):
        now = clock.now() + seen.loaded.store_ahead
        until = now + timedelta(seconds=deadline.life_seconds()) + CLAIM_OUTLIVES
        try:
            return _decide_seen(watch, seen, audience, terms, known, now, until)
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            seen = caught(error)
    nothing = Ledger(change=str(watch.change), created_at=clock.now())
    return Tick(watch, nothing, nothing, nothing, audience, problem=seen)


def _decide_seen(  # noqa: PLR0913, PLR0917 - as above
    watch: Watch,
    seen: Look,
    audience: Audience,
    terms: Terms,
    known: _Known,
    now: datetime,
    until: datetime,
) -> Tick:
    """Compare and plan: a tick with what is known now and with the deliveries that are due."""
    kept, store_ahead = seen.loaded
    before = kept.ledger or Ledger(change=str(watch.change), created_at=now)
    if is_dismissed(watch, before):
        return Tick(watch, before, before, before, audience, version=kept.version, is_dismissed=True)
    current = enrol(replace(before, name=watch.name), audience, now)
    if kept.damage is not None:
        current = tell_loss(current, kept.damage, now)
    if seen.seen is not None:
        current = compare(current, seen.seen, terms.policy, now)
        current = learn(current, seen.seen, seen.order, seen.specification)
    if is_mended(current, known.completions):
        current = replace(current, is_dismissed=True)
    current = remind(current, audience, now)
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
