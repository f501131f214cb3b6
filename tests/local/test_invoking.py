"""`headway invoke`: what the function is asked, what is said of its answer, and how the command ends."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import pytest
from typer.testing import CliRunner
from typer.testing import Result as Ended

from handler.huaweicloud.signing import Credentials
from handler.local import cli
from handler.local.invoking.invoke_apis import ANSWER_SECONDS_MAX
from handler.stores import sigv4
from handler.transport import Transport
from tests.fakes.functiongraph_api import URN, Errors, FakeFunctionGraph
from tests.fakes.invoke_api import InvokeApi, Refusal, Reply, Result
from tests.fakes.lambda_api import ARN, FakeLambda
from tests.fakes.loopback import HOST
from tests.local.commanding import TOP, Running, wait_until
from tests.local.commanding import run as run_meanwhile

HUAWEI: Final = Credentials("HUAWEIKEY", "huawei/secret+key", "huawei-security-token==")
AWS: Final = sigv4.Credentials("AWSKEY", "aws/secret+key", "aws-session-token==")
SECRETS: Final = (HUAWEI.secret_key, HUAWEI.security_token, AWS.secret_key, AWS.session_token, "SECRET words")
KEYS: Final = {
    "HUAWEICLOUD_SDK_AK": HUAWEI.access_key,
    "HUAWEICLOUD_SDK_SK": HUAWEI.secret_key,
    "HUAWEICLOUD_SDK_SECURITY_TOKEN": str(HUAWEI.security_token),
    "AWS_ACCESS_KEY_ID": AWS.access_key,
    "AWS_SECRET_ACCESS_KEY": AWS.secret_key,
    "AWS_SESSION_TOKEN": str(AWS.session_token),
}
CHANGE: Final = {
    "id": "instance/task",
    "name": "orders",
    "phase": "running",
    "percent": 40,
    "remaining_seconds": 1124,
    "step": "disk_expansion",
    "alerts": ["step_started"],
    "deliveries": [{"channel": "ops", "outcome": "sent", "alert_count": 1, "possible_repeat": False}],
    "error": None,
}
REPORT: Final = {
    "ok": True,
    "trigger": "manual",
    "started_at": "2026-11-26T08:00:00Z",
    "duration_ms": 84,
    "deferred": 0,
    "error": None,
    "changes": [CHANGE],
}
MISHAP: Final = {"kind": "unavailable", "message": "The DMS API is out of order (503)."}


def trial(channel: str, outcome: str = "sent", code: str | None = None, *remarks: str) -> dict[str, Any]:
    """What came of one channel."""
    return {
        "channel": channel,
        "service": "json",
        "outcome": outcome,
        "code": code,
        "remarks": [*remarks],
    }


class Deployed:
    """A deployed function that answers in turn, the last answer for ever, and the way to invoke it."""

    def __init__(self, kind: str) -> None:
        """Serve nothing yet."""
        self.answers: list[object] = [REPORT]
        self.is_functiongraph = kind == "functiongraph"
        self.target = URN if self.is_functiongraph else ARN
        self.api: InvokeApi = (
            FakeFunctionGraph(self._run, HUAWEI) if self.is_functiongraph else FakeLambda(self._run, AWS)
        )
        self.takes_seconds = [0.0]

    def _run(self, _: object) -> Result:
        time.sleep(self.takes_seconds.pop(0) if len(self.takes_seconds) > 1 else self.takes_seconds[0])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Result) else Result(answer)

    def arguments(self, *more: str) -> list[str]:
        """The command line."""
        return ["invoke", self.target, "--endpoint", self.api.endpoint, *more]

    def invoke(self, *more: str) -> Ended:
        """Run the command in this process; whatever it says holds no secret."""
        ended = run(*self.arguments(*more))
        assert not [secret for secret in SECRETS if str(secret) in ended.output]
        return ended


def run(*arguments: str, environ: Mapping[str, str | None] | None = None) -> Ended:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, arguments, env=environ, prog_name="headway")


def failed(message: str, kind: str = "InvocationFailedError") -> Result:
    """An exception in the function, in the shape of both platforms."""
    return Result({"errorMessage": message, "errorType": kind, "stackTrace": []}, has_failed=True)


@pytest.fixture(autouse=True)
def _only_our_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have keys for both clouds, and nothing else of theirs."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "HEADWAY_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["functiongraph", "lambda"])
def deployed(request: pytest.FixtureRequest) -> Iterator[Deployed]:
    """A function on each platform."""
    function = Deployed(request.param)
    with function.api:
        yield function


def test_the_function_looks_at_once_and_its_report_is_shown(deployed: Deployed) -> None:
    """As a look from this machine is."""
    ended = deployed.invoke()

    assert (ended.exit_code, ended.stderr) == (0, ""), ended.output
    assert deployed.api.events == [{"manual": True}]
    first, *others = ended.stdout.splitlines()
    assert first.startswith("orders: running · 40% · about 19 minutes left · done around ")
    assert first.endswith(" · Disk expansion")
    assert others == ["  ops: 1 alert sent"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"changes": []}, ["No change is under way."]),
        ({"changes": [], "error": MISHAP}, [MISHAP["message"]]),
        (
            {"changes": [{**CHANGE, "deliveries": [], "error": MISHAP}], "error": MISHAP},
            [
                "orders: running · 40% · about 19 minutes left · Disk expansion",
                f"  {MISHAP['message']}",
            ],
        ),
    ],
)
def test_what_is_in_the_way_is_said_once(more: dict[str, object], said: list[str]) -> None:
    """Who runs it in a pipeline learns it by the exit status; what was seen long ago is not timed."""
    function = Deployed("lambda")
    function.answers = [{**REPORT, **more}]
    with function.api:
        ended = function.invoke()

    assert ended.stdout.splitlines() == said
    assert ended.exit_code == (1 if MISHAP["message"] in "".join(said) else 0)


@pytest.mark.parametrize("is_ok", [True, False])
def test_its_answer_is_printed_as_it_is(deployed: Deployed, *, is_ok: bool) -> None:
    """For programs; the exit status is the same."""
    deployed.answers = [{**REPORT, "ok": is_ok, "something": "new"}]
    ended = deployed.invoke("--json")

    assert json.loads(ended.stdout) == deployed.answers[0]
    assert ended.exit_code == (0 if is_ok else 1)


@pytest.mark.parametrize(("names", "wanted"), [((), True), (("team", "on-call"), ["team", "on-call"])])
def test_channels_are_sent_a_test_message(deployed: Deployed, names: tuple[str, ...], wanted: object) -> None:
    """A line for each says what came of it, and what to do."""
    refused = trial("on-call", "refused", "401", "Channel on-call has a template that cannot be used.")
    deployed.answers = [{"ok": False, "trials": [refused, trial("team")]}]
    ended = deployed.invoke("--test-alert", *names)

    assert deployed.api.events == [{"test_alert": wanted}]
    refusal, remark, sent = ended.stdout.splitlines()
    assert refusal.startswith("on-call (json): refused (401): the service does not accept")
    assert (remark, sent) == (f"  {refused['remarks'][0]}", "team (json): sent")
    assert (ended.exit_code, ended.stderr) == (1, "")


def test_what_is_in_a_channels_way_is_looked_for_where_the_function_runs(deployed: Deployed) -> None:
    """It is another network than that of whoever reads it."""
    deployed.answers = [{"ok": False, "trials": [trial("team", "retry", "unreachable")]}]
    ended = deployed.invoke("--test-alert")

    assert "and whether Headway may go there from where it runs;" in ended.stdout


def test_a_test_message_that_all_took_is_fine(deployed: Deployed) -> None:
    """And for programs there is the answer to the request of the same name."""
    deployed.answers = [{"ok": True, "trials": [trial("team")]}]
    ended = deployed.invoke("--test-alert", "--json")

    assert (ended.exit_code, json.loads(ended.stdout)) == (0, deployed.answers[0])


def test_with_patience_only_who_lacks_the_message_is_sent_another(deployed: Deployed) -> None:
    """What is waited for is said beside the answer."""
    deployed.answers = [
        {"ok": False, "trials": [trial("ops", "retry", "500"), trial("team")]},
        {"ok": True, "trials": [trial("ops")]},
    ]
    ended = deployed.invoke("--test-alert", "--wait", "30")

    assert deployed.api.events == [{"test_alert": True}, {"test_alert": ["ops"]}]
    assert ended.stdout.splitlines() == ["ops (json): sent", "team (json): sent"]
    assert ended.stderr.splitlines() == [
        "headway: Not sent yet: ops (500).",
        "Trying again for up to 30 s.",
    ]
    assert ended.exit_code == 0


REFUSALS: Final = [
    ("functiongraph", Refusal(403, "FSS.0403"), "grant functiongraph:function:invoke."),
    ("functiongraph", Refusal(404, "FSS.1051"), "FunctionGraph knows no such function (404 FSS.1051)"),
    ("functiongraph", Refusal(400, "FSS.0400"), "did not accept the request (400 FSS.0400)."),
    ("functiongraph", Refusal(503, "FSS.0503"), "is out of order (503 FSS.0503)"),
    (
        "functiongraph",
        Refusal(401, "APIGW.0301"),
        "refused the access key (401 APIGW.0301): check HUAWEICLOUD_SDK_AK",
    ),
    ("lambda", Refusal(403, "AccessDeniedException"), "grant lambda:InvokeFunction."),
    ("lambda", Refusal(404, "ResourceNotFoundException"), "Lambda knows no such function (404 Resource"),
    ("lambda", Refusal(400, "InvalidRequestContentException"), "did not accept the request (400 Invalid"),
    ("lambda", Refusal(409, "ResourceConflictException"), "The function is just being changed (409 "),
    ("lambda", Refusal(502, "KMSAccessDeniedException"), "Lambda could not run the function (502 KMS"),
    ("lambda", Refusal(500, "ServiceException"), "is out of order (500 ServiceException)"),
    ("lambda", Refusal(403, "ExpiredTokenException"), "refused the access key (403 Expired"),
    ("lambda", Refusal(418, "no code < at all"), "did not accept the request (418)."),
]


@pytest.mark.parametrize(
    ("kind", "refusal", "said"), REFUSALS, ids=lambda value: getattr(value, "code", None)
)
def test_a_refusal_is_told_in_a_sentence(kind: str, refusal: Refusal, said: str) -> None:
    """With the service's code, but none of its words, which may quote what was sent."""
    function = Deployed(kind)
    function.api.interruptions = [refusal]
    with function.api:
        ended = function.invoke()

    assert (ended.exit_code, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("headway: ")
    assert said in line


def test_a_key_that_is_wrong_is_told_and_not_tried_again(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long one would wait: refusals in a row lock a key."""
    for name in ("HUAWEICLOUD_SDK_SK", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "another/key")
    begun = time.monotonic()
    ended = deployed.invoke("--wait", "60")

    assert ended.exit_code == 1
    assert "refused the access key (40" in ended.stderr
    assert "and the clock." in ended.stderr
    assert time.monotonic() - begun < 10
    assert not deployed.api.events


def test_keys_without_a_token_are_good_as_well(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a user, which last."""
    for name in ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    if isinstance(deployed.api, FakeFunctionGraph):
        deployed.api.credentials = Credentials(HUAWEI.access_key, HUAWEI.secret_key)
    elif isinstance(deployed.api, FakeLambda):
        deployed.api.credentials = sigv4.Credentials(AWS.access_key, AWS.secret_key)

    assert deployed.invoke().exit_code == 0


def test_fresh_permissions_are_waited_for(deployed: Deployed) -> None:
    """When they have come, all is fine."""
    refusal = Refusal(403, "FSS.0403" if deployed.is_functiongraph else "AccessDeniedException")
    deployed.api.interruptions = [refusal]
    ended = deployed.invoke("--wait", "30")

    assert ended.exit_code == 0
    assert ended.stderr.endswith("\nTrying again for up to 30 s.\n")
    assert ended.stdout.startswith("orders: ")


def test_a_busy_function_is_asked_again_in_any_case(deployed: Deployed) -> None:
    """A tick runs, and only one may at once."""
    code = "FSS.0429" if deployed.is_functiongraph else "TooManyRequestsException"
    deployed.api.interruptions = [Refusal(429, code)]
    deployed.answers = [{"ok": True, "trials": [trial("team")]}]
    ended = deployed.invoke("--test-alert")

    assert ended.exit_code == 0
    assert f"The function is busy (429 {code})" in ended.stderr
    assert "up to 60 s." in ended.stderr
    assert deployed.api.events == [{"test_alert": True}]


@pytest.mark.parametrize("told", Errors)
def test_what_kept_the_function_from_its_job_is_told(told: Errors) -> None:
    """In its own words, however FunctionGraph passes them on."""
    function = Deployed("functiongraph")
    assert isinstance(function.api, FakeFunctionGraph)
    function.api.errors = told
    function.answers = [failed("function invocation exception, error: state: is missing.")]
    with function.api:
        ended = function.invoke()

    assert (ended.exit_code, ended.stdout, ended.stderr) == (1, "", "headway: state: is missing.\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            failed("The configuration cannot be used.\nstate: \x1b[31mis missing."),
            "The configuration cannot be used.\nstate: [31mis missing.",
        ),
        (
            failed("A defect of Headway's: KeyError; the log says where."),
            "A defect of Headway's: KeyError; the log says where.",
        ),
        (
            failed("Task timed out after 60.00 seconds", "Sandbox.Timedout"),
            "The function failed: Sandbox.Timedout: Task timed out after 60.00 seconds",
        ),
        (
            failed("Unable to import module 'index'", "Runtime.ImportModuleError"),
            "The function failed: Runtime.ImportModuleError: Unable to import module 'index'",
        ),
        (Result({}, has_failed=True), "The function failed: it does not say why"),
        (Result({"errorMessage": 5, "errorType": None}, has_failed=True), "The function failed: 5"),
    ],
)
def test_an_error_of_the_function_is_told_as_it_is(deployed: Deployed, error: Result, said: str) -> None:
    """Ours in its own words, others with their kind; nothing that would move a terminal."""
    deployed.answers = [error]
    ended = deployed.invoke()

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert [" ".join(line.split()) for line in ended.stderr.splitlines()] == f"headway: {said}".splitlines()


@pytest.mark.parametrize("told", [Errors.BY_HEADERS, Errors.BY_CODE, Errors.BY_STATUS])
def test_an_error_without_a_shape_is_told_all_the_same(told: Errors) -> None:
    """Where the platform ended the function there may be a text, or anything."""
    function = Deployed("functiongraph")
    assert isinstance(function.api, FakeFunctionGraph)
    function.api.errors = told
    function.answers = [Result("memory exceeded", has_failed=True)]
    with function.api:
        ended = function.invoke()

    assert (ended.exit_code, ended.stderr) == (1, "headway: The function failed: memory exceeded\n")


def test_after_a_defect_a_test_message_is_not_sent_again(deployed: Deployed) -> None:
    """It may have shown after the message had gone."""
    deployed.answers = [failed("A defect of Headway's: KeyError; the log says where.")]
    ended = deployed.invoke("--test-alert", "--wait", "60")

    assert (ended.exit_code, len(deployed.api.events)) == (1, 1)


def test_a_test_message_may_have_gone_out_before_the_function_was_ended(deployed: Deployed) -> None:
    """Then it is not sent again, however long one would wait, and said."""
    deployed.answers = [failed("Task timed out after 60.00 seconds", "Sandbox.Timedout")]
    ended = deployed.invoke("--test-alert", "--wait", "60")

    assert ended.exit_code == 1
    assert ended.stderr.endswith("60.00 seconds\nA test message may have gone out.\n")
    assert len(deployed.api.events) == 1


def test_a_channel_that_there_is_not_is_not_waited_for(deployed: Deployed) -> None:
    """The function says which there are."""
    deployed.answers = [failed("`test_alert`: There is no channel tema; there are team.")]
    ended = deployed.invoke("--test-alert", "tema", "--wait", "60")

    assert (ended.exit_code, len(deployed.api.events)) == (1, 1)
    assert ended.stderr == "headway: `test_alert`: There is no channel tema; there are team.\n"


@pytest.mark.parametrize(
    ("event", "result", "exit_code"),
    [
        ({"only": ["instance/task"]}, REPORT, 0),
        ({"only": ["instance/task"]}, {**REPORT, "ok": False}, 1),
        ({"httpMethod": "GET"}, {"statusCode": 200, "body": "Ä"}, 0),
        ({"test_alert": True}, {"ok": True, "trials": [trial("team")]}, 0),
        ({"test_alert": True}, {"ok": False, "trials": [trial("team", "refused", "401")]}, 1),
        ({"large": 10**30}, {"ok": 1}, 1),
    ],
)
def test_an_event_of_ones_own_is_passed_on(
    deployed: Deployed, event: object, result: dict[str, object], exit_code: int
) -> None:
    """A report is shown as one; whatever else comes back is printed, and not fine if it says so."""
    deployed.answers = [result]
    ended = deployed.invoke("--event", json.dumps(event))

    assert ended.exit_code == exit_code, ended.output
    assert deployed.api.events == [event]
    if "changes" in result:
        assert ended.stdout.startswith("orders: ")
    else:
        assert json.loads(ended.stdout) == result


def test_an_event_of_ones_own_that_was_done_is_not_repeated(deployed: Deployed) -> None:
    """Who has got a test message would get another."""
    deployed.answers = [{"ok": False, "trials": [trial("ops"), trial("team", "retry", "500")]}]
    ended = deployed.invoke("--event", '{"test_alert": true}', "--wait", "60")

    assert (ended.exit_code, len(deployed.api.events)) == (1, 1)


NO_REPORT: Final = "headway: What the function answered is no report: is it Headway that is deployed there?\n"


@pytest.mark.parametrize(
    "result",
    [
        *(None, "invoke timeout", [1], {}, {"ok": False}, {"ok": True}, {"statusCode": 200, "body": ""}),
        {"ok": True, "trials": [trial("team")]},
        {**REPORT, "ok": "yes"},
        {**REPORT, "changes": [{**CHANGE, "remaining_seconds": 10**15}]},
        {**REPORT, "changes": [{**CHANGE, "remaining_seconds": 10**12}]},
        {**REPORT, "started_at": "9999-12-31T23:59:59Z", "changes": [CHANGE]},
    ],
)
def test_what_is_no_report_is_not_fine(deployed: Deployed, result: object) -> None:
    """It is shown, and not asked for again."""
    deployed.answers = [result]
    ended = deployed.invoke("--wait", "60")

    assert (ended.exit_code, ended.stderr) == (1, NO_REPORT)
    assert json.loads(ended.stdout) == result
    assert len(deployed.api.events) == 1


@pytest.mark.parametrize("more", [(), ("--event", "{}"), ("--json",)])
def test_an_answer_that_is_no_json_is_shown(deployed: Deployed, more: tuple[str, ...]) -> None:
    """A proxy may have an answer of its own."""
    deployed.api.interruptions = [Reply(200, {}, b"<html>\xff")]
    ended = deployed.invoke(*more)

    told = json.loads(ended.stdout)
    assert (ended.exit_code, ended.stderr) == (1, NO_REPORT)
    assert (told["answer"] if "--json" in more else told) == "<html>\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("refusal", "kind"), [(Refusal(403, "FSS.0403"), "unavailable"), (Refusal(400, "FSS.0400"), "refused")]
)
def test_for_programs_an_error_is_a_document(deployed: Deployed, refusal: Refusal, kind: str) -> None:
    """Of the shape that errors have everywhere, and with a word for what to do."""
    deployed.api.interruptions = [refusal]
    ended = deployed.invoke("--json")

    (line,) = ended.stdout.splitlines()
    told = json.loads(line)
    assert (ended.exit_code, told["ok"], told["error"]["kind"]) == (1, False, kind)
    assert ended.stderr == f"headway: {told['error']['message']}\n"
    assert set(told) == {"ok", "error"}


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        ({"result": "", "status": 500}, "it does not say why"),
        ({"result": "", "status": 200, "error_code": "FSS.1000"}, "FSS.1000"),
        ({"result": "out of memory", "status": 500, "error_code": "FSS.1000"}, "FSS.1000: out of memory"),
        ({"result": '{"ok": true}', "status": 500, "error_code": "FSS.1000"}, "FSS.1000"),
    ],
)
def test_a_failure_may_stand_in_the_envelope_alone(envelope: dict[str, object], said: str) -> None:
    """With a status of its own, or a code; then it is not known what the function has done."""
    function = Deployed("functiongraph")
    body = msgspec.json.encode({"request_id": "1cbe80f3", "log": "", **envelope})
    function.api.interruptions = [Reply(200, {"X-Func-Err-Code": "0"}, body)]
    with function.api:
        ended = function.invoke("--test-alert")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == f"headway: The function failed: {said}\nA test message may have gone out.\n"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, {"x-amzn-ErrorType": "ExpiredTokenException:http://internal.example.com/coral/"}, b"{}"),
        Reply(403, {}, b'{"__type": "com.amazon.coral.service#ExpiredTokenException"}'),
    ],
)
def test_codes_are_read_in_both_ways_of_aws(reply: Reply) -> None:
    """Here of a key that is of no use any more, which nobody's permission mends."""
    function = Deployed("lambda")
    function.api.interruptions = [reply]
    with function.api:
        ended = function.invoke()

    assert ended.exit_code == 1
    assert ended.stderr.startswith("headway: Lambda refused the access key (403 ExpiredTokenException): ")


