"""`headway check`: one look, for people in lines and for programs as the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handler.local.simulation.simulator import Simulator
from tests.local.commanding import run, variables

pytestmark = pytest.mark.usefixtures("own_folder")

NO_CHANNEL = "headway: No channel is configured: nobody is told.\n"


def test_check_looks_once_and_says_how_the_change_stands(simulator: Simulator) -> None:
    """That nobody is told is a warning, and stands beside it."""
    summary = run("check", environ=variables(simulator))
    report = run("check", "--json", environ=variables(simulator))

    assert (summary.exit_code, summary.stderr) == (0, NO_CHANNEL)
    assert summary.stdout.startswith(f"{simulator.change}: running")
    assert (report.exit_code, report.stderr) == (0, NO_CHANNEL)
    assert json.loads(report.stdout)["changes"][0]["id"] == str(simulator.change)
    assert json.loads(report.stdout)["trigger"] == "manual"


def test_check_says_who_was_told_and_why_somebody_was_not(simulator: Simulator) -> None:
    """The one that cannot be reached, and when it is tried again."""
    environ = variables(simulator, HEADWAY_CHANNELS="dead=json://127.0.0.1:1")

    ended = run("check", environ=environ)

    _, tried, why = ended.stdout.splitlines()
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert tried == "  dead: 2 alerts not taken"
    assert why.startswith("  dead has not heard all yet (unreachable), tried again at ")


def test_check_takes_another_configuration_file(simulator: Simulator) -> None:
    """It stands for whatever the environment would say."""
    settings = {
        "huaweicloud": {
            "region": "eu-west-101",
            "project_id": simulator.project_id,
            "endpoint": simulator.url,
            "access_key": simulator.credentials.access_key,
            "secret_key": simulator.credentials.secret_key,
        },
        "watches": [{**simulator.change._asdict(), "name": "orders"}],
    }
    Path("other.yaml").write_text(json.dumps(settings), "utf-8")

    ended = run("check", "--config", "other.yaml", environ={"HEADWAY_CONFIG": "not-there.yaml"})

    assert ended.exit_code == 0, ended
    assert ended.stdout.startswith("orders: running")


def test_check_is_not_fine_when_the_key_is_refused(simulator: Simulator) -> None:
    """The change says so, and so does the exit code."""
    ended = run("check", environ=variables(simulator, HUAWEICLOUD_SDK_AK="ANOTHERKEY"))

    assert (ended.exit_code, ended.stderr) == (1, NO_CHANNEL)
    assert "refused the access key" in ended.stdout


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_check_without_any_configuration_says_what_to_set(arguments: list[str]) -> None:
    """Wrong configuration is 2; a report has the shape of every other error."""
    ended = run("check", *arguments)

    assert ended.exit_code == 2
    assert ended.stderr.startswith("headway: ")
    assert "HEADWAY_REGION" in ended.stderr
    if arguments:
        report = json.loads(ended.stdout)
        assert (report["ok"], report["error"]["kind"]) == (False, "misconfigured")
    else:
        assert ended.stdout == ""
