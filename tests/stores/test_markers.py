"""Markers: what is put is found again by one LIST, and what is no marker says nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from handler.core.change import ChangeId
from handler.stores.folder import FolderStore
from handler.stores.keys import ACTIVE
from handler.stores.markers import KEPT_FOR, Marked, Markers, read_marked
from handler.stores.port import StateStore, StateUnavailableError
from tests.fakes.memory_store import MemoryStore, Trouble
from tests.stores.building import utc_now

NOW: Final = datetime(2026, 11, 24, 8, 0, 0, 700_000, tzinfo=timezone.utc)
SECOND: Final = NOW.replace(microsecond=0)
HOUR: Final = timedelta(hours=1)
CHANGE: Final = ChangeId("6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a21", "8abfa7b372160bfd0172165864064079")
OTHER: Final = ChangeId("i-2", "t_2")

FOREIGN: Final = [
    "",
    "x",
    "i",
    "i/",
    "i/t/more",
    "i/.DS_Store",
    "i/t.json",
    "i/-t",
    "a.b/t",
    "-i/t",
    f"{'x' * 65}/t",
    "_i/t",
    "i/_t",
    "i/_expected",
    "i/_expected-",
    "i/_expected-x",
    "i/_expected--5",
    "i/_expected-1795507200-1",
    f"i/_expected-{10**11}",
    "a.b/_expected-1795507200",
    "-i/_expected-1795507200",
    "_key/_expected-1795507200",
    "_told/i/t",
    "_told/i/t/x",
    "_told/i/t/1795507200/more",
    "_told/i/1795507200",
    "_told/a.b/t/1795507200",
    "_change",
    "_change/",
    "_change/a/b",
    "_change/.DS_Store",
    "_other/",
    "_other/a/b",
    "_key/refused-1795507200",
    "_key/key/refused-",
    "_key/key/refused-x",
    "_key/t",
    "_new/i/t",
]
"""Names that say nothing: of other versions, of other programs, or cut off."""

ids = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?", fullmatch=True)
changes = st.builds(ChangeId, ids, ids)
moments = st.integers(0, 10**11 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, timezone.utc))
kinds = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    """Two stores with nothing in them."""
    return MemoryStore() if request.param == "memory" else FolderStore(tmp_path / "state", utc_now)


@pytest.fixture
def markers(store: StateStore) -> Markers:
    """The markers in it."""
    return Markers(store)


def test_where_nothing_was_put_nothing_is_marked(markers: Markers) -> None:
    """Neither is it an error."""
    assert markers.find() == Marked()


def test_whatever_is_put_is_found(markers: Markers) -> None:
    """Each under its own meaning; moments are kept to the second."""
    markers.follow(CHANGE)
    markers.follow(OTHER)
    markers.expect("i-2", NOW)
    markers.note_told(ChangeId("i-3", "t"), NOW - HOUR)
    markers.note_kind("extend", is_change=True)
    markers.note_kind("restart", is_change=False)
    markers.note_refusal(NOW)

    assert markers.find() == Marked(
        changes=frozenset({CHANGE, OTHER}),
        expected={"i-2": SECOND},
        told={ChangeId("i-3", "t"): SECOND - HOUR},
        change_kinds=frozenset({"extend"}),
        other_kinds=frozenset({"restart"}),
        refused=frozenset({SECOND}),
    )


def test_whatever_is_taken_back_is_gone(markers: Markers) -> None:
    """And nothing else with it."""
    test_whatever_is_put_is_found(markers)
    found = markers.find()

    markers.drop(CHANGE)
    markers.fulfil("i-2", found.expected["i-2"])
    markers.forget_told(ChangeId("i-3", "t"), found.told[ChangeId("i-3", "t")])
    markers.forget_other_kind("restart")
    markers.forget_refusal(SECOND)

    assert markers.find() == Marked(changes=frozenset({OTHER}), change_kinds=frozenset({"extend"}))


def test_whether_a_change_is_followed_is_said_of_it_alone(markers: Markers) -> None:
    """Neither for one whose id begins alike, nor for one that is over."""
    markers.follow(ChangeId("i-2", "t_23"))
    markers.note_told(OTHER, NOW)
    before = markers.is_followed(OTHER)
    markers.follow(OTHER)

    assert [before, markers.is_followed(OTHER)] == [False, True]
    assert not markers.is_followed(ChangeId("i-2", "t"))


def test_to_do_so_twice_changes_nothing(markers: Markers) -> None:
    """Two invocations may see the same thing at once."""
    for _ in range(2):
        test_whatever_is_put_is_found(markers)
    for _ in range(2):
        markers.drop(CHANGE)
        markers.drop(OTHER)

    assert markers.find().changes == frozenset()


def test_an_instance_expected_twice_is_expected_once(markers: Markers) -> None:
    """Since the last time; once it is fulfilled nothing is left that would have another change followed."""
    markers.expect("i-2", NOW - HOUR)
    markers.expect("i-2", NOW)
    found = markers.find()
    assert found.expected == {"i-2": SECOND}

    markers.fulfil("i-2", found.expected["i-2"])

    assert markers.find().expected == {}


def test_several_refusals_are_all_remembered(markers: Markers) -> None:
    """Each is forgotten by itself, so that nobody forgets one that another invocation has just met."""
    moments = [NOW, NOW + HOUR, NOW - HOUR]
    for moment in moments:
        markers.note_refusal(moment)
    found = markers.find()
    assert found.refused == {moment.replace(microsecond=0) for moment in moments}
    markers.note_refusal(NOW + 2 * HOUR)

    for moment in found.refused:
        markers.forget_refusal(moment)

    assert markers.find().refused == {SECOND + 2 * HOUR}


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../a", "ä", "x" * 65, "a.b", "\n"])
def test_a_kind_that_can_be_no_key_is_not_noted(store: StateStore, name: str) -> None:
    """It comes from the API, and may hold anything."""
    Markers(store).note_kind(name, is_change=True)
    Markers(store).note_kind(name, is_change=False)

    assert store.list("") == []


def test_a_marker_costs_one_request_and_all_of_them_one_list() -> None:
    """However many there are, as far as it is the port that counts."""
    store = MemoryStore()
    markers = Markers(store)

    for number in range(50):
        markers.follow(ChangeId("i", f"t{number}"))
    markers.find()

    assert store.counts == {"put": 50, "list": 1}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_name_says_nothing(name: str) -> None:
    """And it keeps no other marker from being read."""
    assert read_marked([f"{ACTIVE}{name}", f"{ACTIVE}{OTHER}"], "key") == Marked(changes=frozenset({OTHER}))


def test_refusals_of_other_keys_stand_apart() -> None:
    """They keep nobody from using this one."""
    names = ("_key/key/refused-1795507200", "_key/another/refused-1795507260")
    marked = read_marked([f"{ACTIVE}{name}" for name in names], "key")

    assert [moment.timestamp() for moment in marked.refused] == [1795507200]
    assert [moment.timestamp() for moment in marked.others_refused] == [1795507260]


def test_what_is_not_below_the_prefix_is_not_read(store: StateStore) -> None:
    """The ledgers lie beside it."""
    store.put("changes/i/t.json", b"{}")
    store.put("activex/i/t", b"")
    markers = Markers(store)
    markers.follow(OTHER)

    assert markers.find() == Marked(changes=frozenset({OTHER}))


@given(st.lists(st.text("iatexpdrfus_/-.0123456789", max_size=40)))
def test_any_names_are_read_without_an_error(names: list[str]) -> None:
    """And only what could have been put is found."""
    found = read_marked((f"{ACTIVE}{name}" for name in names), "key")

    for change in (*found.changes, *found.told):
        assert ChangeId.parse(str(change)) == change
    for instance_id in found.expected:
        assert ChangeId.parse(f"{instance_id}/t").instance_id == instance_id


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("list", lambda markers: markers.find()),
        ("put", lambda markers: markers.follow(CHANGE)),
        ("put", lambda markers: markers.expect("i", NOW)),
        ("put", lambda markers: markers.note_told(CHANGE, NOW)),
        ("put", lambda markers: markers.note_kind("extend", is_change=True)),
        ("put", lambda markers: markers.note_refusal(NOW)),
        ("remove", lambda markers: markers.drop(CHANGE)),
        ("remove", lambda markers: markers.fulfil("i", NOW)),
        ("remove", lambda markers: markers.forget_told(CHANGE, NOW)),
        ("remove", lambda markers: markers.forget_other_kind("extend")),
        ("remove", lambda markers: markers.forget_refusal(NOW)),
    ],
    ids=range(11),
)
def test_what_the_store_cannot_do_is_not_hidden(operation: str, act: Callable[[Markers], object]) -> None:
    """Whoever asked decides whether it can wait."""
    store = MemoryStore()
    markers = Markers(store)
    markers.expect("i", NOW)
    store.fail_next(Trouble.UNAVAILABLE, operation=operation)

    with pytest.raises(StateUnavailableError):
        act(markers)


class MarkersInUse(RuleBasedStateMachine):
    """Whatever is put and taken back, in whatever order: what is found is what a few sets would hold."""

    def __init__(self, store: StateStore) -> None:
        """Begin with nothing."""
        super().__init__()
        self.markers = Markers(store)
        self.changes: set[ChangeId] = set()
        self.told: dict[ChangeId, datetime] = {}
        self.kinds: dict[bool, set[str]] = {True: set(), False: set()}
        self.refused: set[datetime] = set()

    @rule(change=changes)
    def follow(self, change: ChangeId) -> None:
        """Put one."""
        self.markers.follow(change)
        self.changes.add(change)

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """Take one back that is there, or is not."""
        change = data.draw(st.sampled_from(sorted(self.changes | {OTHER})))
        self.markers.drop(change)
        self.changes.discard(change)

    @rule(change=changes, moment=moments)
    def note_told(self, change: ChangeId, moment: datetime) -> None:
        """Put one, once: whoever has found it there does not put it again."""
        if change not in self.told:
            self.markers.note_told(change, moment)
            self.told[change] = moment

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def forget_told(self, data: st.DataObject) -> None:
        """Take back what was found."""
        change, moment = data.draw(st.sampled_from(sorted(self.told.items())))
        self.markers.forget_told(change, moment)
        del self.told[change]

    @rule(name=kinds, is_change=st.booleans())
    def note_kind(self, name: str, *, is_change: bool) -> None:
        """Put one; the other one may stand there as well."""
        self.markers.note_kind(name, is_change=is_change)
        self.kinds[is_change].add(name)

    @rule(data=st.data())
    def forget_other_kind(self, data: st.DataObject) -> None:
        """Take one back that is there, or is not."""
        name = data.draw(st.sampled_from(sorted(self.kinds[True] | self.kinds[False] | {"x"})))
        self.markers.forget_other_kind(name)
        self.kinds[False].discard(name)

    @rule(moment=moments)
    def note_refusal(self, moment: datetime) -> None:
        """Put one."""
        self.markers.note_refusal(moment)
        # What is a day old by then is cleared away.
        self.refused = {one for one in self.refused if moment - one <= KEPT_FOR} | {moment}

    @rule(data=st.data())
    def forget_refusal(self, data: st.DataObject) -> None:
        """Take one back that is there, or is not."""
        moment = data.draw(st.sampled_from(sorted(self.refused | {SECOND})))
        self.markers.forget_refusal(moment)
        self.refused.discard(moment)

    @invariant()
    def is_found(self) -> None:
        """Nothing is lost and nothing comes back."""
        assert self.markers.find() == Marked(
            changes=frozenset(self.changes),
            told=self.told,
            change_kinds=frozenset(self.kinds[True]),
            other_kinds=frozenset(self.kinds[False]),
            refused=frozenset(self.refused),
        )


class InMemory(MarkersInUse):
    """On the fake."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(MemoryStore())


class InFolder(MarkersInUse):
    """On a folder that goes away with it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.folder = TemporaryDirectory()
        super().__init__(FolderStore(Path(self.folder.name), utc_now))

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.folder.cleanup()


@pytest.mark.parametrize("machine", [InMemory, InFolder])
def test_nothing_is_lost_and_nothing_comes_back(machine: type[MarkersInUse]) -> None:
    """Markers of all sorts do not get in each other's way, in whatever they are kept."""
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=25))
