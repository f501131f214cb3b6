"""Looks at changes side by side, and hands on what was seen in rounds: who is slow holds up nobody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.problem import Problem, ProblemKind
from handler.core.watch import Watch
from handler.deciding import Sighting
from handler.fleet import in_turn
from handler.looking import Loaded, Look, Source, find_rest, look
from handler.mishaps import caught
from handler.stores.ledgers import Ledgers

Find = Callable[[Executor], Sequence[Watch]]
"""Finds changes that were not known before, with threads to ask on."""

PATIENCE_SECONDS: Final = 2.0
"""When nobody has come through for so long, those who have go on without the others."""

_STEP_SECONDS: Final = 0.25

_FINDERS_SHARE: Final = 4
"""Of the connections one in so many is for finding changes and for the first look at them."""

_SAMPLE_MAX: Final = 64
"""So many ledgers at most are read before a key is used that may have to rest; a refusal is noted in all."""

_DEFERRED: Final = Problem(
    ProblemKind.TIMEOUT, "The change was not looked at: no time was left for it.", asked=False
)


class _Pools(NamedTuple):
    """The threads of an invocation: who looks at changes that are known, who loads, who finds and looks."""

    looks: Executor
    loads: Executor
    finders: Executor


class Rounds:
    """Looks at changes over so many connections at once, as long as `has_time`."""

    def __init__(  # noqa: PLR0913 - the collaborators, each by name
        self,
        source: Source,
        ledgers: Ledgers,
        clock: Clock,
        *,
        connections: int,
        has_time: Callable[[], bool],
        heeds_rest: bool,
    ) -> None:
        """Take the collaborators."""
        self._source = source
        self._ledgers = ledgers
        self._clock = clock
        self._connections = connections
        self._has_time = has_time
        self._heeds_rest = heeds_rest
        self._loadings: dict[ChangeId, Future[Loaded]] = {}
        self._rest: Problem | None = None

    def each(
        self, watches: Sequence[Watch], find: Find | None, rest: Problem | None
    ) -> Iterator[list[Sighting]]:
        """Look at everything; what was seen, round by round.

        Args:
            watches: The changes that are known.
            find: Finds others meanwhile.
            rest: Why the access key must not be used now.
        """
        with ExitStack() as stack:

            def threads(count: int) -> ThreadPoolExecutor:
                return stack.enter_context(ThreadPoolExecutor(max(1, count)))

            finders = max(1, self._connections // _FINDERS_SHARE) if find else 0
            width = min(len(watches), self._connections - finders)
            pools = _Pools(threads(width), threads(width + finders), threads(finders))
            self._rest = rest or self._find_rest(watches, pools.loads)
            if find is None and len(watches) == 1:
                yield [(watches[0], self._see(watches[0], pools.loads))]
                return
            search = threads(1).submit(find, pools.finders) if find and self._rest is None else None
            yield from self._rounds(watches, search, pools)

    def _rounds(
        self, watches: Sequence[Watch], search: Future[Sequence[Watch]] | None, pools: _Pools
    ) -> Iterator[list[Sighting]]:
        """Hand on what has been seen whenever all are through, or nobody else comes through."""
        pending: dict[Future[Any], Watch | None] = {
            pools.looks.submit(self._see, watch, pools.loads): watch
            for watch in in_turn(watches, self._clock.now())
        }
        if search:
            pending[search] = None
        seen: list[Sighting] = []
        while pending or seen:
            through = _through(pending, others_wait=bool(seen))
            for future in [one for one in pending if one in through]:
                watch = pending.pop(future)
                if watch is not None:
                    seen.append((watch, future.result()))
            if search and search not in pending:
                # The first look at what was found belongs to the same round, if it is quick.
                pending |= {
                    pools.finders.submit(self._see, lead, pools.loads): lead for lead in search.result()
                }
                search = None
            elif seen:
                yield seen
                seen = []

    def _find_rest(self, watches: Sequence[Watch], loads: Executor) -> Problem | None:
        """Read ledgers first for as long as nothing has proved the key: it may have been refused lately."""
        if self._source.key_accepted:
            return None
        sample = watches[:_SAMPLE_MAX]
        self._loadings = {watch.change: loads.submit(self._load, watch.change) for watch in sample}
        done, _ = wait(self._loadings.values(), timeout=PATIENCE_SECONDS)
        read = (one for one in self._loadings.values() if one in done and one.exception() is None)
        kept = (one.result().kept for one in read)
        return find_rest(kept) if self._heeds_rest else None

    def _see(self, watch: Watch, loads: Executor) -> Look | Problem:
        """Look at one change; the problem is what kept even its ledger from being read."""
        if not self._has_time():
            return _DEFERRED
        try:
            return look(
                watch,
                self._source,
                lambda: self._loadings.get(watch.change) or loads.submit(self._load, watch.change),
                trusts_key=self._source.key_accepted and not self._ledgers.recalls_end(watch.change),
                rest=self._rest,
            )
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return caught(error)

    def _load(self, change: ChangeId) -> Loaded:
        kept = self._ledgers.load(change)
        return Loaded(kept, kept.store_date - self._clock.now())


def _through(pending: Collection[Future[Any]], *, others_wait: bool) -> Collection[Future[Any]]:
    """Those who are through: all of them, or as many as there are once nobody else has come for a while.

    Somebody comes, however long it takes, unless `others_wait` already.
    """
    count, idle_seconds = 0, 0.0
    while True:
        done, late = wait(pending, timeout=_STEP_SECONDS)
        idle_seconds = idle_seconds + _STEP_SECONDS if len(done) == count else 0.0
        if not late or (idle_seconds >= PATIENCE_SECONDS and (done or others_wait)):
            return done
        count = len(done)
