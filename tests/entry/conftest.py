"""What several tests of whole invocations look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handler.core.change import ChangeId
from tests.fakes.dms_server import Answer, FakeDms


@pytest.fixture
def dms() -> Iterator[FakeDms]:
    """A running change, `inst/task`."""
    change = ChangeId("inst", "task")
    with FakeDms() as server:
        server.script_progress(change, Answer.of_progress(40, ("a", "IN_PROGRESS")))
        server.script_task(change, Answer.of_task("EXECUTING"))
        yield server
