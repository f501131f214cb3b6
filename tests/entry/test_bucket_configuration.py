"""A function whose configuration lies in a bucket: what its callers and the platform hear of that."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from handler.application import Application
from handler.configuration import UnavailableError
from handler.entry import InvocationFailedError, handle
from handler.local import cli
from handler.machine import SystemClock
from handler.wiring import Workshop
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, FakeDms
from tests.fakes.loopback import HOST, accepting
from tests.fakes.object_server import Fault
from tests.fakes.s3_server import FakeS3

KEY: Final = "config/headway.yaml"
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
TOKEN: Final = "the-token-of-this-function"
REFUSED: Final = (
    "The configuration cannot be used.\n"
    "HEADWAY_CONFIG: s3://headway-state/config answered 403 AccessDenied: the permission s3:GetObject, or"
    " s3:ListBucket for what is not there, may be missing."
)
NOT_THERE: Final = "The configuration cannot be used.\nHEADWAY_CONFIG: names an object that is not there."


class Deployed:
    """The bucket, and a function that finds its configuration and its state there."""

    def __init__(self, s3: FakeS3, dms: FakeDms, monkeypatch: pytest.MonkeyPatch) -> None:
        """Deploy it to this process."""
        self.s3 = s3
        place = f"region={s3.region}&endpoint={s3.endpoint}&path_style=true"
        self.configuration: dict[str, Any] = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"s3://{s3.bucket}/state?{place}",
            "watches": [{"instance_id": "inst", "task_id": "task"}],
            "http": {"token": TOKEN},
        }
        self.environ = {
            "HEADWAY_CONFIG": f"s3://{s3.bucket}/{KEY}?{place}",
            "AWS_ACCESS_KEY_ID": s3.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.credentials.secret_key,
            "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
            "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
        }
        for name, value in self.environ.items():
            monkeypatch.setenv(name, value)
        self.put()

    def put(self) -> None:
        """Put the configuration there as it is now."""
        self.s3.objects[KEY] = json.dumps(self.configuration).encode()

    def command(self, *arguments: str) -> Result:
        """Run the command on this machine, with the same variables."""
        return CliRunner().invoke(cli.app, [*arguments], env=self.environ, prog_name="headway")


@pytest.fixture
def deployed(dms: FakeDms, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """A deployed function."""
    with FakeS3() as s3:
        yield Deployed(s3, dms, monkeypatch)


def ask(method: str, path: str) -> dict[str, Any]:
    """A request through FunctionGraph's gateway."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    return {"httpMethod": method, "path": path, "headers": headers, "pathParameters": {}}


def test_a_new_configuration_counts_from_the_next_invocation(deployed: Deployed) -> None:
    """It is read in each one, once."""
    first = handle(TIMER, None)
    read = [received.target for received in deployed.s3.received].count(f"/headway-state/{KEY}")
    deployed.configuration["watches"][0]["name"] = "orders"
    deployed.put()
    second = handle(TIMER, None)

    assert (first["ok"], second["ok"], read) == (True, True, 1)
    assert [report["changes"][0]["name"] for report in (first, second)] == ["inst/task", "orders"]


def test_the_state_in_the_same_bucket_is_reached_by_the_same_connection(deployed: Deployed) -> None:
    """To encrypt another one would take longer than to read the configuration."""
    connections = []

    def relay(connection: socket.socket) -> None:
        connections.append(connection)
        with socket.create_connection((HOST, urlsplit(deployed.s3.endpoint).port or 0)) as inner:
            ways = {connection: inner, inner: connection}
            while chunks := [(way, way.recv(65536)) for way in select.select([*ways], [], [])[0]]:
                if not all(chunk for _, chunk in chunks):
                    return
                for way, chunk in chunks:
                    ways[way].sendall(chunk)

    with accepting(relay) as port:
        clock, environ = SystemClock(), dict(deployed.environ)
        there = deployed.s3.endpoint
        environ["HEADWAY_CONFIG"] = environ["HEADWAY_CONFIG"].replace(there, f"http://{HOST}:{port}")
        deployed.configuration["state"] = deployed.configuration["state"].replace(
            there, f"http://{HOST}:{port}"
        )
        deployed.put()
        application = Application(environ, Workshop(clock), clock, config_path="none", log_file=StringIO())
        reports = [application.invoke(TIMER, None).report for _ in range(2)]

    assert [report["ok"] for report in reports] == [True, True]
    assert len(connections) == 1


