"""What holds for every test: how hypothesis looks for counterexamples, and what workers share."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# Neither has a deadline: a busy machine is no failure. CI looks at the same examples every time.
# As many examples as the suite has time for; the long proofs take more.
EXAMPLES = 1000 if os.environ.get("HEADWAY_PROOF") == "long" else 40
settings.register_profile("dev", deadline=None, max_examples=EXAMPLES)
settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_finish() -> None:
    """Spare the search for cycles all that was collected: it stays to the end."""
    gc.freeze()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a session share; see `made_once`."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder
