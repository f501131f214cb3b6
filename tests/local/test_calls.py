"""The calls by their URLs: what each of them lists, page by page, and what it refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.observation import Phase
from handler.core.operation import read_specification
from handler.core.reading import read_task
from handler.local.simulation.answers import (
    NO_API,
    NO_INSTANCE,
    NO_TASK,
    PAST_THE_END,
    WRONG_PARAMETER,
    Answer,
)
from handler.local.simulation.calls import Call, answer_call, read_call
from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Instance, Project
from handler.local.simulation.script import find_script
from tests.local.projects import LONG_AGO, START, at, instances, moments, plain_project

limits = st.integers(1, 50)


def ask(project: Project, path: str, now: datetime = START) -> tuple[str, Answer]:
    """What the project answers to a path below its own, and of which kind the call was."""
    call = read_call(f"http://127.0.0.1:1/v2/p{path}")
    return ("", NO_API) if call is None else answer_call(call, project, now)


def listed(project: Project, path: str, now: datetime = START) -> dict[str, Any]:
    """The document of an answer that should be a good one."""
    _, answer = ask(project, path, now)

    assert answer.status == 200
    return dict(answer.document)


def ids_of(document: dict[str, Any]) -> list[str]:
    """Which instances a page shows."""
    return [instance["instance_id"] for instance in document["instances"]]


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/v2/p/instances", Call("instances", "p", "", "", {})),
        (
            "/v2/p/instances?limit=1&engine=kafka&x=",
            Call("instances", "p", "", "", {"limit": "1", "engine": "kafka", "x": ""}),
        ),
        ("/v2/p/instances/i/tasks?start=1", Call("tasks", "p", "i", "", {"start": "1"})),
        ("/v2/p/instances/i/tasks/t", Call("task", "p", "i", "t", {})),
        ("/v2/p/instances/i/tasks/t%20u/progress", Call("progress", "p", "i", "t u", {})),
        ("/v2/p/instances/i", Call("instance", "p", "i", "", {})),
        ("/v2/p/instances/", None),
        ("/v2/p/instances/i/", None),
        ("/v2/p/instances/i/topics", None),
        ("/v2/p/instances/i/tasks/", None),
        ("/v2/p/instances/i/tasks/t/progress/", None),
        ("/v1/p/instances", None),
        ("/", None),
    ],
)
def test_a_call_is_known_by_its_path(path: str, call: Call | None) -> None:
    """To the gateway a path with a slash behind it is another one."""
    assert read_call(f"http://127.0.0.1:1{path}") == call


@given(st.integers(1, 120), limits)
def test_the_pages_of_a_list_show_every_instance_once(count: int, limit: int) -> None:
    """In one order, and each says how many there are in all; what lies behind the last one is an error."""
    project = plain_project(count)
    pages = [
        listed(project, f"/instances?engine=kafka&limit={limit}&offset={offset}")
        for offset in range(0, count, limit)
    ]

    assert [an_id for page in pages for an_id in ids_of(page)] == [f"id-{n}" for n in range(count)]
    assert {page["instance_num"] for page in pages} == {count}
    assert ask(project, f"/instances?engine=kafka&offset={count}") == ("instances", PAST_THE_END)


def test_ten_instances_are_a_page_unless_another_limit_is_asked_for() -> None:
    """From the first one on."""
    assert ids_of(listed(plain_project(11), "/instances?engine=kafka")) == [f"id-{n}" for n in range(10)]


def test_the_list_of_an_empty_project_is_empty() -> None:
    """But only from its beginning on."""
    assert listed(plain_project(0), "/instances?engine=kafka&offset=0") == {
        "instances": [],
        "instance_num": 0,
    }
    assert ask(plain_project(0), "/instances?engine=kafka&offset=1")[1] == PAST_THE_END


@pytest.mark.parametrize(
    "query",
    [
        "engine=kafka&limit=0",
        "engine=kafka&limit=51",
        "engine=kafka&limit=-1",
        "engine=kafka&limit=many",
        "engine=kafka&limit=",
        "engine=kafka&offset=-1",
        "engine=kafka&offset=1.0",
        "engine=rabbitmq",
        "",
    ],
)
def test_instances_are_not_listed_for_wrong_parameters(query: str) -> None:
    """The error does not say which one is wrong."""
    assert ask(plain_project(60), f"/instances?{query}") == ("instances", WRONG_PARAMETER)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("instance_id=id-7", ["id-7"]),
        ("instance_id=id", []),
        ("name=name-1", ["id-1", "id-10", "id-11"]),
        ("name=name-1&limit=2", ["id-1", "id-10"]),
        ("name=name-1&instance_id=id-2", []),
        ("status=EXTENDING", ["id-3"]),
        ("status=RUNNING&name=name-3", []),
        ("name=&instance_id=id-4", ["id-4"]),
    ],
)
def test_instances_can_be_asked_for_by_id_part_of_the_name_and_status(
    query: str, expected: list[str]
) -> None:
    """The count and the end of the list are those of what was asked for."""
    changing = Playback(find_script("good"), "t", at(-100))
    project = plain_project(12)
    busy = [*project.instances]
    busy[3] = busy[3]._replace(tasks=(changing,))

    assert ids_of(listed(Project(START, tuple(busy)), f"/instances?engine=kafka&{query}")) == expected


@given(instances, moments, st.integers(1, 100), st.booleans())
def test_the_pages_of_a_list_show_every_task_once_and_newest_first(
    instance: Instance,
    now: datetime,
    limit: int,
    from_zero: bool,  # noqa: FBT001 - hypothesis names it
) -> None:
    """By either name of the parameter; the count, a text, is that of all tasks."""
    project = Project(START, (instance,))
    count = len(instance.tasks_at(now))
    path = f"/instances/{instance.instance_id}/tasks?limit={limit}"
    begins = [f"offset={n}" if from_zero else f"start={n + 1}" for n in range(0, max(1, count), limit)]
    pages = [listed(project, f"{path}&{begin}", now) for begin in begins]

    assert [task["id"] for page in pages for task in page["tasks"]] == [
        task.task_id for task in instance.tasks_at(now)
    ]
    assert {page["task_count"] for page in pages} == {str(count)}
    assert listed(project, f"{path}&start={count + 1}", now)["tasks"] == []


def test_ten_tasks_are_a_page_unless_another_limit_is_asked_for() -> None:
    """From the newest one on; a hundred are the most."""
    chores = tuple(Chore(f"t{n}", "restart", at(-n), 1) for n in range(130))
    project = Project(START, (Instance("i", "orders", LONG_AGO, chores),))

    assert [task["id"] for task in listed(project, "/instances/i/tasks")["tasks"]] == [
        f"t{n}" for n in range(10)
    ]
    assert len(listed(project, "/instances/i/tasks?limit=100&start=1")["tasks"]) == 100
    assert len(listed(project, "/instances/i/tasks?limit=100&start=101")["tasks"]) == 30


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "start=0", "start=-1", "start=x", "offset=x"])
def test_tasks_are_not_listed_for_wrong_parameters(query: str) -> None:
    """They are counted from 1."""
    assert ask(plain_project(1), f"/instances/id-0/tasks?{query}") == ("tasks", WRONG_PARAMETER)


@given(instances, moments)
def test_a_task_that_is_shown_alone_looks_as_in_the_list(instance: Instance, now: datetime) -> None:
    """In the same envelope, and Headway can read it."""
    project = Project(START, (instance,))
    path = f"/instances/{instance.instance_id}/tasks"
    for entry in listed(project, f"{path}?limit=100", now)["tasks"]:
        alone = listed(project, f"{path}/{entry['id']}", now)
        task = read_task(alone, now)

        assert alone == {"task_count": "1", "tasks": [entry]}
        assert task is not None
        assert task.phase is not Phase.UNKNOWN


@given(instances, moments)
def test_an_instance_that_is_shown_alone_looks_as_in_the_list(instance: Instance, now: datetime) -> None:
    """And Headway can read how large it is."""
    project = Project(START, (instance,))
    path = f"/instances/{instance.instance_id}"

    assert ask(project, path, now) == ("instance", Answer(200, instance.entry(now)))
    assert listed(project, "/instances?engine=kafka", now)["instances"] == [listed(project, path, now)]
    assert read_specification(instance.entry(now)) is not None


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/instances/nobody", NO_INSTANCE),
        ("/instances/nobody/tasks", NO_INSTANCE),
        ("/instances/nobody/tasks/t", NO_INSTANCE),
        ("/instances/i/tasks/nothing", NO_TASK),
        ("/instances/i/tasks/later", NO_TASK),
        ("/instances/i/tasks/later/progress", NO_TASK),
    ],
)
def test_what_is_not_there_is_unknown(path: str, answer: Answer) -> None:
    """A task that has not begun is not there."""
    later = Playback(find_script("good"), "later", at(1))
    project = Project(START, (Instance("i", "orders", LONG_AGO, (later,)),))

    assert ask(project, path) == ("unknown", answer)


def test_progress_is_that_of_the_task() -> None:
    """A change has its own, a chore has an error, and both count as the same kind of call."""
    change, chore = Playback(find_script("good"), "change", at(-60)), Chore("chore", "restart", at(-60), 1)
    project = Project(START, (Instance("i", "orders", LONG_AGO, (change, chore)),))

    assert ask(project, "/instances/i/tasks/change/progress") == ("progress", change.progress(START))
    assert ask(project, "/instances/i/tasks/chore/progress") == ("progress", NO_TASK)
