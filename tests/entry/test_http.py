"""Whoever asks over HTTP gets a well-formed answer, and no exception ever."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from handler.core.change import ChangeId
from handler.entry import InvocationFailedError, handle
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms
from tests.fakes.vault_server import FakeVault

CHANGE: Final = ChangeId("inst", "task")
OTHER: Final = ChangeId("inst-2", "task")
TOKEN: Final = "the-token-of-this-function"
EVENTS: Final = Path(__file__).parent.parent / "edge" / "events"
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
REQUESTS: Final = [
    path.stem
    for path in sorted(EVENTS.glob("*.json"))
    if any(gateway in path.stem for gateway in ("-apig", "-alb", "-url-"))
]


@pytest.fixture
def dms() -> Iterator[FakeDms]:
    """Two running changes."""
    with FakeDms() as server:
        for change in (CHANGE, OTHER):
            server.script_progress(change, Answer.of_progress(40, ("a", "IN_PROGRESS")))
            server.script_task(change, Answer.of_task("EXECUTING"))
        yield server


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch, dms: FakeDms, tmp_path: Path) -> Callable[..., None]:
    """Deploy the function of this process with a configuration that works but for what a test changes."""

    def deploy(**more: object) -> None:
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"file:{tmp_path}",
            "watches": [change._asdict() for change in (CHANGE, OTHER)],
            "http": {"token": TOKEN},
            **more,
        }
        monkeypatch.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))
        monkeypatch.setenv("HUAWEICLOUD_SDK_AK", CREDENTIALS.access_key)
        monkeypatch.setenv("HUAWEICLOUD_SDK_SK", CREDENTIALS.secret_key)

    deploy()
    return deploy


def load(name: str) -> dict[str, Any]:
    """Read a sample event."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


def ask(path: str = "/api/check", token: str = TOKEN, **more: object) -> dict[str, Any]:
    """Make the event of a POST through FunctionGraph's gateway."""
    headers = {"authorization": f"Bearer {token}"}
    return {"httpMethod": "POST", "path": path, "headers": headers, "pathParameters": {}, **more}


def read(answer: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an answer, whose shape is what FunctionGraph's gateway insists on."""
    assert answer.keys() - {"multiValueHeaders"} == {"statusCode", "headers", "body", "isBase64Encoded"}
    assert isinstance(answer["statusCode"], int)
    assert all(isinstance(text, str) for header in answer["headers"].items() for text in header)
    assert answer["isBase64Encoded"] is False
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.usefixtures("deploy")
def test_a_caller_with_the_token_gets_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is looked at, and the log tells what was asked."""
    status, report = read(handle(ask(), None))

    assert (status, report["ok"], report["trigger"]) == (200, True, "http")
    assert [change["id"] for change in report["changes"]] == [str(CHANGE), str(OTHER)]
    line = json.loads(capsys.readouterr().out)
    assert (line["request"], line["status"]) == ("POST /api/check", 200)
    assert TOKEN not in str(line)


@pytest.mark.usefixtures("deploy")
def test_what_was_asked_is_logged_shortly_and_without_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    """A stranger must not fill the log, and a token in a path not be seen in part."""
    read(handle(ask("/" + "x" * 180 + TOKEN + "y" * 100_000), None))
    line = capsys.readouterr().out

    assert len(json.loads(line)["request"]) == 200
    assert TOKEN[:8] not in line


WRONG: Final = "n0t-the-t0ken-of-this-function"


def basic(password: str) -> str:
    """What a browser sends once it was asked."""
    return f"Basic {base64.b64encode(f'me:{password}'.encode()).decode()}"


@pytest.mark.usefixtures("deploy")
@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ({"authorization": f"Bearer {TOKEN}"}, "token"),
        ({"X-Headway-Token": TOKEN, "Authorization": "SDK-HMAC-SHA256 Access=AK"}, "token"),
        ({"authorization": basic(TOKEN)}, "token"),
        ({"authorization": f"Bearer {WRONG}"}, "wrong_token"),
        ({"x-headway-token": WRONG}, "wrong_token"),
        ({"authorization": basic(WRONG)}, "wrong_token"),
        ({"authorization": WRONG, "x-token": WRONG, "cookie": WRONG}, "nobody"),
        ({}, "nobody"),
    ],
)
def test_the_log_tells_who_asked_and_never_what_was_shown(
    headers: dict[str, str], caller: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stranger may have put a token that was meant for us, or for somebody else, anywhere."""
    places = [("GET", "/api/watches"), ("GET", f"/changes/{WRONG}/{WRONG}"), ("GET", f"/{WRONG}")]
    places += [("POST", f"/api/check/{WRONG}"), ("DELETE", f"/api/watches/{WRONG}"), (WRONG.upper(), "/")]
    for method, path in places if caller != "token" else places[:1]:
        handle(ask(path, httpMethod=method, headers=headers, queryStringParameters={"token": WRONG}), None)
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]

    assert {line["caller"] for line in lines} == {caller}
    assert lines[0]["request"] == "GET /api/watches"
    for shown in (WRONG, TOKEN, basic(WRONG)[6:], basic(TOKEN)[6:]):
        assert shown.lower() not in (printed.out + printed.err).lower()


@pytest.mark.usefixtures("deploy")
def test_the_log_tells_that_the_platform_knows_who_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it has checked that itself."""
    read(handle(routed("lambda-url-post-iam-base64"), None))

    assert json.loads(capsys.readouterr().out)["caller"] == "platform"


def test_where_the_token_cannot_be_known_nobody_is_said_to_have_shown_a_wrong_one(
    deploy: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing that was shown is logged there either, for what to strike out is not known."""
    deploy(watches="s3cr3t")
    read(handle(ask(f"/{TOKEN}"), None))
    out = capsys.readouterr().out
    line = json.loads(out)

    assert (line["request"], line["caller"], line["status"]) == ("POST (no route)", None, 500)
    assert TOKEN not in out


@pytest.mark.usefixtures("deploy")
def test_a_body_asks_for_some_changes_only() -> None:
    """As a timer's payload does."""
    _, report = read(handle(ask(body=json.dumps({"only": [str(OTHER)]}), isBase64Encoded=False), None))

    assert [change["id"] for change in report["changes"]] == [str(OTHER)]


def routed(name: str) -> dict[str, Any]:
    """A sample event, as its gateway would write it for POST /api/check, which takes no body like its own."""
    event = load(name) | {"body": "", "isBase64Encoded": False}
    text = json.dumps(event).replace('"/check', '"/api/check').replace('"GET', '"POST')
    routed: dict[str, Any] = json.loads(text)
    if routed.get("pathParameters"):
        routed["pathParameters"] = {"": "api/check"}
    return routed


@pytest.mark.usefixtures("deploy")
@pytest.mark.parametrize("name", REQUESTS)
def test_a_caller_without_it_is_refused_through_every_gateway(name: str, dms: FakeDms) -> None:
    """But for the one whom the platform knows: a sample's own path is no route, and is none for strangers."""
    is_known = "iam" in name
    status, error = read(handle(load(name), None))

    assert status == (404 if is_known else 401)
    assert error["error"].keys() == {"code", "message"}
    assert dms.counts == {}
    assert read(handle(routed(name), None))[0] == (200 if is_known else 401)
    assert bool(dms.counts) is is_known


def test_the_status_pages_path_is_the_routes_base(deploy: Callable[..., None]) -> None:
    """Where a gateway serves the function under a path of its own."""
    deploy(links={"status_page": "https://api.example/headway"})

    assert read(handle(ask("/headway/api/check"), None))[0] == 200


@pytest.mark.parametrize("path", ["/api/check", "/api/watches", "/healthz", "/"])
def test_a_configuration_that_cannot_be_used_is_no_callers_business(
    deploy: Callable[..., None], path: str
) -> None:
    """Nobody can be known then; the log tells whose business it is."""
    deploy(watches="s3cr3t")
    status, error = read(handle(ask(path), None))

    assert (status, error["error"]["code"]) == (500, "misconfigured")
    assert "watches" not in error["error"]["message"]


