"""What tests of commands have in common: where they run, and simulated changes to point them at."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("KEEP", raising=False)
    return tmp_path


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A change that takes three seconds."""
    with Simulator(find_script("good"), speed=100) as simulator:
        yield simulator


@pytest.fixture
def brief() -> Iterator[Simulator]:
    """A change that is over."""
    with Simulator(find_script("good"), speed=10_000) as simulator:
        time.sleep(0.1)
        yield simulator
