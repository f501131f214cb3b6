"""The page of 1, 100 and 1,000 changes against the table that somebody would write, all in one run.

    make bench

Each side lives in a process of its own and the bucket in one more; the sides take turns, so that a machine
that slows down slows both. Figures are medians, ratios those of rounds that followed each other. A warm
process has shown the page before; a fresh one is measured whole, from its start and with its imports.
Nothing is asserted about time; but a side that shows no page, or writes, fails the run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks.fleet_process import Cost, Maker, running
from tests.benchmarks.fleet_servers import Service, make_bucket, service
from tests.benchmarks.fleet_shape import CONNECTIONS, Fleet
from tests.benchmarks.page_ledgers import STEPS, fill

RIVAL: Final = "rival"
HEADWAY: Final = "headway"
ROUNDS: Final = 9
WARM_UPS: Final = 2
DELAY_SECONDS: Final = 0.005
NOBODY: Final = "http://127.0.0.1:9"
"""Where the DMS API would be: for a page nobody asks it."""

_LAUNCHER: Final = Path(__file__).parent / "launcher.py"
_RIVAL_MODULE: Final = "tests.benchmarks.rivals.page"
_OUR_MODULE: Final = "tests.benchmarks.page_headway"


class Scene(NamedTuple):
    """A page that each side makes by a function of this name, out of so many changes."""

    title: str
    function: str
    changes: int

    def sides(self) -> Mapping[str, Maker]:
        """Who makes it."""
        return {RIVAL: Maker(_RIVAL_MODULE, self.function), HEADWAY: Maker(_OUR_MODULE, self.function)}


SCENES: Final = (
    *(Scene(f"overview of {changes:,}", "make_overview", changes) for changes in (1, 100, 1000)),
    Scene(f"change, {len(STEPS)} steps", "make_change_page", 1),
)


class Round(NamedTuple):
    """What a page cost its side, what it asked of the bucket, and the bucket's CPU meanwhile."""

    cost: Cost
    asked: Counter[str]
    server_cpu_seconds: float


Rounds = dict[str, list[Round]]
Show = Callable[[], Cost]


class Stage:
    """The bucket."""

    def __init__(self, bucket: Service) -> None:
        """Take it."""
        self._bucket = bucket

    def fleet(self, changes: int) -> Fleet:
        """A fleet whose ledgers are in the bucket."""
        fleet = Fleet(NOBODY, self._bucket.url, changes)
        self._bucket.turn(0)
        fill(fleet)
        return fleet

    def play(self, show: Show) -> Round:
        """Let a side show its page, for which it has to ask and may not write."""
        self._bucket.turn(DELAY_SECONDS)
        cost = show()
        asked, cpu_seconds = self._bucket.turn(0)
        if not asked or asked.keys() - {"LIST", "GET"} or not cost.given_bytes:
            raise SystemExit(f"For a page of {cost.given_bytes} bytes the bucket was asked {asked}.")
        return Round(cost, asked, cpu_seconds)


def run_warm(stage: Stage, scene: Scene, fleet: Fleet) -> Rounds:
    """Let both sides take turns in processes that have shown the page before."""
    rounds: Rounds = defaultdict(list)
    with ExitStack() as stack:
        runners = {name: stack.enter_context(running(maker, fleet)) for name, maker in scene.sides().items()}
        for number in range(WARM_UPS + ROUNDS):
            for name, runner in runners.items():
                played = stage.play(runner.run)
                if number >= WARM_UPS:
                    rounds[name].append(played)
    return rounds


def run_fresh(stage: Stage, scene: Scene, fleet: Fleet) -> Rounds:
    """Let each side show its page in process after process."""
    rounds: Rounds = defaultdict(list)
    for _ in range(ROUNDS):
        for name, maker in scene.sides().items():
            rounds[name].append(stage.play(partial(_show_once, maker, fleet)))
    return rounds


def _show_once(maker: Maker, fleet: Fleet) -> Cost:
    """Start a process that shows its page and ends; all of it counts."""
    side = [sys.executable, "-m", "tests.benchmarks.fleet_process", *maker, *map(str, fleet)]
    launched = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-S", str(_LAUNCHER), *side],
        input="run\n",
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    *shown, whole = map(json.loads, launched.stdout.splitlines())
    if whole["status"]:
        raise SystemExit("A side has ended without a page.")
    return Cost(*shown[0])._replace(
        wall_seconds=whole["wall_seconds"], cpu_seconds=whole["cpu_seconds"], peak_bytes=whole["peak_bytes"]
    )


def show_header() -> None:
    """Print what the columns are."""
    print(
        f"pages out of a bucket that answers after {DELAY_SECONDS * 1e3:.0f} ms, {CONNECTIONS} connections,"
        f" medians of {ROUNDS} rounds, ratios to the rival"
    )
    print(
        f"{'page':<18}process  side      wall ms  ratio   CPU ms  ratio    bytes  ratio  LIST   GET  peak MB"
    )


def show(scene: Scene, process: str, rounds: Rounds) -> None:
    """Print a line for each side."""
    for name, seen in rounds.items():
        figures = [
            f"{_median(seen, column) * factor:{width},.{digits}f} {_ratio(rounds, name, column):6.2f}"
            for column, factor, width, digits in (
                ("wall_seconds", 1e3, 8, 1),
                ("cpu_seconds", 1e3, 8, 1),
                ("given_bytes", 1, 8, 0),
            )
        ]
        asked = seen[-1].asked
        peak = _median(seen, "peak_bytes") / 1e6
        print(
            f"{scene.title:<18}{process:<8} {name:<8}{' '.join(figures)}"
            f" {asked['LIST']:5} {asked['GET']:5} {peak:8.1f}"
        )


def _median(rounds: list[Round], column: str) -> float:
    figures: list[float] = [getattr(each.cost, column) for each in rounds]
    return statistics.median(figures)


def _ratio(rounds: Rounds, name: str, column: str) -> float:
    """How a side stands to the rival: the median of the pairs."""
    pairs = zip(rounds[name], rounds[RIVAL], strict=True)
    ratios: list[float] = [getattr(a.cost, column) / getattr(b.cost, column) for a, b in pairs]
    return statistics.median(ratios)


def main() -> None:
    """Show page after page, in warm processes and in fresh ones, and print how both sides did."""
    busiest = 0.0
    show_header()
    with service(make_bucket) as bucket:
        stage = Stage(bucket)
        for scene in SCENES:
            fleet = stage.fleet(scene.changes)
            for process, run in (("warm", run_warm), ("fresh", run_fresh)):
                rounds = run(stage, scene, fleet)
                show(scene, process, rounds)
                shares = (
                    r.server_cpu_seconds / r.cost.wall_seconds for seen in rounds.values() for r in seen
                )
                busiest = max(busiest, *shares)
    print(f"the bucket was busy for {busiest:.0%} of a round at most")


if __name__ == "__main__":
    main()
