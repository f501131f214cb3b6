"""A whole project over real HTTP, watched for forty minutes by the simplest watcher that could work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
import requests

from handler.core.change import ChangeId
from handler.core.observation import Phase
from handler.local.simulation.endpoint import FAIR, Conditions
from handler.local.simulation.project import Project
from handler.local.simulation.simulator import ProjectSimulator
from handler.local.simulation.throttle import Throttle
from tests.local.asking import ask
from tests.local.making import make_project
from tests.local.projects import START

TICKS: Final = 20
DAY: Final = timedelta(days=1)
ENDS: Final = {"SUCCESS": Phase.COMPLETED, "FAILED": Phase.FAILED}


class Watcher:
    """Asks for everything at each tick, and again whatever went wrong, on one kept connection.

    What has ended it asks for once. Its clock is the simulator's: two minutes from tick to tick, and no time
    at all in between, except where it is told to wait.
    """

    def __init__(self, project: Project, conditions: Conditions) -> None:
        """Begin when the project does."""
        self.now = START
        self.simulator = ProjectSimulator(project, conditions=conditions, now=lambda: self.now)
        self.session = requests.Session()
        # It would look for a proxy among all variables at each request.
        self.session.trust_env = False
        self.told: Counter[str] = Counter()
        self.found: dict[ChangeId, Phase] = {}
        self.ended: set[ChangeId] = set()

    def tick(self) -> None:
        """Look at all tasks of all instances, and at the progress of those that may be changes."""
        for instance in self._instances():
            for task in self._get(f"/instances/{instance['instance_id']}/tasks?start=1&limit=100")["tasks"]:
                self._look(ChangeId(instance["instance_id"], task["id"]), task)

    def _look(self, change: ChangeId, task: dict[str, Any]) -> None:
        updated_at = datetime.fromisoformat(task["updated_at"].replace("Z", "+00:00"))
        if change in self.ended or task["status"] not in ENDS or updated_at < START - DAY:
            return
        self.ended.add(change)
        progress = self._get(f"/instances/{change.instance_id}/tasks/{change.task_id}/progress")
        if "step_list" in progress:
            self.found[change] = ENDS[task["status"]]

    def _instances(self) -> Iterator[dict[str, Any]]:
        offset, count = 0, 1
        while offset < count:
            page = self._get(f"/instances?engine=kafka&limit=50&offset={offset}")
            yield from page["instances"]
            offset, count = offset + len(page["instances"]), page["instance_num"]

    def _get(self, path: str) -> dict[str, Any]:
        while True:
            try:
                answer = ask(self.simulator, path, now=self.now, session=self.session)
            except requests.ConnectionError:
                self.told["nothing"] += 1
                continue
            self.told[str(answer.status_code)] += 1
            if answer.status_code == 429:
                self.now += timedelta(seconds=int(answer.headers["Retry-After"]))
            elif answer.status_code < 500:
                return dict(answer.json())


@contextmanager
def watching(project: Project, conditions: Conditions = FAIR) -> Iterator[Watcher]:
    """A watcher of a project that is being played."""
    watcher = Watcher(project, conditions)
    with watcher.simulator, watcher.session:
        yield watcher


@pytest.mark.parametrize(
    "conditions",
    [FAIR, Conditions(Throttle(20, burst=20), error_share=0.05, seed=5)],
    ids=["fair", "throttled and shaky"],
)
def test_whoever_asks_for_everything_finds_every_change_and_its_end(conditions: Conditions) -> None:
    """Whatever goes wrong meanwhile; and nothing that was long over, and no everyday task."""
    project = make_project(began_at=START, instances=24, changes=10, seed=2)
    with watching(project, conditions) as watcher:
        for number in range(TICKS):
            watcher.now = max(watcher.now, START + number * timedelta(minutes=2))
            watcher.tick()

    assert watcher.found == {change.change: change.end for change in project.expected_changes}


def test_the_counters_tell_what_became_of_each_request() -> None:
    """What the watcher was told is what the simulator has counted."""
    project = make_project(began_at=START, instances=24, changes=10, seed=2)
    conditions = Conditions(Throttle(20, burst=20), error_share=0.05, seed=5)
    with watching(project, conditions) as watcher:
        watcher.tick()
        counts = watcher.simulator.counts

        assert watcher.simulator.project == project
        assert sum(counts.values()) == sum(watcher.told.values())
        assert counts["throttled"] == watcher.told["429"] > 0
        assert counts["faulty"] == sum(watcher.told[kind] for kind in ("500", "502", "504", "nothing")) > 0
        assert (counts["instances"], counts["tasks"]) == (1, 24)
        assert set(counts) == {"instances", "tasks", "progress", "throttled", "faulty"}


def test_the_environment_points_headway_at_the_project_and_at_no_change() -> None:
    """Which changes there are is to be found out."""
    with ProjectSimulator(make_project(began_at=START, instances=1, changes=0)) as simulator:
        environment = simulator.environment()

    assert environment["HEADWAY_ENDPOINT"] == simulator.url
    assert set(environment) == {
        "HEADWAY_ENDPOINT",
        "HEADWAY_REGION",
        "HEADWAY_PROJECT_ID",
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
    }
