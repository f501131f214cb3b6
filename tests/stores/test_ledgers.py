"""Ledgers on top of a store: lost answers, documents that cannot be read, and how much is remembered."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.document import encode
from handler.core.ledger import ChannelState, Ledger
from handler.core.observation import Observation, Phase
from handler.stores.ledgers import Kept, Ledgers, Recalled
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
    Unknown,
    UnusableDocumentError,
)
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
    """There is nothing to be read back, and it may still be on its way."""
    keeper.store.fail_next(Trouble.REQUEST_LOST)

    assert keeper.ledgers.save(CHANGE, LEDGER, None) == Unknown()
    assert keeper.recalled == {}


def test_a_save_after_which_the_old_ledger_stands_there_is_unknown(keeper: Keeper) -> None:
    """Nobody else was faster: it is the store that is in trouble, and says so."""
    version = keeper.save()
    keeper.store.fail_next(Trouble.REQUEST_LOST)

    assert keeper.ledgers.save(CHANGE, FURTHER, version) == Unknown()


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


def test_a_marker_that_may_not_be_there_is_no_marker(keeper: Keeper) -> None:
    """A ledger must not be saved without one: its change would be found by nobody."""
    keeper.store.fail_next(Trouble.UNAVAILABLE, operation="put")

    with pytest.raises(StateUnavailableError):
        keeper.ledgers.mark_active(CHANGE)


def test_a_marker_that_is_there_already_is_fine(keeper: Keeper) -> None:
    """Whoever put it there, the change can be found."""
    keeper.ledgers.mark_active(CHANGE)
    keeper.ledgers.mark_active(CHANGE)

    assert set(keeper.store.documents) == {MARKER_KEY}


CLOSED = replace(
    LEDGER, observation=Observation(Phase.COMPLETED), length=1, channels={"ops": ChannelState(1)}
)
OPENED = replace(CLOSED, channels={"ops": ChannelState(0)})
DROPPED = replace(LEDGER, is_dismissed=True)


@pytest.mark.parametrize(
    ("ledger", "is_marked"),
    [
        (CLOSED, False),
        (DROPPED, False),
        (OPENED, True),
        (LEDGER, True),
        (replace(OPENED, is_dismissed=True), True),
        (replace(CLOSED, is_reminding=True), True),
    ],
)
def test_a_marker_is_removed_unless_somebody_has_opened_the_change(
    keeper: Keeper, ledger: Ledger, *, is_marked: bool
) -> None:
    """Whatever the process remembers, what stands in the store decides."""
    keeper.save(CLOSED)
    keeper.interfere(ledger)
    keeper.ledgers.mark_active(CHANGE)
    keeper.store.counts.clear()
    keeper.ledgers.unmark_active(CHANGE)

    assert (MARKER_KEY in keeper.store.documents) is is_marked
    assert keeper.store.counts == {"remove": 1, "load": 1, **({"put": 1} if is_marked else {})}


def test_without_a_ledger_a_marker_is_removed(keeper: Keeper) -> None:
    """There is nothing to be told."""
    keeper.ledgers.mark_active(CHANGE)
    keeper.ledgers.unmark_active(CHANGE)

    assert keeper.store.documents == {}


def test_a_marker_is_put_back_if_it_cannot_be_seen_whether_somebody_has_opened_the_change(
    keeper: Keeper,
) -> None:
    """One too many costs a look, one too few a message; it is told like one that could not be removed."""
    keeper.save(CLOSED)
    keeper.ledgers.mark_active(CHANGE)
    keeper.store.fail_next(Trouble.UNAVAILABLE, operation="load")

    with pytest.raises(StateUnavailableError):
        keeper.ledgers.unmark_active(CHANGE)
    assert MARKER_KEY in keeper.store.documents


REMEMBERED = 2000


def test_two_thousand_ledgers_are_remembered_and_no_more() -> None:
    """A warm process stays small however many changes it loads, and saves."""
    keeper = Keeper()
    changes = [ChangeId("inst", f"task-{number}") for number in range(REMEMBERED + 500)]
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

    assert max(sizes) == REMEMBERED


def remember(keeper: Keeper, *numbers: int) -> None:
    """Save ledgers of these changes for the first time, one after the other."""
    for number in numbers:
        change = ChangeId("inst", f"task-{number}")
        assert isinstance(keeper.ledgers.save(change, replace(LEDGER, change=str(change)), None), Committed)


def keys(*numbers: int) -> list[str]:
    """The keys of these changes' ledgers."""
    return [f"changes/inst/task-{number}.json" for number in numbers]


def test_who_sees_more_changes_than_can_be_remembered_forgets_the_oldest(keeper: Keeper) -> None:
    """To forget all of them at once would have each of the others read anew."""
    remember(keeper, *range(REMEMBERED + 3))

    assert list(keeper.recalled) == keys(*range(3, REMEMBERED + 3))


