"""What a channel gets of the configuration: Headway's keys, its own language and clock, its own templates."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from handler.application import Application
from handler.core.change import ChangeId
from handler.core.problem import Problem, ProblemKind
from handler.huaweicloud.signing import Credentials
from handler.outcome import Outcome
from handler.senders import Notes
from handler.wiring import Workshop
from tests.fakes.clock import FakeClock
from tests.fakes.dms_server import PROJECT_ID, Answer, FakeDms
from tests.fakes.smn_server import FakeSmn
from tests.fakes.webhook_server import WebhookServer

TOP: Final = Path(__file__).parents[2]
CHANGE: Final = ChangeId("inst", "task")
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
AGENCY: Final = Credentials("AKOFTHEAGENCY", "secret key of the agency", "TOKENOFTHEAGENCY")
KEYS: Final = {
    "HUAWEICLOUD_SDK_AK": AGENCY.access_key,
    "HUAWEICLOUD_SDK_SK": AGENCY.secret_key,
    "HUAWEICLOUD_SDK_SECURITY_TOKEN": str(AGENCY.security_token),
}


class AgencyContext:
    """FunctionGraph's context with the keys of an agency."""

    def getRequestID(self) -> str:  # noqa: N802 - the vendor's name
        """The platform's id of this invocation."""
        return "functiongraph-request"

    def getSecurityAccessKey(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's access key."""
        return AGENCY.access_key

    def getSecuritySecretKey(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's secret key."""
        return AGENCY.secret_key

    def getSecurityToken(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's token."""
        return AGENCY.security_token or ""


class Function:
    """A deployed function whose configuration has a change and some channels; `log` is its last line."""

    def __init__(self, folder: Path, clock: FakeClock, dms: FakeDms, smn: FakeSmn) -> None:
        """Put the code into one folder, and the state into another."""
        self.code = folder / "code"
        self.code.mkdir()
        self.log: Mapping[str, Any] = {}
        self.channel_url = f"smn://eu-west-101/{PROJECT_ID}/kafka-changes?endpoint={smn.endpoint}"
        self._configuration: dict[str, object] = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"file:{folder / 'state'}",
            "watches": [{**CHANGE._asdict(), "name": "orders"}],
        }
        self._clock = clock

    def configuration(self, channels: Mapping[str, Mapping[str, str]], **more: str) -> str:
        """Write a configuration in which all of the channels lead to the topic."""
        named = {name: {"url": self.channel_url, **channel} for name, channel in channels.items()}
        return json.dumps({**self._configuration, "channels": named, **more}, indent=1)

    def invoke(self, variables: Mapping[str, str], context: object = None) -> Outcome:
        """Invoke it once."""
        log = io.StringIO()
        config_path = str(self.code / "headway.yaml")
        application = Application(
            variables, Workshop(self._clock), self._clock, config_path=config_path, log_file=log
        )
        outcome = application.invoke(TIMER, context)
        self.log = json.loads(log.getvalue())
        return outcome


@pytest.fixture
def clock() -> FakeClock:
    """One clock for all."""
    return FakeClock()


@pytest.fixture
def dms(clock: FakeClock) -> Iterator[FakeDms]:
    """A change under way that has an hour and a half to go."""
    with FakeDms(now=clock.now, credentials=AGENCY) as server:
        server.script_progress(CHANGE, Answer.of_progress(40, ("a", "IN_PROGRESS"), remain_time=5400))
        server.script_task(CHANGE, Answer.of_task("EXECUTING"))
        yield server


@pytest.fixture
def smn(clock: FakeClock) -> Iterator[FakeSmn]:
    """SMN with one topic, which accepts the key that DMS accepts."""
    with FakeSmn(now=clock.now, credentials=AGENCY) as server:
        yield server


@pytest.fixture
def function(tmp_path: Path, clock: FakeClock, dms: FakeDms, smn: FakeSmn) -> Function:
    """A deployed function."""
    return Function(tmp_path, clock, dms, smn)


def write_template(folder: Path, text: str) -> None:
    """Put a template of somebody's own for messages in plain text into a folder."""
    path = folder / "plain" / "message.j2"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")


def outcomes(outcome: Outcome) -> dict[str, str]:
    """How each channel has fared."""
    deliveries = outcome.report["changes"][0]["deliveries"]
    return {delivery["channel"]: delivery["outcome"] for delivery in deliveries}


@pytest.mark.parametrize(
    ("variables", "context"), [(KEYS, None), ({}, AgencyContext())], ids=["keys", "agency"]
)
def test_an_smn_channel_uses_the_keys_with_which_dms_is_asked(
    function: Function, smn: FakeSmn, variables: Mapping[str, str], context: object
) -> None:
    """The function's agency, or what the environment holds; nothing has to stand in the channel's URL."""
    configuration = function.configuration({"topic": {}})
    outcome = function.invoke({"HEADWAY_CONFIG": configuration, **variables}, context)

    assert outcomes(outcome) == {"topic": "sent"}
    (published,) = smn.published
    assert published["subject"].startswith("orders: capacity change started")
    assert not any(secret in str(function.log) for secret in (AGENCY.secret_key, str(AGENCY.security_token)))
    assert "remarks" not in function.log


def test_a_channel_writes_in_its_own_language_and_by_its_own_clock(
    function: Function, smn: FakeSmn, clock: FakeClock
) -> None:
    """Or else in those that hold for all channels."""
    channels = {"all": {}, "own": {"language": "en", "timezone": "America/New_York"}}
    configuration = function.configuration(channels, language="zh", timezone="Asia/Shanghai")
    outcome = function.invoke({"HEADWAY_CONFIG": configuration, **KEYS})

    assert outcomes(outcome) == {"all": "sent", "own": "sent"}
    chinese, english = sorted((each["subject"] for each in smn.published), key=lambda text: "left" in text)
    done_at = clock.now() + timedelta(seconds=5400)
    assert english.startswith("orders: capacity change started")
    assert "capacity" not in chinese
    assert f"{done_at.astimezone(ZoneInfo('America/New_York')):%H:%M}" in english
    assert f"{done_at.astimezone(ZoneInfo('Asia/Shanghai')):%H:%M}" in chinese


def test_a_channels_own_template_stands_beside_the_configuration(
    function: Function, smn: FakeSmn, tmp_path: Path
) -> None:
    """Beside its file, wherever that is; where it is no file, beside the code, as an absolute path is not."""
    configuration = function.configuration({"topic": {"templates": "forms"}})
    elsewhere = tmp_path / "elsewhere" / "production.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(configuration, "utf-8")
    write_template(elsewhere.parent / "forms", "elsewhere")
    write_template(function.code / "forms", "beside the code")
    write_template(tmp_path / "absolute", "absolute")
    absolute = function.configuration({"topic": {"templates": str(tmp_path / "absolute")}})

    said = []
    for config in (configuration, str(elsewhere), absolute, None):
        (function.code / "headway.yaml").write_text(configuration, "utf-8")
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        outcome = function.invoke({**KEYS, **({"HEADWAY_CONFIG": config} if config else {})})
        assert outcomes(outcome) == {"topic": "sent"}
        said.append(smn.published[-1]["message"])

    assert said == ["beside the code", "elsewhere", "absolute", "beside the code"]


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ nothing }}", "nothing"),
        ("\n{% if %}", "line 2"),
        (None, "there is no such folder"),
    ],
)
def test_a_broken_template_is_remarked_and_nothing_is_lost(
    function: Function, smn: FakeSmn, template: str | None, reason: str
) -> None:
    """The message has gone out in the built-in form, so the invocation is fine; who wrote it learns why."""
    if template is not None:
        write_template(function.code / "forms", template)
    configuration = function.configuration({"topic": {"templates": "forms"}, "other": {}})
    outcome = function.invoke({"HEADWAY_CONFIG": configuration, **KEYS})

    (remark,) = outcome.remarks
    assert remark.startswith("Channel topic could not use its own template plain/message.j2: ")
    assert reason in remark
    assert function.log["remarks"] == [remark]
    assert outcome.report["ok"]
    assert not outcome.has_failed
    assert outcome.report["error"] is None
    assert outcomes(outcome) == {"topic": "sent", "other": "sent"}
    assert {each["subject"] for each in smn.published} == {smn.published[0]["subject"]}
    assert sum("plain/message.j2" in each["message"] for each in smn.published) == 1


