"""Many changes in one invocation against a bare loop of the same requests, all in one run.

    make bench

Each side lives in a process of its own and each service in one more; the sides take turns, so that a
machine that slows down slows them all. Figures are medians, ratios those of rounds that followed each
other. Nothing is asserted about time; but a round in which the services were not asked exactly two things
of each change fails the run.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from contextlib import ExitStack
from typing import Final, NamedTuple

from tests.benchmarks.fleet_process import Cost, Maker, Runner, running
from tests.benchmarks.fleet_servers import Counts, Service, make_bucket, make_dms, service
from tests.benchmarks.fleet_shape import CONNECTIONS, Fleet

BARE: Final = "bare"
FLOOR: Final = "floor"
HEADWAY: Final = "headway"
SIDES: Final = {
    BARE: Maker("tests.benchmarks.rivals.fleet", "make_loop"),
    FLOOR: Maker("tests.benchmarks.rivals.fleet", "make_floor"),
    HEADWAY: Maker("tests.benchmarks.fleet_headway", "make_tick"),
}
ROUNDS: Final = 5
WARM_UPS: Final = (HEADWAY, HEADWAY, BARE, FLOOR)
"""Headway saves the ledgers that the others read as well; its second round is as all further ones."""


class Scene(NamedTuple):
    """So many changes, and how long each answer takes."""

    changes: int
    delay_seconds: float

    def __str__(self) -> str:
        """In words."""
        return f"{self.changes:,} changes, answers after {self.delay_seconds * 1000:.0f} ms"


SIZES: Final = (1, 100, 1000)
DELAYS_SECONDS: Final = (0.05, 0.1)
FRESH: Final = Scene(100, 0.1)
FRESH_GOAL_SECONDS: Final = 0.75
LARGE: Final = Scene(1000, 0.05)
LARGE_GOAL_RATIO: Final = 1.25
LARGE_GOAL_MB: Final = 100


class Round(NamedTuple):
    """What a round cost its side, what it asked of both services, and the CPU of the busier one meanwhile."""

    cost: Cost
    asked: Counter[str]
    server_cpu_seconds: float


Rounds = dict[tuple[Scene, str], list[Round]]


class Stage:
    """Both services."""

    def __init__(self, dms: Service, bucket: Service) -> None:
        """Take the services."""
        self._dms, self._bucket = dms, bucket

    def fleet(self, changes: int) -> Fleet:
        """A fleet that the services know."""
        return Fleet(self._dms.url, self._bucket.url, changes)

    def play(self, runner: Runner, scene: Scene) -> Round:
        """Let a side make a round, which has to read each change's progress and ledger and write nothing."""
        self._turn(scene.delay_seconds)
        cost = runner.run()
        dms, bucket = self._turn(0)
        expected = Counter(GET=scene.changes)
        if dms.requests != expected or bucket.requests != expected:
            raise SystemExit(f"{scene}: DMS was asked {dms.requests}, the bucket {bucket.requests}.")
        return Round(cost, dms.requests + bucket.requests, max(dms.cpu_seconds, bucket.cpu_seconds))

    def _turn(self, delay_seconds: float) -> tuple[Counts, Counts]:
        return self._dms.turn(delay_seconds), self._bucket.turn(delay_seconds)


def run_warm(stage: Stage, changes: int) -> Rounds:
    """Let all sides take turns with a fleet of one size, in processes that have looked at it before."""
    rounds: Rounds = defaultdict(list)
    with ExitStack() as stack:
        runners = {
            name: stack.enter_context(running(maker, stage.fleet(changes))) for name, maker in SIDES.items()
        }
        for name in WARM_UPS:
            runners[name].run()
        for scene in (Scene(changes, delay) for delay in DELAYS_SECONDS):
            for _ in range(ROUNDS):
                for name, runner in runners.items():
                    rounds[scene, name].append(stage.play(runner, scene))
    return rounds


def run_fresh(stage: Stage) -> dict[str, list[Round]]:
    """Let each side make its first round in process after process; the ledgers are there."""
    rounds: dict[str, list[Round]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name in (BARE, HEADWAY):
            with running(SIDES[name], stage.fleet(FRESH.changes)) as runner:
                rounds[name].append(stage.play(runner, FRESH))
    return rounds


def show_header() -> None:
    """Print what the columns are."""
    print(f"no-change ticks over {CONNECTIONS} connections a service, medians of {ROUNDS} rounds")
    print("changes  answers  side      wall s  ratio  CPU ms a change  ratio  peak MB  requests")


def show(scene: Scene, rounds: Rounds) -> None:
    """Print a line for each side, and how it stands to the bare loop."""
    for name in SIDES:
        seen = rounds[scene, name]
        wall = statistics.median(each.cost.wall_seconds for each in seen)
        cpu = statistics.median(each.cost.cpu_seconds for each in seen) * 1e3 / scene.changes
        ratios = [_ratio(rounds, scene, name, column) for column in ("wall_seconds", "cpu_seconds")]
        what = f"{scene.changes:7,}  {scene.delay_seconds * 1e3:4.0f} ms  {name:<8}"
        costs = f"{wall:8.3f} {ratios[0]:6.2f} {cpu:16.3f} {ratios[1]:6.2f}"
        print(f"{what}{costs} {_peak_mb(seen):8.1f} {seen[-1].asked.total():9,}")


def show_goals(warm: Rounds, fresh: dict[str, list[Round]]) -> None:
    """Print what is to be reached, and what was."""
    bare, ours = (statistics.median(r.cost.wall_seconds for r in fresh[name]) for name in (BARE, HEADWAY))
    print(f"{FRESH}, first round of a fresh process without its imports:")
    print(f"  bare {bare:.3f} s   headway {ours:.3f} s (goal {FRESH_GOAL_SECONDS} s)")
    wall, cpu = (_ratio(warm, LARGE, HEADWAY, column) for column in ("wall_seconds", "cpu_seconds"))
    peak = _peak_mb(warm[LARGE, HEADWAY])
    print(f"{LARGE}, headway to bare:")
    print(
        f"  wall {wall:.2f} (goal {LARGE_GOAL_RATIO})   CPU {cpu:.2f} (goal {LARGE_GOAL_RATIO})"
        f"   peak {peak:.1f} MB (goal {LARGE_GOAL_MB} MB)"
    )
    busiest = max(r.server_cpu_seconds / r.cost.wall_seconds for seen in warm.values() for r in seen)
    print(f"the busier of the two services was so for {busiest:.0%} of a round at most")


def _ratio(rounds: Rounds, scene: Scene, name: str, column: str) -> float:
    """How a side stands to the bare loop: the median of the pairs."""
    pairs = zip(rounds[scene, name], rounds[scene, BARE], strict=True)
    ratios: list[float] = [getattr(a.cost, column) / getattr(b.cost, column) for a, b in pairs]
    return statistics.median(ratios)


def _peak_mb(rounds: list[Round]) -> float:
    return rounds[-1].cost.peak_bytes / 1e6


def main() -> None:
    """Measure fleet after fleet, then fresh processes, and print how the sides did."""
    warm: Rounds = {}
    show_header()
    with service(make_dms) as dms, service(make_bucket) as bucket:
        stage = Stage(dms, bucket)
        for changes in SIZES:
            warm |= run_warm(stage, changes)
            for delay_seconds in DELAYS_SECONDS:
                show(Scene(changes, delay_seconds), warm)
        fresh = run_fresh(stage)
    show_goals(warm, fresh)


if __name__ == "__main__":
    main()
