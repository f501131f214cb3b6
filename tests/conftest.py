"""What holds for every test: how hypothesis looks for counterexamples, and what workers share."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.workers import first_alone

# What is collected stays to the end: until all of it is, nobody need search it for cycles.
gc.disable()

# A shell has what it starts in the background not hear Ctrl-C, nor what that starts: tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# For AWS's provider, and for what hangs.
WAITING = ("test_deploy_aws.py", "test_aws_deployment.py", "test_outages.py")
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

# Neither has a deadline: a busy machine is no failure. CI looks at the same examples every time.
# As many examples as the suite has time for; the long proofs take more.
EXAMPLES = 1000 if os.environ.get("HEADWAY_PROOF") == "long" else 40
settings.register_profile("dev", deadline=None, max_examples=EXAMPLES)
settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Have one worker compile a file and the others read it then: compiling is two thirds of collecting."""
    worker_folder = collector.config.getoption("basetemp")
    if not IS_WORKER or sys.dont_write_bytecode or not isinstance(collector, pytest.File):
        return (yield)
    with first_alone(shared_folder(Path(worker_folder)), f"compiled-{collector.nodeid.replace('/', '-')}"):
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that wait longest: at the end, they would wait alone."""
    items.sort(key=lambda item: item.path.name not in WAITING)


def pytest_collection_finish() -> None:
    """From now on search for cycles, but not in what was collected."""
    gc.enable()
    gc.freeze()
    # Few things are left behind in cycles; to search for them less often saves a fiftieth of the time.
    gc.set_threshold(10_000)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a session share; see `made_once`."""
    return shared_folder(tmp_path_factory.getbasetemp())


def shared_folder(own: Path) -> Path:
    """The folder that this process shares with others, by its own folder for temporary files."""
    folder = (own.parent if IS_WORKER else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder
