"""The heartbeat of whole invocations: who waits hears after each look whether all is fine, and else why."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from handler.application import Application
from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Claim
from handler.entry import InvocationFailedError, handle
from handler.heartbeat import OWN_MATTER
from handler.outcome import Outcome
from handler.runtimes import Runtime
from handler.scope import Scope
from handler.settings import Settings
from handler.wiring import Built, Workshop
from tests.fakes.clock import FakeClock
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms
from tests.fakes.heartbeat_server import PING_KEY, UUID, HeartbeatServer
from tests.fakes.loopback import HOST, QuietHandler
from tests.fakes.private_ca import private_ca
from tests.fakes.proxy_server import running_proxy
from tests.fakes.webhook_server import Answer as WebhookAnswer
from tests.fakes.webhook_server import WebhookServer
from tests.platforms.events import sample

CHANGE: Final = ChangeId("inst", "task")
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
TOKEN: Final = "the-token-of-this-function"
KEYS: Final = {
    "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
    "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
}
NOWHERE: Final = f"http://{HOST}:9"


def timer(**payload: object) -> dict[str, Any]:
    """A timer's event."""
    return {**TIMER, "user_event": json.dumps(payload)}


class LambdaContext:
    """Lambda's context, of a function that has little time."""

    aws_request_id = "lambda-request"

    def __init__(self, seconds: float) -> None:
        """Have so much left."""
        self._milliseconds = round(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        """What is left."""
        return self._milliseconds


class Broken(Workshop):
    """A workshop with a defect, of which nothing is known beforehand."""

    def build(
        self,
        settings: Settings,
        runtime: Runtime,  # noqa: ARG002 - the parent's
        scope: Scope,  # noqa: ARG002 - the parent's
        *,
        heeds_rest: bool,  # noqa: ARG002 - the parent's
    ) -> Built:
        """Fail, with a text that quotes a secret."""
        raise RuntimeError(settings.heartbeat.url and settings.heartbeat.url.reveal())


class Function:
    """A deployed function with a heartbeat and channels `ops` and `team`; `log` is its last line."""

    def __init__(
        self,
        folder: Path,
        clock: FakeClock,
        dms: FakeDms,
        webhooks: WebhookServer,
        heartbeat: HeartbeatServer,
    ) -> None:
        """Deploy it."""
        self.clock = clock
        self.state = folder / "state"
        self.log: Mapping[str, Any] = {}
        self.workshop = Workshop(clock)
        channels = {name: {"url": f"json://{webhooks.location}/{name}"} for name in ("ops", "team")}
        self.configuration: dict[str, Any] = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"file:{self.state}",
            "watches": [{**CHANGE._asdict(), "name": "orders"}],
            "channels": channels,
            "http": {"token": TOKEN},
            "heartbeat": {"url": heartbeat.url},
        }
        self.variables: dict[str, str] = {**KEYS}
        self._log_file = io.StringIO()
        self._application: Application | None = None

    @property
    def environ(self) -> dict[str, str]:
        """Its environment."""
        return {"HEADWAY_CONFIG": json.dumps(self.configuration, indent=1), **self.variables}

    def invoke(self, event: object = TIMER, context: object = None) -> Outcome:
        """Invoke it once more in its one process, whose configuration stays as it was the first time."""
        if self._application is None:
            self._application = Application(
                self.environ, self.workshop, self.clock, config_path="not-there", log_file=self._log_file
            )
        outcome = self._application.invoke(event, context)
        self.log = json.loads(self._log_file.getvalue().splitlines()[-1])
        return outcome

    def break_state(self) -> None:
        """Let nobody read or write the state any more: the way to the folder has no end."""
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.symlink_to(self.state)


@pytest.fixture
def clock() -> FakeClock:
    """One clock for all."""
    return FakeClock()


@pytest.fixture
def dms(clock: FakeClock) -> Iterator[FakeDms]:
    """A change under way."""
    with FakeDms(now=clock.now) as server:
        server.script_progress(CHANGE, Answer.of_progress(40, ("a", "IN_PROGRESS")))
        server.script_task(CHANGE, Answer.of_task("EXECUTING"))
        yield server


@pytest.fixture
def webhooks() -> Iterator[WebhookServer]:
    """The channels' other end, which takes everything."""
    with WebhookServer() as server:
        yield server


@pytest.fixture
def heartbeat() -> Iterator[HeartbeatServer]:
    """Who waits for the heartbeat."""
    with HeartbeatServer() as server:
        yield server


