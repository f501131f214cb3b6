"""What an invocation leaves in the markers for the next one; none of it is worth failing for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from handler.core.problem import Problem
from handler.core.watch import Origin
from handler.fleet import EXPECTED_FOR, TOLD_FOR, Wanted, still_holds
from handler.mishaps import caught
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Marked, Markers
from handler.stores.port import StateUnavailableError
from handler.survey import Directory
from handler.tick import Tick

_RECORDERS: Final = 16

Note = Callable[[], None]
"""Something to be noted in the store."""


class Bookkeeping:
    """Keeps the markers, as they were found, in step with what an invocation has seen."""

    def __init__(
        self, wanted: Wanted, marked: Marked, markers: Markers, ledgers: Ledgers, directory: Directory
    ) -> None:
        """Take what is wanted, what was marked, where, what is kept, and whom the API has accepted."""
        self._wanted = wanted
        self._marked = marked
        self._markers = markers
        self._ledgers = ledgers
        self._directory = directory

    def keep(self, ticks: Sequence[Tick], now: datetime) -> list[Problem]:
        """Put the markers in order after all changes were looked at; what fails is done the next time.

        Returns:
            What stood in the way.
        """
        notes = [
            *self._refusals(now),
            *self._changes(ticks),
            *self._expectations(ticks, now),
            *self._told(ticks, now),
            *self._kinds(ticks),
        ]
        with ThreadPoolExecutor(_RECORDERS) as threads:
            return [*filter(None, threads.map(attempt, notes))]

    def _refusals(self, now: datetime) -> Iterator[Note]:
        """Keep the moment of the last refusal, until the key has been accepted again."""
        is_refused = self._directory.refusal is not None
        if is_refused:
            yield partial(self._markers.note_refusal, now)
        if is_refused or self._directory.key_accepted:
            # One that is noted in this very second goes by the same name.
            kept = {int(now.timestamp())} if is_refused else set()
            past = (moment for moment in self._marked.refused if int(moment.timestamp()) not in kept)
            yield from (partial(self._markers.forget_refusal, moment) for moment in past)

    def _changes(self, ticks: Iterable[Tick]) -> Iterator[Note]:
        """Mark changes whose ledger goes on without a marker, and clear away what a crash has left behind."""
        for tick in ticks:
            change, origin = tick.watch.change, tick.watch.origin
            is_marked = change in self._marked.changes
            goes_on = origin is Origin.FOUND and tick.is_under_way
            # One that was begun just now has its marker already.
            if tick.before.looked_at and (goes_on or (tick.after.is_reminding and not is_marked)):
                yield partial(self._markers.follow, change)
            if is_marked and (tick.before.is_told or tick.is_dismissed):
                yield partial(self._ledgers.unmark_active, change)

    def _expectations(self, ticks: Sequence[Tick], now: datetime) -> Iterator[Note]:
        """Expect nothing more of instances whose change has come, nor of those that kept one waiting."""
        for instance_id, since in self._marked.expected.items():
            here = (tick for tick in ticks if tick.watch.change.instance_id == instance_id)
            has_come = any(tick.is_under_way and _is_meant(tick, since) for tick in here)
            if has_come or not still_holds(since, EXPECTED_FOR, now):
                yield partial(self._markers.fulfil, instance_id, since)

    def _told(self, ticks: Iterable[Tick], now: datetime) -> Iterator[Note]:
        """Remember what is over, for as long as lists of tasks would bring it up again.

        That is so, too, of what has failed and is only being reminded of.
        """
        if self._wanted.discovers:
            over = {tick.watch.change for tick in ticks if tick.after.is_heard}
            news = over - self._marked.told.keys() - self._wanted.changes.keys()
            yield from (partial(self._markers.note_told, change, now) for change in news)
        for change, since in self._marked.told.items():
            if not still_holds(since, TOLD_FOR, now):
                yield partial(self._markers.forget_told, change, since)

    def _kinds(self, ticks: Iterable[Tick]) -> Iterator[Note]:
        """Remember which kinds of task change capacity and which do not: that is nowhere written."""
        changes, others = set(), set()
        for tick in ticks:
            task = tick.watch.task
            if task and tick.version is not None:
                changes.add(task.name)
            elif task and task.phase.is_end and tick.problem and tick.problem.denies_progress:
                others.add(task.name)
        known = self._marked.change_kinds | changes
        yield from (
            partial(self._markers.note_kind, one, is_change=True)
            for one in changes - self._marked.change_kinds
        )
        yield from (partial(self._markers.forget_other_kind, one) for one in self._marked.other_kinds & known)
        news = others - known - self._marked.other_kinds
        yield from (partial(self._markers.note_kind, one, is_change=False) for one in news)


def attempt(note: Note) -> Problem | None:
    """Note something; the problem is why that failed."""
    try:
        note()
    except StateUnavailableError as error:
        return caught(error)
    return None


def _is_meant(tick: Tick, since: datetime) -> bool:
    """Whether a change is the one that was expected: not followed before, and not over before."""
    seen = tick.after.observation
    is_news = not tick.after.phase.is_end or bool(seen and seen.ended_at and seen.ended_at >= since)
    return tick.begun_at >= since and is_news
