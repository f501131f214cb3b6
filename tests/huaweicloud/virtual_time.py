"""Time for real threads that sleep in it: nobody waits, and what happens is the same each time."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable
from itertools import count


class VirtualTime:
    """A monotonic clock that moves on when everybody sleeps; one thread runs at a time."""

    def __init__(self, now: float = 1000.0) -> None:
        """Begin at a moment of no meaning, as monotonic clocks do."""
        self._now = now
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._order = count()
        self._is_somebody_done = threading.Event()

    def monotonic(self) -> float:
        """What time it is."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let the others run until it is so much later."""
        self._put_to_bed(seconds).wait()

    def run(self, works: Iterable[Callable[[], object]]) -> None:
        """Do all of this at once, each in its thread; raises what one of them raises."""
        errors: list[BaseException] = []
        threads = [threading.Thread(target=self._work, args=(work, errors), daemon=True) for work in works]
        for thread in threads:
            self._let_run(thread.start)
        while self._sleepers:
            wakes_at, _, wake = heapq.heappop(self._sleepers)
            self._now = max(self._now, wakes_at)
            self._let_run(wake.set)
        if errors:
            raise errors[0]

    def _put_to_bed(self, seconds: float) -> threading.Event:
        wake = threading.Event()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), wake))
        self._is_somebody_done.set()
        return wake

    def _let_run(self, begin: Callable[[], None]) -> None:
        self._is_somebody_done.clear()
        begin()
        self._is_somebody_done.wait()

    def _work(self, work: Callable[[], object], errors: list[BaseException]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised again by who waits for all
            errors.append(error)
        finally:
            self._is_somebody_done.set()
