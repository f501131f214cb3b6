"""The search for changes: which lists are asked for, page by page, and what of them may be a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from math import ceil
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.core.listing import Instance, ListedTask
from handler.core.observation import Phase
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Task
from handler.core.watch import Origin, Watch
from handler.fleet import LATE_MAX, REGISTERED_LATE_MAX, Wanted
from handler.scope import Scope
from handler.stores.markers import Marked
from handler.survey import PAGES_MAX, Survey
from tests.fakes.clock import START, FakeClock
from tests.fakes.scripted_directory import ScriptedDirectory

EVERYTHING: Final = Wanted(patterns=("*",), is_open=True)
ALL: Final = Scope()
MINUTE: Final = timedelta(minutes=1)
BUSY: Final = Problem(ProblemKind.THROTTLED, "The DMS API asks for fewer requests.", status=429)
DOWN: Final = Problem(ProblemKind.UNAVAILABLE, "The DMS API is out of order.", status=503)
RUNNING: Final = Task(Phase.RUNNING, "EXECUTING", name="extend")
DONE: Final = Task(Phase.COMPLETED, "SUCCESS", name="extend")


def instance(number: int, status: str = "RUNNING") -> Instance:
    """An instance, called by its number."""
    return Instance(f"i-{number:03}", f"kafka-{number}", status)


def task(number: int, task: Task = RUNNING, *, ended_ago: timedelta | None = None) -> ListedTask:
    """A task; the higher its number the newer it is."""
    ended_at = None if ended_ago is None else START - ended_ago
    return ListedTask(f"t-{number:04}", task, START + MINUTE * (number - 10_000), ended_at)


def survey(directory: ScriptedDirectory, wanted: Wanted = EVERYTHING, scope: Scope = ALL) -> Survey:
    """A search at 08:00."""
    return Survey(wanted, scope, directory, FakeClock())


@pytest.fixture
def directory() -> ScriptedDirectory:
    """A project with nothing in it."""
    return ScriptedDirectory()


@pytest.fixture
def threads() -> Iterator[Executor]:
    """Threads to ask on."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def tasks_of(directory: ScriptedDirectory) -> list[str]:
    """For which lists of tasks one has asked."""
    return sorted(asked for asked in directory.asked if asked.startswith("tasks"))


# Lists of instances -----------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(count=st.integers(0, 230), page=st.integers(1, 50))
def test_the_list_of_instances_is_read_to_its_end_by_count(count: int, page: int) -> None:
    """Once each page, never one beyond the last, however long the service makes them."""
    directory = ScriptedDirectory()
    directory.instances = [instance(number) for number in range(count)]
    directory.instances_max = page
    search = survey(directory)
    with ThreadPoolExecutor(4) as threads:
        search.run(Marked(), threads)

    lists = sorted(int(asked.split()[1]) for asked in directory.asked if asked.startswith("instances"))
    assert lists == list(range(0, max(count, 1), page))
    assert sorted(one.instance_id for one in search.instances) == [
        one.instance_id for one in directory.instances
    ]
    assert len(tasks_of(directory)) == ceil(count / 10)


