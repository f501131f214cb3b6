"""The main path of one invocation: observe and claim, deliver, settle; for one change or a thousand.

It knows the world by ports only: a source of observations, the kept ledgers, and a way to dispatch.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Final, NamedTuple

import msgspec

from handler.clock import Clock, Deadline
from handler.core.audience import Audience, enrol
from handler.core.change import ChangeId, Watch
from handler.core.compare import compare
from handler.core.delivery import Delivery, plan, settle
from handler.core.ledger import Claim, Ledger, is_news
from handler.core.observation import Observation
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.looking import Loaded, Look, Source, find_rest, look
from handler.situation import Links, situation_of
from handler.stores.ledgers import Ledgers
from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown
from notifiers.alerts import Alert
from notifiers.channel import Channel
from notifiers.dispatch import Parcel
from notifiers.messages import compose
from notifiers.verdicts import Verdict

CLAIM_OUTLIVES: Final = timedelta(seconds=15)
"""A claim lapses this long after the platform has ended its holder, who thus never sends too late."""

_UNRECORDED: Final = "What was sent could not be recorded before time was up; it may be sent once more."

RECORD_SECONDS_MIN: Final = 1.0
"""With less time left than this no further try to record the outcomes is begun."""


class Tick(NamedTuple):
    """One look at one change and what has come of it.

    `before` is the ledger as it was found, `after` as it was last saved (the same when nothing was new);
    `current` is what is known now, saved or not.
    `store_ahead` is how far the store's clock is ahead of ours. `verdicts` holds how each delivery went,
    by channel; None where nothing was sent. `alerts` were raised and saved here. Beside a `problem` a tick
    is blind unless it has seen the change all the same.
    """

    watch: Watch
    before: Ledger
    after: Ledger
    current: Ledger
    version: str | None = None
    store_ahead: timedelta = timedelta()
    deliveries: tuple[Delivery, ...] = ()
    verdicts: Mapping[str, Verdict | None] = {}
    alerts: tuple[Alert, ...] = ()
    problem: Problem | None = None
    is_blind: bool = True


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
            observe_and_claim = self._prepare(watches, loads)
            ticks = self._deliver(list(changes.map(observe_and_claim, watches)))
            return list(changes.map(_guarded(self._settle), ticks))

    def _prepare(self, watches: Sequence[Watch], loads: Executor) -> Callable[[Watch], Tick]:
        """Decide how to look: side by side with a trusted key, else only after all ledgers were read."""

        def load(watch: Watch) -> Future[Loaded]:
            return loads.submit(self._load, watch.change)

        if self._source.key_accepted:
            return lambda watch: self._observe_and_claim(watch, load(watch), trusts_key=True, rest=None)
        loadings = {watch: load(watch) for watch in watches}
        kept = (loading.result().kept for loading in loadings.values() if loading.exception() is None)
        rest = find_rest(kept) if self._setting.heeds_rest else None
        return lambda watch: self._observe_and_claim(watch, loadings[watch], trusts_key=False, rest=rest)

    def _load(self, change: ChangeId) -> Loaded:
        kept = self._ledgers.load(change)
        return Loaded(kept, kept.store_date - self._clock.now())

    def _observe_and_claim(
        self, watch: Watch, loading: Future[Loaded], *, trusts_key: bool, rest: Problem | None
    ) -> Tick:
        """Look at one change; save what is new, together with the claims on telling it."""
        nothing = Ledger(change=str(watch.change), created_at=self._clock.now())
        try:
            seen = look(watch.change, self._source, loading, trusts_key=trusts_key, rest=rest)
            tick = self._decide(watch, seen)
            is_unseen = seen.seen is None and tick.version is None
            if is_unseen or not is_news(tick.before, tick.current, self._store_now(tick.store_ahead)):
                return tick
            return self._save_claims(tick)
        except StateUnavailableError as error:
            return Tick(watch, nothing, nothing, nothing, problem=_state_unavailable(error))
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return Tick(watch, nothing, nothing, nothing, problem=_defect(error))

    def _store_now(self, store_ahead: timedelta) -> datetime:
        return self._clock.now() + store_ahead

    def _decide(self, watch: Watch, seen: Look) -> Tick:
        """Compare and plan: a tick with what is known now and with the deliveries that are due."""
        kept, store_ahead = seen.loaded
        now = self._store_now(store_ahead)
        before = kept.ledger or Ledger(change=str(watch.change), created_at=now)
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
            version=kept.version,
            store_ahead=store_ahead,
            deliveries=deliveries,
            problem=seen.problem,
            is_blind=seen.problem is not None and not isinstance(seen.seen, Observation),
        )

    def _save_claims(self, tick: Tick) -> Tick:
        """Save once; whoever was faster has the claims, and an answer lost for good sends nothing."""
        change = tick.watch.change
        try:
            if tick.version is None:
                self._ledgers.mark_active(change)
            answer = self._ledgers.save(change, tick.current, tick.version)
        except StateUnavailableError as error:
            return tick._replace(deliveries=(), problem=_state_unavailable(error), is_blind=True)
        if isinstance(answer, Committed):
            alerts = tick.current.alerts_after(tick.before.length)
            return tick._replace(after=tick.current, version=answer.version, alerts=alerts)
        return tick._replace(deliveries=(), problem=_unsaved(answer), is_blind=True)

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
                return tick._replace(problem=_state_unavailable(error), is_blind=True)
        return tick

    def _record(self, tick: Tick) -> Tick:
        """Save the outcomes, over whatever others have saved meanwhile, until the deadline."""
        tries = 0
        while True:
            recorded = self._save_outcomes(tick)
            if isinstance(recorded, Tick):
                return recorded
            if self._deadline.remaining_seconds() < RECORD_SECONDS_MIN:
                return tick._replace(problem=recorded, is_blind=True)
            tries += 1
            self._pause(tries)
            tick = self._reload(tick)

    def _save_outcomes(self, tick: Tick) -> Tick | Problem:
        audience = Audience(tick.watch.name, self._setting.channels)
        now = self._store_now(tick.store_ahead)
        settled = settle(tick.after, audience, self._setting.owner, tick.verdicts, now)
        if settled == tick.after:
            return tick
        try:
            answer = self._ledgers.save(tick.watch.change, settled, tick.version)
        except StateUnavailableError as error:
            return _state_unavailable(error)
        if not isinstance(answer, Committed):
            return Problem(ProblemKind.STATE_UNAVAILABLE, _UNRECORDED)
        return tick._replace(after=settled, version=answer.version)

    def _reload(self, tick: Tick) -> Tick:
        try:
            kept = self._ledgers.load(tick.watch.change)
        except StateUnavailableError:
            return tick
        return tick._replace(after=kept.ledger or tick.after, version=kept.version)


def _guarded(settle_tick: Callable[[Tick], Tick]) -> Callable[[Tick], Tick]:
    """Let one change's defect stop no other."""

    def guarded(tick: Tick) -> Tick:
        try:
            return settle_tick(tick)
        except Exception as error:  # noqa: BLE001 - see above
            return tick._replace(problem=_defect(error), is_blind=True)

    return guarded


def _defect(error: Exception) -> Problem:
    """Name a defect by where it is; its text could hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(place.filename).name}, line {place.lineno}"
    message = f"A defect of Headway's own ({type(error).__name__} in {where}); please report it."
    return Problem(ProblemKind.MALFORMED, message, is_defect=True)


def _state_unavailable(error: StateUnavailableError) -> Problem:
    return Problem(ProblemKind.STATE_UNAVAILABLE, str(error))


def _unsaved(answer: Conflict | Unknown) -> Problem:
    if isinstance(answer, Conflict):
        message = "Another invocation saved this change first; it is left to that one."
        return Problem(ProblemKind.STATE_CONFLICT, message)
    message = "The store's answer to a save was lost, and reading back did not tell; nothing is sent."
    return Problem(ProblemKind.STATE_UNAVAILABLE, message)
