"""An event that asks for test messages: they are sent, and the answer is that of the request of that name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from handler.core.change import ChangeId
from handler.entry import InvocationFailedError, handle
from tests.fakes.dms_server import PROJECT_ID, FakeDms
from tests.fakes.webhook_server import Answer as WebhookAnswer
from tests.fakes.webhook_server import WebhookServer

CHANGE: Final = ChangeId("inst", "task")
TOKEN: Final = "the-token-of-this-function"
HEADERS: Final = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}

Configure = Callable[..., None]


@pytest.fixture
def webhooks() -> Iterator[WebhookServer]:
    """A webhook's other end, which says yes to everything."""
    with WebhookServer() as server:
        yield server


@pytest.fixture
def configure(
    monkeypatch: pytest.MonkeyPatch, dms: FakeDms, webhooks: WebhookServer, tmp_path: Path
) -> Configure:
    """Deploy the function of this process with channels by their paths at the webhook; there are no keys."""

    def configure(**paths: str) -> None:
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"file:{tmp_path}",
            "watches": [CHANGE._asdict()],
            "http": {"token": TOKEN},
            "channels": {name: {"url": f"json://{webhooks.location}/{path}"} for name, path in paths.items()},
        }
        monkeypatch.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))

    return configure


def by_request(channels: list[str] | None = None) -> object:
    """What the request of that name is answered with."""
    body = "" if channels is None else json.dumps({"channels": channels})
    event = {
        "httpMethod": "POST",
        "path": "/api/test-alert",
        "headers": HEADERS,
        "pathParameters": {},
        "body": body,
        "isBase64Encoded": False,
    }
    return json.loads(handle(event, None)["body"])


@pytest.mark.parametrize("names", [None, ["boss"], ["ops", "boss"]])
def test_the_answer_is_that_of_the_request_of_that_name(
    configure: Configure, webhooks: WebhookServer, dms: FakeDms, names: list[str] | None
) -> None:
    """All channels are tried, or those that are named; the API is not asked, and needs no keys."""
    configure(ops="ops", boss="boss")
    webhooks.script("/boss", WebhookAnswer(status=404))
    answer = handle({"test_alert": names or True}, None)
    sent = {path: len(webhooks.received(f"/{path}")) for path in ("ops", "boss")}

    assert answer == by_request(names)
    assert answer["ok"] is False
    assert sent == {path: path in (names or ["ops", "boss"]) for path in ("ops", "boss")}
    assert all(request.json["headway"]["is_test"] for request in webhooks.requests)
    assert dms.counts.total() == 0


def test_the_log_tells_what_came_of_it(configure: Configure, capsys: pytest.CaptureFixture[str]) -> None:
    """As of a request, in the one line of the invocation."""
    configure(ops="s3cr3t-ops")
    handle({"test_alert": True}, None)
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())

    assert (line["event"], line["trigger"], line["ok"]) == ("invocation.finished", "manual", True)
    assert line["trials"] == [{"channel": "ops", "outcome": "sent", "code": None}]
    assert "s3cr3t" not in str(line)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"test_alert": ["nobody"]}, "`test_alert`: There is no channel nobody; there are ops."),
        ({"test_alert": ["slack://s3cr3t/x"]}, "`test_alert`: an odd name is no channel's name, which has"),
        ({"test_alert": "ops"}, "`test_alert` wants a list of 1 to 100 names; say true, and all channels"),
        ({"test_alert": True, "only": ["a/b"]}, "`test_alert` is for people to ask for: a timer would"),
        ({"test_alert": True, "source": "aws.scheduler"}, "`test_alert` is for people to ask for: a timer"),
        ({"trigger_type": "TIMER", "user_event": '{"test_alert": true}'}, "`test_alert` is for people"),
    ],
)
def test_what_cannot_be_done_fails_the_invocation(
    configure: Configure,
    webhooks: WebhookServer,
    capsys: pytest.CaptureFixture[str],
    event: object,
    message: str,
) -> None:
    """So that whoever invokes it is told, and the alarm of a timer goes off; nothing is sent."""
    configure(ops="ops")
    with pytest.raises(InvocationFailedError) as told:
        handle(event, None)

    assert str(told.value).startswith(message)
    line = capsys.readouterr().out
    assert json.loads(line)["error"]["kind"] == "misconfigured"
    assert "s3cr3t" not in line + str(told.value)
    assert not webhooks.requests


def test_without_any_channel_there_is_nothing_to_try(configure: Configure) -> None:
    """To say that all is fine would be a lie."""
    configure()
    with pytest.raises(InvocationFailedError, match=r"^`test_alert`: No channel is configured\.$"):
        handle({"test_alert": True}, None)


def test_a_configuration_that_cannot_be_used_fails_the_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a look does; the key is named."""
    monkeypatch.setenv("HEADWAY_CONFIG", '{"watches":\n 1}')
    with pytest.raises(InvocationFailedError, match="watches"):
        handle({"test_alert": True}, None)