def test_a_bucket_that_refuses_goes_off_with_the_platforms_alarm(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with a bucket that keeps the state; the log says what may be missing."""
    deployed.s3.fail_next(Fault.FORBIDDEN)
    with pytest.raises(InvocationFailedError) as raised:
        handle(TIMER, None)
    line = json.loads(capsys.readouterr().out)

    assert str(raised.value) == REFUSED
    assert line["error"] == {"kind": "state_unavailable", "message": REFUSED}


def test_a_configuration_that_is_not_there_is_a_mistake(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asking again will not help."""
    deployed.s3.objects.clear()
    with pytest.raises(InvocationFailedError) as raised:
        handle(TIMER, None)
    line = json.loads(capsys.readouterr().out)

    assert str(raised.value) == NOT_THERE
    assert line["error"]["kind"] == "misconfigured"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/healthz"), ("POST", "/api/check"), ("GET", "/metrics")]
)
def test_callers_learn_no_more_than_that_it_cannot_be_read(
    deployed: Deployed, method: str, path: str
) -> None:
    """Nobody can be known before the configuration is; a page says the same."""
    deployed.s3.fail_next(Fault.SLOW_DOWN, times=2)
    passing = handle(ask(method, path), None)
    deployed.s3.objects.clear()
    lasting = handle(ask(method, path), None)

    assert passing["statusCode"] == 503
    assert json.loads(passing["body"]) == {
        "error": {
            "code": "state_unavailable",
            "message": "The configuration cannot be read; the log says why.",
        }
    }
    assert lasting["statusCode"] == 500
    assert "bucket" not in lasting["body"]


def test_a_browser_gets_a_page_that_says_so(deployed: Deployed) -> None:
    """Without a word of the bucket."""
    deployed.s3.fail_next(Fault.FORBIDDEN)
    answer = handle(ask("GET", "/") | {"headers": {"accept": "text/html"}}, None)

    assert answer["statusCode"] == 503
    assert answer["headers"]["content-type"].startswith("text/html")
    assert "headway-state" not in answer["body"]


def test_commands_read_it_too(deployed: Deployed) -> None:
    """Whoever has the keys may look from the own machine."""
    fine = deployed.command("check", "--json")
    listed = deployed.command("follow", "--json")
    commands = [("check",), ("follow",), ("serve", "--no-ticks"), ("serve", "--port", "0")]
    deployed.s3.fail_next(Fault.FORBIDDEN, times=len(commands))
    refused = [deployed.command(*each) for each in commands]
    deployed.s3.objects.clear()
    mistaken = [deployed.command(*each) for each in commands]

    assert (fine.exit_code, json.loads(fine.stdout)["ok"]) == (0, True)
    assert listed.exit_code == 0
    assert [each.exit_code for each in refused] == [1] * 4
    assert [each.exit_code for each in mistaken] == [2] * 4
    assert all("s3:GetObject" in each.output for each in refused)
    assert all("names an object that is not there" in each.output for each in mistaken)


def test_a_preview_is_written_as_it_says(deployed: Deployed) -> None:
    """No secret is fetched for that."""
    deployed.configuration["channels"] = {"team": {"url": "slack://${ssm:/team}", "language": "zh"}}
    deployed.put()
    shown = deployed.command("preview", "--channel", "team", "--kind", "completed")
    deployed.s3.objects.clear()
    missing = deployed.command("preview", "--channel", "team")

    assert (shown.exit_code, missing.exit_code) == (0, 2)
    assert "已完成" in shown.output
    assert "HEADWAY_CONFIG: names an object that is not there." in missing.output


def test_who_sits_in_front_of_the_machine_is_told_in_one_error(deployed: Deployed, tmp_path: Path) -> None:
    """Which all commands know what to do with."""
    clock = SystemClock()
    application = Application(deployed.environ, Workshop(clock), clock, config_path=str(tmp_path / "none"))
    deployed.s3.fail_next(Fault.FORBIDDEN, times=3)
    for read in (application.settings, application.registry, lambda: application.try_channels([])):
        with pytest.raises(UnavailableError) as raised:
            read()
        assert str(raised.value) == REFUSED
