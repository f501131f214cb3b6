"""`headway check`: one look, for people in lines and for programs as the report."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from handler.local.configuration import of_simulator
from handler.local.printing.reports import report_as_json
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from handler.settings.sources import CONFIG_VARIABLE
from tests.fakes.webhook_server import Answer, WebhookServer
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


def test_a_channel_that_refused_before_is_a_reason_for_programs_until_it_is_configured_no_longer(
    simulator: Simulator,
) -> None:
    """It is not tried in each look, and no change's error speaks of it; then it is nobody's trouble."""
    with WebhookServer() as webhook:
        webhook.script("/bad", Answer(status=401))
        bad = variables(simulator, HEADWAY_CHANNELS=f"bad=json://{webhook.location}/bad")
        run("check", environ=bad)
        again, look = run("check", "--json", environ=bad), run("check", environ=bad)
        assert len(webhook.requests) == 1
        good = variables(simulator, HEADWAY_CHANNELS=f"good=json://{webhook.location}/good")
        gone = [run(*command, environ=good) for command in (["check"], ["status"], ["check", "--json"])]
    report = json.loads(again.stdout)

    assert (again.exit_code, report["ok"], report["error"]) == (1, False, None)
    assert report["reasons"] == ["Channel bad refuses messages (401)."]
    assert "  bad refuses messages (401), tried again at " in look.stdout
    assert [ended.exit_code for ended in gone] == [0, 0, 0]
    assert not any("bad" in ended.stdout for ended in gone[:2])
    assert json.loads(gone[2].stdout)["reasons"] == []


def test_the_reasons_are_those_of_the_heartbeat(simulator: Simulator) -> None:
    """One line for what stopped all; where a channel cannot be used, why, and that it is not."""
    refused = run("check", "--json", environ=variables(simulator, HUAWEICLOUD_SDK_AK="ANOTHERKEY"))
    wrong = run("check", "--json", environ=variables(simulator, HEADWAY_CHANNELS="bad=slack://nonsense"))
    (reason,) = json.loads(refused.stdout)["reasons"]
    mistake, consequence = json.loads(wrong.stdout)["reasons"]

    assert "refused the access key" in reason
    assert mistake == json.loads(wrong.stdout)["error"]["message"]
    assert consequence == "Channel bad cannot be used as it is configured."


def test_the_help_says_whose_the_ok_is() -> None:
    """For the exit code is another matter."""
    text = " ".join(run("check", "--help").stdout.split())

    assert "reasons" in text
    assert "heartbeat" in text


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
        assert report["reasons"] == report["error"]["message"].splitlines()
    else:
        assert ended.stdout == ""


def test_how_long_an_outage_may_last_counts_for_the_reasons_as_for_the_ok(tmp_path: Path) -> None:
    """As it is configured; where that cannot be read any more, as it is by itself."""
    with Simulator(find_script("good")) as simulator:
        configuration = of_simulator(simulator, str(tmp_path), 1)
        configuration.application().invoke(None, None)
    settings = json.loads(configuration.environ[CONFIG_VARIABLE])
    settings["alerts"]["unreachable_after"] = "1s"
    environ = {CONFIG_VARIABLE: json.dumps(settings, indent=1)}
    application = configuration._replace(environ=environ).application()
    application.invoke(None, None)
    time.sleep(1.1)
    outcome = application.invoke(None, None)

    (reason,) = report_as_json(outcome, application)["reasons"]
    assert re.match(r"demo: nothing seen for .+\. The DMS API gave no answer", reason), reason
    environ[CONFIG_VARIABLE] = "nonsense"
    (unsaid,) = report_as_json(outcome, application)["reasons"]
    assert unsaid == "The last look was not fine; the log says why."
