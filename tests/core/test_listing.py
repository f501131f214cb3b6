"""The lists of instances and of tasks: what is read of them, however odd the API's answer is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import check_id
from handler.core.listing import (
    Instance,
    ListedTask,
    Page,
    begins_with_newest,
    read_instances,
    read_tasks,
)
from handler.core.observation import Phase
from handler.core.progress import Task
from handler.core.reading import NAME_LENGTH_MAX
from notifiers.operations import Order

DATE: Final = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
CREATED: Final = datetime(2026, 11, 24, 7, tzinfo=timezone.utc)
UPDATED: Final = datetime(2026, 11, 24, 7, 30, tzinfo=timezone.utc)
TIMES: Final = {"created_at": "2026-11-24T07:00:00.000Z", "updated_at": "2026-11-24T07:30:00.000Z"}

ODD: Final[list[object]] = [
    None,
    True,
    5,
    1.5,
    "",
    " ",
    "a/b",
    "..",
    "-a",
    "x" * 65,
    "ä",
    "i\n",
    [],
    {},
    ["i"],
]
"""What is no id."""


def instance(**fields: object) -> Instance | None:
    """What is read of an entry of the list of instances."""
    entry = {"instance_id": "i-1", "name": "orders", "status": "RUNNING", **fields}
    page = read_instances({"instances": [entry], "instance_num": 1}, DATE)
    assert page is not None
    return page.entries[0] if page.entries else None


def listed(**fields: object) -> ListedTask | None:
    """What is read of an entry of a list of tasks."""
    entry = {"id": "t-1", "name": "extend", "status": "EXECUTING", **TIMES, **fields}
    page = read_tasks({"tasks": [entry], "task_count": "1"}, DATE)
    assert page is not None
    return page.entries[0] if page.entries else None


def test_a_page_of_instances_is_read_as_the_api_writes_it() -> None:
    """Of their many fields three matter."""
    document = {
        "instances": [
            {"instance_id": "i-1", "name": "orders", "engine": "kafka", "status": "RUNNING", "broker_num": 3},
            {"instance_id": "i-2", "name": "audit", "engine": "kafka", "status": "EXTENDING"},
        ],
        "instance_num": 70,
    }

    assert read_instances(document, DATE) == Page(
        (Instance("i-1", "orders", "RUNNING"), Instance("i-2", "audit", "EXTENDING")),
        received=2,
        total=70,
        date=DATE,
    )


def test_a_page_of_tasks_is_read_as_the_api_writes_it() -> None:
    """A task has an end only once it has ended."""
    document = {
        "task_count": "2",
        "tasks": [
            {"id": "t-2", "name": "extend", "user_name": "me", "status": "EXECUTING", **TIMES},
            {"id": "t-1", "name": "restart", "params": "{}", "status": "SUCCESS", **TIMES},
        ],
    }

    assert read_tasks(document, DATE) == Page(
        (
            ListedTask(
                "t-2", Task(Phase.RUNNING, "EXECUTING", DATE, "extend", Order("me", CREATED)), CREATED, None
            ),
            ListedTask(
                "t-1",
                Task(Phase.COMPLETED, "SUCCESS", DATE, "restart", Order(ordered_at=CREATED)),
                CREATED,
                UPDATED,
            ),
        ),
        received=2,
        total=2,
        date=DATE,
    )


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (70, 70),
        ("71", 71),
        (" 70 ", 70),
        (70.0, 70),
        (0, 0),
        (999_999, 999_999),
        (None, 2),
        (True, 2),
        ("", 2),
        ("many", 2),
        (-1, 2),
        (1_000_000, 2),
        (10**400, 2),
        ("1e999", 2),
        ("nan", 2),
        ([70], 2),
        ({}, 2),
    ],
)
def test_a_total_is_a_number_or_a_text_and_else_what_has_come(total: object, expected: int) -> None:
    """The two lists write it differently; a total that cannot be true would ask for pages without end."""
    two = [{"id": "t-1", "status": "CREATED"}, {"instance_id": "i-1"}]

    for page in (
        read_instances({"instances": two, "instance_num": total}, None),
        read_tasks({"tasks": two, "task_count": total}, None),
    ):
        assert page is not None
        assert (page.received, page.total) == (2, expected)


def test_a_list_that_does_not_say_how_long_it_is_is_all_there_is() -> None:
    """Nothing is asked for beyond it."""
    page = read_instances({"instances": [{"instance_id": "i-1"}] * 3}, None)

    assert page is not None
    assert (page.received, page.total, page.date) == (3, 3, None)


@pytest.mark.parametrize(
    "document",
    [
        None,
        True,
        7,
        "instances",
        [],
        [{"instances": [], "tasks": []}],
        {},
        {"instance_num": 0, "task_count": "0"},
        {"instances": None, "tasks": None},
        {"instances": {}, "tasks": {}},
        {"instances": "i-1", "tasks": "t-1"},
        {"instances": 1, "tasks": 1},
        {"error_code": "DMS.00500000"},
    ],
)
def test_what_holds_no_list_is_no_page(document: object) -> None:
    """The page of a proxy must not pass for a project without instances."""
    assert read_instances(document, DATE) is None
    assert read_tasks(document, DATE) is None


@pytest.mark.parametrize("entry", [None, True, 7, "i-1", [], [{}], {}, {"name": "orders"}])
def test_an_entry_that_is_none_counts_and_is_left_out(entry: object) -> None:
    """The next page begins behind all that has come, readable or not."""
    instances = read_instances({"instances": [entry, {"instance_id": "i-1"}], "instance_num": 9}, None)
    tasks = read_tasks({"tasks": [entry, {"id": "t-1", "status": "CREATED"}], "task_count": 9}, None)

    assert instances is not None
    assert tasks is not None
    assert (instances.received, tasks.received) == (2, 2)
    assert [one.instance_id for one in instances.entries] == ["i-1"]
    assert [one.task_id for one in tasks.entries] == ["t-1"]


@pytest.mark.parametrize("value", ODD)
def test_an_absurd_id_is_none(value: object) -> None:
    """It would end up in URLs and in the names of documents."""
    assert instance(instance_id=value) is None
    assert listed(id=value) is None


@pytest.mark.parametrize("value", [None, True, 5, [], {}, "", " \n"])
def test_an_instance_without_a_name_is_called_by_its_id(value: object) -> None:
    """Something has to be said to people."""
    found = instance(name=value)

    assert found == Instance("i-1", "i-1", "RUNNING")


def test_names_are_one_short_line() -> None:
    """They are written by people, and shown to others."""
    found, task = instance(name=f" a\n\x1bb{'x' * 500}"), listed(name=f"a\tb{'x' * 500}")

    assert found is not None
    assert task is not None
    assert found.name == f"a b{'x' * 500}"[:NAME_LENGTH_MAX]
    assert task.task.name == f"a b{'x' * 500}"[:NAME_LENGTH_MAX]


@pytest.mark.parametrize(
    ("status", "has_tasks", "is_changing"),
    [
        ("CREATING", False, False),
        ("CREATEFAILED", False, False),
        ("DELETING", False, False),
        ("DELETED", False, False),
        ("RUNNING", True, False),
        ("ERROR", True, False),
        ("FREEZING", True, False),
        ("FROZEN", True, False),
        ("EXTENDING", True, True),
        ("EXTENDEDFAILED", True, True),
        ("RESTARTING", True, True),
        ("STARTING", True, True),
        ("UPGRADING", True, True),
        ("ROLLINGBACK", True, True),
        ("SOMETHING_NEW", True, True),
        ("extending", True, True),
        (" running ", True, False),
        ("deleted", False, False),
        ("", True, True),
        (None, True, True),
        (7, True, True),
    ],
)
def test_an_instance_is_changing_unless_its_status_says_otherwise(
    status: object, *, has_tasks: bool, is_changing: bool
) -> None:
    """Every status of the API's page has a row; a word that nobody knows is looked into."""
    found = instance(status=status)

    assert found is not None
    assert (found.has_tasks, found.is_changing) == (has_tasks, is_changing)


