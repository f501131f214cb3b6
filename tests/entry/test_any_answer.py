"""Whatever the API answers, an invocation ends with a report and leaves a sound ledger behind."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.entry import InvocationFailedError, handle
from tests.fakes.dms_server import CREDENTIALS, DROP, PROJECT_ID, Answer, FakeDms

TIMER = {"trigger_type": "TIMER", "user_event": ""}
SCHEMA = Draft202012Validator(json.loads(Path("handler/core/ledger.schema.json").read_text()))
ENDS = {"completed", "failed", "cancelled", "lost"}
TASKS = itertools.count()

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
steps = st.fixed_dictionaries(
    {"name": st.sampled_from(["pre_check", "disk_expansion"]) | json_values},
    optional={
        "statue": st.sampled_from(["WAITING", "IN_PROGRESS", "COMPLETED", "FAILED"]) | json_values,
        "status": json_values,
        "start_time": st.integers(0, 10**14) | json_values,
        "end_time": st.integers(0, 10**14) | json_values,
    },
)
progress_bodies = st.fixed_dictionaries(
    {},
    optional={
        "progress_percentage": st.integers(-5, 105) | json_values,
        "remain_time": st.integers(-5, 10**7) | json_values,
        "step_list": st.lists(steps, max_size=4) | json_values,
    },
)
task_bodies = st.sampled_from(["CREATED", "EXECUTING", "SUCCESS", "FAILED", "CANCELLED", "DELETED", "?"]).map(
    lambda status: Answer.of_task(status).body
)
statuses = st.sampled_from([200, 200, 200, 202, 301, 400, 403, 404, 405, 408, 418, 429, 500, 503])
codes = st.sampled_from(["DMS.00404022", "DMS.10240407", "APIGW.0101", "DMS.00400002", "APIGW.0302", "?"])


def answers(bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[Answer]:
    """An answer of any kind, most often a readable one."""
    # Not by `builds`, which would make up the other fields, such as a delay of years.
    readable = bodies.map(Answer)
    strange = st.tuples(bodies | json_values | st.binary(max_size=40), statuses).map(lambda it: Answer(*it))
    refused = st.builds(Answer.of_error, statuses.filter(lambda status: status >= 400), codes)
    return readable | readable | strange | refused | st.just(DROP)


polls = st.lists(st.tuples(answers(progress_bodies), answers(task_bodies)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def dms() -> Iterator[FakeDms]:
    """One server for all examples."""
    with FakeDms() as server:
        yield server


@pytest.fixture
def kept(dms: FakeDms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration by variables, with a folder for state and no channel."""
    variables = {
        "HEADWAY_REGION": "eu-west-101",
        "HEADWAY_PROJECT_ID": PROJECT_ID,
        "HEADWAY_ENDPOINT": dms.endpoint,
        "HEADWAY_INSTANCE_ID": "inst",
        "HEADWAY_STATE": f"file:{tmp_path}",
        "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
        "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    # How long to wait after a 429 is tried elsewhere.
    monkeypatch.setattr("handler.wiring.sleep", lambda _: None)
    return tmp_path


def invoke() -> dict[str, Any] | None:
    """Run one timer invocation; None where the design lets it raise."""
    try:
        return handle(TIMER, None)
    except InvocationFailedError:
        return None


@given(polls)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_invocation_reports_and_keeps_a_valid_ledger(
    dms: FakeDms, kept: Path, script: list[tuple[Answer, Answer]]
) -> None:
    """Only refused credentials and a wrong configuration raise; ends absorb; the log only grows."""
    change = ChangeId("inst", f"task-{next(TASKS)}")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HEADWAY_TASK_ID", change.task_id)
        before = Ledger(change=str(change), created_at=datetime.now(timezone.utc))
        for progress, task in script:
            dms.script_progress(change, progress)
            dms.script_task(change, task)
            report = invoke()
            assert report is not None or {progress.status, task.status} & {400, 403, 404}
            before = check_kept(kept / "changes" / f"{change}.json", before)


def check_kept(path: Path, before: Ledger) -> Ledger:
    """Check the kept document by its schema and against what was kept before it."""
    document = path.read_bytes()
    SCHEMA.validate(json.loads(document))
    ledger = decode(document)

    assert ledger.length >= before.length
    assert len(set(ledger.raised)) == len(ledger.raised)
    if before.phase.value in ENDS:
        assert ledger.observation == before.observation
        assert ledger.length == before.length
    return ledger
