"""`headway doctor` as its users have it: what it prints, how it ends, and what it never tells."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from handler.local import cli
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from tests.fakes.obs_server import FakeObs
from tests.fakes.webhook_server import WebhookServer
from tests.local.doctors import configure, keys, without_variables

TOP: Final = Path(__file__).parents[2]
SECRET: Final = "s3cr3t0fOurs"
LINE: Final = re.compile(r"(?:✓ ok     |! warning|✗ failed |– skipped)  [a-zA-Z][^·]* · \S.*")  # noqa: RUF001 - a dash
NAMES: Final = [
    "configuration",
    "access key",
    "endpoint",
    "clock",
    "signature",
    "permission dms:instance:list",
    "permission dms:instance:get",
    "permission dms:instance:getBackgroundTask (tasks of an instance)",
    "permission dms:instance:getBackgroundTask (a task)",
    "permission dms:instance:getBackgroundTask (its progress)",
    "store",
    "store writing",
    "store conditions",
    "store listing",
    "channel hook",
    "heartbeat",
    "timer",
    "ledgers",
    "resting access key",
    "ledgers set aside",
]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in without_variables():
        monkeypatch.delenv(name)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """An API with a change."""
    with Simulator(find_script("good")) as simulator:
        yield simulator


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process."""
    variables = keys() if environ is None else environ
    return CliRunner().invoke(cli.app, ["doctor", *arguments], env=variables, prog_name="headway")


def test_where_all_is_fine_each_check_says_so_in_a_line(simulator: Simulator) -> None:
    """In their order, without colour where there is no terminal, and without a secret; nothing is sent."""
    with WebhookServer() as webhook:
        configure(
            simulator.url,
            watches=[simulator.change._asdict()],
            channels={"hook": {"url": f"json://{webhook.location}/{SECRET}"}},
            heartbeat={"url": f"http://{webhook.location}/{SECRET}"},
        )
        result = run()

    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert [re.split(r"\s+", line.partition(" · ")[0], maxsplit=2)[2] for line in lines] == NAMES
    assert lines[0] == "✓ ok       configuration · headway.yaml: 1 watch, discover off, 1 channel"
    assert webhook.requests == []
    assert not any(secret in result.output for secret in (SECRET, *keys().values()))


