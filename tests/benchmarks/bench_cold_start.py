"""A cold start of the packaged Headway against three rivals that do the same tick, all in one run.

    make bench
    python -m tests.benchmarks.bench_cold_start --python 3.13 --rounds 25

Each figure is the median of fresh processes, the sides taking turns. The rivals and what they are packed
with lie in `rivals/`. Nothing is asserted about time; but a side that did not do its job fails the run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import sysconfig
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks.cold_servers import PROGRESSED, Aftermath, Scene, Services, services
from tests.benchmarks.cold_sides import Side, make_sides
from tests.benchmarks.fresh import Cost, FailedError, interpreter, invoke, run_alone
from tests.benchmarks.import_costs import import_costs, show_import_costs
from tests.benchmarks.loopback import PROGRESS

SCENES: Final = ("no change", "one change sent")
ROUNDS_MIN: Final = 15
ROUNDS_MAX: Final = 100
"""Some minutes later Headway would write without news, to say when it last looked."""


class Goal(NamedTuple):
    """How a figure of Headway's is to stand to a rival's."""

    scene: str
    rival: str
    figure: str
    ratio: float


GOALS: Final = (
    Goal("no change", "script", "cpu_seconds", 1.25),
    Goal("no change", "sdk", "cpu_seconds", 0.4),
    Goal("no change", "sdk", "peak_bytes", 0.5),
    Goal("one change sent", "sdk", "cpu_seconds", 0.55),
)
WORDS: Final = {"cpu_seconds": ("CPU", "ms", 1e3), "peak_bytes": ("peak", "MB", 1e-6)}


class Contestant:
    """A side that has made its first tick and can be put back to right after it, again and again."""

    def __init__(self, side: Side, python: str, stage: Services) -> None:
        """Make the first tick, which tells that the change was begun."""
        self.side = side
        self._python = python
        self._stage = stage
        stage.set(Scene(PROGRESS, {}))
        invoke(python, side.function, side.event, side.environ)
        self._objects = stage.aftermath().objects
        self._state = side.state_file.read_bytes() if side.state_file else b""

    def run(self, scene: str) -> tuple[Cost, Aftermath]:
        """Make one tick in a fresh process."""
        is_changed = scene != SCENES[0]
        self._stage.set(Scene(PROGRESSED if is_changed else PROGRESS, self._objects))
        if self.side.state_file:
            self.side.state_file.write_bytes(self._state)
        cost, answer = invoke(self._python, self.side.function, self.side.event, self.side.environ)
        after = self._stage.aftermath()
        self.side.check(answer, after, is_changed=is_changed)
        return cost, after


Costs = dict[tuple[str, str], list[Cost]]
Aftermaths = dict[tuple[str, str], Aftermath]


def run_all(contestants: list[Contestant], rounds: int) -> tuple[Costs, Aftermaths]:
    """Let all sides take turns, so that a machine that slows down slows them all."""
    costs: Costs = defaultdict(list)
    aftermaths: Aftermaths = {}
    for _ in range(rounds):
        for scene in SCENES:
            for contestant in contestants:
                key = scene, contestant.side.name
                cost, aftermaths[key] = contestant.run(scene)
                costs[key].append(cost)
    return costs, aftermaths


def show_scene(scene: str, sides: list[Side], costs: Costs, aftermaths: Aftermaths) -> None:
    """Print a line of medians and counts for each side."""
    print(f"{scene:<16}  wall ms  CPU ms  peak MB  requests  writes  connections  zip MB")
    for side in sides:
        wall, cpu, peak = medians(costs[scene, side.name])
        counts = aftermaths[scene, side.name].counts.values()
        requests = sum(count.reads + count.writes for count in counts)
        connections = sum(count.connections for count in counts)
        writes = aftermaths[scene, side.name].counts["bucket"].writes
        figures = f"{wall:7.1f} {cpu:7.1f} {peak:8.1f} {requests:9} {writes:7} {connections:12}"
        print(f"  {side.name:<14} {figures} {side.function.zip_bytes / 1e6:7.2f}")


def medians(costs: list[Cost]) -> tuple[float, float, float]:
    """The medians in milliseconds, milliseconds and megabytes."""
    wall, cpu, peak = (statistics.median(column) for column in zip(*costs, strict=True))
    return wall * 1e3, cpu * 1e3, peak / 1e6


def show_goal(goal: Goal, costs: Costs) -> None:
    """Print both medians and the median ratio of the runs that followed each other."""
    ours, rivals = (
        [getattr(cost, goal.figure) for cost in costs[goal.scene, name]] for name in ("headway", goal.rival)
    )
    ratio = statistics.median(a / b for a, b in zip(ours, rivals, strict=True))
    word, unit, factor = WORDS[goal.figure]
    figures = [statistics.median(each) * factor for each in (rivals, ours)]
    both = f"{goal.rival:<6} {figures[0]:6.1f} {unit}   headway {figures[1]:6.1f} {unit}"
    print(f"{f'{word}, {goal.scene}':<22} {both}   ratio {ratio:.2f} (goal {goal.ratio})")


def main() -> int:
    """Build all sides, let them run, and print how they did."""
    asked = _parse()
    version = asked.python or sysconfig.get_python_version()
    with tempfile.TemporaryDirectory() as folder, services() as stage:
        try:
            python = interpreter(version)
            sides = make_sides(python, version, stage, Path(folder))
            contestants = [Contestant(side, python, stage) for side in sides]
            costs, aftermaths = run_all(contestants, asked.rounds)
            ours = sides[0].function
            imports = import_costs(python, ours.folder, ours.module)
            alone = [run_alone(python, ["-c", "pass"], {})[0] for _ in range(asked.rounds)]
        except FailedError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"cold start, Python {version}, medians of {asked.rounds} fresh processes a side")
    print("the interpreter alone: {:.1f} ms, {:.1f} ms CPU, {:.1f} MB".format(*medians(alone)))
    for scene in SCENES:
        show_scene(scene, sides, costs, aftermaths)
    for goal in GOALS:
        show_goal(goal, costs)
    show_import_costs(imports)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare cold starts.")
    parser.add_argument("--python", metavar="X.Y", help="default: the running one")
    parser.add_argument("--rounds", type=int, default=ROUNDS_MIN, help=f"{ROUNDS_MIN} to {ROUNDS_MAX}")
    asked = parser.parse_args()
    if not ROUNDS_MIN <= asked.rounds <= ROUNDS_MAX:
        parser.error(f"--rounds is {ROUNDS_MIN} to {ROUNDS_MAX}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
