"""The simulated endpoint over real HTTP: what it answers, and whom it refuses."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
import requests

from handler.core.observation import Phase, StepState
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit
from handler.huaweicloud.calls import progress_request, task_request
from handler.huaweicloud.dms import DmsClient
from handler.huaweicloud.pace import Pace
from handler.huaweicloud.signing import Credentials, sign
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import CHANGE, CREDENTIALS, PROJECT_ID, Simulator
from handler.transport import Request, Transport
from notifiers.operations import Specification
from tests.local.asking import send


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator that plays the good script."""
    with Simulator(find_script("good")) as simulator:
        yield simulator


def progress_of(simulator: Simulator) -> Request:
    """The progress call for the simulated change, unsigned."""
    return progress_request(simulator.change, endpoint=simulator.url, project_id=simulator.project_id)


def test_progress_and_task_are_answered_and_counted(simulator: Simulator) -> None:
    """With the headers that the real API sends along."""
    progress = send(progress_of(simulator))
    task = send(task_request(CHANGE, endpoint=simulator.url, project_id=PROJECT_ID))

    assert (progress.status_code, task.status_code) == (200, 200)
    assert progress.json()["step_list"][0]["statue"] == "IN_PROGRESS"
    assert task.json()["tasks"][0]["id"] == CHANGE.task_id
    assert {"Date", "X-Request-Id", "Content-Length"} <= progress.headers.keys()
    assert progress.headers["X-Request-Id"] != task.headers["X-Request-Id"]
    assert simulator.counts == {"progress": 1, "task": 1}


def test_headways_own_client_can_follow_a_change_to_its_end() -> None:
    """Nothing in it knows that this is a simulator."""
    transport = Transport(connections=1)
    with Simulator(find_script("good"), speed=1e6) as simulator:
        client = DmsClient(
            send=transport,
            endpoint=simulator.url,
            project_id=simulator.project_id,
            credentials=simulator.credentials,
            unit=TimeUnit.SECONDS,
            pace=Pace(50, time.monotonic, time.sleep),
            now=lambda: datetime.now(timezone.utc),
            timeout_seconds=lambda: 5.0,
            exchange_seconds=5.0,
        )
        progress = client.fetch_progress(simulator.change)
        task = client.fetch_task(simulator.change)
        specification = client.fetch_specification(simulator.change.instance_id)

    assert isinstance(progress, Progress)
    assert isinstance(task, Task)
    assert (progress.percent, progress.remaining_seconds) == (100, 0)
    assert [step.state for step in progress.steps] == [StepState.COMPLETED] * 3
    assert task.phase is Phase.COMPLETED
    assert task.order is not None
    assert task.order.parameters == (("oper_type", "storage"), ("new_storage_space", "600"))
    assert specification == Specification("kafka.2u4g.cluster", 3, 600)


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(CREDENTIALS.access_key, "a wrong secret"),
        Credentials("ANOTHERKEY", CREDENTIALS.secret_key),
        Credentials(CREDENTIALS.access_key, CREDENTIALS.secret_key, "a token that nobody gave"),
    ],
)
def test_a_wrong_key_is_refused(simulator: Simulator, credentials: Credentials) -> None:
    """In the gateway's words, which repeat what must never be shown."""
    answer = send(progress_of(simulator), credentials=credentials)

    assert answer.status_code == 401
    assert answer.json()["error_code"] == "APIGW.0301"
    assert answer.request.headers["Authorization"] in answer.json()["error_msg"]
    assert simulator.counts == {"refused": 1}


@pytest.mark.parametrize(
    ("minutes", "status"), [(0, 200), (14, 200), (-14, 200), (20, 401), (-20, 401), (16, 401)]
)
def test_a_clock_that_is_off_by_more_than_fifteen_minutes_is_refused(
    simulator: Simulator, minutes: int, status: int
) -> None:
    """However right the signature is."""
    now = datetime.now(timezone.utc) + timedelta(minutes=minutes)

    assert send(progress_of(simulator), now=now).status_code == status


