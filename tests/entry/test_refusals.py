"""What cannot work is said in a sentence, and stops nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from handler.application import Application
from handler.core.change import ChangeId
from handler.machine import SystemClock
from handler.wiring import Workshop
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, FakeDms
from tests.fakes.webhook_server import WebhookServer

CHANGE = ChangeId("inst", "task")
TIMER = {"trigger_type": "TIMER", "user_event": ""}
KEYS = {
    "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
    "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
}


class Invoked:
    """One invocation with a configuration: its report and its log line."""

    def __init__(self, configuration: object, variables: Mapping[str, str], event: object = TIMER) -> None:
        """Run it."""
        clock, log = SystemClock(), io.StringIO()
        text = json.dumps(configuration, indent=1)
        environ = {"HEADWAY_CONFIG": text, **variables}
        application = Application(environ, Workshop(clock), clock, config_path="not-there", log_file=log)
        self.report = application.invoke(event, None).report
        self.log = log.getvalue()

    @property
    def error(self) -> str:
        """What the report says is wrong."""
        return str(self.report["error"]["message"])


def configured(dms: FakeDms, folder: Path, **more: object) -> dict[str, Any]:
    """A configuration that works."""
    cloud = {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint}
    return {"huaweicloud": cloud, "state": f"file:{folder}", "watches": [CHANGE._asdict()], **more}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("json://127.0.0.1:9/secret-path json://127.0.0.1:9/other", "one"),
        ("nosuchscheme://secret-token", "nosuchscheme"),
        ("slack://secret-token", "bad"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#one/#two", "target"),
    ],
)
def test_a_channel_that_cannot_work_is_named_and_the_others_go_on(
    dms: FakeDms, tmp_path: Path, url: str, says: str
) -> None:
    """Its sentence stands in the report; the URL stands nowhere."""
    with WebhookServer() as webhooks:
        good = f"json://{webhooks.location}/good"
        channels = {"bad": {"url": url}, "good": {"url": good}}
        invoked = Invoked(configured(dms, tmp_path, channels=channels), KEYS)

        assert len(webhooks.received("/good")) == 1
    outcomes = {d["channel"]: d["outcome"] for d in invoked.report["changes"][0]["deliveries"]}
    assert outcomes == {"bad": "refused", "good": "sent"}
    assert "bad" in invoked.error
    assert says in invoked.error
    for secret in ("secret", "TIiajkdnlazkcOXrIdevi7FQ"):
        assert secret not in invoked.log + str(invoked.report)


@pytest.mark.parametrize(
    ("state", "variables", "says"),
    [
        ("s3://my-bucket/x", KEYS, "AWS_REGION"),
        ("s3://my-bucket/x?region=eu-west-1", KEYS, "AWS_ACCESS_KEY_ID"),
        ("s3://my.bucket/x?region=eu-west-1", {**KEYS, "AWS_ACCESS_KEY_ID": "a"}, "state"),
        ("file:state", {}, "HUAWEICLOUD_SDK_AK"),
        ("file:state", {**KEYS, "AWS_LAMBDA_FUNCTION_NAME": "f"}, "state: a folder beside the function"),
        ("file:state", {**KEYS, "RUNTIME_FUNC_NAME": "f"}, "state: a folder beside the function"),
    ],
)
def test_what_the_platform_should_give_is_asked_for_by_name(
    dms: FakeDms, tmp_path: Path, state: str, variables: Mapping[str, str], says: str
) -> None:
    """The key of the configuration, or the variable that is missing."""
    invoked = Invoked({**configured(dms, tmp_path), "state": state}, variables)

    assert invoked.report["error"]["kind"] == "misconfigured"
    assert says in invoked.error
    assert dms.counts == {}


def test_a_key_in_the_configuration_comes_before_the_environments(dms: FakeDms, tmp_path: Path) -> None:
    """Who writes keys down means them."""
    configuration = configured(dms, tmp_path)
    configuration["huaweicloud"] |= {"access_key": "${MY_AK}", "secret_key": "${MY_SK}"}
    variables = {"MY_AK": CREDENTIALS.access_key, "MY_SK": CREDENTIALS.secret_key}
    wrong = {"HUAWEICLOUD_SDK_AK": "other", "HUAWEICLOUD_SDK_SK": "other-secret"}

    assert Invoked(configuration, {**variables, **wrong}).report["ok"]


def test_a_refused_key_is_reported_without_what_the_gateway_echoes(dms: FakeDms, tmp_path: Path) -> None:
    """The answer holds the signed request; none of it is passed on."""
    wrong = {**KEYS, "HUAWEICLOUD_SDK_SK": "a-wrong-secret-key"}
    invoked = Invoked(configured(dms, tmp_path), wrong)

    assert invoked.report["error"]["kind"] == "unauthorised"
    assert dms.counts == {"refused": 1}
    for secret in ("a-wrong-secret-key", "Signature", CREDENTIALS.access_key):
        assert secret not in invoked.log + str(invoked.report)


def test_a_timer_may_ask_for_some_changes_only(dms: FakeDms, tmp_path: Path) -> None:
    """`only` and `shard` in the payload select; nothing selected is fine."""
    event = {**TIMER, "user_event": json.dumps({"only": ["inst/another"]})}
    invoked = Invoked(configured(dms, tmp_path), KEYS, event)

    assert (invoked.report["ok"], invoked.report["changes"]) == (True, [])


def test_a_payload_that_cannot_be_obeyed_is_a_configuration_error(dms: FakeDms, tmp_path: Path) -> None:
    """Rather than watch everything, or nothing."""
    event = {**TIMER, "user_event": json.dumps({"shard": "9/8"})}
    invoked = Invoked(configured(dms, tmp_path), KEYS, event)

    assert invoked.report["error"]["kind"] == "misconfigured"
    assert "shard" in invoked.error