def test_an_instance_that_two_pages_name_is_asked_once(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """A list may shift while it is read."""
    shifting = [instance(number, "EXTENDING") for number in range(4)]
    directory.instances = [*shifting[:2], shifting[1], *shifting[2:]]
    directory.instances_max = 2
    search = survey(directory)
    search.run(Marked(), threads)

    assert len(search.instances) == 4
    assert tasks_of(directory) == [f"tasks i-00{number} from 1" for number in range(4)]


def test_a_page_that_fails_costs_only_its_own_instances(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """All others are searched; what went wrong is kept for the report."""
    directory.instances = [instance(number, "EXTENDING") for number in range(150)]
    directory.tasks = {one.instance_id: [task(1)] for one in directory.instances}
    directory.troubles["instances 50"] = DOWN
    search = survey(directory)
    leads = search.run(Marked(), threads)

    assert {lead.change.instance_id for lead in leads} == {
        f"i-{number:03}" for number in (*range(50), *range(100, 150))
    }
    assert search.problem == DOWN


def test_a_first_page_that_fails_is_the_end_of_the_search(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Without it nobody knows how long the list is."""
    directory.instances = [instance(1)]
    directory.troubles["instances 0"] = BUSY
    search = survey(directory)

    assert search.run(Marked(), threads) == []
    assert directory.asked == ["instances 0"]
    assert search.problem == BUSY
    assert search.account(()) is None


def test_who_only_waits_for_certain_instances_asks_for_these_alone(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Nothing is to be discovered, but two instances are expected to change."""
    directory.instances = [instance(number) for number in range(100)]
    directory.tasks["i-007"] = [task(1)]
    search = survey(directory, Wanted(is_open=True))
    leads = search.run(Marked(expected={"i-007": START, "i-042": START}), threads)

    assert sorted(directory.asked) == [
        "instance i-007",
        "instance i-042",
        "tasks i-007 from 1",
        "tasks i-042 from 1",
    ]
    assert [lead.change for lead in leads] == [ChangeId("i-007", "t-0001")]


def watching(count: int) -> Wanted:
    """So many instances are watched, and nothing is discovered."""
    return Wanted(instances={f"i-{number:03}": None for number in range(count)}, is_open=True)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(watching(1), ()), (watching(10), ()), (watching(8), ("i-003", "i-041", "i-042"))],
    ids=["one", "ten", "with those that are expected"],
)
def test_up_to_ten_watched_instances_are_asked_for_one_by_one(
    directory: ScriptedDirectory, threads: Executor, wanted: Wanted, expected: Sequence[str]
) -> None:
    """The project may have very many others."""
    directory.instances = [instance(number) for number in range(300)]
    search = survey(directory, wanted)
    search.run(Marked(expected=dict.fromkeys(expected, START)), threads)

    singly = sorted({*wanted.instances, *expected})
    assert [asked for asked in sorted(directory.asked) if asked.startswith("instance")] == [
        f"instance {instance_id}" for instance_id in singly
    ]
    assert sorted(one.instance_id for one in search.instances) == singly


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (watching(11), ()),
        (watching(8), ("i-040", "i-041", "i-042")),
        (Wanted(instances={"i-001": None}, patterns=("kafka-2",), is_open=True), ()),
        (Wanted(patterns=("kafka-2",), is_open=True), ()),
    ],
    ids=["eleven", "with those that are expected", "by name too", "by name"],
)
def test_of_more_of_them_or_where_names_decide_the_whole_list_is_read(
    directory: ScriptedDirectory, threads: Executor, wanted: Wanted, expected: Sequence[str]
) -> None:
    """Page by page that is fewer requests; and whose name fits nobody knows beforehand."""
    directory.instances = [instance(number) for number in range(120)]
    survey(directory, wanted).run(Marked(expected=dict.fromkeys(expected, START)), threads)

    assert [asked for asked in sorted(directory.asked) if asked.startswith("instance")] == [
        "instances 0",
        "instances 100",
        "instances 50",
    ]


