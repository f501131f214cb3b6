"""The list of what is followed: what comes on it, what is taken off, and what trouble makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Final, NamedTuple, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.compare import compare
from handler.core.document import SCHEMA, decode, encode
from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase
from handler.core.rules import Policy
from handler.fleet import Wanted
from handler.registry import Entry, Reason, Registry, RegistryError
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Markers
from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown
from notifiers.alerts import Alert, Kind
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble

CHANGE: Final = ChangeId("inst", "task")
OTHER: Final = ChangeId("inst-2", "task")
OURS: Final = b'"schema":%d' % SCHEMA
LEDGER_KEY: Final = "changes/inst/task.json"
MARKER_KEY: Final = "active/inst/task"
OPEN: Final = Wanted(is_open=True)
FOLLOWED: Final = Entry("inst", "task", "orders", Reason.FOLLOWED)
Result = TypeVar("Result")
UNDER_WAY: Final = Ledger(
    change=str(CHANGE),
    created_at=START,
    name="kafka-1",
    observation=Observation(Phase.RUNNING, percent=40),
    raised=("started",),
    length=1,
    alerts=(Alert(1, Kind.STARTED, "started", START),),
)


class BusyStore(MemoryStore):
    """A store in which others do something just before a save arrives."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Let nobody do anything yet."""
        super().__init__(now)
        self.meanwhile: list[Callable[[], None]] = []

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`."""
        if self.meanwhile:
            self.meanwhile.pop()()
        return super().save(key, document, expected)


class Desk:
    """A store in memory, and the list in it as any number of processes see it."""

    def __init__(self, wanted: Wanted = OPEN) -> None:
        """Hold nothing yet."""
        self.clock = FakeClock()
        self.store = BusyStore(self.clock.now)
        self.wanted = wanted
        self._numbers = count()
        self.registry = self.open()

    def open(self) -> Registry:
        """Open the list in a process that remembers nothing."""
        ledgers = Ledgers(self.store, lambda: f"nonce-{next(self._numbers)}", {})
        return Registry(self.wanted, Markers(self.store), ledgers, self.clock)

    def keep(self, ledger: Ledger) -> None:
        """Put a ledger there, as a tick has left it."""
        self.store.documents[f"changes/{ledger.change}.json"] = encode(ledger, "a tick's")

    def kept(self, change: ChangeId = CHANGE) -> Ledger:
        """The ledger of a change as it stands in the store."""
        return decode(self.store.documents[f"changes/{change}.json"])

    @property
    def markers(self) -> list[str]:
        """The names of the markers."""
        return [key.removeprefix("active/") for key in self.store.documents if key.startswith("active/")]


@pytest.fixture
def desk() -> Desk:
    """An empty list on which anything may be put."""
    return Desk()


# To follow -------------------------------------------------------------------------------------------------


def test_a_change_that_is_put_on_the_list_stands_there_with_its_name(desk: Desk) -> None:
    """For every process, for it is kept in the store: a marker, and a ledger that holds the name."""
    assert desk.registry.follow(*CHANGE, "orders") == FOLLOWED

    assert desk.open().entries() == [FOLLOWED]
    assert desk.kept() == Ledger(change=str(CHANGE), created_at=START, name="orders")
    assert desk.markers == [str(CHANGE)]


def test_a_change_needs_no_name(desk: Desk) -> None:
    """It is called by its ids then."""
    assert desk.registry.follow(*CHANGE, None) == replace(FOLLOWED, name=None)
    assert desk.registry.entries() == [replace(FOLLOWED, name=None)]


def test_to_follow_twice_changes_nothing_but_the_name(desk: Desk) -> None:
    """A pipeline that runs again repeats itself; without a name the one that is known stays."""
    desk.registry.follow(*CHANGE, "orders")
    before = dict(desk.store.documents)

    assert desk.registry.follow(*CHANGE, "orders") == FOLLOWED
    assert desk.registry.follow(*CHANGE, None) == FOLLOWED
    assert desk.store.documents == before
    assert desk.registry.follow(*CHANGE, "orders again").name == "orders again"
    assert desk.open().entries() == [replace(FOLLOWED, name="orders again")]


def test_what_is_known_of_a_change_stays_known(desk: Desk) -> None:
    """Only its name is another; what was told is not told again."""
    desk.keep(UNDER_WAY)
    desk.registry.follow(*CHANGE, "orders")

    assert desk.kept() == replace(UNDER_WAY, name="orders")


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_end])
def test_a_change_that_has_ended_is_not_followed(desk: Desk, phase: Phase) -> None:
    """Whoever asks is told how it ended, and nothing is changed."""
    desk.keep(replace(UNDER_WAY, observation=Observation(phase)))
    before = dict(desk.store.documents)

    with pytest.raises(RegistryError, match=rf"^inst/task is {phase.value} already\.$"):
        desk.registry.follow(*CHANGE, "orders")
    assert desk.store.documents == before


@pytest.mark.parametrize("phase", [phase for phase in Phase if not phase.is_end])
def test_a_change_that_goes_on_is_followed(desk: Desk, phase: Phase) -> None:
    """Whatever it waits for."""
    desk.keep(replace(UNDER_WAY, observation=Observation(phase)))

    assert desk.registry.follow(*CHANGE, "orders") == FOLLOWED


def test_without_a_task_the_next_change_of_an_instance_is_expected(desk: Desk) -> None:
    """From now on, by a marker alone."""
    assert desk.registry.follow("inst", None, None) == Entry("inst", None, None, Reason.EXPECTED)

    assert desk.markers == [f"inst/_expected-{START.timestamp():.0f}"]
    assert desk.open().entries() == [Entry("inst", None, None, Reason.EXPECTED)]
    assert desk.store.counts["save"] == 0


def test_what_is_expected_twice_is_expected_once(desk: Desk) -> None:
    """Also a minute later: a pipeline may try again."""
    desk.registry.follow("inst", None, None)
    desk.clock.advance(60)
    desk.registry.follow("inst", None, None)

    assert desk.registry.entries() == [Entry("inst", None, None, Reason.EXPECTED)]
    assert desk.registry.drop("inst", None)
    assert desk.registry.entries() == []
    assert desk.markers == []


@pytest.mark.parametrize("task_id", ["task", None])
def test_where_only_what_is_configured_is_looked_at_nothing_else_is_followed(task_id: str | None) -> None:
    """It says what to configure; the store is not even asked."""
    desk = Desk(Wanted(changes={OTHER: None}))

    with pytest.raises(RegistryError, match=r"http\.token or discover"):
        desk.registry.follow("inst", task_id, None)
    assert desk.store.counts == {}


def test_a_marker_left_from_other_days_is_no_change_that_is_followed() -> None:
    """Where nothing is looked at but what is configured the list must not say more."""
    desk = Desk(Wanted(changes={OTHER: "billing"}))
    desk.store.documents[MARKER_KEY] = b""

    assert desk.registry.entries() == [Entry("inst-2", "task", "billing", Reason.CONFIGURED)]


def test_a_configured_change_stays_one_whoever_asks_for_it() -> None:
    """The answer is what the list says of it, its name in the configuration included."""
    desk = Desk(Wanted(changes={CHANGE: "billing"}, is_open=True))
    configured = Entry("inst", "task", "billing", Reason.CONFIGURED)

    assert desk.registry.follow(*CHANGE, "orders") == configured
    assert desk.registry.entries() == [configured]


# To drop ---------------------------------------------------------------------------------------------------


def test_a_change_that_is_taken_off_the_list_is_dismissed(desk: Desk) -> None:
    """The ledger says so, or discovery would bring it back; all else that is known of it stays."""
    desk.keep(UNDER_WAY)
    desk.registry.follow(*CHANGE, "orders")

    assert desk.registry.drop(*CHANGE)
    assert desk.open().entries() == []
    assert desk.markers == []
    assert desk.kept() == replace(UNDER_WAY, name="orders", is_dismissed=True)


def test_a_dismissed_change_comes_back_when_somebody_asks_for_it(desk: Desk) -> None:
    """With the name that it had."""
    desk.registry.follow(*CHANGE, "orders")
    desk.registry.drop(*CHANGE)

    assert desk.registry.follow(*CHANGE, None) == FOLLOWED
    assert desk.open().entries() == [FOLLOWED]
    assert not desk.kept().is_dismissed


def test_nobody_is_told_that_a_dropped_change_was_not_looked_at(desk: Desk) -> None:
    """Nobody wanted it looked at: the gap is known when somebody asks for the change again."""
    looked_at = START - timedelta(days=3)
    desk.keep(replace(UNDER_WAY, looked_at=looked_at))
    desk.registry.follow(*CHANGE, "orders")
    desk.registry.drop(*CHANGE)
    desk.registry.follow(*CHANGE, None)

    again = compare(desk.kept(), Observation(Phase.RUNNING, percent=40), Policy(), START)
    assert Kind.UNWATCHED not in {alert.kind for alert in again.alerts}
    assert again.looked_at == START


def test_nobody_is_told_so_of_a_change_that_an_older_headway_has_dropped(desk: Desk) -> None:
    """It left nothing but that nobody wants it followed."""
    desk.keep(replace(UNDER_WAY, looked_at=START - timedelta(days=3), is_dismissed=True))
    desk.registry.follow(*CHANGE, None)

    again = compare(desk.kept(), Observation(Phase.RUNNING, percent=40), Policy(), START)
    assert Kind.UNWATCHED not in {alert.kind for alert in again.alerts}
    assert not desk.kept().is_dismissed


def test_what_is_not_followed_cannot_be_dropped(desk: Desk) -> None:
    """Nor twice; nothing is written."""
    desk.registry.follow(*OTHER, None)
    desk.registry.follow("inst", None, None)
    before = dict(desk.store.documents)

    assert not desk.registry.drop(*CHANGE)
    assert not desk.registry.drop("inst-2", None)
    assert desk.store.documents == before


def test_a_change_and_its_instance_are_dropped_apart(desk: Desk) -> None:
    """To expect no other change is not to follow this one no longer."""
    expected = Entry("inst", None, None, Reason.EXPECTED)
    desk.registry.follow(*CHANGE, "orders")
    desk.registry.follow("inst", None, None)

    assert desk.registry.entries() == [FOLLOWED, expected]
    assert desk.registry.drop(*CHANGE)
    assert desk.registry.entries() == [expected]
    desk.registry.follow(*CHANGE, "orders")
    assert desk.registry.drop("inst", None)
    assert desk.registry.entries() == [FOLLOWED]


@pytest.mark.parametrize(
    ("instance_id", "task_id", "message"),
    [
        ("inst", "task", "inst/task stands in the configuration, and is followed as long as it does."),
        ("inst-3", None, "The changes of inst-3 are followed as long as the configuration says so."),
    ],
)
def test_what_is_configured_cannot_be_dropped(instance_id: str, task_id: str | None, message: str) -> None:
    """The configuration is whose to change it is."""
    desk = Desk(Wanted(changes={CHANGE: None}, instances={"inst-3": None}, is_open=True))
    desk.keep(UNDER_WAY)
    desk.store.documents[MARKER_KEY] = b""
    before = dict(desk.store.documents)

    with pytest.raises(RegistryError) as told:
        desk.registry.drop(instance_id, task_id)
    assert str(told.value) == message
    assert desk.store.documents == before


def test_what_was_registered_of_a_configured_instance_can_be_dropped() -> None:
    """A single change of it, or the one that was expected besides."""
    desk = Desk(Wanted(instances={"inst": "audit"}, is_open=True))
    desk.registry.follow(*CHANGE, "orders")
    desk.registry.follow("inst", None, None)

    assert desk.registry.drop(*CHANGE)
    assert desk.registry.drop("inst", None)
    assert desk.registry.entries() == [Entry("inst", None, "audit", Reason.CONFIGURED)]


# The list --------------------------------------------------------------------------------------------------


def test_the_list_names_all_that_is_followed_and_why() -> None:
    """What the configuration names comes first; it may have a marker too, and stands there once."""
    wanted = Wanted(changes={CHANGE: "orders"}, instances={"inst-3": "audit", "inst-4": None}, is_open=True)
    desk = Desk(wanted)
    desk.store.documents[MARKER_KEY] = b""
    desk.registry.follow(*OTHER, "billing")
    desk.registry.follow("inst-5", None, None)

    assert desk.registry.entries() == [
        Entry("inst", "task", "orders", Reason.CONFIGURED),
        Entry("inst-3", None, "audit", Reason.CONFIGURED),
        Entry("inst-4", None, None, Reason.CONFIGURED),
        Entry("inst-2", "task", "billing", Reason.FOLLOWED),
        Entry("inst-5", None, None, Reason.EXPECTED),
    ]


def test_the_list_has_the_same_order_every_time(desk: Desk) -> None:
    """People and programs compare it with what it was before; a set of texts has another in each process."""
    changes = [ChangeId(f"inst-{number % 5}", f"task-{number:02}") for number in range(20)]
    for change in changes:
        desk.store.documents[f"active/{change}"] = b""
    for change in changes[:3]:
        desk.registry.follow(change.instance_id, None, None)
    listed = [(entry.instance_id, entry.task_id) for entry in desk.registry.entries()]

    assert listed == [*sorted(changes), *((f"inst-{number}", None) for number in range(3))]


def test_the_list_costs_one_listing_and_a_read_for_each_change(desk: Desk) -> None:
    """Its names stand in the ledgers; a change may be marked before it has one."""
    changes = [ChangeId(f"inst-{number:02}", "task") for number in range(40)]
    for change in changes:
        desk.keep(Ledger(change=str(change), created_at=START, name=f"the {change.instance_id}"))
        desk.store.documents[f"active/{change}"] = b""
    desk.store.documents[MARKER_KEY] = b""
    names = {entry.instance_id: entry.name for entry in desk.registry.entries()}

    assert names == {**{one.instance_id: f"the {one.instance_id}" for one in changes}, "inst": None}
    assert desk.store.counts == {"list": 1, "load": 41}


def test_a_damaged_ledger_is_left_to_the_next_tick(desk: Desk) -> None:
    """Its change can be listed, followed and dropped all the same; what stands there is kept."""
    desk.store.documents[LEDGER_KEY] = b"half a docu"

    assert desk.registry.follow(*CHANGE, "orders").reason is Reason.FOLLOWED
    assert desk.registry.entries() == [replace(FOLLOWED, name=None)]
    assert desk.registry.drop(*CHANGE)
    assert desk.markers == []
    assert desk.store.documents == {LEDGER_KEY: b"half a docu"}


def test_a_newer_headways_ledger_is_never_written_over(desk: Desk) -> None:
    """Whoever asks learns why it cannot be done."""
    document = encode(UNDER_WAY, "n").replace(OURS, b'"schema":99')
    desk.store.documents |= {LEDGER_KEY: document, MARKER_KEY: b""}

    with pytest.raises(StateUnavailableError, match="newer Headway"):
        desk.registry.follow(*CHANGE, "orders")
    with pytest.raises(StateUnavailableError, match="newer Headway"):
        desk.registry.drop(*CHANGE)
    assert desk.store.documents == {LEDGER_KEY: document, MARKER_KEY: b""}


def test_a_newer_headways_ledger_hides_no_other_change_from_the_list(desk: Desk) -> None:
    """Its own change stands there without a name."""
    desk.registry.follow(*OTHER, "billing")
    desk.registry.follow(*CHANGE, "orders")
    desk.registry.follow("inst-3", None, None)
    desk.store.documents[LEDGER_KEY] = encode(UNDER_WAY, "n").replace(OURS, b'"schema":99')

    assert desk.open().entries() == [
        replace(FOLLOWED, name=None),
        Entry("inst-2", "task", "billing", Reason.FOLLOWED),
        Entry("inst-3", None, None, Reason.EXPECTED),
    ]


# Trouble ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [Trouble.CONFLICT, Trouble.REQUEST_LOST, Trouble.ANSWER_LOST])
@pytest.mark.parametrize("times", [1, 2])
def test_a_save_that_goes_wrong_is_made_good(desk: Desk, trouble: Trouble, times: int) -> None:
    """Also one whose answer was lost: it is never taken for done, and never done blindly."""
    desk.store.fail_next(trouble, times=times)

    assert desk.registry.follow(*CHANGE, "orders") == FOLLOWED
    assert desk.open().entries() == [FOLLOWED]


def test_a_tick_that_saves_at_the_same_time_is_not_overwritten(desk: Desk) -> None:
    """What it has just learnt stands beside what was wanted of the list."""
    desk.store.meanwhile.append(lambda: desk.keep(UNDER_WAY))
    desk.registry.follow(*CHANGE, "orders")
    assert desk.kept() == replace(UNDER_WAY, name="orders")

    further = replace(UNDER_WAY, percent_peak=60)
    desk.store.meanwhile.append(lambda: desk.keep(further))
    assert desk.registry.drop(*CHANGE)
    assert desk.kept() == replace(further, is_dismissed=True)


def test_a_change_that_ends_at_the_same_time_is_not_followed(desk: Desk) -> None:
    """A tick has just seen its end."""
    completed = replace(UNDER_WAY, observation=Observation(Phase.COMPLETED))
    desk.store.meanwhile.append(lambda: desk.keep(completed))

    with pytest.raises(RegistryError, match="completed already"):
        desk.registry.follow(*CHANGE, "orders")
    assert desk.kept() == completed
    assert desk.markers == []


def test_a_ledger_that_is_written_all_the_time_is_told_as_such(desk: Desk) -> None:
    """To try again is then for whoever asks; no marker stands there for what was not done."""
    desk.store.fail_next(Trouble.CONFLICT, times=3)

    with pytest.raises(StateUnavailableError) as told:
        desk.registry.follow(*CHANGE, "orders")
    assert str(told.value) == "The ledger of inst/task is being written by others; try again."
    assert desk.markers == []
    assert desk.registry.follow(*CHANGE, "orders") == FOLLOWED


@pytest.mark.parametrize("operation", ["list", "load"])
def test_a_list_that_cannot_be_read_is_told_as_such(desk: Desk, operation: str) -> None:
    """A store that is down must not look like a list without names, or with nothing on it."""
    desk.registry.follow(*CHANGE, "orders")
    desk.registry.follow(*OTHER, "billing")
    desk.store.fail_next(Trouble.UNAVAILABLE, operation=operation)

    with pytest.raises(StateUnavailableError):
        desk.open().entries()
    assert len(desk.open().entries()) == 2


class Wish(NamedTuple):
    """Something to do with the list."""

    follows: bool
    instance_id: str
    task_id: str | None
    name: str | None

    def on(self, registry: Registry) -> Entry | bool:
        """Do it."""
        if self.follows:
            return registry.follow(self.instance_id, self.task_id, self.name)
        return registry.drop(self.instance_id, self.task_id)


_instances: Final = st.sampled_from(["a", "b"])
wishes: Final = st.builds(
    Wish,
    st.booleans(),
    _instances,
    st.sampled_from(["1", "2"]),
    st.sampled_from(["orders", "billing", None]),
) | st.builds(Wish, st.booleans(), _instances, st.none(), st.none())
troubles: Final = st.lists(
    st.tuples(st.just("save"), st.sampled_from(Trouble))
    | st.tuples(st.sampled_from(["list", "load", "put", "remove"]), st.just(Trouble.UNAVAILABLE)),
    max_size=4,
)


def trying(action: Callable[[], Result]) -> Result:
    """Do it as often as it takes."""
    while True:
        with suppress(StateUnavailableError):
            return action()


def expected_after(wishes: Sequence[Wish]) -> Mapping[tuple[str, str | None], str | None]:
    """What is on the list, and under which names, when all of this was done."""
    listed: dict[tuple[str, str | None], str | None] = {}
    names: dict[tuple[str, str | None], str | None] = {}
    for wish in wishes:
        place = (wish.instance_id, wish.task_id)
        if wish.follows:
            listed[place] = names[place] = wish.name or names.get(place)
        else:
            listed.pop(place, None)
    return listed


@given(st.lists(wishes, max_size=12))
def test_the_list_holds_what_was_wanted_last(wishes: list[Wish]) -> None:
    """Whatever came before, and however many minutes lie between."""
    desk = Desk()
    for number, wish in enumerate(wishes):
        desk.clock.advance(60)
        was_listed = (wish.instance_id, wish.task_id) in expected_after(wishes[:number])
        done = wish.on(desk.open())

        assert done is was_listed if not wish.follows else isinstance(done, Entry)
        listed = {(entry.instance_id, entry.task_id): entry.name for entry in desk.registry.entries()}
        assert listed == expected_after(wishes[: number + 1])


@given(st.lists(wishes, max_size=6), wishes, troubles)
def test_whoever_tries_again_gets_what_was_wanted_whatever_went_wrong(
    before: list[Wish], wish: Wish, troubles: list[tuple[str, Trouble]]
) -> None:
    """An error means that nothing is certain; the next try without one makes it so."""
    desk = Desk()
    for earlier in before:
        earlier.on(desk.registry)
    for operation, trouble in troubles:
        desk.store.fail_next(trouble, operation=operation)
    registry = desk.open()
    trying(lambda: wish.on(registry))

    entries = trying(desk.open().entries)
    listed = {(entry.instance_id, entry.task_id): entry.name for entry in entries}
    assert listed == expected_after([*before, wish])


def test_many_at_once_do_not_get_into_each_others_way(desk: Desk) -> None:
    """Each of them has its change followed, or is asked to try again; no ledger is lost."""
    names = [f"name-{number}" for number in range(8)]

    def follow(name: str) -> str | None:
        return trying(lambda: desk.open().follow(*CHANGE, name)).name

    with ThreadPoolExecutor(len(names)) as threads:
        assert list(threads.map(follow, names)) == names
    assert desk.markers == [str(CHANGE)]
    assert desk.kept().name in names
