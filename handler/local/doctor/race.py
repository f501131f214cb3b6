"""Whether a store really saves on condition: some save the same document at once, and one of them may win.

A store that does not know the condition answers 200 to every one of them; then two invocations at once would
undo each other's alerts. With OBS's lease it may be that nobody wins who meets others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final, NamedTuple

from handler.stores.port import Committed, Conflict, Loaded, StateStore, Unknown

_START_SECONDS_MAX: Final = 5.0


class FlawError(Exception):
    """The store does not keep to its promise; the message says how."""


class InconclusiveError(Exception):
    """Answers were lost, so that nobody can say who has won."""


class Saved(NamedTuple):
    """What somebody wanted to save, and what the store answered."""

    document: bytes
    answer: Committed | Conflict | Unknown


class Won(NamedTuple):
    """What has won, and the version that it has now."""

    document: bytes
    version: str


class Race:
    """Saves documents at once, each contender through a store of its own."""

    def __init__(self, stores: Sequence[StateStore], new_name: Callable[[], str]) -> None:
        """Save nothing yet.

        Args:
            stores: The same store, for each contender.
            new_name: Gives a random name.
        """
        self._stores = stores
        self._new_name = new_name

    def run(self, key: str) -> None:
        """Run a round, over a document that is not there yet.

        Raises:
            FlawError: Somebody won who must not, or nobody can.
            InconclusiveError: Answers were lost.
            StateUnavailableError: The store cannot be asked.
        """
        first = self._contend(key, None)
        second = self._contend(key, first.version)
        if isinstance(self._save(self._stores[0], key, first.version).answer, Committed):
            raise FlawError("a document was saved over a version that was there no more")
        if isinstance(self._save(self._stores[0], key, None).answer, Committed):
            raise FlawError("a new document was saved where there was one already")
        found = self._stores[0].load(key)
        if not isinstance(found, Loaded) or found.document != second.document:
            raise FlawError("another document stands there than the one that was saved last")

    def _contend(self, key: str, expected: str | None) -> Won:
        """Have all of them save; where they have kept each other from it, one alone has to get through."""
        won = winner(self._all_save(key, expected)) or winner([self._save(self._stores[0], key, expected)])
        if won is None:
            raise FlawError("nobody could save a document, not even alone")
        return won

    def _all_save(self, key: str, expected: str | None) -> list[Saved]:
        barrier = Barrier(len(self._stores), timeout=_START_SECONDS_MAX)

        def contend(store: StateStore) -> Saved:
            barrier.wait()
            return self._save(store, key, expected)

        with ThreadPoolExecutor(len(self._stores)) as threads:
            return [*threads.map(contend, self._stores)]

    def _save(self, store: StateStore, key: str, expected: str | None) -> Saved:
        document = self._new_name().encode()
        return Saved(document, store.save(key, document, expected))


def winner(saved: Sequence[Saved]) -> Won | None:
    """Tell who of those has won that saved a document at once; None is nobody.

    Raises:
        FlawError: More than one has.
        InconclusiveError: It cannot be told.
    """
    won = [Won(one.document, one.answer.version) for one in saved if isinstance(one.answer, Committed)]
    if len(won) > 1:
        raise FlawError(
            f"{len(won)} of {len(saved)} that saved one document at once were told that it was saved"
        )
    if any(isinstance(one.answer, Unknown) for one in saved):
        raise InconclusiveError("answers of the store were lost, so that nobody can say who has won")
    return won[0] if won else None