def test_json_is_all_that_is_printed(simulator: Simulator) -> None:
    """With the same checks, and how long each took."""
    configure(simulator.url, watches=[simulator.change._asdict()])
    result = run("--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, result.stderr, told["ok"]) == (0, "", True), result.output
    assert [check["name"] for check in told["checks"]] == [
        "channels" if name == "channel hook" else name for name in NAMES
    ]
    assert {frozenset(check) for check in told["checks"]} == {
        frozenset({"name", "outcome", "detail", "advice", "seconds"})
    }
    assert all(check["seconds"] >= 0 for check in told["checks"])


def test_it_ends_with_1_when_something_is_in_the_way(simulator: Simulator) -> None:
    """Here the API does not accept the key; the exit code and `ok` agree."""
    configure(simulator.url, watches=[simulator.change._asdict()])
    environ = {**keys(), "HUAWEICLOUD_SDK_SK": SECRET}
    plain, as_json = run(environ=environ), run("--json", environ=environ)

    assert (plain.exit_code, as_json.exit_code, json.loads(as_json.stdout)["ok"]) == (1, 1, False)
    assert "✗ failed   signature · the secret (SK) does not belong" in plain.stdout
    assert SECRET not in f"{plain.output}{as_json.output}"


def test_it_ends_with_2_when_the_configuration_cannot_be_read() -> None:
    """With every mistake in it, as elsewhere; nothing else can be tried."""
    Path("mistaken.yaml").write_text(
        "huaweicloud: {region: Ö}\ndiscover: true\nchanels: {}\n", encoding="utf-8"
    )
    result = run("--config", "mistaken.yaml")

    assert result.exit_code == 2
    first, *others = result.stdout.splitlines()
    assert first == "✗ failed   configuration · The configuration cannot be used."
    assert any(line.startswith("           huaweicloud.region: ") for line in others)
    assert any(line.startswith("           chanels: ") for line in others)
    assert "           `headway validate mistaken.yaml` names every mistake with its line." in others
    assert [line for line in others if not line.startswith(" ")] == [
        f"– skipped  {name} · needs the configuration"  # noqa: RUF001 - a dash
        for name in (
            "access key",
            "endpoint",
            "clock",
            "signature",
            "permissions",
            "store",
            "channels",
            "timer",
        )
    ]


def test_a_secret_that_is_not_there_hinders_only_what_needs_it(simulator: Simulator) -> None:
    """The rest is tried, other channels too, and all is fine with that."""
    with WebhookServer() as webhook:
        configure(
            simulator.url,
            watches=[simulator.change._asdict()],
            channels={
                "hook": {"url": f"json://{webhook.location}"},
                "team": {"url": "slack://${SLACK_TOKENS}"},
                "vault": {"url": "slack://${A}/${ssm:/tokens}"},
            },
            http={"token": "${TOKEN}"},
            heartbeat={"url": "${HEARTBEAT}"},
        )
        result = run()

    lines = result.stdout.splitlines()
    not_set = "which is not set here"
    assert result.exit_code == 0, result.output
    assert f"– skipped  channel team · needs the variable SLACK_TOKENS, {not_set}" in lines  # noqa: RUF001 - a dash
    assert f"– skipped  heartbeat · needs the variable HEARTBEAT, {not_set}" in lines  # noqa: RUF001 - a dash
    (vault,) = (line for line in lines if " channel vault " in line)
    assert f"skipped  channel vault · needs the variable A, {not_set} and ssm:/tokens" in vault
    assert any(line.startswith("✓ ok       channel hook · ") for line in lines)


def test_what_else_is_not_there_has_to_be_set(simulator: Simulator) -> None:
    """A store that nobody can find is in the way of all."""
    configure(simulator.url, state="file:${FOLDER}")
    result = run()

    assert result.exit_code == 2
    assert "state: needs the variable FOLDER, which is not set" in result.stdout


def test_in_a_terminal_lines_break_between_words(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit stands below the words of the check; in a file it is one line."""
    configure(simulator.url, watches=[simulator.change._asdict()])
    in_file = run().stdout
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    in_terminal = re.sub(r"\x1b\[[0-9;]*m", "", run().stdout)

    lines = in_terminal.splitlines()
    assert max(map(len, lines)) <= 60
    assert max(map(len, in_file.splitlines())) > 60
    assert [line for line in lines if not line.startswith((" " * 11, "✓", "!", "–"))] == []  # noqa: RUF001 - a dash
    words = (text.replace("after", "").split() for text in (in_terminal, in_file))
    assert len({tuple(word for word in each if not word.isdigit()) for each in words}) == 1


def test_it_ends_with_2_when_there_is_no_configuration() -> None:
    """Also as JSON."""
    result = run("--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["checks"][0]["outcome"] == "failed"


def test_it_ends_with_1_when_the_configuration_lies_in_a_bucket_that_is_out_of_reach() -> None:
    """That is not the configuration's fault."""
    place = "s3://bucket/headway.yaml?region=eu-west-1&endpoint=https://127.0.0.1:9&path_style=true"
    environ = {"HEADWAY_CONFIG": place, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": SECRET}
    result = run(environ=environ)

    assert result.exit_code == 1
    assert SECRET not in result.output


@pytest.mark.parametrize(
    "sections",
    [
        {"channels": {"team": {"url": f"slack://{SECRET}"}}},
        {"state": "s3://bucket/prefix?region=eu-west-1"},
        {"network": {"ca_file": "not-there.pem"}},
    ],
)
def test_it_ends_with_2_when_channel_store_or_network_can_never_work(
    simulator: Simulator, sections: Mapping[str, object]
) -> None:
    """Only the configuration can mend that."""
    configure(simulator.url, watches=[simulator.change._asdict()], **sections)
    result = run()

    assert result.exit_code == 2
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HEADWAY_CONFIG": "other.yaml"}, "other.yaml: "),
        ({"HEADWAY_CONFIG": "TEXT"}, "the text in HEADWAY_CONFIG: "),
        (
            {
                "HEADWAY_REGION": "eu-west-101",
                "HEADWAY_PROJECT_ID": "0" * 32,
                "HEADWAY_ENDPOINT": "https://127.0.0.1:9",
                "HEADWAY_DISCOVER": "true",
            },
            "the variables HEADWAY_…: 0 watches, discover on, 0 channels",
        ),
    ],
)
def test_it_says_where_the_configuration_is_from(environ: Mapping[str, str], expected: str) -> None:
    """So that nobody examines another one than they think."""
    configure()
    text = Path("headway.yaml").rename("other.yaml").read_text(encoding="utf-8")
    result = run(environ={name: value.replace("TEXT", f"{text}\n") for name, value in environ.items()})

    assert f"configuration · {expected}" in result.stdout


def test_ctrl_c_ends_it_with_130_and_leaves_nothing_behind() -> None:
    """As a real process, in the middle of trying the store."""
    with FakeObs() as server:
        configure(state=f"obs://{server.bucket}/headway?endpoint={server.endpoint}")
        command = [sys.executable, "-c", "from handler.local.main import main; main()", "doctor"]
        environ = {**os.environ, "PYTHONPATH": str(TOP), **keys(server.credentials)}
        with subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
        ) as process:
            assert process.stdout is not None
            while "store writing" not in process.stdout.readline():
                pass
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in complaints
    assert server.objects == {}
