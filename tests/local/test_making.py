"""The large project that is made up: how much of everything there is, and when."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import check_id
from handler.core.observation import Phase
from handler.local.simulation.answers import NO_PROGRESS, NO_TASK
from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Project
from tests.local.making import CAPACITY_WORDS, CHORE_WORDS, make_project
from tests.local.projects import START

LARGE = make_project(began_at=START)


def playbacks(project: Project) -> list[Playback]:
    """All its changes, also those that nobody should find."""
    return [task for each in project.instances for task in each.tasks if isinstance(task, Playback)]


def chores(project: Project) -> list[Chore]:
    """All its other tasks."""
    return [task for each in project.instances for task in each.tasks if isinstance(task, Chore)]


@given(st.integers(0, 60), st.integers(0, 60), st.integers())
def test_the_changes_to_be_found_are_on_instances_of_their_own(first: int, second: int, seed: int) -> None:
    """As many as asked for, and they end in time for somebody who looks each minute."""
    count, instances = sorted((first, second))
    project = make_project(began_at=START, instances=instances, changes=count, seed=seed)
    expected = project.expected_changes

    assert len(project.instances) == instances
    assert len({change.change.instance_id for change in expected}) == len(expected) == count
    assert all(change.ended_at <= START + timedelta(minutes=35) for change in expected)
    assert all(change.ended_at > START - timedelta(hours=23) for change in expected)


def test_the_same_seed_makes_the_same_project() -> None:
    """And another one another."""
    assert make_project(began_at=START, instances=50, changes=20, seed=3) == make_project(
        began_at=START, instances=50, changes=20, seed=3
    )
    assert make_project(began_at=START, instances=50, changes=20, seed=3) != make_project(
        began_at=START, instances=50, changes=20, seed=4
    )


def test_there_cannot_be_more_changes_than_instances() -> None:
    """Rather than fewer than asked for."""
    with pytest.raises(ValueError, match="more changes than instances"):
        make_project(began_at=START, instances=3, changes=4)


def test_ids_and_names_are_unique_and_ids_are_safe() -> None:
    """Both forms of the ids of tasks occur, dashed and not."""
    tasks = [task.task_id for each in LARGE.instances for task in each.tasks]
    instances = [instance.instance_id for instance in LARGE.instances]

    assert len({*tasks, *instances}) == len(tasks) + len(instances)
    assert [check_id(text) for text in (*tasks, *instances)] == [*tasks, *instances]
    assert {len(text) for text in tasks} == {32, 36}
    assert len({instance.name for instance in LARGE.instances}) == len(LARGE.instances)


def test_the_large_project_holds_everything_that_is_to_be_told_apart() -> None:
    """Changes that are over, under way and to come, of both ends; and ones that were over long before."""
    expected = LARGE.expected_changes
    over = [change for change in expected if change.ended_at <= START]
    running = [change for change in expected if change.started_at < START < change.ended_at]
    ends = Counter(change.end for change in expected)

    assert (len(LARGE.instances), len(expected), len(over), len(running)) == (1000, 200, 25, 25)
    assert ends[Phase.COMPLETED] > ends[Phase.FAILED] > 20
    assert 20 < len(playbacks(LARGE)) - len(expected) < 100
    assert {task.name for task in playbacks(LARGE)} == set(CAPACITY_WORDS)


def test_everyday_tasks_are_everywhere() -> None:
    """Of all kinds, before and after the beginning; some instances have more than a page of them."""
    everyday = chores(LARGE)
    counts = [len(instance.tasks) for instance in LARGE.instances]

    assert sum(count > 0 for count in counts) > 500
    assert sum(count > 100 for count in counts) == 10
    assert {task.name for task in everyday} == set(CHORE_WORDS)
    assert [task for task in everyday if task.progress_error == NO_TASK]
    assert [task for task in everyday if task.progress_error == NO_PROGRESS]
    assert [task for task in everyday if task.started_at > START]


def test_statuses_come_and_go_while_somebody_watches() -> None:
    """All four of them at one time or another, and most instances run."""
    seen = [
        Counter(instance.status(START + timedelta(minutes=minute)) for instance in LARGE.instances)
        for minute in range(0, 40, 5)
    ]

    assert {status for statuses in seen for status in statuses} == {
        "RUNNING",
        "EXTENDING",
        "EXTENDEDFAILED",
        "RESTARTING",
    }
    assert min(statuses["RUNNING"] for statuses in seen) > 900
