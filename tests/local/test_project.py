"""A project at any moment: how its instances stand, which tasks they show, and what is to be found."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given

from handler.core.change import ChangeId
from handler.core.observation import Phase
from handler.core.operation import read_order, read_specification
from handler.local.simulation.answers import NO_PROGRESS, NO_TASK, Answer
from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import ExpectedChange, Instance, Project, project_of
from handler.local.simulation.script import find_script
from notifiers.operations import Specification
from tests.local.projects import HOURS, LONG_AGO, START, at, instances, moments

GOOD = Playback(find_script("good"), "good", START)
FAILS = Playback(find_script("fails"), "fails", START)
RESTART = Chore("restart", "restart", START, 30)


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        (-1, "RUNNING"),
        (0, "RUNNING"),
        (59, "RUNNING"),
        (60, "EXTENDING"),
        (289, "EXTENDING"),
        (290, "RUNNING"),
    ],
)
def test_an_instance_is_extending_some_time_after_a_change_was_asked_for_until_its_end(
    seconds: float, status: str
) -> None:
    """Right after the request its status proves nothing."""
    instance = Instance("i", "orders", LONG_AGO, (GOOD,), extending_after_seconds=60)

    assert instance.status(at(seconds)) == status


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(139, "EXTENDING"), (140, "EXTENDEDFAILED"), (239, "EXTENDEDFAILED"), (240, "RUNNING")],
)
def test_a_failed_change_shows_for_a_while(seconds: float, status: str) -> None:
    """And then the instance runs again by itself."""
    instance = Instance("i", "orders", LONG_AGO, (FAILS,), failed_for_seconds=100)

    assert instance.status(at(seconds)) == status


def test_a_failure_shows_until_the_next_attempt_does() -> None:
    """What counts is the change that ended last."""
    again = GOOD._replace(started_at=at(200))
    instance = Instance("i", "orders", LONG_AGO, (again, FAILS), extending_after_seconds=60)

    assert instance.status(at(259)) == "EXTENDEDFAILED"
    assert instance.status(at(260)) == "EXTENDING"
    assert instance.status(at(490)) == "RUNNING"


def test_an_instance_is_restarting_while_a_restart_goes_on() -> None:
    """Unless its capacity changes meanwhile; no other chore shows."""
    config = Chore("config", "kafkaConfigModify", START, 1000)
    alone = Instance("i", "orders", LONG_AGO, (config, RESTART))
    both = Instance("i", "orders", LONG_AGO, (config, RESTART, GOOD), extending_after_seconds=10)

    assert [alone.status(at(seconds)) for seconds in (-1, 0, 29, 30)] == [
        "RUNNING",
        "RESTARTING",
        "RESTARTING",
        "RUNNING",
    ]
    assert [both.status(at(seconds)) for seconds in (9, 10, 31)] == ["RESTARTING", "EXTENDING", "EXTENDING"]


@given(instances, moments)
def test_a_status_has_a_task_that_accounts_for_it(instance: Instance, now: datetime) -> None:
    """And a change that has been going on for long enough always shows."""
    shown = [(task, task.entry(now)["status"]) for task in instance.tasks_at(now)]
    status = instance.status(now)
    changes = [(task, how) for task, how in shown if isinstance(task, Playback)]
    lag = timedelta(seconds=instance.extending_after_seconds)
    extending = [task for task, how in changes if how == "EXECUTING" and now - task.started_at >= lag]
    restarting = [task for task, how in shown if how == "EXECUTING" and task.name == "restart"]

    assert status in {"RUNNING", "EXTENDING", "EXTENDEDFAILED", "RESTARTING"}
    assert (status == "EXTENDING") == bool(extending)
    assert (status == "RESTARTING") == (bool(restarting) and not extending)
    assert status != "EXTENDEDFAILED" or "FAILED" in [how for _, how in changes]


@given(instances)
def test_every_instance_runs_again_in_the_end(instance: Instance) -> None:
    """Whatever it went through."""
    assert instance.status(at(HOURS * 3600 + 24 * 3600)) == "RUNNING"


@given(instances, moments)
def test_tasks_that_have_begun_are_shown_newest_first(instance: Instance, now: datetime) -> None:
    """All of them and no other, each of which can be found by its id as well."""
    shown = instance.tasks_at(now)
    begins = [task.started_at for task in shown]

    assert begins == sorted(begins, reverse=True)
    assert {task.task_id for task in shown} == {t.task_id for t in instance.tasks if t.started_at <= now}
    assert [task for task in instance.tasks if instance.find_task(task.task_id, now)] == [
        task for task in instance.tasks if task in shown
    ]


@given(instances, moments)
def test_an_executing_task_was_updated_just_now_and_an_ended_one_at_its_end(
    instance: Instance, now: datetime
) -> None:
    """As `created_at` is its start, the two tell how long it took."""
    for task in instance.tasks_at(now):
        entry = task.entry(now)
        updated_at = datetime.fromisoformat(str(entry["updated_at"]).replace("Z", "+00:00"))
        expected = now if entry["status"] == "EXECUTING" else task.ended_at

        assert abs(updated_at - expected) <= timedelta(milliseconds=1)
        assert (entry["status"] == "EXECUTING") == (now < task.ended_at)


def test_a_chore_reads_like_any_other_task() -> None:
    """The word at its end is its own."""
    chore = Chore("t", "modifyAutoTopic", START, 30, status_at_end="CANCELLED")

    assert chore.entry(at(29))["status"] == "EXECUTING"
    assert chore.entry(at(31)) == {
        "id": "t",
        "name": "modifyAutoTopic",
        "user_name": "simulator",
        "user_id": "0" * 32,
        "params": "{}",
        "status": "CANCELLED",
        "created_at": "2026-11-24T08:00:00.000Z",
        "updated_at": "2026-11-24T08:00:30.000Z",
    }


@pytest.mark.parametrize("error", [NO_PROGRESS, NO_TASK])
def test_a_chore_has_no_progress(error: Answer) -> None:
    """It answers with its error for ever, in one of two ways that no page documents."""
    chore = RESTART._replace(progress_error=error)

    assert chore.progress(at(1)) == chore.progress(at(1000)) == error
    assert error.status in {400, 404}


def test_an_instance_reads_like_the_real_api() -> None:
    """Its creation is in epoch milliseconds, as text."""
    entry = Instance("an-id", "orders", START).entry(START)

    assert {key: entry[key] for key in ("instance_id", "name", "engine", "status", "created_at")} == {
        "instance_id": "an-id",
        "name": "orders",
        "engine": "kafka",
        "status": "RUNNING",
        "created_at": "1795507200000",
    }


def test_a_change_that_succeeds_makes_the_instance_larger() -> None:
    """To the size that its task was ordered with; one that fails leaves it as it was."""
    again = GOOD._replace(task_id="again", started_at=at(1000))
    instance = Instance("i", "orders", LONG_AGO, (FAILS, GOOD, again, RESTART))
    sizes = {
        seconds: read_specification(instance.entry(at(seconds))) for seconds in (0, 289, 290, 1289, 1290)
    }
    orders = [read_order(instance.task_entry(task, at(2000))) for task in instance.tasks]

    assert sizes == {
        seconds: Specification("kafka.2u4g.cluster", 3, gb)
        for seconds, gb in {0: 300, 289: 300, 290: 600, 1289: 600, 1290: 900}.items()
    }
    assert [order and dict(order.parameters) for order in orders] == [
        *[{"oper_type": "storage", "new_storage_space": gb} for gb in ("600", "600", "900")],
        {},
    ]
    assert {order.user for order in orders if order} == {"simulator"}


def test_an_instance_is_there_once_it_is_created() -> None:
    """Before, neither the list nor its id shows it."""
    early, late = Instance("early", "a", LONG_AGO), Instance("late", "b", at(60))
    project = Project(START, (late, early))

    assert project.instances_at(at(59)) == [early]
    assert project.instances_at(at(60)) == [late, early]
    assert project.find_instance("late", at(59)) is None
    assert project.find_instance("late", at(60)) == late
    assert project.find_instance("nobody", at(60)) is None


def test_changes_that_were_long_over_are_not_to_be_found() -> None:
    """Those that ended within the last day are, and those that come; chores never."""
    day = 24 * 3600
    over = GOOD._replace(task_id="over", started_at=at(1 - day - 290))
    long_over = GOOD._replace(task_id="long-over", started_at=at(-day - 290))
    project = Project(
        START,
        (
            Instance("i", "orders", LONG_AGO, (long_over, over, RESTART)),
            Instance("j", "billing", LONG_AGO, (FAILS,)),
        ),
    )

    assert project.expected_changes == [
        ExpectedChange(ChangeId("i", "over"), "orders", over.started_at, at(1 - day), Phase.COMPLETED),
        ExpectedChange(ChangeId("j", "fails"), "billing", START, at(140), Phase.FAILED),
    ]


def test_a_single_change_is_a_project_too() -> None:
    """It begins with its only change, and its instance was there before."""
    project = project_of("i", GOOD)

    assert project.began_at == START
    assert [change.change for change in project.expected_changes] == [ChangeId("i", "good")]
    assert project.find_instance("i", START) is not None