@pytest.fixture
def function(
    tmp_path: Path, clock: FakeClock, dms: FakeDms, webhooks: WebhookServer, heartbeat: HeartbeatServer
) -> Function:
    """A deployed function."""
    return Function(tmp_path, clock, dms, webhooks, heartbeat)


@pytest.mark.parametrize(
    "event",
    [
        TIMER,
        sample("functiongraph-timer-plain-user-event"),
        sample("lambda-schedule"),
        sample("lambda-scheduler-default"),
        sample("lambda-scheduler-custom-input"),
        {},
        {"manual": True},
        None,
    ],
    ids=["timer", "timer-note", "schedule", "scheduler", "custom-input", "empty", "by-hand", "local"],
)
def test_a_good_look_at_all_changes_is_told_to_whoever_waits_for_it(
    function: Function, heartbeat: HeartbeatServer, event: object
) -> None:
    """By the address as it is, once and with nothing to say; the log line has that it was sent."""
    outcome = function.invoke(event)

    assert [(ping.signal, ping.method, ping.body) for ping in heartbeat.pings] == [("success", "GET", "")]
    assert heartbeat.asked == [("GET", f"/{UUID}")]
    assert outcome.report["ok"]
    assert function.log["heartbeat"] == "sent"


@pytest.mark.parametrize(
    "event",
    [
        {"httpMethod": "POST", "path": "/api/check", "headers": {"authorization": f"Bearer {TOKEN}"}}
        | {"pathParameters": {}, "body": ""},
        {"httpMethod": "GET", "path": "/", "headers": {"authorization": f"Bearer {TOKEN}"}}
        | {"pathParameters": {}},
        sample("functiongraph-cts-change-completed"),
        sample("functiongraph-smn"),
        {"test_alert": True},
        {"test_alert": True, "only": []},
        sample("functiongraph-async-destination-failure"),
        "no object",
        timer(only=["inst/task"]),
        {"only": ["inst/task"]},
    ],
    ids=["check", "page", "cts", "smn", "trial", "odd-trial", "notice", "text", "only", "only-by-hand"],
)
@pytest.mark.parametrize("is_down", [False, True])
def test_what_comes_beside_the_timer_does_not_speak_for_it(
    function: Function, heartbeat: HeartbeatServer, *, event: object, is_down: bool
) -> None:
    """Or nobody would hear that the timer is dead."""
    if is_down:
        function.break_state()
    function.invoke(event)

    assert heartbeat.asked == []
    assert "heartbeat" not in function.log


def test_nothing_is_asked_for_without_a_heartbeat(
    function: Function, heartbeat: HeartbeatServer, webhooks: WebhookServer, dms: FakeDms
) -> None:
    """A tick with nothing new makes the one request for progress, as ever."""
    del function.configuration["heartbeat"]
    function.invoke()
    dms.visits.clear()
    webhooks.requests.clear()
    outcome = function.invoke()

    assert dict(dms.counts) == {"progress": 1}
    assert (heartbeat.asked, webhooks.requests) == ([], [])
    assert outcome.beat is None
    assert "heartbeat" not in function.log


def test_one_refusing_channel_is_told_on_the_other_and_to_whoever_waits(
    function: Function, heartbeat: HeartbeatServer, webhooks: WebhookServer, clock: FakeClock
) -> None:
    """At once by the heartbeat, with the next tick on the channel that works, and until it is mended."""
    webhooks.script("/ops", WebhookAnswer(status=404))
    outcome = function.invoke()
    clock.advance(60)
    function.invoke()

    assert not outcome.report["ok"]
    assert not outcome.has_failed
    assert [(ping.signal, ping.method) for ping in heartbeat.pings] == [("fail", "POST")] * 2
    assert [ping.body for ping in heartbeat.pings] == ["Channel ops refuses messages (404)."] * 2
    assert len(webhooks.received("/ops")) == 1
    first, second = (request.json["headway"]["alerts"] for request in webhooks.received("/team"))
    assert [(alert["kind"], alert["channel"]) for alert in second if alert["kind"] == "channel_refused"] == [
        ("channel_refused", "ops")
    ]
    assert "channel_refused" not in {alert["kind"] for alert in first}

    webhooks.script("/ops", WebhookAnswer())
    clock.advance(3600)
    function.invoke()
    assert heartbeat.signals == ["fail", "fail", "success"]


