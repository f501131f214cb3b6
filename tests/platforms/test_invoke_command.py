"""`headway invoke` against the deployed zip: through each platform's invoke API, to the webhook and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from handler.huaweicloud.signing import Credentials
from handler.stores import sigv4
from tests.fakes.functiongraph_api import URN, FakeFunctionGraph
from tests.fakes.invoke_api import InvokeApi, Result
from tests.fakes.lambda_api import ARN, FakeLambda
from tests.platforms.conftest import HERE, Built
from tests.platforms.functiongraph_site import Site
from tests.platforms.lambda_deployment import Deployment
from tests.platforms.packages import REPOSITORY, Package, install, interpreters_of
from tests.platforms.services import HOOK_TOKEN, Services

HUAWEI: Final = Credentials("CALLERSKEY", "callers/secret+key")
AWS: Final = sigv4.Credentials("CALLERSKEY", "callers/secret+key")
VARIABLES: Final = {
    "HUAWEICLOUD_SDK_AK": HUAWEI.access_key,
    "HUAWEICLOUD_SDK_SK": HUAWEI.secret_key,
    "AWS_ACCESS_KEY_ID": AWS.access_key,
    "AWS_SECRET_ACCESS_KEY": AWS.secret_key,
    "PYTHONPATH": str(REPOSITORY),
}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Deployed(NamedTuple):
    """A deployed function among its services, and how to invoke it."""

    services: Services
    run: Run


def command(api: InvokeApi, target: str) -> Run:
    """Run the command as its users do."""
    environ = {name: text for name, text in os.environ.items() if name.startswith(("COVERAGE", "PATH"))}
    words = [sys.executable, "-c", "from handler.local.main import main; main()", "invoke", target]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [*words, *arguments, "--endpoint", api.endpoint],
            env={**environ, **VARIABLES},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@contextmanager
def on_lambda(deployment: Deployment) -> Iterator[Deployed]:
    """Run it under AWS's emulator."""
    with Services() as services, deployment.running(services, kind="emulator") as function:

        def invoke(event: object) -> Result:
            answer = function.invoke(event)
            return Result(answer.payload, answer.error_type is not None)

        with FakeLambda(invoke, AWS) as api:
            yield Deployed(services, command(api, ARN))


@contextmanager
def on_functiongraph(package: Package) -> Iterator[Deployed]:
    """Run it on the stand-in."""
    with Site(package) as site, site.running(site.function()) as headway:

        def invoke(event: object) -> Result:
            answer = headway.call(event)
            return Result(answer.error, has_failed=True) if answer.error else Result(answer.result)

        with FakeFunctionGraph(invoke, HUAWEI) as api:
            yield Deployed(site, command(api, URN))


@pytest.fixture(scope="module", params=["lambda", "functiongraph"])
def running(request: pytest.FixtureRequest, built: Built, emulator: Path, shared: Path) -> Iterator[Deployed]:
    """The function on either platform."""
    interpreter = interpreters_of(request.param)[0]
    package = built(request.param, interpreter)
    if request.param == "functiongraph":
        with on_functiongraph(package) as deployed:
            yield deployed
        return
    client = install(HERE / "requirements-lambda.txt", interpreter, shared)
    with on_lambda(Deployment(package, client, emulator)) as deployed:
        yield deployed


@pytest.fixture
def deployed(running: Deployed) -> Deployed:
    """The function, with nothing asked, kept and told."""
    running.services.begin()
    return running


def test_a_test_alert_arrives(deployed: Deployed) -> None:
    """From where the function runs, in the way of alerts."""
    done = deployed.run("--test-alert")
    (message,) = deployed.services.webhooks.received(f"/{HOOK_TOKEN}")

    assert (done.returncode, done.stdout, done.stderr) == (0, "hook (json): sent\n", "")
    assert message.json["headway"]["is_test"] is True
    assert "TEST" in message.title


def test_the_answer_to_a_test_alert_is_for_programs_as_well(deployed: Deployed) -> None:
    """In the shape of the request of that name."""
    done = deployed.run("hook", "--test-alert", "--json")
    trial = {"channel": "hook", "service": "json", "outcome": "sent", "code": None, "remarks": list[str]()}

    assert (done.returncode, json.loads(done.stdout)) == (0, {"ok": True, "trials": [trial]}), done.stderr


def test_a_look_tells_what_is_new_once(deployed: Deployed) -> None:
    """As any other tick."""
    first, second = deployed.run(), deployed.run()

    assert (first.returncode, first.stderr, second.returncode) == (0, "", 0), first.stdout
    assert first.stdout.startswith("orders: running · 0% · about 1 minute left · done around ")
    assert first.stdout.splitlines()[1:] == ["  hook: 2 alerts sent"]
    assert len(second.stdout.splitlines()) == len(deployed.services.titles) == 1


def test_what_the_function_complains_of_is_told(deployed: Deployed) -> None:
    """Here that there is no such channel; no message goes out."""
    done = deployed.run("--test-alert", "hook", "team", "--wait", "60")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "headway: `test_alert`: There is no channel team; there are hook.\n"
    assert not deployed.services.titles
