"""Ledgers on top of a store: whose save it was when the answer is lost, and how much is remembered."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.document import encode
from handler.core.ledger import Ledger
from handler.stores.ledgers import Ledgers, Recalled
from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown
from tests.fakes.clock import START
from tests.fakes.memory_store import MemoryStore, Trouble

CHANGE = ChangeId("inst", "task")
LEDGER_KEY = "changes/inst/task.json"
MARKER_KEY = "active/inst/task"
LEDGER = Ledger(change=str(CHANGE), created_at=START)
FURTHER = replace(LEDGER, percent_peak=40)


class Keeper:
    """A store in memory, and one process that keeps ledgers there."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.store = MemoryStore(lambda: START)
        self.recalled: Recalled = {}
        self.ledgers = Ledgers(self.store, self._nonces(), self.recalled)

    def _nonces(self) -> Callable[[], str]:
        numbers = count()
        return lambda: f"nonce-{next(numbers)}"

    def save(self, ledger: Ledger = LEDGER, expected: str | None = None) -> str:
        """Save what is sure to be taken; the version."""
        answer = self.ledgers.save(CHANGE, ledger, expected)
        assert isinstance(answer, Committed)
        return answer.version

    def interfere(self, ledger: Ledger = FURTHER) -> None:
        """Put somebody else's document in the ledger's place."""
        self.store.documents[LEDGER_KEY] = encode(ledger, "somebody else's")


@pytest.fixture
def keeper() -> Keeper:
    """An empty store and a process that remembers nothing."""
    return Keeper()


def test_a_save_whose_answer_was_lost_is_found_committed(keeper: Keeper) -> None:
    """Reading back shows our own nonce, and the version with which to save on."""
    keeper.store.fail_next(Trouble.ANSWER_LOST)
    version = keeper.save()

    assert keeper.ledgers.load(CHANGE).version == version
    keeper.save(FURTHER, version)
    assert keeper.ledgers.load(CHANGE).ledger == FURTHER


def test_a_save_that_never_came_is_found_overtaken(keeper: Keeper) -> None:
    """What stands there is somebody else's, even if it says the very same."""
    version = keeper.save()
    keeper.interfere(FURTHER)
    keeper.store.fail_next(Trouble.REQUEST_LOST)

    assert keeper.ledgers.save(CHANGE, FURTHER, version) == Conflict()
    assert keeper.ledgers.load(CHANGE).version != version


def test_a_first_save_that_never_came_is_no_save(keeper: Keeper) -> None:
    """There is nothing to be read back."""
    keeper.store.fail_next(Trouble.REQUEST_LOST)

    assert keeper.ledgers.save(CHANGE, LEDGER, None) == Conflict()
    assert keeper.recalled == {}


def test_a_save_after_which_something_unreadable_stands_there_is_no_save(keeper: Keeper) -> None:
    """Whatever it is, it is not what was saved."""
    version = keeper.save()
    keeper.store.documents[LEDGER_KEY] = b"{"
    keeper.store.fail_next(Trouble.REQUEST_LOST)

    assert keeper.ledgers.save(CHANGE, FURTHER, version) == Conflict()


@pytest.mark.parametrize("trouble", [Trouble.ANSWER_LOST, Trouble.REQUEST_LOST])
def test_a_lost_answer_stays_unknown_while_the_store_cannot_be_read(keeper: Keeper, trouble: Trouble) -> None:
    """Then nothing is taken for saved, and nothing is remembered of it."""
    keeper.store.fail_next(trouble)
    keeper.store.fail_next(Trouble.UNAVAILABLE, operation="load")

    assert keeper.ledgers.save(CHANGE, LEDGER, None) == Unknown()
    assert keeper.recalled == {}


def test_a_lost_answer_never_leads_to_a_second_save(keeper: Keeper) -> None:
    """One read settles it."""
    keeper.store.fail_next(Trouble.REQUEST_LOST)
    keeper.ledgers.save(CHANGE, LEDGER, None)

    assert keeper.store.counts == {"save": 1, "load": 1}


def test_an_answer_that_came_is_believed_without_reading_back(keeper: Keeper) -> None:
    """Neither a commit nor a conflict costs another request."""
    version = keeper.save()
    keeper.interfere()

    assert keeper.ledgers.save(CHANGE, FURTHER, version) == Conflict()
    assert keeper.store.counts == {"save": 2}


def test_equal_ledgers_saved_twice_have_two_versions(keeper: Keeper) -> None:
    """Else a version could come back, and a late save would overwrite what it has not seen."""
    first = keeper.save()

    assert keeper.save(LEDGER, first) != first


def test_what_was_not_committed_is_not_remembered(keeper: Keeper) -> None:
    """After a conflict the next look shows what really stands there."""
    version = keeper.save()
    keeper.interfere(FURTHER)
    keeper.ledgers.save(CHANGE, replace(LEDGER, percent_peak=99), version)

    assert keeper.ledgers.load(CHANGE).ledger == FURTHER


@pytest.mark.parametrize("trouble", [Trouble.ANSWER_LOST, Trouble.REQUEST_LOST])
def test_a_marker_that_may_not_be_there_is_no_marker(keeper: Keeper, trouble: Trouble) -> None:
    """A ledger must not be saved without one: its change would be found by nobody."""
    keeper.store.fail_next(trouble)

    with pytest.raises(StateUnavailableError):
        keeper.ledgers.mark_active(CHANGE)


def test_a_marker_that_is_there_already_is_fine(keeper: Keeper) -> None:
    """Whoever put it there, the change can be found."""
    keeper.ledgers.mark_active(CHANGE)
    keeper.ledgers.mark_active(CHANGE)

    assert set(keeper.store.documents) == {MARKER_KEY}


def test_a_thousand_ledgers_are_remembered_and_no_more() -> None:
    """A warm process stays small however many changes it loads, and saves."""
    keeper = Keeper()
    changes = [ChangeId("inst", f"task-{number}") for number in range(1500)]
    sizes = []
    for change in changes:
        key, ledger = f"changes/{change}.json", replace(LEDGER, change=str(change))
        keeper.store.documents[key] = encode(ledger, "n")
        assert keeper.ledgers.load(change).ledger == ledger
        sizes.append(len(keeper.recalled))
    for change in changes:
        keeper.ledgers.save(change, replace(LEDGER, change=str(change)), None)
        keeper.store.documents.clear()
        keeper.ledgers.save(change, replace(LEDGER, change=str(change)), None)
        sizes.append(len(keeper.recalled))

    assert max(sizes) == 1000