def test_a_change_that_nothing_is_seen_of_is_told_with_how_long(
    function: Function, heartbeat: HeartbeatServer, dms: FakeDms, clock: FakeClock
) -> None:
    """From `unreachable_after` on; before that it may be a blip."""
    function.invoke()
    dms.script_progress(CHANGE, Answer.of_error(503, "APIGW.0105"))
    for _ in range(12):
        clock.advance(60)
        function.invoke()

    assert heartbeat.signals == ["success"] * 11 + ["fail"] * 2
    assert heartbeat.said.startswith("orders: nothing seen for 11 minutes. ")
    assert "503" in heartbeat.said


def test_a_refused_key_is_told(function: Function, heartbeat: HeartbeatServer) -> None:
    """The reason is the one of the report, without what the gateway echoes."""
    function.variables["HUAWEICLOUD_SDK_SK"] = "a-wrong-secret-key"
    outcome = function.invoke()

    assert outcome.report["error"]["kind"] == "unauthorised"
    assert heartbeat.signals == ["fail"]
    assert heartbeat.said == outcome.report["error"]["message"]


def test_keys_that_are_missing_are_told(function: Function, heartbeat: HeartbeatServer) -> None:
    """A configuration that can be read and cannot work has a heartbeat."""
    function.variables.clear()
    function.invoke()

    assert heartbeat.signals == ["fail"]
    assert "HUAWEICLOUD_SDK_AK" in heartbeat.said


@pytest.mark.parametrize(("context", "signals"), [(None, []), (LambdaContext(30.0), ["fail"])])
def test_a_look_by_hand_that_could_not_be_is_no_alarm_from_another_machine(
    function: Function, heartbeat: HeartbeatServer, context: LambdaContext | None, signals: list[str]
) -> None:
    """Keys that are missing there the function may have; what it lacks itself is told."""
    function.variables.clear()
    outcome = function.invoke({"manual": True}, context)

    assert outcome.has_failed
    assert heartbeat.signals == signals
    assert function.log["heartbeat"] == ("sent" if context else OWN_MATTER.note)