def test_keys_that_are_missing_stand_in_the_report(
    deploy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer would raise; a known caller reads why."""
    deploy()
    monkeypatch.delenv("HUAWEICLOUD_SDK_SK")
    status, report = read(handle(ask(), None))

    assert (status, report["ok"], report["error"]["kind"]) == (200, False, "misconfigured")
    with pytest.raises(InvocationFailedError, match="HUAWEICLOUD_SDK_SK"):
        handle(TIMER, None)


@pytest.mark.usefixtures("deploy")
def test_what_is_configured_stands_on_the_list_before_anybody_has_looked(
    dms: FakeDms, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is asked for it; the log tells that the list was."""
    status, answer = read(handle(ask("/api/watches", httpMethod="GET"), None))
    line = json.loads(capsys.readouterr().out)

    assert status == 200
    assert answer["watches"] == [
        {**change._asdict(), "name": None, "reason": "configured"} for change in (CHANGE, OTHER)
    ]
    assert (line["trigger"], line["request"], line["status"]) == ("http", "GET /api/watches", 200)
    assert (line["ok"], line["changes"], dms.counts) == (True, [], {})


class BrokenPipe(io.StringIO):
    """A stdout that nobody reads any more."""

    def write(self, text: str) -> int:
        """Fail, and quote a secret in it."""
        raise BrokenPipeError(f"{TOKEN} {text}")


@pytest.mark.usefixtures("deploy")
@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_comes_even_when_everything_inside_fails(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log itself cannot be written; what the failure says goes nowhere."""
    monkeypatch.setattr(sys, "stdout", BrokenPipe())
    status, error = read(handle(load(name), None))

    assert (status, error["error"]["code"]) == (500, "internal")
    assert TOKEN not in str(error)


@pytest.mark.usefixtures("deploy")
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/watches"), ("POST", "/api/watches"), ("DELETE", "/api/watches/i/t")]
)
def test_the_list_too_is_answered_for_even_when_everything_inside_fails(
    method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked may have been done: a 500 says no more."""
    monkeypatch.setattr(sys, "stdout", BrokenPipe())
    event = ask(path, httpMethod=method, body='{"instance_id": "i"}', isBase64Encoded=False)
    status, error = read(handle(event, None))

    assert (status, error["error"]["code"]) == (500, "internal")
    assert TOKEN not in str(error)


@pytest.mark.usefixtures("deploy")
def test_a_timer_raises_what_quotes_nothing_when_everything_inside_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The platform's alarm goes off, and its log shows no secret."""
    monkeypatch.setattr(sys, "stdout", BrokenPipe())

    with pytest.raises(InvocationFailedError) as raised:
        handle(TIMER, None)
    assert str(raised.value) == "A defect of Headway's: BrokenPipeError; the log says where."
    assert raised.value.__suppress_context__


class BreaksOnce(io.StringIO):
    """A stdout that fails at first."""

    _has_failed = False

    def write(self, text: str) -> int:
        """Fail, and quote a secret in it; from then on work."""
        if self._has_failed:
            return super().write(text)
        self._has_failed = True
        raise BrokenPipeError(f"{TOKEN} {text}")


@pytest.mark.usefixtures("deploy")
def test_a_defect_is_logged_by_its_place_and_not_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mends it needs the lines; its text may hold anything."""
    stdout = BreaksOnce()
    monkeypatch.setattr(sys, "stdout", stdout)
    read(handle(ask(), SimpleNamespace(aws_request_id="the-request")))

    line = json.loads(stdout.getvalue())
    assert line["request_id"] == "the-request"
    assert (line["event"], line["error"], line["level"]) == ("invocation.crashed", "BrokenPipeError", "error")
    assert any(where.startswith("entry.py:") for where in line["where"])
    assert TOKEN not in stdout.getvalue()


def test_a_token_kept_in_aws_is_fetched_in_every_invocation(
    deploy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a new one counts at once; where it cannot be had nobody is answered."""
    deploy(http={"token": "${ssm:/ops/token}"})
    another = "another-token-of-this-function"
    with FakeVault() as vault:
        vault.parameters["/ops/token"] = another
        for name, value in vault.variables.items():
            monkeypatch.setenv(name, value)
        first = [handle(ask(token=token), None)["statusCode"] for token in (another, TOKEN)]
        vault.parameters["/ops/token"] = TOKEN
        second = handle(ask(), None)["statusCode"]
        vault.parameters.clear()
        status, answer = read(handle(ask(), None))

    assert (first, second, status) == ([200, 401], 200, 500)
    assert "ssm" not in str(answer)


@pytest.mark.usefixtures("deploy")
def test_a_hint_looks_at_the_changes_of_its_instance_only(dms: FakeDms) -> None:
    """A trace of CTS's names an instance."""
    cts = {"trace_id": "t", "trace_name": "n", "resource_type": "kafka", "resource_id": OTHER.instance_id}
    report = handle({"cts": cts}, None)

    assert (report["ok"], report["trigger"]) == (True, "hint")
    assert [change["id"] for change in report["changes"]] == [str(OTHER)]
    assert handle(load("functiongraph-cts"), None)["changes"] == []
    assert dms.counts == {"progress": 1, "task": 1, "instance": 1}
