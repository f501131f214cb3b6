"""`headway follow`: a change is handed over to the deployed Headway, listed, and taken back."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import datetime, timezone
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from handler.core.document import encode
from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase
from handler.local import cli
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
ORDERS: Final = {"instance_id": "inst", "task_id": "task", "name": "orders", "reason": "followed"}
EXPECTED: Final = {"instance_id": "inst", "task_id": None, "name": None, "reason": "expected"}
INSTANCE_RULE: Final = "INSTANCE: an id has 1 to 64 letters"
TASK_RULE: Final = "TASK: an id has 1 to 64 letters"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder with a configuration in it, and with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_", "AWS_"))]:
        monkeypatch.delenv(name)
    configure()


def configure(path: str = "headway.yaml", **more: object) -> None:
    """Write a configuration: it follows what is registered, and nothing else; no keys are there."""
    settings = {
        "huaweicloud": {"region": "eu-west-101", "project_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"},
        "state": "file:state",
        "watches": [],
        **more,
    }
    Path(path).write_text(json.dumps(settings), "utf-8")


def keep(ledger: Ledger) -> None:
    """Put a followed change there, as a tick has left it."""
    for name, document in [("active", b""), ("changes", encode(ledger, "nonce"))]:
        path = Path("state", name, ledger.change).with_suffix(".json" if document else "")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document)


def kept() -> list[str]:
    """The names of all that is kept."""
    paths = (path for path in Path("state").rglob("*") if path.is_file() and "~" not in path.name)
    return sorted(path.relative_to("state").as_posix() for path in paths)


def follow(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, ["follow", *arguments], env=environ, prog_name="headway")


def done(*arguments: str) -> str:
    """Run it where all is well; what it prints."""
    result = follow(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def told(*arguments: str, exit_code: int, environ: Mapping[str, str] | None = None) -> str:
    """Run it where something is in the way; what it says of that, and but for JSON it prints nothing else."""
    result = follow(*arguments, environ=environ)
    if "--json" in arguments:
        document = json.loads(result.stdout)
        assert document["ok"] is False
        assert result.stderr == f"headway: {document['error']['message']}\n"
    else:
        assert result.stdout == ""
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.stderr
    return result.stderr


def refusal(*arguments: str) -> str:
    """What it says of what cannot be done."""
    return told(*arguments, exit_code=1)


def complaint(*arguments: str) -> str:
    """What it says of wrong usage or a wrong configuration."""
    return told(*arguments, exit_code=2)


def listed() -> list[dict[str, Any]]:
    """All that is followed."""
    watches: list[dict[str, Any]] = json.loads(done("--json"))["watches"]
    return watches


# What is followed ------------------------------------------------------------------------------------------


def test_where_nothing_is_followed_it_says_so() -> None:
    """To people; a program gets an empty list."""
    assert done() == "Nothing is followed.\n"
    assert json.loads(done("--json")) == {"watches": [], "discover": []}


def test_what_is_discovered_is_listed_by_its_patterns() -> None:
    """Else nothing would seem to be followed while everything is."""
    configure(watches=[], discover=["orders-*", "billing"])

    assert done() == "orders-*, billing · every change that is found there\n"
    configure("all.yaml", discover=True)
    assert done("--config", "all.yaml") == "all instances of the project · every change that is found\n"
    assert json.loads(done("--json")) == {"watches": [], "discover": ["orders-*", "billing"]}


def test_all_that_is_followed_is_listed_with_the_reason() -> None:
    """A line each, in the words of people."""
    configure(
        watches=[
            {"instance_id": "inst-2", "task_id": "task", "name": "billing"},
            {"instance_id": "inst-3", "name": "audit"},
            {"instance_id": "inst-4"},
        ]
    )
    done("inst", "task", "--name", "orders")
    done("inst-5", "task")
    done("inst-6")

    assert done().splitlines() == [
        "billing: inst-2/task · stands in the configuration",
        "audit: inst-3 · every change, says the configuration",
        "inst-4 · every change, says the configuration",
        "orders: inst/task · followed until its end",
        "inst-5/task · followed until its end",
        "inst-6 · its next change is followed",
    ]


def test_programs_get_the_list_as_callers_over_http_do() -> None:
    """With the same keys."""
    done("inst", "task", "--name", "orders")
    done("inst")

    assert listed() == [ORDERS, EXPECTED]


def test_a_name_cannot_paint_the_terminal() -> None:
    """That of an instance comes from the API, and may hold anything."""
    keep(Ledger(change="inst/task", created_at=NOW, name="\x1b[2J\x1b[31mred\nsecond line"))
    printed = done()

    assert len(printed.splitlines()) == 1
    assert all(char.isprintable() or char == "\n" for char in printed)


# To follow and to stop -------------------------------------------------------------------------------------


def test_a_change_is_put_on_the_list() -> None:
    """It says what it has done."""
    assert done("inst", "task", "--name", "orders") == "orders: inst/task · followed until its end\n"
    assert listed() == [ORDERS]
    assert kept() == ["active/inst/task", "changes/inst/task.json"]


def test_a_change_is_put_on_the_list_by_a_program() -> None:
    """The name is free to be left out."""
    assert json.loads(done("inst", "task", "--json")) == {**ORDERS, "name": None}
    assert json.loads(done("inst", "task", "--name", "orders", "--json")) == ORDERS
    assert json.loads(done("inst", "task", "--json")) == ORDERS


def test_an_instances_next_change_is_put_on_the_list() -> None:
    """Whichever it is."""
    assert done("inst") == "inst · its next change is followed\n"
    assert json.loads(done("inst", "--json")) == EXPECTED
    assert listed() == [EXPECTED]


@pytest.mark.parametrize("ids", [["inst", "task"], ["inst"]])
def test_what_was_put_on_the_list_is_taken_off(ids: list[str]) -> None:
    """Once; the second time there is nothing to take off."""
    done(*ids)

    assert done(*ids, "--stop") == f"{'/'.join(ids)} · followed no longer\n"
    assert listed() == []
    assert refusal(*ids, "--stop") == "headway: Nothing of that name is followed.\n"


def test_another_configuration_file_has_another_list() -> None:
    """It stands for whatever the environment would say."""
    configure("other.yaml", state="file:elsewhere")
    result = follow("inst", "task", "--config", "other.yaml", environ={"HEADWAY_CONFIG": "not-there.yaml"})

    assert result.exit_code == 0, result.output
    assert listed() == []
    assert json.loads(done("--config", "other.yaml", "--json"))["watches"] == [{**ORDERS, "name": None}]


def test_the_environment_may_be_the_configuration() -> None:
    """As a pipeline has it."""
    Path("headway.yaml").unlink()
    environ = {
        "HEADWAY_REGION": "eu-west-101",
        "HEADWAY_PROJECT_ID": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "HEADWAY_DISCOVER": "true",
        "HEADWAY_STATE": "file:state",
    }
    result = follow("inst", "task", "--name", "orders", environ=environ)

    assert (result.exit_code, result.stderr) == (0, "")
    assert kept() == ["active/inst/task", "changes/inst/task.json"]


def test_what_was_handed_over_is_told_by_the_next_look_under_its_name() -> None:
    """To its end; then it is no longer on the list, and cannot be put there again."""
    with Simulator(find_script("good"), speed=10_000) as simulator:
        time.sleep(0.1)
        configure(
            huaweicloud={
                "region": "eu-west-101",
                "project_id": simulator.project_id,
                "endpoint": simulator.url,
                "access_key": simulator.credentials.access_key,
                "secret_key": simulator.credentials.secret_key,
            }
        )
        done(*simulator.change, "--name", "orders")
        assert simulator.counts == {}
        look = CliRunner().invoke(cli.app, ["check"], prog_name="headway")

        assert (look.exit_code, look.stdout) == (0, "orders: completed · 100%\n")
        assert listed() == []
        assert refusal(*simulator.change) == f"headway: {simulator.change} is completed already.\n"


# What is in the way ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phase", "word"), [(Phase.FAILED, "failed"), (Phase.LOST, "lost")])
def test_a_change_that_has_ended_cannot_be_followed(phase: Phase, word: str) -> None:
    """It says how it ended."""
    keep(Ledger(change="inst/task", created_at=NOW, observation=Observation(phase)))

    assert refusal("inst", "task") == f"headway: inst/task is {word} already.\n"


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["inst", "task"], "inst/task stands in the configuration, and is followed as long as it does."),
        (["inst-2"], "The changes of inst-2 are followed as long as the configuration says so."),
    ],
)
def test_what_is_configured_cannot_be_taken_off(ids: list[str], message: str) -> None:
    """It says whose business it is."""
    configure(watches=[{"instance_id": "inst", "task_id": "task"}, {"instance_id": "inst-2"}])

    assert refusal(*ids, "--stop") == f"headway: {message}\n"


@pytest.mark.parametrize("ids", [["inst", "task"], ["inst"]])
def test_where_only_what_is_configured_is_looked_at_nothing_can_be_followed(ids: list[str]) -> None:
    """It would never be told; so it says what to configure."""
    configure(watches=[{"instance_id": "inst-2", "task_id": "task"}])

    assert "Set http.token or discover" in refusal(*ids)
    assert kept() == []


@pytest.mark.parametrize(
    "arguments", [[], ["inst", "task"], ["inst"], ["inst", "task", "--stop"], ["inst", "--stop"], ["--json"]]
)
def test_a_store_that_cannot_be_used_is_not_fine(arguments: list[str]) -> None:
    """It names the store, and shows no traceback."""
    Path("state").symlink_to("state")

    assert refusal(*arguments).startswith("headway: The folder state cannot be used: ")


@pytest.mark.parametrize("arguments", [[], ["inst", "task"], ["inst", "task", "--stop"]])
def test_a_configuration_that_cannot_be_used_is_2(arguments: list[str]) -> None:
    """None at all, one with a mistake in it, and one whose store lacks its keys."""
    configure(watches="nonsense")
    assert "\nwatches: is no list; expected a list" in complaint(*arguments)
    configure(state="s3://bucket/prefix?region=eu-west-1")
    assert "AWS_ACCESS_KEY_ID" in complaint(*arguments)
    Path("headway.yaml").unlink()
    assert "\nheadway.yaml: is not in this folder; " in complaint(*arguments)


def test_no_secret_is_needed_that_only_telling_takes() -> None:
    """Whoever hands changes over need not hold the channels' tokens."""
    configure(channels={"team": {"url": "slack://${SLACK_TOKENS}"}}, http={"token": "${HTTP_TOKEN}"})

    assert done("inst", "task", "--name", "orders") == "orders: inst/task · followed until its end\n"
    assert listed() == [ORDERS]