def test_a_state_that_is_down_is_told_by_nothing_else(
    function: Function, heartbeat: HeartbeatServer, webhooks: WebhookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The invocation fails, no channel hears of it, and whoever waits hears why."""
    function.break_state()
    for name, text in function.environ.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(InvocationFailedError) as caught:
        handle(TIMER, None)

    assert heartbeat.signals == ["fail"]
    assert heartbeat.said == str(caught.value)
    assert webhooks.requests == []


def test_a_defect_is_told_without_its_text(function: Function, heartbeat: HeartbeatServer) -> None:
    """The invocation fails as it would have; what the error says may quote a secret."""
    function.workshop = Broken(function.clock)
    with pytest.raises(RuntimeError, match=UUID):
        function.invoke()

    assert heartbeat.signals == ["fail"]
    assert "RuntimeError in test_heartbeat.py" in heartbeat.said
    assert UUID not in heartbeat.said


def test_a_search_that_found_nothing_out_is_left_in_doubt(
    function: Function, heartbeat: HeartbeatServer, dms: FakeDms, clock: FakeClock
) -> None:
    """A blip is no alarm; while it goes on the silence is, though no change is known to be out of reach."""
    function.configuration |= {"discover": True, "watches": []}
    function.invoke()
    dms.interrupt("instances", *[Answer.of_error(503, "APIGW.0105")] * 4)
    clock.advance(60)
    outcome = function.invoke()

    assert outcome.report["ok"]
    assert outcome.report["error"]["kind"] == "unavailable"
    assert heartbeat.signals == ["success"]
    assert function.log["heartbeat"].startswith("left out: changes could not be looked for")


@pytest.mark.parametrize(
    ("event", "checks"), [(timer(shard="2/4"), ["headway-2-of-4"]), (TIMER, []), ({"manual": True}, [])]
)
def test_a_part_has_a_heartbeat_of_its_own(
    function: Function, heartbeat: HeartbeatServer, event: object, checks: list[str]
) -> None:
    """By the address's `{shard}`; a look at all changes is none of the parts."""
    function.configuration["heartbeat"]["url"] = f"{heartbeat.endpoint}/{PING_KEY}/headway-{{shard}}?create=1"
    function.invoke(event)

    assert [ping.check for ping in heartbeat.pings] == checks


def test_a_part_does_not_vouch_for_all(function: Function, heartbeat: HeartbeatServer) -> None:
    """With one address for all, three parts would hide that the fourth is dead; the log says what to do."""
    function.invoke(timer(shard="2/4"))

    assert heartbeat.asked == []
    assert "{shard}" in function.log["heartbeat"]


def test_a_failing_part_posts_behind_its_path(function: Function, heartbeat: HeartbeatServer) -> None:
    """The query stays where it was; the service creates the check by it."""
    function.configuration["heartbeat"]["url"] = f"{heartbeat.endpoint}/{PING_KEY}/headway-{{shard}}?create=1"
    function.break_state()
    function.invoke(timer(shard="2/4"))

    assert heartbeat.asked == [("POST", f"/{PING_KEY}/headway-2-of-4/fail?create=1")]
    assert function.log["heartbeat"] == "sent"


def test_a_configuration_that_cannot_be_used_is_told_by_the_variable(
    function: Function, heartbeat: HeartbeatServer
) -> None:
    """All its mistakes, though the rest of it is wrong; without the variable nobody knows the address."""
    function.variables["HEADWAY_HEARTBEAT"] = heartbeat.url
    function.configuration |= {"heartbeat": {"url": "${HEADWAY_HEARTBEAT}"}, "languages": "en"}
    outcome = function.invoke()

    assert outcome.has_failed
    assert heartbeat.signals == ["fail"]
    assert heartbeat.said == outcome.report["error"]["message"]
    assert "languages" in heartbeat.said


@pytest.mark.parametrize("variable", ["no address", ""])
def test_a_configuration_that_nobody_can_read_leaves_the_silence(
    function: Function, heartbeat: HeartbeatServer, variable: str
) -> None:
    """The address stands in what cannot be used, or nowhere."""
    function.variables["HEADWAY_HEARTBEAT"] = variable
    function.configuration["languages"] = "en"
    outcome = function.invoke()

    assert outcome.has_failed
    assert heartbeat.asked == []
    assert "heartbeat" not in function.log


def test_a_timer_that_cannot_be_obeyed_is_told_by_the_variable(
    function: Function, heartbeat: HeartbeatServer
) -> None:
    """Its look is owed all the same."""
    function.variables["HEADWAY_HEARTBEAT"] = heartbeat.url
    function.invoke(timer(shard="9/8"))

    assert heartbeat.signals == ["fail"]
    assert "`shard`" in heartbeat.said


def test_ticks_in_quick_succession_are_told_once_until_something_changes(
    function: Function, heartbeat: HeartbeatServer, clock: FakeClock
) -> None:
    """The service ignores what comes too often; what is new is said at once."""
    for _ in range(3):
        function.invoke()
    assert function.log["heartbeat"] == "sent lately"
    clock.advance(15)
    function.invoke()
    assert heartbeat.signals == ["success"] * 2

    function.break_state()
    function.invoke()
    assert heartbeat.signals == ["success", "success", "fail"]


@pytest.mark.parametrize("let_pass", [FakeClock.advance, FakeClock.freeze])
def test_a_process_that_was_frozen_meanwhile_has_not_told_lately(
    function: Function, heartbeat: HeartbeatServer, let_pass: Callable[[FakeClock, float], None]
) -> None:
    """Whichever of the clocks went on."""
    function.invoke()
    let_pass(function.clock, 60)
    function.invoke()

    assert heartbeat.signals == ["success"] * 2


def test_a_heartbeat_that_hangs_delays_nothing_and_fails_nothing(
    function: Function, heartbeat: HeartbeatServer, webhooks: WebhookServer
) -> None:
    """Every channel has heard by then, and the function answers before its time is up."""
    heartbeat.hangs = True
    began_at = time.monotonic()
    outcome = function.invoke(context=LambdaContext(6))

    assert time.monotonic() - began_at < 6
    assert outcome.report["ok"]
    assert not outcome.has_failed
    assert [request.path for request in webhooks.requests].count("/ops") == 1
    assert function.log["heartbeat"] == "it did not answer in time"
    assert outcome.beat
    assert outcome.beat.is_lost


def test_a_heartbeat_that_hangs_is_not_waited_for_by_each_of_many_ticks(
    function: Function, heartbeat: HeartbeatServer
) -> None:
    """Who ticks often is held up once in a quarter of a minute at most; each log line says why."""
    heartbeat.hangs = True
    for _ in range(3):
        function.invoke(context=LambdaContext(3))

    assert len(heartbeat.asked) == 1
    assert function.log["heartbeat"] == "it did not answer in time"


def test_all_else_leaves_the_heartbeat_its_time(
    function: Function, heartbeat: HeartbeatServer, webhooks: WebhookServer, clock: FakeClock
) -> None:
    """A send after which only the last seconds are left is not recorded any more, but told of."""

    class Slow(WebhookServer):
        def visit(self, handler: QuietHandler) -> None:
            clock.advance(56)
            super().visit(handler)

    with Slow() as slow:
        function.configuration["channels"] = {"ops": {"url": f"json://{slow.location}/"}}
        outcome = function.invoke()

    assert outcome.report["changes"][0]["deliveries"][0]["outcome"] == "sent"
    assert heartbeat.signals == ["fail"]
    assert "could not be recorded" in heartbeat.said
    assert webhooks.requests == []


def test_a_claim_outlives_the_platforms_timeout_though_a_heartbeat_ends_all_else_earlier(
    function: Function, clock: FakeClock
) -> None:
    """By the 15 seconds that it outlives every other holder; the platform would end a send only then."""
    claims: list[Claim | None] = []

    class Looking(WebhookServer):
        def visit(self, handler: QuietHandler) -> None:
            kept = decode((function.state / "changes" / "inst" / "task.json").read_bytes())
            claims.append(kept.channels["ops"].claim)
            super().visit(handler)

    begun = clock.now()
    with Looking() as looking:
        function.configuration["channels"] = {"ops": {"url": f"json://{looking.location}/"}}
        function.invoke()

    assert [claim and claim.until - begun for claim in claims] == [timedelta(seconds=60 + 15)]


def test_without_any_time_none_is_sent(
    function: Function, heartbeat: HeartbeatServer, clock: FakeClock
) -> None:
    """The report and its line come first."""

    class Slow(WebhookServer):
        def visit(self, handler: QuietHandler) -> None:
            clock.advance(59.5)
            super().visit(handler)

    with Slow() as slow:
        function.configuration["channels"] = {"ops": {"url": f"json://{slow.location}/"}}
        function.invoke()

    assert heartbeat.asked == []
    assert function.log["heartbeat"] == "no time was left for it"


@pytest.mark.parametrize(
    ("url", "note"),
    [
        (f"{NOWHERE}/s3cr3t-path", "it could not be reached (Connection refused)"),
        ("http://s3cr3t-host.invalid/x", "it could not be reached ("),
    ],
)
def test_a_heartbeat_that_is_not_there_is_a_note_without_its_address(
    function: Function, url: str, note: str
) -> None:
    """In the log line, and nowhere else."""
    function.configuration["heartbeat"]["url"] = url
    outcome = function.invoke()

    assert function.log["heartbeat"].startswith(note)
    assert "s3cr3t" not in f"{function.log} {outcome}"
    assert outcome.report["ok"]


def test_an_address_that_the_service_does_not_know_is_noted(
    function: Function, heartbeat: HeartbeatServer
) -> None:
    """It says so with status 200 and `OK`."""
    function.configuration["heartbeat"]["url"] = heartbeat.url.replace("5bf6", "5bf7")
    function.invoke()

    assert heartbeat.pings == []
    assert function.log["heartbeat"] == "it answered: not found"


def test_a_heartbeat_goes_out_through_the_companys_proxy_and_trusts_its_authority(
    function: Function, tmp_path: Path
) -> None:
    """By the same way as all else."""
    authority = private_ca(tmp_path)
    with running_proxy() as (address, targets), HeartbeatServer(authority.server_context) as heartbeat:
        function.configuration["network"] = {
            "proxy": f"http://user:p%40ss@{address}",
            "ca_file": str(authority.ca_file),
        }
        function.configuration["heartbeat"]["url"] = heartbeat.url
        function.configuration["discover"] = False
        function.invoke()

        assert f"{HOST}:{heartbeat.port}" in targets
        assert heartbeat.signals == ["success"]


def test_the_address_of_a_heartbeat_is_shown_to_nobody(
    function: Function, heartbeat: HeartbeatServer, webhooks: WebhookServer
) -> None:
    """Not in the report, the log, an outcome, settings or what channels are told."""
    outcome = function.invoke()
    settings = Application(
        function.environ, function.workshop, function.clock, config_path="not-there"
    ).settings()
    shown = f"{outcome!r} {outcome.report} {function.log} {settings!r} {webhooks.requests}"

    assert heartbeat.signals == ["success"]
    assert UUID not in shown
    assert heartbeat.endpoint not in shown
