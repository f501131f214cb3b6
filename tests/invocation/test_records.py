"""What is read of changes for whoever looks: all of it, in order, and with as few requests as that takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.core.document import SCHEMA, encode
from handler.core.ledger import Ledger
from handler.core.record import Record
from handler.records import CursorError, Overview, Part, Records
from handler.stores.ledgers import Ledgers, Recalled
from handler.stores.markers import Markers
from handler.stores.port import (
    DOCUMENT_BYTES_MAX,
    Absent,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
)
from handler.web.readings import Group
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble

CHANGE: Final = ChangeId("inst", "task")
WAIT_SECONDS: Final = 10


class MeetingStore(MemoryStore):
    """A store whose loads or listings go on in pairs only; `at_once_max` is how many came at once."""

    def __init__(self, meeting: str) -> None:
        """Take which of the two, `load` or `list`, it is about."""
        super().__init__()
        self.at_once_max = 0
        self._at_once = 0
        self._meeting = meeting
        self._guard = threading.Lock()
        self._pair = threading.Barrier(2)

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        self._meet("load")
        return super().load(key, known_version)

    def latest(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        self._meet("list")
        return super().latest(prefix)

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        self._meet("list")
        return super().list(prefix)

    def _meet(self, operation: str) -> None:
        if operation == self._meeting:
            with self._guard:
                self._at_once += 1
                self.at_once_max = max(self.at_once_max, self._at_once)
            self._pair.wait(WAIT_SECONDS)
            with self._guard:
                self._at_once -= 1


class Shelf:
    """A store in memory with changes in it, and who reads them."""

    def __init__(self, store: MemoryStore | None = None, connections: int = 8) -> None:
        """Hold nothing yet."""
        self.clock = FakeClock()
        self.store = store or MemoryStore(self.clock.now)
        self.recalled: Recalled = {}
        self.records = self.records_for(None, connections)

    def records_for(self, key_name: str | None, connections: int = 8) -> Records:
        """Who reads them, with this access key in use."""
        ledgers = Ledgers(self.store, lambda: "nobody saves", self.recalled)
        return Records(self.store, ledgers, connections, key_name)

    def refuse(self, key_name: str, *after_seconds: float) -> None:
        """Have a key refused so many seconds after the start."""
        for seconds in after_seconds:
            Markers(self.store, key_name).note_refusal(START + timedelta(seconds=seconds))

    def follow(self, *changes: ChangeId) -> None:
        """Have changes followed."""
        for change in changes:
            self.store.put(f"active/{change}", b"")

    def write(self, *changes: ChangeId) -> None:
        """Write ledgers, each a second after the other."""
        for change in changes:
            self.clock.advance(1)
            self.store.put(f"changes/{change}.json", encode(ledger_of(change), "a tick's"))

    def end(self, change: ChangeId) -> None:
        """Let a change end, and everybody have heard it."""
        self.write(change)
        self.store.remove(f"active/{change}")

    def asked(self) -> dict[str, int]:
        """What the store was asked for since this was asked last."""
        counts = dict(self.store.counts)
        self.store.counts.clear()
        return counts


def ledger_of(change: ChangeId) -> Ledger:
    """A ledger that says nothing but whose it is."""
    return Ledger(change=str(change), created_at=START)


def tasks(*names: str) -> list[ChangeId]:
    """Changes of one instance."""
    return [ChangeId("inst", name) for name in names]


def active(*names: str) -> list[Record]:
    """Records of changes that are followed."""
    return [Record(change, ledger_of(change), is_active=True) for change in tasks(*names)]


def ended(*names: str) -> list[Record]:
    """Records of changes that are over."""
    return [record._replace(is_active=False) for record in active(*names)]


@pytest.fixture
def shelf() -> Shelf:
    """Two changes that are followed, and three that ended one after the other; the last one did so first."""
    shelf = Shelf()
    shelf.follow(*tasks("b", "a"))
    shelf.write(*tasks("e", "b", "c", "a", "d"))
    shelf.asked()
    return shelf


def test_what_is_followed_is_read_by_one_listing_and_a_load_each(shelf: Shelf) -> None:
    """In the order of their ids; what is over is not even listed."""
    assert shelf.records.active() == Overview((*active("a", "b"),))
    assert shelf.asked() == {"list": 1, "load": 2}


def test_other_markers_and_documents_are_no_changes(shelf: Shelf) -> None:
    """Neither those that are told of elsewhere, nor what somebody else put there."""
    for key in ("active/_told/inst/x/1795507200", "active/inst/_expected-1795507200", "active/x"):
        shelf.store.put(key, b"")
    for key in ("changes/inst/x", "changes/inst/x/y.json", "changes/x.json", "changes/inst/-x.json"):
        shelf.store.put(key, b"{}")

    assert shelf.records.overview(10, 10) == Overview((*active("a", "b"), *ended("d", "c", "e")))


@pytest.mark.parametrize(
    ("most", "shown", "left_out"),
    [
        ((10, 10), [*active("a", "b"), *ended("d", "c", "e")], 0),
        ((1, 2), [*active("a"), *ended("d", "c")], 1),
        ((0, 0), [], 2),
    ],
)
def test_an_overview_has_so_many_of_both_and_loads_no_others(
    shelf: Shelf, most: tuple[int, int], shown: list[Record], left_out: int
) -> None:
    """What ended last comes first; how many of those that are followed are missing is told."""
    assert shelf.records.overview(*most) == Overview((*shown,), left_out)
    assert shelf.asked() == {"list": 1, "latest": 1, **({"load": len(shown)} if shown else {})}


def test_where_nothing_is_kept_there_is_nothing_to_see() -> None:
    """And no load is made for it."""
    shelf = Shelf()

    assert shelf.records.active() == Overview(())
    assert shelf.records.overview(10, 10) == Overview(())
    assert shelf.records.part(Group.ALL, None, 10) == Part(())
    assert shelf.records.find(CHANGE) is None


def test_what_a_process_remembers_is_not_sent_again(shelf: Shelf) -> None:
    """Whoever looks again and again is spared the documents that have not changed."""
    shelf.records.overview(10, 10)

    assert len(shelf.recalled) == 5


def test_both_listings_are_made_side_by_side() -> None:
    """Each waits for the other here, and so they are when one change is looked for."""
    shelf = Shelf(MeetingStore("list"))
    shelf.write(CHANGE)

    assert shelf.records.overview(1, 1) == Overview((Record(CHANGE, ledger_of(CHANGE), is_active=False),))


@pytest.mark.parametrize("group", [Group.ACTIVE, Group.ENDED])
def test_ledgers_are_read_side_by_side_over_so_many_connections(group: Group) -> None:
    """In pairs here, and never more than two at once."""
    store = MeetingStore("load")
    shelf = Shelf(store, connections=2)
    changes = tasks("a", "b", "c", "d")
    shelf.write(*changes)
    if group is Group.ACTIVE:
        shelf.follow(*changes)

    assert len(shelf.records.part(group, None, 10).records) == 4
    assert store.at_once_max == 2


# A refused key ---------------------------------------------------------------------------------------------


def test_that_the_key_in_use_was_refused_is_told_by_the_same_listing(shelf: Shelf) -> None:
    """With the changes, and the last time of several."""
    shelf.refuse("used", 60, 120, 90)
    shelf.refuse("other", 180)
    shelf.asked()
    records, refused_at = shelf.records_for("used"), START + timedelta(seconds=120)

    assert records.active() == Overview((*active("a", "b"),), 0, refused_at)
    assert shelf.asked() == {"list": 1, "load": 2}
    told = records.overview(1, 1)
    assert told == Overview((*active("a"), *ended("d")), 1, refused_at, START + timedelta(seconds=180))
    assert shelf.asked() == {"list": 1, "latest": 1, "load": 2}
    for group in Group:
        assert records.part(group, None, 10).refused_at == refused_at


@pytest.mark.parametrize("key_name", ["another", "key", None])
def test_that_another_key_was_refused_is_told_apart(shelf: Shelf, key_name: str | None) -> None:
    """So is any where no key is to be had."""
    shelf.refuse("used", 60)
    records = shelf.records_for(key_name)

    assert records.active() == Overview((*active("a", "b"),))
    refused_at = START + timedelta(seconds=60)
    assert records.overview(1, 0) == Overview((*active("a"),), 1, other_refused_at=refused_at)
    part = records.part(Group.ENDED, None, 10)
    assert (part.refused_at, part.other_refused_at) == (None, refused_at)


# One change ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_followed", [True, False])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_change_is_found_by_one_load_and_one_listing(is_followed: bool, is_kept: bool) -> None:  # noqa: FBT001
    """If anything is kept of it, or if it is followed and was not looked at yet."""
    shelf = Shelf()
    shelf.follow(ChangeId("inst", "task2"))
    if is_followed:
        shelf.follow(CHANGE)
    if is_kept:
        shelf.write(CHANGE)
    shelf.asked()
    expected = Record(CHANGE, ledger_of(CHANGE) if is_kept else None, is_followed)

    assert shelf.records.find(CHANGE) == (expected if is_kept or is_followed else None)
    assert shelf.asked() == {"list": 1, "load": 1}


# Trouble ---------------------------------------------------------------------------------------------------

NEWER: Final = f"schema 999, this Headway knows {SCHEMA}"
TROUBLES: Final = [
    (b"{", "The ledger of inst/b cannot be read (Input data was truncated)."),
    (b"." * (DOCUMENT_BYTES_MAX + 1), "The ledger of inst/b cannot be read (it has more than 1 MiB)."),
    (
        encode(ledger_of(CHANGE), "n"),
        "The ledger of inst/b cannot be read (it is another change's).",
    ),
    (b'{"schema": 999}', f"The ledger of inst/b was written by a newer Headway ({NEWER}); update this one."),
]


@pytest.mark.parametrize(("document", "trouble"), TROUBLES)
def test_a_ledger_that_cannot_be_used_is_no_trouble_of_the_others(
    shelf: Shelf, document: bytes, trouble: str
) -> None:
    """It stands where it would stand, with a sentence about it."""
    shelf.store.documents["changes/inst/b.json"] = document
    broken = Record(ChangeId("inst", "b"), None, is_active=True, trouble=trouble)

    assert shelf.records.active() == Overview((*active("a"), broken))
    assert shelf.records.find(broken.change) == broken

    shelf.store.remove("active/inst/b")
    assert shelf.records.find(broken.change) == broken._replace(is_active=False)
    assert broken._replace(is_active=False) in shelf.records.overview(10, 10).records


def test_a_ledger_that_is_removed_meanwhile_is_not_shown() -> None:
    """It was listed, and is no more; one that is followed is shown without it."""

    class Forgetful(MemoryStore):
        def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
            self.documents.clear()
            return super().load(key, known_version)

    shelf = Shelf(Forgetful())
    shelf.follow(*tasks("a"))
    shelf.write(*tasks("a", "b"))

    assert shelf.records.overview(10, 10) == Overview((Record(ChangeId("inst", "a"), None, is_active=True),))


@pytest.mark.parametrize("operation", ["list", "latest", "load"])
def test_a_store_that_is_down_is_no_answer(shelf: Shelf, operation: str) -> None:
    """Nothing is shown as if it were all there is."""
    shelf.store.fail_next(Trouble.UNAVAILABLE, operation=operation, times=10)

    for group in (Group.ALL, Group.ENDED):
        with pytest.raises(StateUnavailableError):
            shelf.records.part(group, None, 10)
    with pytest.raises(StateUnavailableError):
        shelf.records.overview(10, 10)


@pytest.mark.parametrize("operation", ["list", "load"])
def test_a_store_that_is_down_tells_nothing_of_a_change(shelf: Shelf, operation: str) -> None:
    """Neither that it is there nor that it is not."""
    shelf.store.fail_next(Trouble.UNAVAILABLE, operation=operation, times=2)

    with pytest.raises(StateUnavailableError):
        shelf.records.find(CHANGE)
    with pytest.raises(StateUnavailableError):
        shelf.records.active()


# Parts -----------------------------------------------------------------------------------------------------


def walk(records: Records, group: Group, limit: int) -> Iterable[Part]:
    """All parts of a list, one after the other."""
    cursor = None
    while True:
        part = records.part(group, cursor, limit)
        yield part
        cursor = part.next_cursor
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    ("group", "whole"),
    [
        (Group.ACTIVE, active("a", "b")),
        (Group.ENDED, ended("d", "c", "e")),
        (Group.ALL, [*active("a", "b"), *ended("d", "c", "e")]),
    ],
)
def test_the_parts_of_a_list_make_it_up(
    shelf: Shelf, group: Group, whole: Sequence[Record], limit: int
) -> None:
    """In order, each but the last one full; and only what is in a part is loaded for it."""
    listings = {"list"} if group is Group.ACTIVE else {"list", "latest"}
    parts = []
    for part in walk(shelf.records, group, limit):
        parts.append(part.records)
        assert shelf.asked() == {**dict.fromkeys(listings, 1), "load": len(part.records)}

    assert parts == [tuple(whole[start : start + limit]) for start in range(0, len(whole), limit)]


def test_a_cursor_names_the_last_change_shown(shelf: Shelf) -> None:
    """Whoever debugs a client can read it."""
    parts = [part.next_cursor for part in walk(shelf.records, Group.ALL, 2)]

    assert parts == ["active:inst/b", "ended:inst/c", None]


def test_a_change_that_ends_between_two_parts_is_shown_among_those_that_ended(shelf: Shelf) -> None:
    """It would be lost, were what has ended taken for what was shown."""
    first = shelf.records.part(Group.ALL, None, 1)
    for change in tasks("b", "a"):
        shelf.end(change)

    assert first.next_cursor == "active:inst/a"
    assert shelf.records.part(Group.ALL, first.next_cursor, 5).records == (*ended("a", "b", "d", "c", "e"),)


LAST: Final = ChangeId("inst", "c")
MEANWHILE: Final[dict[str, tuple[Callable[[Shelf], None], str]]] = {
    "nothing happened": (lambda _: None, "e"),
    "another one ended": (lambda shelf: shelf.end(ChangeId("inst", "a")), "e"),
    "it was written again": (lambda shelf: shelf.write(LAST), "de"),
    "it was removed": (lambda shelf: shelf.store.remove(f"changes/{LAST}.json"), "de"),
    "it is followed again": (lambda shelf: shelf.follow(LAST), "de"),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_whatever_has_become_of_the_last_one_shown_nothing_is_missed(shelf: Shelf, meanwhile: str) -> None:
    """Rather is something shown twice."""
    happen, following = MEANWHILE[meanwhile]
    happen(shelf)

    assert shelf.records.part(Group.ENDED, f"ended:{LAST}", 5) == Part((*ended(*following),))


CURSORS: Final = [
    *("", "x", "active", "active:", "active:inst", "active:inst/a/b", "active:inst/-a", "active:inst/a\n"),
    *("all:inst/a", "ACTIVE:inst/a", " active:inst/a", "ended:inst", "ended:../x", "ended:inst/a.json"),
]


@pytest.mark.parametrize(
    ("group", "cursor"),
    [
        *((group, cursor) for group in Group for cursor in CURSORS),
        (Group.ACTIVE, "ended:inst/a"),
        (Group.ENDED, "active:inst/a"),
    ],
)
def test_a_cursor_that_no_part_gave_is_refused_by_name(shelf: Shelf, group: Group, cursor: str) -> None:
    """Nothing is asked for it."""
    with pytest.raises(CursorError, match=r"^The cursor is none of this list's: leave `cursor` out .+\.$"):
        shelf.records.part(group, cursor, 5)

    assert shelf.asked() == {}


IDS: Final = [ChangeId(instance, task) for instance in ("a", "a-1", "b") for task in ("1", "1-2", "2")]


@given(
    followed=st.sets(st.sampled_from(IDS)),
    written=st.permutations(IDS),
    ending=st.lists(st.lists(st.sampled_from(IDS), max_size=3), max_size=9),
    rewriting=st.lists(st.booleans(), max_size=9),
    limit=st.integers(1, 10),
)
@example(followed=set(IDS), written=IDS, ending=[[change] for change in IDS], rewriting=[True] * 9, limit=1)
def test_whoever_reads_part_by_part_misses_nothing(
    followed: set[ChangeId],
    written: list[ChangeId],
    ending: list[list[ChangeId]],
    rewriting: list[bool],
    limit: int,
) -> None:
    """Whatever ends between two parts, and even if the one that was shown last is written once more."""
    shelf = Shelf(connections=2)
    shelf.follow(*followed)
    shelf.write(*written)
    endings, rewrites = iter(ending), iter(rewriting)
    running, seen = set(followed), list[ChangeId]()
    for part in walk(shelf.records, Group.ALL, limit):
        assert len(part.records) <= limit
        seen += [record.change for record in part.records]
        for change in running.intersection(next(endings, ())):
            running.remove(change)
            shelf.end(change)
        if next(rewrites, False):
            shelf.write(seen[-1])

    assert set(seen) == set(IDS)


@given(followed=st.sets(st.sampled_from(IDS)), written=st.permutations(IDS), limit=st.integers(1, 10))
def test_where_nothing_happens_each_change_is_shown_once_and_in_order(
    followed: set[ChangeId], written: list[ChangeId], limit: int
) -> None:
    """Those that are followed by their ids, then those that ended last, as in one large part."""
    shelf = Shelf(connections=2)
    shelf.follow(*followed)
    shelf.write(*written)

    seen = [record.change for part in walk(shelf.records, Group.ALL, limit) for record in part.records]

    assert seen == [*sorted(followed), *(change for change in reversed(written) if change not in followed)]
