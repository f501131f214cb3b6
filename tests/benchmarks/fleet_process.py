"""A side of a fleet in a process of its own, so that CPU and peak memory are its own; it runs when told to.

    python -m tests.benchmarks.fleet_process MODULE FUNCTION DMS BUCKET CHANGES

makes the side, and for each line that comes in makes a round and prints what it cost.
"""

from __future__ import annotations

import importlib
import json
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Final, NamedTuple

from tests.benchmarks.fleet_shape import Fleet

ROUND_SECONDS_MAX: Final = 60


class Cost(NamedTuple):
    """What a round cost its process; the peak is that of the process until then.

    What a round gives, such as a page, has so many bytes in the end.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    given_bytes: int


class Maker(NamedTuple):
    """Names the function that makes a side. A benchmark loads no side itself, and so stays small.

    Linux counts what a parent holds towards its child's peak memory.
    """

    module: str
    function: str


class Runner:
    """A side as a benchmark sees it."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        """Take both lines to its process."""
        self._orders = orders
        self._answers = answers

    def run(self) -> Cost:
        """Let it make a round; what it imports and makes before its first does not count."""
        try:
            print("run", file=self._orders, flush=True)
            answered, _, _ = select.select([self._answers], [], [], ROUND_SECONDS_MAX)
            line = self._answers.readline() if answered else ""
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"A side has ended without an answer, or gave none in {ROUND_SECONDS_MAX} s.")
        return Cost(*json.loads(line))


@contextmanager
def running(maker: Maker, fleet: Fleet) -> Iterator[Runner]:
    """Keep a side's process for as long as the block lasts."""
    arguments = [*maker, *map(str, fleet)]
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-m", __spec__.name, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Runner(process.stdin, process.stdout)
    finally:
        process.kill()
        process.communicate()


def _serve(run: Callable[[], str | None]) -> None:
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        given = run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps(Cost(wall, cpu, _peak_bytes(), len((given or "").encode()))), flush=True)


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts kibibytes, macOS bytes.
    return peak * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    module, function, dms, bucket, changes = sys.argv[1:]
    make = getattr(importlib.import_module(module), function)
    _serve(make(Fleet(dms, bucket, int(changes))))