@pytest.mark.parametrize("value", [None, True, 7, "", " ", [], {}])
def test_a_task_without_a_status_is_none(value: object) -> None:
    """Nothing could be told of it."""
    assert listed(status=value) is None


@pytest.mark.parametrize(
    ("status", "phase", "has_ended"),
    [
        ("CREATED", Phase.WAITING, False),
        ("EXECUTING", Phase.RUNNING, False),
        ("executing", Phase.RUNNING, False),
        ("SUCCESS", Phase.COMPLETED, True),
        ("FAILED", Phase.FAILED, True),
        ("CANCELLED", Phase.CANCELLED, True),
        ("DELETED", Phase.LOST, True),
        ("Canceled", Phase.CANCELLED, True),
        ("SOMETHING_NEW", Phase.UNKNOWN, True),
    ],
)
def test_a_task_has_an_end_once_its_status_says_so(status: str, phase: Phase, *, has_ended: bool) -> None:
    """Or says what we do not know: then it may have one. A task that goes on is of no age."""
    found = listed(status=status)

    assert found is not None
    assert (found.task.phase, found.task.status) == (phase, status)
    assert found.created_at == CREATED
    assert found.ended_at == (UPDATED if has_ended else None)


@pytest.mark.parametrize(
    ("times", "created_at", "ended_at"),
    [
        ({}, CREATED, UPDATED),
        ({"updated_at": None}, CREATED, CREATED),
        ({"updated_at": "soon"}, CREATED, CREATED),
        ({"created_at": None}, None, UPDATED),
        ({"created_at": [], "updated_at": {}}, None, None),
        ({"created_at": 1795503600000, "updated_at": "1795505400"}, CREATED, UPDATED),
        ({"created_at": "2026-11-24T07:00:00", "updated_at": "2026-11-24T08:30:00+01:00"}, CREATED, UPDATED),
        ({"created_at": "0001-01-01T00:00:00Z", "updated_at": 10**30}, None, None),
    ],
)
def test_times_are_read_as_everywhere(
    times: dict[str, object], created_at: datetime | None, ended_at: datetime | None
) -> None:
    """A task that does not say when it ended did so after it was begun."""
    found = listed(status="SUCCESS", **times)

    assert found is not None
    assert (found.created_at, found.ended_at) == (created_at, ended_at)