def test_a_function_that_is_being_changed_is_waited_for(deployed: Deployed) -> None:
    """Nothing has run, so a test message is sent as well."""
    deployed.api.interruptions = [Refusal(409, "ResourceConflictException")]
    deployed.answers = [{"ok": True, "trials": [trial("team")]}]
    ended = deployed.invoke("--test-alert", "--wait", "30")

    assert (ended.exit_code, len(deployed.api.events)) == (0, 1), ended.output


@pytest.mark.parametrize("status", [408, 500, 502])
def test_after_trouble_of_the_platform_a_test_message_is_not_sent_again(
    deployed: Deployed, status: int
) -> None:
    """The function may have run."""
    deployed.api.interruptions = [Refusal(status, "Trouble")]
    ended = deployed.invoke("--test-alert", "--wait", "60")

    assert (ended.exit_code, deployed.api.events) == (1, [])
    assert ended.stderr.endswith(".\nA test message may have gone out.\n")


def test_a_name_is_no_markup(deployed: Deployed) -> None:
    """It stands as it was given, however it looks."""
    deployed.answers = [{**REPORT, "changes": [{**CHANGE, "name": "orders [/x]", "deliveries": []}]}]
    ended = deployed.invoke()

    assert ended.stdout.startswith("orders [/x]: running · 40%"), ended.exception


