"""The main path of one invocation: observe and claim, deliver, settle; for one change or a thousand.

It knows the world by ports only: a source of observations, the kept ledgers, and a way to dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec

from handler.clock import Clock, Deadline
from handler.core.audience import Audience, enrol
from handler.core.change import Watch
from handler.core.compare import compare
from handler.core.delivery import Delivery, plan, settle
from handler.core.ledger import Claim, Ledger, is_news
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.looking import Look, Source, look
from handler.situation import Links, situation_of
from handler.stores.ledgers import Ledgers
from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown
from notifiers.channel import Channel
from notifiers.dispatch import Parcel
from notifiers.messages import compose
from notifiers.verdicts import Verdict

CLAIM_OUTLIVES: Final = timedelta(seconds=15)
"""A claim lapses this long after the platform has ended its holder, who thus never sends too late."""

RECORD_SECONDS_MIN: Final = 1.0
"""With less time left than this no further try to record the outcomes is begun."""


class Tick(NamedTuple):
    """One look at one change and what has come of it.

    `before` is the ledger as it was found, `after` as it was last saved (the same when nothing was new);
    `current` is what is known now, saved or not.
    `store_ahead` is how far the store's clock is ahead of ours. `verdicts` holds how each delivery went,
    by channel; None where nothing was sent.
    """

    watch: Watch
    before: Ledger
    after: Ledger
    current: Ledger
    version: str | None = None
    store_ahead: timedelta = timedelta()
    deliveries: tuple[Delivery, ...] = ()
    verdicts: Mapping[str, Verdict | None] = {}
    problem: Problem | None = None


Dispatch = Callable[[Sequence[Parcel]], Mapping[Parcel, Verdict | None]]
"""Sends parcels, channels side by side; says of each how it went, None where it was not sent."""


class Setting(msgspec.Struct, frozen=True):
    """What stays the same through an invocation."""

    channels: tuple[Channel, ...]
    policy: Policy
    links: Links
    connections: int
    owner: str
    heeds_rest: bool = True


class Invocation:
    """One run over some watches by one owner of claims, within one deadline."""

    def __init__(  # noqa: PLR0913 - the collaborators, each by name
        self,
        setting: Setting,
        *,
        source: Source,
        ledgers: Ledgers,
        dispatch: Dispatch,
        clock: Clock,
        deadline: Deadline,
        pause: Callable[[int], None],
    ) -> None:
        """Take the collaborators; `pause` waits a little, at random, before the n-th new try."""
        self._setting = setting
        self._source = source
        self._ledgers = ledgers
        self._dispatch = dispatch
        self._clock = clock
        self._deadline = deadline
        self._pause = pause

    def run(self, watches: Sequence[Watch]) -> list[Tick]:
        """Look at every change, tell what is new, and record how that went; a tick each, in order."""
        width = max(1, min(len(watches), self._setting.connections))
        with ThreadPoolExecutor(width) as changes, ThreadPoolExecutor(width) as loads:
            ticks = list(changes.map(lambda watch: self._observe_and_claim(watch, loads), watches))
            ticks = self._deliver(ticks)
            return list(changes.map(self._settle, ticks))

    def _observe_and_claim(self, watch: Watch, loads: Executor) -> Tick:
        """Look at one change; save what is new, together with the claims on telling it."""
        try:
            seen = look(
                watch.change,
                self._source,
                self._ledgers,
                loads,
                heeds_rest=self._setting.heeds_rest,
            )
        except StateUnavailableError as error:
            unknown = Ledger(change=str(watch.change), created_at=self._clock.now())
            return Tick(watch, unknown, unknown, unknown, problem=_state_unavailable(error))
        tick = self._decide(watch, seen)
        if not is_news(tick.before, tick.current, seen.kept.store_date):
            return tick
        return self._save_claims(tick)

    def _decide(self, watch: Watch, seen: Look) -> Tick:
        """Compare and plan: a tick with what is known now and with the deliveries that are due."""
        now = seen.kept.store_date
        before = seen.kept.ledger or Ledger(change=str(watch.change), created_at=now)
        audience = Audience(watch.name, self._setting.channels)
        current = enrol(before, audience, now)
        if seen.seen is not None:
            current = compare(current, seen.seen, self._setting.policy, now)
        until = now + timedelta(seconds=self._deadline.remaining_seconds()) + CLAIM_OUTLIVES
        claim = Claim(self._setting.owner, until, upto=0, tries=0)
        current, deliveries = plan(current, audience, now, claim)
        return Tick(
            watch,
            before,
            before,
            current,
            seen.kept.version,
            now - self._clock.now(),
            deliveries,
            problem=seen.seen if isinstance(seen.seen, Problem) else seen.rests,
        )

    def _save_claims(self, tick: Tick) -> Tick:
        """Save once; whoever was faster has the claims, and an answer lost for good sends nothing."""
        change = tick.watch.change
        try:
            if tick.version is None:
                self._ledgers.mark_active(change)
            answer = self._ledgers.save(change, tick.current, tick.version)
        except StateUnavailableError as error:
            return tick._replace(deliveries=(), problem=_state_unavailable(error))
        if isinstance(answer, Committed):
            return tick._replace(after=tick.current, version=answer.version)
        return tick._replace(deliveries=(), problem=_unsaved(answer))

    def _deliver(self, ticks: list[Tick]) -> list[Tick]:
        """Send what was claimed, everything side by side, and note how each delivery went."""
        parcels = {
            (tick.watch.change, delivery.channel): self._pack(tick, delivery)
            for tick in ticks
            for delivery in tick.deliveries
        }
        verdicts = self._dispatch(list(parcels.values())) if parcels else {}
        return [
            tick._replace(
                verdicts={
                    delivery.channel: verdicts.get(parcels[tick.watch.change, delivery.channel])
                    for delivery in tick.deliveries
                }
            )
            for tick in ticks
        ]

    def _pack(self, tick: Tick, delivery: Delivery) -> Parcel:
        situation = situation_of(tick.after, tick.watch.name, self._setting.links)
        message = compose(delivery.alerts, situation, delivery.repeat_upto)
        return Parcel(channel=delivery.channel, change_id=str(tick.watch.change), message=message)

    def _settle(self, tick: Tick) -> Tick:
        """Record how the deliveries went, and drop the marker of a change that is told to its end."""
        tick = self._record(tick) if tick.deliveries else tick
        if tick.after.is_told and not tick.before.is_told and tick.version is not None:
            try:
                self._ledgers.unmark_active(tick.watch.change)
            except StateUnavailableError as error:
                return tick._replace(problem=_state_unavailable(error))
        return tick

    def _record(self, tick: Tick) -> Tick:
        """Save the outcomes, over whatever others have saved meanwhile, until the deadline."""
        tries = 0
        while True:
            recorded = self._save_outcomes(tick)
            if isinstance(recorded, Tick):
                return recorded
            if self._deadline.remaining_seconds() < RECORD_SECONDS_MIN:
                return tick._replace(problem=recorded)
            tries += 1
            self._pause(tries)
            tick = self._reload(tick)

    def _save_outcomes(self, tick: Tick) -> Tick | Problem:
        audience = Audience(tick.watch.name, self._setting.channels)
        now = self._clock.now() + tick.store_ahead
        settled = settle(tick.after, audience, self._setting.owner, tick.verdicts, now)
        if settled == tick.after:
            return tick
        try:
            answer = self._ledgers.save(tick.watch.change, settled, tick.version)
        except StateUnavailableError as error:
            return _state_unavailable(error)
        if not isinstance(answer, Committed):
            return _unsaved(answer)
        return tick._replace(after=settled, version=answer.version)

    def _reload(self, tick: Tick) -> Tick:
        try:
            kept = self._ledgers.load(tick.watch.change)
        except StateUnavailableError:
            return tick
        return tick._replace(after=kept.ledger or tick.after, version=kept.version)


def _state_unavailable(error: StateUnavailableError) -> Problem:
    return Problem(ProblemKind.STATE_UNAVAILABLE, str(error))


def _unsaved(answer: Conflict | Unknown) -> Problem:
    if isinstance(answer, Conflict):
        message = "Another invocation saved this change first; it is left to that one."
        return Problem(ProblemKind.STATE_CONFLICT, message)
    message = "The store's answer to a save was lost, and reading back did not tell; nothing is sent."
    return Problem(ProblemKind.STATE_UNAVAILABLE, message)