@pytest.mark.parametrize(
    "spoilt",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer of-something-else"},
        {"X-Sdk-Date": "yesterday"},
        {"X-Project-Id": "another-project"},
    ],
)
def test_a_request_whose_headers_are_not_those_that_were_signed_is_refused(
    simulator: Simulator, spoilt: dict[str, str]
) -> None:
    """Nor is one that was never signed."""
    signed = sign(progress_of(simulator), credentials=CREDENTIALS, now=datetime.now(timezone.utc))

    assert requests.get(signed.url, headers={**signed.headers, **spoilt}, timeout=5).status_code == 401


def test_a_temporary_key_is_accepted_with_its_token_only() -> None:
    """As from an agency of FunctionGraph."""
    temporary = Credentials("TEMPORARYKEY", "temporary secret", "the token")
    without = Credentials("TEMPORARYKEY", "temporary secret")
    with Simulator(find_script("good"), credentials=temporary) as simulator:
        accepted = send(progress_of(simulator), credentials=temporary)
        refused = send(progress_of(simulator), credentials=without)

    assert (accepted.status_code, refused.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"/v2/other/instances/{CHANGE.instance_id}/tasks/{CHANGE.task_id}", "DMS.00404022"),
        (f"/v2/{PROJECT_ID}/instances/other/tasks/{CHANGE.task_id}/progress", "DMS.00404022"),
        (f"/v2/{PROJECT_ID}/instances/{CHANGE.instance_id}/tasks/other/progress", None),
        (f"/v2/{PROJECT_ID}/instances/{CHANGE.instance_id}/topics", "APIGW.0101"),
        ("/", "APIGW.0101"),
    ],
)
def test_what_is_not_there_is_a_404_with_the_documented_code(
    simulator: Simulator, path: str, code: str | None
) -> None:
    """For an unknown task none is documented."""
    answer = send(Request("GET", simulator.url + path))

    assert answer.status_code == 404
    assert answer.json().get("error_code") == code
    assert simulator.counts == {"unknown": 1}


def test_the_change_starts_with_the_simulator_and_its_clock_is_in_the_answers() -> None:
    """Whoever tests with a clock of their own gives it to the simulator too."""
    moments = [datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)]
    with Simulator(find_script("good"), now=lambda: moments[-1]) as simulator:
        moments.append(moments[0] + timedelta(seconds=145))
        answer = send(progress_of(simulator), now=moments[-1])

    assert answer.json()["progress_percentage"] == 50
    assert answer.headers["Date"] == "Tue, 24 Nov 2026 08:02:25 GMT"


def test_a_port_can_be_asked_for_and_is_free_again_afterwards(simulator: Simulator) -> None:
    """One that is taken is not shared."""
    with Simulator(find_script("good")) as other:
        port = other.port
    with Simulator(find_script("good"), port=port) as again:
        assert again.url == f"http://127.0.0.1:{port}"

    with pytest.raises(OSError, match="in use"):
        Simulator(find_script("good"), port=simulator.port)


def test_a_client_that_talks_nonsense_or_hangs_up_disturbs_nobody(
    simulator: Simulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed, and the next request is answered."""
    for nonsense in (b"GET / HTTP/1.1\r\nHost: [\r\n\r\n", b"\x16\x03\x01", b""):
        with socket.create_connection(("127.0.0.1", simulator.port)) as client:
            client.sendall(nonsense)

    assert send(progress_of(simulator)).status_code == 200
    assert capfd.readouterr() == ("", "")


def test_the_environment_points_headway_at_the_change(simulator: Simulator) -> None:
    """By the names of the design, secrets included: they open nothing."""
    environment = simulator.environment()

    assert environment["HEADWAY_ENDPOINT"] == simulator.url
    assert urlsplit(simulator.url).hostname == "127.0.0.1"
    assert json.dumps(environment)
    assert set(environment) == {
        "HEADWAY_ENDPOINT",
        "HEADWAY_REGION",
        "HEADWAY_PROJECT_ID",
        "HEADWAY_INSTANCE_ID",
        "HEADWAY_TASK_ID",
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
    }