EVIL: Final = "\x1b[2J\x07\x9b31m\u202e"


@pytest.mark.parametrize(
    ("more", "result"),
    [
        ((), {**REPORT, "ok": False, "changes": [], "error": {"kind": "x", "message": f"{EVIL}first\nnext"}}),
        (
            (),
            {
                **REPORT,
                "ok": False,
                "changes": [
                    {
                        **CHANGE,
                        **{key: f"{EVIL}{key}" for key in ("name", "phase", "step")},
                        "deliveries": [
                            {"channel": f"{EVIL}ops", "outcome": f"{EVIL}refused", "alert_count": 1}
                        ],
                        "error": {"kind": "x", "message": f"{EVIL}words"},
                    }
                ],
            },
        ),
        (
            ("--test-alert",),
            {
                "ok": False,
                "trials": [
                    {
                        **trial(f"{EVIL}ops", "retry", f"{EVIL}500", f"{EVIL}remark"),
                        "service": f"{EVIL}json",
                    }
                ],
            },
        ),
        (("--event", "{}"), {"ok": True, "words": EVIL}),
    ],
)
@pytest.mark.parametrize("is_json", [False, True])
def test_nothing_that_is_told_moves_a_terminal(
    deployed: Deployed, more: tuple[str, ...], result: object, *, is_json: bool
) -> None:
    """Neither the answer nor what is waited for."""
    deployed.answers = [result]
    ended = deployed.invoke(*more, "--wait", "0.1", *(["--json"] if is_json else []))

    assert ended.stdout
    assert not [sign for sign in ended.output if not sign.isprintable() and sign != "\n"]


