"""The main path of one invocation: observe and claim, deliver, settle; for one change or a thousand.

It knows the world by ports only: a source of observations, the kept ledgers, and a way to dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import msgspec

from handler.clock import Clock, Deadline
from handler.core.problem import Problem
from handler.core.rules import Policy
from handler.core.watch import Watch
from handler.deciding import Sighting, Terms, decide
from handler.looking import Source
from handler.mishaps import TIME_IS_UP, caught, unsaved
from handler.rounds import Find, Rounds
from handler.sending import Dispatch, Sending
from handler.settling import Settling
from handler.situation import Links, situation_of
from handler.stores.ledgers import Ledgers
from handler.stores.port import Committed, Conflict
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.dispatch import Parcel
from notifiers.messages import compose


class Setting(msgspec.Struct, frozen=True):
    """What stays the same through an invocation; `after_looking_seconds` are for all that follows a look."""

    channels: tuple[Channel, ...]
    policy: Policy
    links: Links
    connections: int
    owner: str
    heeds_rest: bool = True
    after_looking_seconds: float = 0.0


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
        self._sending = Sending(setting.channels, setting.links.of_all(), dispatch)
        self._rounds = Rounds(
            source,
            ledgers,
            clock,
            connections=setting.connections,
            has_time=lambda: deadline.remaining_seconds() > setting.after_looking_seconds,
            heeds_rest=setting.heeds_rest,
        )
        self._ledgers = ledgers
        self._clock = clock
        self._deadline = deadline
        self._settling = Settling(ledgers, setting.owner, clock, deadline, pause)

    def run(
        self, watches: Sequence[Watch], *, find: Find | None = None, rest: Problem | None = None
    ) -> list[Tick]:
        """Look at every change, tell what is new, and record how that went.

        Args:
            watches: The changes that are known.
            find: Finds others meanwhile.
            rest: Why the access key must not be used now.

        Returns:
            A tick for each change: the known ones in their order, then what was found, strangers too.
        """
        ticks: list[Tick] = []
        with ThreadPoolExecutor(max(1, self._setting.connections)) as changes:
            for sightings in self._rounds.each(watches, find, rest):
                ticks += self._follow(sightings, changes, earlier=ticks)
        places = {watch.change: place for place, watch in enumerate(watches)}
        ticks.sort(key=lambda tick: places.get(tick.watch.change, len(places)))
        return ticks

    def _follow(
        self, sightings: Sequence[Sighting], changes: Executor, earlier: Sequence[Tick]
    ) -> list[Tick]:
        """Decide for the changes of one round, save what is new, tell it, record that."""
        ledgers = [tick.after for tick in earlier]
        decided = decide(sightings, self._terms, self._clock, self._deadline, ledgers)
        saved = {
            place: changes.submit(self._claim, tick) for place, tick in enumerate(decided) if tick.has_news
        }
        ticks = [saved[place].result() if place in saved else tick for place, tick in enumerate(decided)]
        return self._deliver_and_settle(ticks, changes)

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
        tries = {parcel: ticks[place].tries(parcel.channel) for parcel, place in places.items()}
        for parcel, verdict in self._sending.send(tries):
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
            situation = situation_of(tick.after, tick.watch.title, self._setting.links)
            parcels = [
                Parcel(d.channel, compose(d.alerts, situation, d.repeat_upto)) for d in tick.deliveries
            ]
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return tick._replace(problem=caught(error), is_blind=True)
        return tick._replace(parcels=tuple(parcels))