def test_a_watched_instance_that_cannot_be_asked_for_costs_no_other(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """What went wrong is kept for the report."""
    directory.instances = [instance(number, "EXTENDING") for number in range(3)]
    directory.tasks = {one.instance_id: [task(1)] for one in directory.instances}
    directory.troubles["instance i-001"] = DOWN
    search = survey(directory, watching(3))
    leads = search.run(Marked(), threads)

    assert sorted(lead.change.instance_id for lead in leads) == ["i-000", "i-002"]
    assert search.problem == DOWN


def test_a_hint_asks_for_its_instance_alone(directory: ScriptedDirectory, threads: Executor) -> None:
    """Two requests, whatever the instance's status, and however many others there are."""
    directory.instances = [instance(number) for number in range(100)]
    search = survey(directory, scope=Scope(instance_id="i-042"))
    search.run(Marked(expected={"i-007": START}), threads)

    assert directory.asked == ["instance i-042", "tasks i-042 from 1"]


def test_a_hint_about_an_instance_that_nobody_wants_asks_for_no_tasks(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Its name does not fit."""
    directory.instances = [instance(1)]
    wanted = Wanted(patterns=("orders-*",), is_open=True)
    survey(directory, wanted, Scope(instance_id="i-001")).run(Marked(), threads)

    assert directory.asked == ["instance i-001"]


# Lists of tasks ---------------------------------------------------------------------------------------------


def test_of_tasks_that_come_newest_first_one_page_is_enough(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """What matters is new, and an instance may have had thousands of tasks."""
    directory.instances = [instance(1, "EXTENDING")]
    directory.tasks["i-001"] = [task(number) for number in reversed(range(950))]
    leads = survey(directory).run(Marked(), threads)

    assert tasks_of(directory) == ["tasks i-001 from 1"]
    assert len(leads) == 100


@settings(max_examples=40)
@given(count=st.integers(2, 60), page=st.integers(2, 12))
def test_tasks_that_come_oldest_first_are_read_to_the_newest(count: int, page: int) -> None:
    """The API promises no order; it is read by count, up to a bound."""
    directory = ScriptedDirectory()
    directory.instances = [instance(1, "EXTENDING")]
    directory.tasks["i-001"] = [task(number) for number in range(count)]
    directory.tasks_max = page
    with ThreadPoolExecutor(4) as threads:
        leads = survey(directory).run(Marked(), threads)

    read = min(count, page * PAGES_MAX)
    # A last page with a single task on it begins with the newest that it has.
    assert len(leads) == read
    assert len(tasks_of(directory)) == ceil(read / page)


def test_a_service_that_does_not_know_where_to_start_names_no_change_twice(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Some versions of its page say `offset`: then each page is the first one again."""
    directory.instances = [instance(1, "EXTENDING")]
    directory.tasks["i-001"] = [task(number) for number in range(250)]
    directory.ignores_start = True
    leads = survey(directory).run(Marked(), threads)

    assert len(leads) == len({lead.change for lead in leads}) == 100


def test_a_list_of_tasks_that_says_nothing_comes_to_an_end(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """It claims to be longer than what it shows."""
    directory.instances = [instance(1, "EXTENDING")]
    directory.tasks["i-001"] = [task(number) for number in range(250)]
    directory.tasks_max = 0

    assert survey(directory).run(Marked(), threads) == []
    assert tasks_of(directory) == ["tasks i-001 from 1"]


def test_a_list_of_tasks_that_breaks_off_keeps_what_it_has_shown(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """The rest comes with the next tick; other instances lose nothing at all."""
    directory.instances = [instance(1, "EXTENDING"), instance(2, "EXTENDING")]
    directory.tasks["i-001"] = [task(number) for number in range(4)]
    directory.tasks["i-002"] = [task(7)]
    directory.tasks_max = 2
    directory.troubles["tasks i-001 from 3"] = DOWN
    search = survey(directory)
    leads = search.run(Marked(), threads)

    assert sorted(str(lead.change) for lead in leads) == ["i-001/t-0000", "i-001/t-0001", "i-002/t-0007"]
    assert search.blemish == DOWN


def test_the_first_problem_is_the_one_that_is_told(directory: ScriptedDirectory, threads: Executor) -> None:
    """What follows may follow from it."""
    directory.instances = [instance(number, "EXTENDING") for number in range(60)]
    directory.troubles = {"instances 50": BUSY, "tasks i-001 from 1": DOWN}
    search = survey(directory)
    search.run(Marked(), threads)

    assert search.problem == BUSY


# What may be a change ---------------------------------------------------------------------------------------


def test_a_lead_brings_its_name_and_what_the_list_said_of_it(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """So nobody has to ask for the task again; the configuration's name goes before the instance's."""
    directory.instances = [instance(1, "EXTENDING"), instance(2, "EXTENDING")]
    directory.tasks = {"i-001": [task(1)], "i-002": [task(2)]}
    wanted = Wanted(patterns=("*",), instances={"i-002": "orders"}, is_open=True)
    leads = survey(directory, wanted).run(Marked(), threads)

    assert set(leads) == {
        Watch(ChangeId("i-001", "t-0001"), "kafka-1", Origin.FOUND, RUNNING),
        Watch(ChangeId("i-002", "t-0002"), "orders", Origin.FOUND, RUNNING),
    }


def test_what_is_followed_told_or_configured_is_no_lead(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Nor are ended tasks of a kind that is something else, as long as no change has been of that kind."""
    directory.instances = [instance(1, "EXTENDING")]
    restart, odd = (Task(Phase.COMPLETED, "SUCCESS", name=name) for name in ("restart", "odd"))
    directory.tasks["i-001"] = [
        task(6),
        task(5, restart, ended_ago=60 * MINUTE),
        task(4, odd, ended_ago=60 * MINUTE),
        task(3),
        task(2),
        task(1),
    ]
    marked = Marked(
        changes=frozenset({ChangeId("i-001", "t-0001")}),
        told={ChangeId("i-001", "t-0002"): START},
        other_kinds=frozenset({"restart", "odd"}),
        change_kinds=frozenset({"odd"}),
    )
    wanted = Wanted(changes={ChangeId("i-001", "t-0003"): None}, patterns=("*",), is_open=True)
    leads = survey(directory, wanted).run(marked, threads)

    assert [lead.change.task_id for lead in leads] == ["t-0006", "t-0004"]


@pytest.mark.parametrize("server_ahead", [timedelta(), timedelta(hours=5), -timedelta(hours=5)])
def test_how_long_ago_a_change_ended_is_told_by_the_servers_clock(
    directory: ScriptedDirectory, threads: Executor, server_ahead: timedelta
) -> None:
    """Ours may go wrong by hours."""
    directory.date = START + server_ahead
    directory.instances = [instance(1, "EXTENDING")]
    directory.tasks["i-001"] = [
        task(2, DONE, ended_ago=LATE_MAX - MINUTE - server_ahead),
        task(1, DONE, ended_ago=LATE_MAX + MINUTE - server_ahead),
    ]

    assert [lead.change.task_id for lead in survey(directory).run(Marked(), threads)] == ["t-0002"]


def test_of_an_expected_instance_only_what_ended_lately_is_told_late(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Whoever expects a change does not mean this morning's; where all are wanted, a day counts."""
    directory.instances = [instance(1), instance(2)]
    for instance_id in ("i-001", "i-002"):
        directory.tasks[instance_id] = [
            task(3),
            task(2, DONE, ended_ago=REGISTERED_LATE_MAX - MINUTE),
            task(1, DONE, ended_ago=REGISTERED_LATE_MAX + MINUTE),
        ]
    wanted = Wanted(instances={"i-002": None}, is_open=True)
    leads = survey(directory, wanted).run(Marked(expected={"i-001": START, "i-002": START}), threads)

    assert sorted(str(lead.change) for lead in leads) == [
        "i-001/t-0002",
        "i-001/t-0003",
        "i-002/t-0001",
        "i-002/t-0002",
        "i-002/t-0003",
    ]


def test_the_account_tells_changes_from_other_tasks_by_their_kinds(
    directory: ScriptedDirectory, threads: Executor
) -> None:
    """Nowhere is written which is which: here people can learn it."""
    directory.instances = [instance(number, "EXTENDING") for number in range(12)]
    directory.tasks = {
        "i-001": [task(1)],
        "i-002": [task(2, Task(Phase.RUNNING, "EXECUTING", name="restart"))],
        "i-003": [task(3, Task(Phase.RUNNING, "EXECUTING"))],
    }
    search = survey(directory, scope=Scope(shard=(1, 1)))
    search.run(Marked(), threads)

    assert search.account({ChangeId("i-001", "t-0001")}) == {
        "instances": 12,
        "matching": 12,
        "asked": 12,
        "changes": ["extend"],
        "other_tasks": ["", "restart"],
    }
