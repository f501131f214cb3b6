"""One function watches a whole project: finds what happens, tells it once, and keeps to its requests.

Under `make prove` the project has 1,000 instances and 200 changes; the suite plays a smaller one.
"""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import Final

import pytest

from handler.local.simulation.endpoint import Conditions
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Instance, Project
from handler.local.simulation.script import find_script
from handler.local.simulation.throttle import Throttle
from tests.local.making import make_project
from tests.proofs.effort import is_long
from tests.proofs.figures import record
from tests.proofs.project_world import MINUTE, Calendar, ProjectWorld, playing

INSTANCES, CHANGES, TICKS = (1000, 200, 40) if is_long() else (120, 40, 20)
RATE: Final = 200 if is_long() else 1000
"""Of requests a second; under `make prove` they are more than the throttled API takes."""

IDLE_TICKS: Final = 14
SHAKY: Final = Conditions(error_share=0.05, seed=7)
BUSY: Final = Conditions(Throttle(INSTANCES // 10, burst=INSTANCES // 10), error_share=0.05, seed=7)


def made_up(calendar: Calendar, instances: int, changes: int, seed: int) -> Project:
    """A project in which all happens while somebody watches."""
    began_at, lasts = calendar.now(), TICKS * MINUTE
    return make_project(began_at=began_at, instances=instances, changes=changes, seed=seed, lasts=lasts)


def everything_was_told_once(world: ProjectWorld) -> bool:
    """Each change that a watcher should find has its ledger and its end, and each alert was heard once."""
    expected = {str(one.change): one.end for one in world.project.expected_changes}
    ledgers = world.ledgers()
    raised = {f"{change}#{alert.number}" for change, kept in ledgers.items() for alert in kept.alerts}

    assert {change: kept.phase for change, kept in ledgers.items()} == expected
    assert world.ear.heard == Counter(dict.fromkeys(raised, 1))
    return True


def lists_allowed(project: Project, world: ProjectWorld) -> int:
    """How many lists of tasks may be asked for now: of all that change, and of a tenth of the others."""
    instances = project.instances_at(world.calendar.now())
    calm = sum(instance.status(world.calendar.now()) == "RUNNING" for instance in instances)
    return len(instances) - calm + ceil(calm / 10)


CASES: Final = [("warm", SHAKY), ("cold", SHAKY), *([("throttled", BUSY)] if is_long() else [])]


@pytest.mark.parametrize(("case", "conditions"), CASES)
def test_every_alert_of_every_change_of_a_project_arrives_once(case: str, conditions: Conditions) -> None:
    """However many requests fail or are refused for their number, and within the requests it may make."""
    calendar = Calendar()
    project = made_up(calendar, INSTANCES, CHANGES, seed=5)
    allowed = 0
    with playing(project, conditions, calendar, {"discover": True}, rate_per_second=RATE) as world:
        for _ in range(TICKS + IDLE_TICKS):
            allowed += lists_allowed(project, world)
            world.tick()
            if case == "cold":
                world.restart()
        before = world.s3.counts.copy()
        world.tick()
        asked, kept = world.simulator.counts, world.s3.counts

        assert everything_was_told_once(world)
        assert asked["instances"] <= (TICKS + IDLE_TICKS + 1) * ceil(INSTANCES / 50)
        assert asked["tasks"] <= allowed * 1.02
        assert kept["LIST"] == TICKS + IDLE_TICKS + 1
        assert kept - before == {"LIST": 1}
        assert bool(asked["throttled"]) == (case == "throttled")

    total = sum(asked.values())
    record(
        f"project of {INSTANCES} instances, {CHANGES} changes, {case}",
        f"{TICKS + IDLE_TICKS + 1} ticks, {total} requests to the API ({asked['faulty']} failed,"
        f" {asked['throttled']} refused), {sum(kept.values())} to the store, {len(world.ear.heard)} alerts,"
        f" 0 lost, 0 repeated, {len(world.ear.messages)} messages, {len(world.ear.digests)} of them digests",
    )


def test_shards_share_a_project_also_when_their_number_changes() -> None:
    """Three timers, later four: no change is anybody's twice, and none is nobody's."""
    calendar = Calendar()
    project = made_up(calendar, *((150, 40) if is_long() else (80, 24)), seed=6)
    with playing(project, SHAKY, calendar, {"discover": True}, rate_per_second=RATE) as world:
        for number in range(TICKS + IDLE_TICKS):
            count = 3 if number < TICKS // 2 else 4
            world.tick_shards(count)

        assert everything_was_told_once(world)


def long_running(calendar: Calendar, count: int) -> Project:
    """So many instances, each in the middle of a change that takes hours."""
    script = find_script("good")
    return Project(
        calendar.now(),
        tuple(
            Instance(
                f"instance-{number:03}",
                f"orders-{number:03}",
                calendar.now() - 600 * MINUTE,
                (Playback(script, f"task-{number:03}", calendar.now() - MINUTE, speed=0.01),),
            )
            for number in range(count)
        ),
    )


def test_changes_that_never_fit_all_get_their_turn() -> None:
    """Slow answers, a function that is cut off every time, and far more changes than it can look at."""
    count, ticks, seconds, delay_seconds = (500, 120, 2, 0.05) if is_long() else (60, 16, 1, 0.03)
    calendar = Calendar()
    project = long_running(calendar, count)
    watches = [{"instance_id": one.instance_id, "task_id": one.tasks[0].task_id} for one in project.instances]
    observed: Counter[str] = Counter()
    deferred = 0
    with playing(
        project,
        Conditions(delay_seconds=delay_seconds),
        calendar,
        {"watches": watches},
        connections=4 if is_long() else 2,
        rate_per_second=1000,
    ) as world:
        for _ in range(ticks):
            report = world.tick(seconds=seconds)
            deferred += report["deferred"]
            observed.update(change["id"] for change in report["changes"] if change["error"] is None)

    mean = observed.total() / count
    assert deferred > ticks * count / 4
    assert len(observed) == count
    assert min(observed.values()) >= mean / 2
    record(
        f"{count} changes, cut off {ticks} times",
        f"{mean:.1f} looks at each on average, from {min(observed.values())} to {max(observed.values())}",
    )
