"""Finds the changes to follow: by the markers in the store, and in the lists of instances and tasks.

What may be a capacity change is handed on as a lead; whether it is one shows when its progress is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from typing import Any

from handler.bookkeeping import Bookkeeping, attempt
from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.listing import Instance
from handler.core.news import REFRESH_AFTER
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.watch import Watch
from handler.fleet import REGISTERED_LATE_MAX, Wanted, known_watches, still_holds
from handler.looking import resting
from handler.mishaps import caught
from handler.scope import Scope
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Marked, Markers
from handler.stores.port import StateUnavailableError
from handler.survey import Directory, Survey
from handler.tick import Tick


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
        ledgers: Ledgers,
        clock: Clock,
        heeds_rest: bool = True,
    ) -> None:
        """Take what is wanted, which part of it this invocation is to look at, and where it can be found."""
        self.rest: Problem | None = None
        self._wanted = wanted
        self._scope = scope
        self._directory = directory
        self._markers = markers
        self._ledgers = ledgers
        self._clock = clock
        self._heeds_rest = heeds_rest
        self._marked = Marked()
        self._survey = Survey(wanted, scope, directory, clock)
        self._followed: frozenset[ChangeId] = frozenset()
        self._problem: Problem | None = None
        self._blemish: Problem | None = None

    def known(self) -> list[Watch]:
        """The changes that are known without asking the API; one LIST, unless the configuration names all."""
        if self._wanted.is_open:
            try:
                self._marked = self._markers.find()
            except StateUnavailableError as error:
                self._problem = caught(error)
        if self._heeds_rest and not self._directory.key_accepted:
            self.rest = self._find_rest(self._clock.now())
            self._problem = self._problem or self.rest
        return known_watches(self._wanted, self._marked.changes, self._scope)

    def _find_rest(self, now: datetime) -> Problem | None:
        """Why the key must not be used now: it was refused lately.

        Of several parts each waits longer than the one before it: all at the same time would lock the key.
        """
        refused_at = max(self._marked.refused, default=None)
        part, _ = self._scope.shard or (1, 1)
        if refused_at is None or not still_holds(refused_at, part * REFRESH_AFTER, now):
            return None
        return resting(refused_at, refused_at + part * REFRESH_AFTER)

    @property
    def is_needed(self) -> bool:
        """True when there may be changes that are not known yet, and the API may be asked for them."""
        is_wanted = self._wanted.discovers or bool(self._marked.expected)
        return is_wanted and not self._scope.only and self.rest is None

    def find(self, threads: Executor) -> Sequence[Watch]:
        """Ask the API for instances and for tasks of some of them, side by side, for leads to look at."""
        try:
            leads = self._survey.run(self._marked, threads)
        except Exception as error:  # noqa: BLE001 - a defect here must not keep known changes from being told
            self._problem = caught(error)
            leads = ()
        instance_id = self._scope.instance_id
        if instance_id and self._scope.expects_change:
            named = Instance(instance_id, instance_id, "")
            if any(map(self._wanted.covers, [*self._survey.instances, named])):
                # It may take the API some minutes to show, or have been found before the trace came.
                since = self._clock.now() - REGISTERED_LATE_MAX
                self._blemish = attempt(partial(self._markers.expect, instance_id, since))
        return leads

    def conclude(self, ticks: Sequence[Tick]) -> None:
        """Put the markers in order after all changes were looked at; what fails is done the next time."""
        self._followed = frozenset(tick.watch.change for tick in ticks if tick.version is not None)
        problems = (tick.problem for tick in ticks if tick.is_stranger and tick.problem)
        blind = next((problem for problem in problems if _blinds(problem)), None)
        failed: list[Problem] = []
        if self._wanted.is_open:
            books = Bookkeeping(self._wanted, self._marked, self._markers, self._ledgers, self._directory)
            failed = books.keep(ticks, self._clock.now())
        self._blemish = next(filter(None, [self._blemish, self._survey.blemish, blind, *failed]), None)

    @property
    def problem(self) -> Problem | None:
        """What kept changes from being found at all."""
        return self._problem or self._survey.problem

    @property
    def blemish(self) -> Problem | None:
        """What else went wrong: at one instance, with markers, or a region that has no progress call."""
        return self._blemish

    def account(self) -> dict[str, Any] | None:
        """What the search for changes has come to, for the log; None if there was none."""
        return self._survey.account(self._followed)


def _blinds(problem: Problem) -> bool:
    """Whether nothing can ever be found: the call is not there, or may not be made."""
    return problem.missing is Missing.API or problem.kind is ProblemKind.UNAUTHORISED
