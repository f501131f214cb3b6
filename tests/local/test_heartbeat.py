"""The heartbeat of a look from one's own machine: as the deployed function's, and told if it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from handler.core.change import ChangeId
from handler.local.commands.check import check
from handler.local.printing.remarks import blemishes
from handler.outcome import Beat, Outcome
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms
from tests.fakes.heartbeat_server import HeartbeatServer

CHANGE = ChangeId("inst", "task")
LOST = "The heartbeat was not heard: it answered: rate limited."


@pytest.fixture
def heartbeat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeartbeatServer]:
    """Who waits for the heartbeat of a change under way, all of which the environment configures."""
    with FakeDms() as dms, HeartbeatServer() as server:
        dms.script_progress(CHANGE, Answer.of_progress(40, ("a", "IN_PROGRESS")))
        dms.script_task(CHANGE, Answer.of_task("EXECUTING"))
        variables = {
            "HEADWAY_REGION": "eu-west-101",
            "HEADWAY_PROJECT_ID": PROJECT_ID,
            "HEADWAY_ENDPOINT": dms.endpoint,
            "HEADWAY_INSTANCE_ID": CHANGE.instance_id,
            "HEADWAY_TASK_ID": CHANGE.task_id,
            "HEADWAY_STATE": f"file:{tmp_path}",
            "HEADWAY_HEARTBEAT": server.url,
            "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
            "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
        }
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        monkeypatch.chdir(tmp_path)
        yield server


def check_once() -> int:
    """Run `headway check`; gives its exit code."""
    with pytest.raises(typer.Exit) as ended:
        check()
    return ended.value.exit_code


def test_a_look_by_hand_has_a_heartbeat(
    heartbeat: HeartbeatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """It did the timer's job; nothing is said of it."""
    assert check_once() == 0
    assert heartbeat.signals == ["success"]
    assert "heartbeat" not in "".join(capsys.readouterr())


def test_a_heartbeat_that_nobody_took_is_told_and_changes_nothing(
    heartbeat: HeartbeatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who sits there learns it, and the command ends as it would have."""
    heartbeat.qualifies = "rate limited"

    assert check_once() == 0
    assert LOST in "".join(capsys.readouterr())


@pytest.mark.parametrize("beat", [None, Beat("sent"), Beat("sent lately"), Beat("left out: for a reason")])
def test_only_a_lost_heartbeat_is_worth_a_word(beat: Beat | None) -> None:
    """That it was sent, or not owed, nobody has to read."""
    assert list(blemishes(Outcome({}, [], beat=beat), no_channel=None)) == []