def test_a_folder_that_holds_nothing_for_the_channel_is_remarked_once(
    function: Function, smn: FakeSmn
) -> None:
    """The message has gone out in the built-in form, which is not what somebody wanted who named a folder."""
    folder = function.code / "forms" / "slack"
    folder.mkdir(parents=True)
    (folder / "message.j2").write_text("for others", "utf-8")
    configuration = function.configuration({"topic": {"templates": "forms"}, "other": {}})
    outcome = function.invoke({"HEADWAY_CONFIG": configuration, **KEYS})

    assert list(outcome.remarks) == [
        "Channel topic has no template such as plain/message.j2 in its folder of templates."
    ]
    assert outcome.report["ok"]
    assert outcomes(outcome) == {"topic": "sent", "other": "sent"}
    assert len({each["message"] for each in smn.published}) == 1


def test_a_template_that_is_added_or_changed_later_is_used(
    function: Function, smn: FakeSmn, tmp_path: Path
) -> None:
    """Also by a process that has sent before."""
    configuration = function.configuration({"topic": {"templates": "forms"}})
    path = function.code / "forms" / "plain" / "message.j2"
    path.parent.mkdir(parents=True)

    for text in ("", "first", "second"):
        if text:
            path.write_text(text, "utf-8")
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        function.invoke({"HEADWAY_CONFIG": configuration, **KEYS})

    assert [each["message"] for each in smn.published][1:] == ["first", "second"]


OPENING: Final = """
import sys
from datetime import datetime, timezone
from handler.senders import Notes, open_channels
from notifiers.samples import trial_message
from handler.runtimes import read_runtime
from tests.edge.configurations import LEAST, read
settings = read(LEAST + "channels: {ops: {url: '%s'}}" % sys.argv[1])
now = datetime(2026, 11, 24, tzinfo=timezone.utc)
channel = open_channels(settings, read_runtime(None, {}, 0), lambda: now, Notes())["ops"]
first, second = (channel.send(trial_message("ops", now), seconds) for seconds in (0.02, 15))
assert "apprise" in sys.modules
print(first.outcome.value, first.code, second.outcome.value)
"""


def test_what_is_wrong_with_several_channels_is_said_once() -> None:
    """Many lack the same keys, or have the same template; the others' mistakes stand beside it."""
    notes = Notes()
    for said in ("No keys.", "No such topic.", "No keys."):
        notes.blame(said)
        notes.remark(said)

    assert notes.problem == Problem(ProblemKind.MISCONFIGURED, "No keys. No such topic.")
    assert notes.remarks == ["No keys.", "No such topic."]


def test_the_time_that_it_takes_to_open_a_channel_counts() -> None:
    """In a process that has not sent before, to import what sends takes more than a fiftieth of a second."""
    with WebhookServer() as webhook:
        run = subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-c", OPENING, f"json://{webhook.location}/"],
            env={"PYTHONPATH": str(TOP)},
            capture_output=True,
            check=True,
            text=True,
        )

    assert run.stdout.split() == ["retry", "no-time", "sent"]
    assert len(webhook.requests) == 1