def test_what_is_taken_off_is_a_document_for_programs() -> None:
    """It says what that was."""
    done("inst", "task")

    assert json.loads(done("inst", "task", "--stop", "--json")) == {
        "dropped": {"instance_id": "inst", "task_id": "task"}
    }
    assert listed() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inst/task"], INSTANCE_RULE),
        (["inst", "task/other"], TASK_RULE),
        (["_inst", "task"], INSTANCE_RULE),
        (["inst", "_expected-1"], TASK_RULE),
        (["inst", "i" * 65], TASK_RULE),
        (["", "task"], "INSTANCE: is empty"),
        (["inst", "task", "other"], "other"),
        (["inst", "task", "--config", "not-there.yaml"], "not-there.yaml"),
    ],
)
@pytest.mark.parametrize("more", [[], ["--stop"], ["--json"]])
def test_wrong_usage_is_2_and_a_sentence(arguments: list[str], message: str, more: list[str]) -> None:
    """Nothing is done then."""
    assert message in complaint(*arguments, *more)
    assert kept() == []


@pytest.mark.parametrize("more", [[], ["--stop"]])
def test_a_task_that_is_empty_is_wrong_usage(more: list[str]) -> None:
    """A pipeline's variable was not set: neither is the instance meant, nor is it a defect of ours."""
    assert "TASK: is empty; perhaps a variable that is not set?" in complaint("inst", "", *more)
    assert kept() == []


