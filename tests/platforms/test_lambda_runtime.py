"""The deployed zip through the life of its processes on Lambda: warm, fresh, in a hurry, not even started."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

from tests.fakes.dms_server import Answer
from tests.platforms.conftest import Built
from tests.platforms.events import sample
from tests.platforms.lambda_deployment import KINDS, Deployment
from tests.platforms.lambda_emulator import EmulatedFunction
from tests.platforms.lambda_events import TIMERS, request, response
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.read_only import Guard, guard
from tests.platforms.services import CHANGE, HTTP_TOKEN, Services

BEARER = {"Authorization": f"Bearer {HTTP_TOKEN}"}
TIMEOUT_SECONDS = 3


def tick(function: LambdaFunction) -> list[str]:
    """The alerts of one invocation by the timer."""
    (change,) = function.invoke(sample(TIMERS[0])).payload["changes"]
    assert change["error"] is None
    alerts: list[str] = change["alerts"]
    return alerts


def test_one_process_sees_a_change_through(function: LambdaFunction, services: Services) -> None:
    """Each time one message, from the start to the end."""
    for expected in services.live():
        assert tick(function) == expected
        assert tick(function) == []

    assert len(services.titles) == 4
    assert "completed" in services.titles[-1]


def test_processes_that_each_live_once_see_a_change_through(
    deployment: Deployment, services: Services
) -> None:
    """All that they need of each other is in the bucket."""
    for expected in services.live():
        with deployment.running(services) as function:
            assert tick(function) == expected

    assert len(services.titles) == 4
    assert "completed" in services.titles[-1]


def test_each_invocation_prints_one_line_of_json(deployment: Deployment, services: Services) -> None:
    """With Lambda's id of it, and nothing else."""
    services.begin()
    with deployment.running(services) as function:
        answers = [function.invoke(sample(name)) for name in TIMERS]
        lines = [json.loads(line) for line in function.output.splitlines()]

    assert [line["event"] for line in lines] == ["invocation.finished"] * len(TIMERS)
    assert [line["request_id"] for line in lines] == [answer.request_id for answer in answers]


@pytest.mark.parametrize("kind", KINDS)
def test_an_api_that_hangs_is_given_up_before_the_deadline(
    kind: str, deployment: Deployment, services: Services
) -> None:
    """The platform ends whoever has not answered by then; here it gets an answer each time."""
    services.begin()
    services.dms.script_progress(CHANGE, Answer(delay_seconds=2 * TIMEOUT_SECONDS))
    check = request("lambda-url-post", "POST", "/api/check", BEARER)
    with deployment.running(services, kind=kind, timeout_seconds=TIMEOUT_SECONDS) as function:
        # A start is not what is measured here.
        function.invoke(request("lambda-url-get", "GET", "/healthz"))
        began_at = time.monotonic()
        report = function.invoke(sample(TIMERS[0])).payload
        seconds = time.monotonic() - began_at
        got = response(function.invoke(check), check)

    assert seconds < TIMEOUT_SECONDS
    for changes in (report["changes"], got.json["changes"]):
        assert [change["error"]["kind"] for change in changes] == ["timeout"]
    assert got.status == 200


def test_a_zip_for_another_python_is_refused_at_its_start(
    deployment: Deployment, built: Built, services: Services
) -> None:
    """With Lambda's own word for it; the process ends and nothing was asked of anybody."""
    interpreter = deployment.package.interpreter
    other = next(minor for minor in ("3.13", "3.11") if minor != interpreter.minor)
    package = built("lambda", interpreter._replace(minor=other))
    began_at = time.monotonic()
    with deployment._replace(package=package).running(services) as function:
        answer = function.invoke(sample(TIMERS[0]))

    assert (answer.error_type, answer.request_id) == ("Runtime.ImportModuleError", None)
    said = (
        "Unable to import module 'index': this zip is for another Python or machine: it has ['_core.cpython-"
    )
    assert answer.payload["errorMessage"].startswith(said)
    assert not [visit for visit in services.dms.visits if visit.began_at >= began_at]


def test_the_code_cannot_be_written(deployment: Deployment) -> None:
    """Unless this machine gives us no means to forbid it; what was written is always found out."""
    package = deployment.package
    attempt = package.command(str(package.interpreter.binary), "-c", "open('index.py', 'a')")
    done = subprocess.run(attempt, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)  # noqa: S603

    assert (done.returncode == 0) == (guard() is Guard.NONE), done.stderr
    assert package.contents() == package.packed()


def test_the_emulator_listens_on_loopback_only(deployment: Deployment, services: Services) -> None:
    """Both of its addresses; the kernel writes them backwards."""
    services.begin()
    with deployment.running(services, kind="emulator") as function:
        assert isinstance(function, EmulatedFunction)
        function.invoke(sample(TIMERS[0]))
        listeners = function.listeners

    assert [address.partition(":")[0] for address in listeners] == ["0100007F"] * 2
