"""Which packages a cold start's import time goes to, as the interpreter itself measures it."""

from __future__ import annotations

import re
import statistics
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

from tests.benchmarks.fresh import ALONE, FailedError

RUNS: Final = 7
SHOWN_MAX: Final = 12
_LINE: Final = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)
_IMPORT: Final = "import sys; sys.path[:0] = sys.argv[1:2]; import {}"


def import_costs(python: str, folder: Path, module: str) -> list[tuple[str, float]]:
    """Milliseconds for each top-level package that a module's import loads, the dearest first.

    Each is what its own modules took without what they import in turn; medians of fresh processes.
    """
    runs: dict[str, list[int]] = defaultdict(list)
    for _ in range(RUNS):
        for package, microseconds in _measure(python, folder, module).items():
            runs[package].append(microseconds)
    costs = {package: statistics.median(measured) / 1e3 for package, measured in runs.items()}
    return sorted(costs.items(), key=lambda item: item[1], reverse=True)


def show_import_costs(costs: list[tuple[str, float]]) -> None:
    """Print the dearest, and what all others cost together."""
    shown = [f"{package} {cost:.1f}" for package, cost in costs[:SHOWN_MAX]]
    others = sum(cost for _, cost in costs[SHOWN_MAX:])
    print(
        f"headway's imports in ms, slowed by measuring: {', '.join(shown)},"
        f" {len(costs) - len(shown)} others {others:.1f}"
    )


def _measure(python: str, folder: Path, module: str) -> Counter[str]:
    command = [python, *ALONE, "-X", "importtime", "-c", _IMPORT.format(module), str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={})  # noqa: S603 - our own
    if done.returncode:
        raise FailedError(done.stderr)
    costs: Counter[str] = Counter()
    for microseconds, name in _LINE.findall(done.stderr):
        costs[name.partition(".")[0]] += int(microseconds)
    return costs