def test_what_is_remembered_already_takes_nobodys_place(keeper: Keeper) -> None:
    """A change that goes on is saved again and again."""
    remember(keeper, *range(REMEMBERED))
    for number in (0, REMEMBERED // 2, REMEMBERED - 1):
        change = ChangeId("inst", f"task-{number}")
        version = keeper.ledgers.load(change).version
        keeper.ledgers.save(change, replace(FURTHER, change=str(change)), version)

    assert sorted(keeper.recalled) == sorted(keys(*range(REMEMBERED)))
    assert keeper.ledgers.load(ChangeId("inst", "task-0")).ledger == replace(FURTHER, change="inst/task-0")


class Considerate(dict[str, tuple[str, Ledger]]):
    """What a process remembers, where all other threads have their turn before something is forgotten."""

    def pop(self, key: str, *default: object) -> Any:  # noqa: ANN401 - as `dict` has it
        """See `dict`."""
        time.sleep(0.001)
        return super().pop(key, *default)


def test_many_threads_that_remember_and_forget_at_once_do_not_get_into_each_others_way() -> None:
    """No load fails for what others remember meanwhile, nor does it all add up to more and more."""
    keeper = Keeper()
    remember(keeper, *range(REMEMBERED))
    recalled = Considerate(keeper.recalled)
    ledgers = Ledgers(keeper.store, lambda: "n", recalled)
    *changes, last = [ChangeId("inst", f"task-{REMEMBERED + number}") for number in range(65)]
    for change in (*changes, last):
        keeper.store.documents[f"changes/{change}.json"] = encode(replace(LEDGER, change=str(change)), "n")

    with ThreadPoolExecutor(16) as threads:
        loaded = [*threads.map(ledgers.load, changes)]
    ledgers.load(last)

    assert [kept.ledger and kept.ledger.change for kept in loaded] == [*map(str, changes)]
    assert len(recalled) <= REMEMBERED


class Torn(MemoryStore):
    """A store that answers reads with these documents first, whatever it holds, as OBS may with a part."""

    def __init__(self, *answers: bytes) -> None:
        """Take the answers in turn."""
        super().__init__(lambda: START)
        self._answers = list(answers)

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        found = super().load(key, known_version)
        if self._answers and isinstance(found, Loaded):
            return Loaded(self._answers.pop(0), found.version, found.store_date)
        return found


def keep_torn(*answers: bytes) -> Ledgers:
    """Ledgers in a torn store that holds a good one."""
    store = Torn(*answers)
    store.documents[LEDGER_KEY] = encode(LEDGER, "n")
    return Ledgers(store, lambda: "m", {})


def test_half_a_document_is_read_again_before_it_is_believed() -> None:
    """A store may answer with a part of a document that is just being written."""
    kept = keep_torn(encode(LEDGER, "n")[:50]).load(CHANGE)

    assert (kept.ledger, kept.damage) == (LEDGER, None)


def test_two_different_halves_are_in_flux() -> None:
    """Nothing is set aside that somebody is writing."""
    with pytest.raises(UnusableDocumentError, match="in flux"):
        keep_torn(encode(LEDGER, "n")[:50], encode(LEDGER, "n")[:60]).load(CHANGE)


def test_a_document_that_is_gone_at_the_second_look_is_absent() -> None:
    """Whoever removed it has made the question moot."""

    class Vanishing(Torn):
        def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
            found = super().load(key, known_version)
            self.documents.clear()
            return found

    store = Vanishing(b"{")
    store.documents[LEDGER_KEY] = encode(LEDGER, "n")

    assert Ledgers(store, lambda: "m", {}).load(CHANGE) == Kept(None, None, START)


def test_a_half_read_answer_to_reading_back_is_read_again() -> None:
    """Our own save is recognised at the second look."""
    store = Torn()
    ledgers = Ledgers(store, lambda: "m", {})
    store.fail_next(Trouble.ANSWER_LOST)
    store._answers.append(encode(LEDGER, "m")[:50])  # noqa: SLF001 - our own class's

    assert isinstance(ledgers.save(CHANGE, LEDGER, None), Committed)


def test_damage_is_told_with_the_version_that_stands_there(keeper: Keeper) -> None:
    """With it the copy is made and the new ledger saved over it."""
    keeper.store.documents[LEDGER_KEY] = b"{"
    kept = keeper.ledgers.load(CHANGE)

    assert kept.ledger is None
    assert kept.version
    assert kept.damage == "Input data was truncated"
    assert keeper.ledgers.set_aside(CHANGE, kept.version) == keeper.ledgers.set_aside(CHANGE, kept.version)
    assert isinstance(keeper.ledgers.save(CHANGE, LEDGER, kept.version), Committed)
    assert sorted(keeper.store.documents.values()) == sorted([b"{", encode(LEDGER, "nonce-0")])
    assert keeper.ledgers.set_aside(CHANGE, kept.version) == Conflict()


def test_damaged_documents_are_set_aside_one_beside_the_other(keeper: Keeper) -> None:
    """The second does not replace the first."""
    for damage in (b"{", b"["):
        keeper.store.documents[LEDGER_KEY] = damage
        version = keeper.ledgers.load(CHANGE).version
        assert version
        keeper.ledgers.set_aside(CHANGE, version)

    assert set(keeper.store.list("aside/inst/task/")) == set(keeper.store.documents) - {LEDGER_KEY}
    assert len(keeper.store.documents) == 3