def test_an_answer_may_take_as_long_as_the_function_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other answers have ten seconds at most; here less, for nobody wants to wait as long."""
    monkeypatch.setitem(Transport.__init__.__kwdefaults__ or {}, "answer_seconds_max", 0.3)
    function = Deployed("functiongraph")
    function.takes_seconds = [0.6]
    with function.api:
        ended = function.invoke()

    assert (ended.exit_code, ended.stderr) == (0, "")


@pytest.mark.parametrize("cloud", ["aws", "huaweicloud"])
def test_an_answer_is_awaited_for_longer_than_the_function_may_run(cloud: str) -> None:
    """By its deployment; its start takes a while as well."""
    text = (TOP / "infra" / cloud / "function.tf").read_text(encoding="utf-8")
    (timeout,) = re.findall(r"^ *timeout *= *(\d+)$", text, re.MULTILINE)

    assert int(timeout) + 10 <= ANSWER_SECONDS_MAX


def test_an_answer_that_is_too_large_is_told(deployed: Deployed) -> None:
    """The function has done its job all the same."""
    deployed.answers = [{**REPORT, "changes": [{**CHANGE, "name": "n" * 1_100_000}]}]
    ended = deployed.invoke("--wait", "60")

    assert (ended.exit_code, len(deployed.api.events)) == (1, 1)
    assert "more than 1 MiB" in ended.stderr


def test_an_endpoint_that_nobody_serves_is_told(deployed: Deployed) -> None:
    """And where that is."""
    with socket.create_server((HOST, 0)) as nobody:
        port = nobody.getsockname()[1]
    ended = run("invoke", deployed.target, "--endpoint", f"http://{HOST}:{port}")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"headway: {HOST} could not be reached (")


def test_an_endpoint_that_is_not_there_yet_is_waited_for(deployed: Deployed) -> None:
    """Nothing has left, so a test message is tried again as well."""
    with socket.create_server((HOST, 0)) as nobody:
        port = nobody.getsockname()[1]
    words = ["--endpoint", f"http://{HOST}:{port}", "--test-alert", "--wait", "1"]
    ended = run("invoke", deployed.target, *words)

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "Trying again for up to 1 s." in ended.stderr
    assert "may have gone out" not in ended.stderr


def test_an_answer_that_breaks_off_leaves_it_open_what_has_happened(deployed: Deployed) -> None:
    """A test message is not sent again then."""
    deployed.api.interruptions = [Reply(200, {"Content-Length": "100"}, b"{", breaks_off=True)]
    ended = deployed.invoke("--test-alert", "--wait", "60")

    assert ended.exit_code == 1
    assert ended.stderr.endswith("the function has run is not known.\nA test message may have gone out.\n")


def test_the_variables_of_aws_say_where_lambda_is() -> None:
    """As all its tools take them."""
    function = Deployed("lambda")
    with function.api:
        ended = run("invoke", ARN, environ={"AWS_ENDPOINT_URL": function.api.endpoint})

    assert (ended.exit_code, function.api.events) == (0, [{"manual": True}]), ended.output


def test_a_variable_that_leads_nowhere_ends_with_2() -> None:
    """Named by its name."""
    ended = run("invoke", ARN, environ={"AWS_ENDPOINT_URL": "http://aws.example.com"})

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("headway: The variable AWS_ENDPOINT_URL is unencrypted")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["headway"], "TARGET"),
        ([ARN, "team"], "CHANNEL: channels are named for a test message only: add --test-alert."),
        ([ARN, "--test-alert", "Team"], "headway: `CHANNEL`: `Team` is no channel's name"),
        ([ARN, "--test-alert", "--event", "{}"], "--event: leave out either this or --test-alert."),
        *(
            ([ARN, "--event", text], "--event: this is no JSON.")
            for text in ("{", "NaN", '"\\ud800"', '"\udcff"', "[" * 9999)
        ),
        ([ARN, "--wait", "-1"], "is no number from 0 to 3600."),
        ([ARN, "--endpoint", "http://example.com"], "is unencrypted"),
        ([], "TARGET"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], said: str) -> None:
    """Before anything is asked of anybody."""
    ended = run("invoke", *arguments)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in " ".join(ended.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("target", "variable"),
    [
        *((URN, name) for name in ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK")),
        *((ARN, name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
    ],
)
@pytest.mark.parametrize("value", [None, "", "key\nwith a line break"])
def test_without_an_access_key_it_ends_with_2(target: str, variable: str, value: str | None) -> None:
    """The variable that is missing is named, and its value never."""
    ended = run("invoke", target, environ={variable: value})

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"headway: An access key is needed: the variable {variable} ")
    assert "line break" not in ended.stderr or "with a" not in ended.stderr


SO_FAR: Final = {"ok": False, "trials": [trial("ops"), trial("team", "retry", "500")]}


def interrupt(deployed: Deployed, times_asked: int, *more: str) -> tuple[int, str, str]:
    """Press Ctrl-C a moment after the function was asked so often; what the command ends with."""
    pressed: list[float] = []

    def leave(command: Running) -> None:
        wait_until(lambda: deployed.api.times_asked >= times_asked)
        time.sleep(0.3)
        pressed.append(time.monotonic())
        command.interrupt()

    ended = run_meanwhile(*deployed.arguments("--wait", "60", *more), meanwhile=leave)
    assert time.monotonic() - pressed[0] < 15
    return ended.exit_code, ended.stdout, ended.stderr


@pytest.mark.parametrize("is_running", [False, True])
def test_it_ends_at_once_when_somebody_wants_that(deployed: Deployed, *, is_running: bool) -> None:
    """While it waits for permissions, and while the function runs."""
    if not is_running:
        deployed.api.interruptions = [Refusal(404, "FSS.1051")] * 100
    deployed.takes_seconds = [30]
    exit_code, stdout, stderr = interrupt(deployed, 1)

    assert (exit_code, stdout) == (130, "")
    assert ("The function has not answered yet." in stderr) is is_running
    assert "may have gone out" not in stderr


@pytest.mark.parametrize("is_running", [False, True])
def test_then_it_is_told_who_has_a_test_message(deployed: Deployed, *, is_running: bool) -> None:
    """And who may have one, if the function was just asked for more."""
    deployed.answers = [SO_FAR]
    deployed.takes_seconds = [0, 30]
    exit_code, stdout, stderr = interrupt(deployed, 2 if is_running else 1, "--test-alert")
    sent, retried = stdout.splitlines()

    assert (exit_code, sent) == (130, "ops (json): sent")
    assert retried.startswith("team (json): not taken (500): ")
    last = "headway: The function has not answered yet.\nA test message may have gone out.\n"
    assert stderr.endswith(last) is is_running
    assert ("may have gone out" in stderr) is is_running