@pytest.mark.parametrize("name", [None, True, 7, [], {}])
def test_a_task_needs_no_name(name: object) -> None:
    """Which names there are is nowhere written."""
    found = listed(name=name)

    assert found is not None
    assert found.task.name == ""


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], True),
        ([1], True),
        ([3, 2, 1], True),
        ([1, 2, 3], False),
        ([2, 2], True),
        ([2, 9, 2], True),
        ([None, 1, 2], True),
        ([1, 2, None], True),
        ([None], True),
        ([1, None, 2], False),
    ],
)
def test_tasks_are_in_order_unless_the_first_is_older_than_the_last(
    hours: list[int | None], *, expected: bool
) -> None:
    """Where it is not to be seen, the API is believed to show the newest first, as it does in public."""
    tasks = [
        ListedTask(f"t{place}", Task(Phase.RUNNING, "x"), None if hour is None else DATE.replace(hour=hour))
        for place, hour in enumerate(hours)
    ]

    assert begins_with_newest(tasks) is expected


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), unique=True, min_size=2))
def test_the_newest_are_told_from_the_oldest(ages: list[timedelta]) -> None:
    """In one order they come first, in the other they do not."""
    tasks = [ListedTask("t", Task(Phase.RUNNING, "x"), DATE - age) for age in sorted(ages)]

    assert begins_with_newest(tasks)
    assert not begins_with_newest(tasks[::-1])


KEYS: Final = (
    st.sampled_from(["instances", "instance_num", "tasks", "task_count", "instance_id", "id", "name"])
    | st.sampled_from(["status", "created_at", "updated_at"])
    | st.text(max_size=5)
)
VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["RUNNING", "EXECUTING", "SUCCESS", "i-1", "1e9", "2026-11-24T08:00:00Z"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
ENTRIES: Final = st.lists(st.dictionaries(KEYS, VALUES) | VALUES, max_size=5)
DOCUMENTS: Final = VALUES | st.fixed_dictionaries(
    {"instances": ENTRIES, "tasks": ENTRIES}, optional={"instance_num": VALUES, "task_count": VALUES}
)


@given(DOCUMENTS)
def test_any_json_is_a_page_of_instances_or_none(document: object) -> None:
    """Nothing raises, and whatever is read can be asked for and shown."""
    page = read_instances(document, DATE)
    if page is None:
        return

    assert len(page.entries) <= page.received
    assert 0 <= page.total < 1_000_000
    for entry in page.entries:
        assert check_id(entry.instance_id) == entry.instance_id
        assert entry.name.isprintable()
        assert 0 < len(entry.name) <= NAME_LENGTH_MAX
        assert entry.has_tasks or not entry.is_changing


@given(DOCUMENTS)
def test_any_json_is_a_page_of_tasks_or_none(document: object) -> None:
    """Nothing raises, and whatever is read can be asked for, shown and put in order."""
    page = read_tasks(document, DATE)
    if page is None:
        return

    assert len(page.entries) <= page.received
    assert 0 <= page.total < 1_000_000
    assert isinstance(begins_with_newest(page.entries), bool)
    for entry in page.entries:
        assert check_id(entry.task_id) == entry.task_id
        assert entry.task.name.isprintable()
        assert len(entry.task.name) <= NAME_LENGTH_MAX
        assert entry.ended_at is None or entry.task.phase not in {Phase.WAITING, Phase.RUNNING}
