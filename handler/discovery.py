"""Finds the changes to follow: by the markers in the store, and in the lists of instances and tasks.

What may be a capacity change is handed on as a lead; whether it is one shows when its progress is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, Final

from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.ledger import REFRESH_AFTER
from handler.core.listing import Instance
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.watch import Origin, Watch
from handler.fleet import EXPECTED_FOR, TOLD_FOR, Wanted, known_watches, still_holds
from handler.looking import resting
from handler.mishaps import caught
from handler.scope import Scope
from handler.stores.markers import Marked, Markers
from handler.stores.port import StateUnavailableError
from handler.survey import Directory, Survey
from handler.tick import Tick

_RECORDERS: Final = 16

Record = Callable[[], None]
"""Something to be noted in the store."""


class Discovery:
    """One invocation's search: what is known at once, leads that take a while, and the record of both.

    `rest` is why the access key must not be used now.
    """

    def __init__(  # noqa: PLR0913 - the collaborators, each by name
        self,
        wanted: Wanted,
        scope: Scope,
        *,
        directory: Directory,
        markers: Markers,
        clock: Clock,
        heeds_rest: bool = True,
    ) -> None:
        """Take what is wanted, which part of it this invocation is to look at, and where it can be found."""
        self.rest: Problem | None = None
        self._wanted = wanted
        self._scope = scope
        self._directory = directory
        self._markers = markers
        self._clock = clock
        self._heeds_rest = heeds_rest
        self._marked = Marked()
        self._survey = Survey(wanted, scope, directory, clock)
        self._followed: frozenset[ChangeId] = frozenset()
        self._problem: Problem | None = None
        self._blind: Problem | None = None

    def known(self) -> list[Watch]:
        """The changes that are known without asking the API; one LIST, unless the configuration names all."""
        if self._wanted.is_open:
            try:
                self._marked = self._markers.find()
            except StateUnavailableError as error:
                self._problem = caught(error)
        refused_at = max(self._marked.refused, default=None)
        if self._heeds_rest and refused_at and still_holds(refused_at, REFRESH_AFTER, self._clock.now()):
            self.rest = resting(refused_at, refused_at + REFRESH_AFTER)
            self._problem = self._problem or self.rest
        return known_watches(self._wanted, self._marked.changes, self._scope)

    @property
    def is_needed(self) -> bool:
        """True when there may be changes that are not known yet, and the API may be asked for them."""
        is_wanted = self._wanted.discovers or bool(self._marked.expected)
        return is_wanted and not self._scope.only and self.rest is None

    def find(self, threads: Executor) -> Sequence[Watch]:
        """Ask the API for instances and for tasks of some of them, side by side, for leads to look at."""
        try:
            leads = self._survey.run(self._marked, threads)
            if self._scope.expects_change:
                self._expect(filter(self._wanted.covers, self._survey.instances))
        except Exception as error:  # noqa: BLE001 - a defect here must not keep known changes from being told
            self._problem = caught(error)
            return ()
        return leads

    def conclude(self, ticks: Sequence[Tick]) -> None:
        """Put the markers in order after all changes were looked at; what fails is done the next time."""
        self._followed = frozenset(tick.watch.change for tick in ticks if tick.version is not None)
        problems = (tick.problem for tick in ticks if tick.is_stranger and tick.problem)
        self._blind = next((problem for problem in problems if _blinds(problem)), None)
        if self._wanted.is_open:
            with ThreadPoolExecutor(_RECORDERS) as threads:
                failed = [*filter(None, threads.map(_try, self._records(ticks, self._clock.now())))]
            self._problem = next(iter([*filter(None, [self._problem]), *failed]), None)

    @property
    def problem(self) -> Problem | None:
        """What stood in the way of finding changes; among that, a region that has no progress call."""
        return self._problem or self._survey.problem or self._blind

    def account(self) -> dict[str, Any] | None:
        """What the search for changes has come to, for the log; None if there was none."""
        return self._survey.account(self._followed)

    def _expect(self, instances: Iterable[Instance]) -> None:
        """Look for what was ordered until it shows, which may take the API some minutes."""
        for instance in instances:
            expect = partial(self._markers.expect, instance.instance_id, self._clock.now())
            self._problem = self._problem or _try(expect)

    def _records(self, ticks: Sequence[Tick], now: datetime) -> list[Record]:
        return [
            *self._refusals(now),
            *self._changes(ticks),
            *self._expectations(ticks, now),
            *self._told(ticks, now),
            *self._kinds(ticks),
        ]

    def _refusals(self, now: datetime) -> Iterator[Record]:
        """Keep the moment of the last refusal, until the key has been accepted again."""
        is_refused = self._directory.refusal is not None
        if is_refused:
            yield partial(self._markers.note_refusal, now)
        if is_refused or self._directory.key_accepted:
            # One that is noted in this very second goes by the same name.
            kept = {int(now.timestamp())} if is_refused else set()
            past = (moment for moment in self._marked.refused if int(moment.timestamp()) not in kept)
            yield from (partial(self._markers.forget_refusal, moment) for moment in past)

    def _changes(self, ticks: Iterable[Tick]) -> Iterator[Record]:
        """Mark changes whose ledger goes on without a marker, and clear away what a crash has left behind."""
        for tick in ticks:
            change, origin = tick.watch.change, tick.watch.origin
            if origin is Origin.FOUND and tick.is_under_way and tick.before.looked_at:
                yield partial(self._markers.follow, change)
            if origin is Origin.MARKED and (tick.before.is_told or tick.is_dismissed):
                yield partial(self._markers.drop, change)

    def _expectations(self, ticks: Sequence[Tick], now: datetime) -> Iterator[Record]:
        """Expect nothing more of instances whose change has come, nor of those that kept one waiting."""
        for instance_id, since in self._marked.expected.items():
            has_come = any(
                tick.watch.change.instance_id == instance_id and tick.is_under_way and tick.begun_at >= since
                for tick in ticks
            )
            if has_come or not still_holds(since, EXPECTED_FOR, now):
                yield partial(self._markers.fulfil, instance_id, since)

    def _told(self, ticks: Iterable[Tick], now: datetime) -> Iterator[Record]:
        """Remember what is over, for as long as lists of tasks would bring it up again."""
        if self._wanted.discovers:
            over = {tick.watch.change for tick in ticks if tick.after.is_told}
            news = over - self._marked.told.keys() - self._wanted.changes.keys()
            yield from (partial(self._markers.note_told, change, now) for change in news)
        for change, since in self._marked.told.items():
            if not still_holds(since, TOLD_FOR, now):
                yield partial(self._markers.forget_told, change, since)

    def _kinds(self, ticks: Iterable[Tick]) -> Iterator[Record]:
        """Remember which kinds of task change capacity and which do not: that is nowhere written."""
        changes, others = set(), set()
        for tick in ticks:
            task = tick.watch.task
            if task and not tick.is_stranger:
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


def _blinds(problem: Problem) -> bool:
    """Whether nothing can ever be found: the call is not there, or may not be made."""
    return problem.missing is Missing.API or problem.kind is ProblemKind.UNAUTHORISED


def _try(record: Record) -> Problem | None:
    try:
        record()
    except StateUnavailableError as error:
        return caught(error)
    return None