@pytest.mark.parametrize("name", ["", "  ", "n" * 101, "two\nlines", "\x1b[31mred", "sdrawkcab \u202e"])
def test_a_name_that_is_none_is_wrong_usage(name: str) -> None:
    """As over HTTP, and in the configuration."""
    assert "--name" in complaint("inst", "task", "--name", name)
    assert kept() == []


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--stop"], "--stop"),
        (["--name", "orders"], "--name"),
        (["inst", "--name", "orders"], "--name"),
        (["inst", "task", "--stop", "--name", "orders"], "--name"),
    ],
)
def test_an_option_that_would_do_nothing_is_wrong_usage(arguments: list[str], option: str) -> None:
    """Or somebody would believe that it had."""
    assert option in complaint(*arguments)
    assert kept() == []


# What its users type ----------------------------------------------------------------------------------------


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_break_off() -> None:
    """The name is kept as it is."""
    printed = TextIOWrapper(BytesIO(), encoding="ascii")
    with redirect_stdout(printed):
        assert cli.run(["follow", "inst", "task", "--name", "订单"]) == 0

    assert listed() == [{**ORDERS, "name": "订单"}]


def test_a_name_that_is_no_text_is_wrong_usage() -> None:
    """Bytes that a terminal of another encoding has sent."""
    assert "--name" in complaint("inst", "task", "--name", os.fsdecode(b"\xff\xfe"))
