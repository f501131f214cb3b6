"""The main path of one invocation: observe and claim, deliver, settle; for one change or a thousand.

It knows the world by ports only: a source of observations, the kept ledgers, and a way to dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import msgspec

from handler.clock import Clock, Deadline
from handler.core.change import ChangeId, Watch
from handler.core.problem import Problem
from handler.core.rules import Policy
from handler.deciding import Terms, decide
from handler.looking import Loaded, Look, Source, find_rest, look
from handler.mishaps import TIME_IS_UP, caught, unsaved
from handler.settling import Settling
from handler.situation import Links, situation_of
from handler.stores.ledgers import Ledgers
from handler.stores.port import Committed, Conflict
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.dispatch import Parcel, Sent
from notifiers.messages import compose

Dispatch = Callable[[Sequence[Parcel]], Iterable[Sent]]
"""Sends parcels, channels side by side; says of each how it went as soon as that is known."""


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
        self._terms = Terms(setting.channels, setting.policy, setting.owner)
        self._source = source
        self._ledgers = ledgers
        self._dispatch = dispatch
        self._clock = clock
        self._deadline = deadline
        self._settling = Settling(ledgers, setting.owner, clock, deadline, pause)

    def run(self, watches: Sequence[Watch]) -> list[Tick]:
        """Look at every change, tell what is new, and record how that went; a tick each, in order."""
        width = max(1, min(len(watches), self._setting.connections))
        with ThreadPoolExecutor(width) as changes, ThreadPoolExecutor(width) as loads:
            looks = list(changes.map(self._prepare(watches, loads), watches))
            decided = decide(watches, looks, self._terms, self._clock, self._deadline)
            saved = {
                place: changes.submit(self._claim, tick)
                for place, tick in enumerate(decided)
                if tick.has_news
            }
            ticks = [saved[place].result() if place in saved else tick for place, tick in enumerate(decided)]
            return self._deliver_and_settle(ticks, changes)

    def _prepare(self, watches: Sequence[Watch], loads: Executor) -> Callable[[Watch], Look | Problem]:
        """Decide how to look: side by side with a trusted key, else only after all ledgers were read."""

        def load(watch: Watch) -> Future[Loaded]:
            return loads.submit(self._load, watch.change)

        if self._source.key_accepted:
            return lambda watch: self._look(watch, load(watch), trusts_key=True, rest=None)
        loadings = {watch: load(watch) for watch in watches}
        kept = (loading.result().kept for loading in loadings.values() if loading.exception() is None)
        rest = find_rest(kept) if self._setting.heeds_rest else None
        return lambda watch: self._look(watch, loadings[watch], trusts_key=False, rest=rest)

    def _load(self, change: ChangeId) -> Loaded:
        kept = self._ledgers.load(change)
        return Loaded(kept, kept.store_date - self._clock.now())

    def _look(
        self, watch: Watch, loading: Future[Loaded], *, trusts_key: bool, rest: Problem | None
    ) -> Look | Problem:
        """Look at one change; the problem is what kept even its ledger from being read."""
        try:
            return look(watch.change, self._source, loading, trusts_key=trusts_key, rest=rest)
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return caught(error)

    def _claim(self, tick: Tick) -> Tick:
        """Save what is new, together with the claims on telling it."""
        try:
            return self._save_claims(tick)
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return tick.failed(caught(error))

    def _save_claims(self, tick: Tick) -> Tick:
        """Save once; whoever was faster has the claims, and an answer lost for good sends nothing."""
        change = tick.watch.change
        if tick.damage is not None and tick.version is not None:
            kept = self._ledgers.set_aside(change, tick.version)
            if isinstance(kept, Conflict):
                return tick.failed(unsaved(kept))
        if tick.version is None or tick.damage is not None:
            self._ledgers.mark_active(change)
        # Asked last: who was frozen before and thaws now must not save.
        if self._deadline.remaining_seconds() <= 0:
            return tick.failed(TIME_IS_UP)
        answer = self._ledgers.save(change, tick.current, tick.version)
        if isinstance(answer, Committed):
            alerts = tick.current.alerts_after(tick.before.length)
            return tick._replace(after=tick.current, version=answer.version, alerts=alerts)
        if isinstance(answer, Conflict):
            return tick.failed(unsaved(answer))
        return tick._replace(problem=unsaved(answer), is_blind=True, unsure=True)

    def _deliver_and_settle(self, ticks: list[Tick], changes: Executor) -> list[Tick]:
        """Send what was claimed, everything side by side; record each change as soon as it is through."""
        ticks = [self._pack(tick) for tick in ticks]
        places = {parcel: place for place, tick in enumerate(ticks) for parcel in tick.parcels}
        waiting = [len(tick.parcels) for tick in ticks]
        settled = {
            place: changes.submit(self._settling.settle, tick)
            for place, tick in enumerate(ticks)
            if not tick.parcels and tick.needs_settling
        }
        # A message that its channel did not take last time holds up no other's.
        in_order = sorted(places, key=lambda parcel: ticks[places[parcel]].tries(parcel.channel))
        for parcel, verdict in self._dispatch(in_order) if places else ():
            place = places[parcel]
            waiting[place] -= 1
            ticks[place] = ticks[place].told(parcel.channel, verdict)
            if not waiting[place]:
                settled[place] = changes.submit(self._settling.settle, ticks[place])
        return [settled[place].result() if place in settled else tick for place, tick in enumerate(ticks)]

    def _pack(self, tick: Tick) -> Tick:
        """Word what the channels are to hear; what cannot be worded is released unsent."""
        if not tick.deliveries or tick.unsure:
            return tick
        try:
            situation = situation_of(tick.after, tick.watch.name, self._setting.links)
            parcels = [
                Parcel(d.channel, tick.after.change, compose(d.alerts, situation, d.repeat_upto))
                for d in tick.deliveries
            ]
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return tick._replace(problem=caught(error), is_blind=True)
        return tick._replace(parcels=tuple(parcels))
