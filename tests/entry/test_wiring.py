"""What an invocation is put together from: keys that are spared, time kept back, secrets struck out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from handler.application import Application
from handler.core.change import ChangeId
from handler.entry import InvocationFailedError, handle
from handler.logs import STRUCK_OUT
from handler.report import Report
from handler.runtimes import read_runtime
from handler.settings import read_settings
from handler.storage import Conditions, open_store
from handler.stores.port import StateUnavailableError
from handler.transport import Response
from handler.wiring import Workshop
from notifiers.dispatch import Sender
from notifiers.messages import Content, Message
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.canned_send import CannedSend
from tests.fakes.clock import FakeClock
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms

CHANGE, OTHER = ChangeId("inst", "task"), ChangeId("inst", "other")
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
MANUAL: Final = {"manual": True}
KEYS: Final = {
    "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
    "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
}
RUNNING = Answer.of_progress(40, ("a", "IN_PROGRESS"), remain_time=36000)
DONE = Answer.of_progress(100, ("a", "COMPLETED"))
KEY_REFUSED = Answer.of_error(401, "APIGW.0301")
TOKEN = "MIIDkgYJKoZIhvcNAQcCoIIDgzCCA38CAQExDTALBg"


class LambdaContext:
    """Lambda's context, as far as it matters."""

    aws_request_id = "lambda-request"

    def __init__(self, seconds: float) -> None:
        """Leave the invocation so much time."""
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """What is left."""
        return round(self._seconds * 1000)


class AgencyContext:
    """FunctionGraph's context with the keys of an agency."""

    def getRequestID(self) -> str:  # noqa: N802 - the vendor's name
        """The platform's id of this invocation."""
        return "functiongraph-request"

    def getSecurityAccessKey(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's access key."""
        return CREDENTIALS.access_key

    def getSecuritySecretKey(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's secret key."""
        return "secret-key-of-the-agency"

    def getSecurityToken(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's token."""
        return TOKEN


class Ear:
    """A sender that keeps what it was sent and answers what a test says."""

    def __init__(self) -> None:
        """Take everything."""
        self.heard: list[Message] = []
        self.verdict = Verdict(Outcome.SENT)
        self.while_hearing: Callable[[], None] = lambda: None

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`."""
        assert timeout_seconds > 0
        self.heard += message.messages
        self.while_hearing()
        return self.verdict


class Platform:
    """A function with a folder for its state, whose processes come and go; `log` is all it has logged."""

    def __init__(self, dms: FakeDms, clock: FakeClock, folder: Path) -> None:
        """Deploy with one channel called `ear`."""
        self.ear = Ear()
        self.log = ""
        self.configuration: dict[str, Any] = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"file:{folder}",
            "watches": [{**CHANGE._asdict(), "name": "orders"}],
        }
        self._clock = clock

    def process(self) -> Workshop:
        """Start a process."""
        senders: Mapping[str, Sender] = {"ear": self.ear}
        return Workshop(self._clock, senders)

    def invoke(
        self,
        *,
        event: object = TIMER,
        context: object = None,
        variables: Mapping[str, str] | None = None,
        process: Workshop | None = None,
    ) -> Report:
        """Invoke the function, in a process of its own unless one is given; then a minute passes."""
        log = io.StringIO()
        environ = {"HEADWAY_CONFIG": json.dumps(self.configuration, indent=1), **KEYS, **(variables or {})}
        application = Application(
            environ, process or self.process(), self._clock, config_path="not-there", log_file=log
        )
        report = application.invoke(event, context).report
        self.log += log.getvalue()
        self._clock.advance(60)
        return report


@pytest.fixture
def clock() -> FakeClock:
    """One clock for the platform, the state and the API."""
    return FakeClock()


@pytest.fixture
def dms(clock: FakeClock) -> Iterator[FakeDms]:
    """Two running changes."""
    with FakeDms(now=clock.now) as server:
        for change in (CHANGE, OTHER):
            server.script_progress(change, RUNNING)
            server.script_task(change, Answer.of_task("EXECUTING"))
        yield server


@pytest.fixture
def platform(dms: FakeDms, clock: FakeClock, tmp_path: Path) -> Platform:
    """A deployed function."""
    return Platform(dms, clock, tmp_path)


@pytest.mark.parametrize("event", [TIMER, MANUAL, None, {}, {"any": "thing"}])
def test_a_job_that_cannot_be_done_raises_for_timers_and_for_people(
    event: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tries by hand sees the failure as the platform does."""
    monkeypatch.setenv("HEADWAY_CONFIG", "huaweicloud:\n  regoin: x\n")

    with pytest.raises(InvocationFailedError, match=r"huaweicloud\.regoin"):
        handle(event, None)


def test_a_person_may_use_a_resting_key_and_a_timer_may_not(platform: Platform, dms: FakeDms) -> None:
    """After a 401 a cold process leaves the key alone, unless somebody asks by hand."""
    platform.invoke()
    dms.script_progress(CHANGE, KEY_REFUSED)
    platform.invoke()
    asked = dms.counts
    resting = platform.invoke()
    assert dms.counts == asked
    by_hand = platform.invoke(event=MANUAL)

    assert dms.counts - asked == {"progress": 1}
    assert (resting["trigger"], by_hand["trigger"]) == ("timer", "manual")
    assert resting["error"]["kind"] == by_hand["error"]["kind"] == "unauthorised"
    assert "is tried again at" in resting["error"]["message"]
    assert "is tried again at" not in by_hand["error"]["message"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"env": "prod"},
        {"schedule_arn": "arn:aws:scheduler:eu-west-1:1:schedule/default/a", "attempt": "1"},
        {"kind": "timer"},
        {"cts": {"trace_id": "t", "trace_name": "n", "resource_type": "kafka", "resource_id": "inst"}},
        {"httpMethod": "POST", "path": "/api/check", "headers": {"authorization": "Bearer " + "t" * 16}},
    ],
)
def test_whatever_a_machine_may_send_again_and_again_leaves_a_resting_key_alone(
    platform: Platform, dms: FakeDms, event: object
) -> None:
    """Six refusals lock it for everybody."""
    platform.configuration["http"] = {"token": "t" * 16}
    dms.script_progress(CHANGE, KEY_REFUSED)
    platform.invoke()
    asked = dms.counts
    report = platform.invoke(event=event)

    assert "is tried again at" in report["changes"][0]["error"]["message"]
    assert dms.counts == asked


def test_a_mended_key_is_seen_at_once_by_whoever_asks_by_hand(platform: Platform, dms: FakeDms) -> None:
    """And after that a timer uses it too."""
    dms.script_progress(CHANGE, KEY_REFUSED)
    platform.invoke()
    dms.script_progress(CHANGE, RUNNING)

    assert not platform.invoke()["ok"]
    assert platform.invoke(event=MANUAL)["ok"]
    assert platform.invoke()["ok"]


def test_a_refused_key_rests_in_a_warm_process_too(platform: Platform, dms: FakeDms) -> None:
    """That a process has used a key does not mean that it was accepted."""
    process = platform.process()
    dms.script_progress(CHANGE, KEY_REFUSED)
    platform.invoke(process=process)
    asked = dms.counts
    platform.invoke(process=process)

    assert dms.counts == asked


class LateContext:
    """FunctionGraph's context of an invocation that has not much of its 60 s left."""

    def __init__(self, seconds: float) -> None:
        """Leave it so much time."""
        self._seconds = seconds

    def getRequestID(self) -> str:  # noqa: N802 - the vendor's name
        """The platform's id of this invocation."""
        return "functiongraph-request"

    def getRemainingTimeInMilliSeconds(self) -> int:  # noqa: N802 - the vendor's name
        """What is left."""
        return round(self._seconds * 1000)


@pytest.mark.parametrize("seconds", [1.0, 10.5, 24.9])
def test_no_send_is_begun_that_could_not_end_before_the_time_for_settling(
    platform: Platform, seconds: float
) -> None:
    """Of 60 s the last 10 are for settling, and a send may take 15; what is left waits, unmarked."""
    platform.ear.verdict = Verdict(Outcome.RETRY)
    platform.invoke()
    platform.ear.verdict = Verdict(Outcome.SENT)
    platform.ear.heard.clear()
    hurried = platform.invoke(context=LateContext(seconds), variables={"RUNTIME_TIMEOUT": "60"})
    heard_in_a_hurry = list(platform.ear.heard)
    (delivery,) = platform.invoke(context=LambdaContext(60))["changes"][0]["deliveries"]

    assert heard_in_a_hurry == []
    assert hurried["changes"][0]["deliveries"] == []
    assert delivery == {"channel": "ear", "outcome": "sent", "alert_count": 2, "possible_repeat": False}
    assert len(platform.ear.heard) == 1


@pytest.mark.parametrize("seconds", [3, 10, 60, 900])
def test_a_function_sends_however_short_its_timeout_is(platform: Platform, seconds: float) -> None:
    """Of a short one each part gets its share."""
    report = platform.invoke(context=LambdaContext(seconds))

    assert [delivery["outcome"] for delivery in report["changes"][0]["deliveries"]] == ["sent"]


def test_a_process_that_thaws_late_begins_no_further_send(platform: Platform, clock: FakeClock) -> None:
    """The wall clock is asked before each send: another invocation may have taken over meanwhile."""
    platform.configuration["watches"].append({**OTHER._asdict(), "name": "other"})
    platform.ear.while_hearing = lambda: clock.freeze(56)
    frozen = platform.invoke(context=LambdaContext(60))
    platform.ear.while_hearing = lambda: None
    thawed = platform.invoke(context=LambdaContext(60))

    sent = [[d["possible_repeat"] for c in r["changes"] for d in c["deliveries"]] for r in (frozen, thawed)]
    assert sent == [[False], [False]]
    assert [message.situation.name for message in platform.ear.heard] == ["orders", "other"]


OTHER_KEYS: Final = {
    "another secret": {"HUAWEICLOUD_SDK_SK": "another secret key"},
    "another key": {"HUAWEICLOUD_SDK_AK": "ANOTHERACCESSKEY"},
    "another token": {"HUAWEICLOUD_SDK_SECURITY_TOKEN": TOKEN},
}


@pytest.mark.parametrize("variables", OTHER_KEYS.values(), ids=OTHER_KEYS.keys())
def test_a_key_is_known_to_be_good_only_while_it_is_the_very_same(
    platform: Platform, dms: FakeDms, variables: Mapping[str, str]
) -> None:
    """A process with another key reads the ledger before it asks, and of an ended change asks nothing."""
    process = platform.process()
    platform.invoke(process=process)
    dms.script_progress(CHANGE, DONE)
    dms.script_task(CHANGE, Answer.of_task("SUCCESS"))
    ended = platform.invoke(process=process)
    asked = dms.counts
    platform.invoke(process=process, variables=variables)

    assert ended["changes"][0]["phase"] == "completed"
    assert dms.counts == asked


def test_a_key_that_is_known_to_be_good_is_used_beside_the_look_into_the_state(
    platform: Platform, dms: FakeDms, tmp_path: Path
) -> None:
    """A warm process does not wait for the ledger, as its asking although there is none to read shows."""
    process = platform.process()
    platform.invoke(process=process)
    asked = dms.counts
    (tmp_path / "changes" / f"{CHANGE}.json").write_bytes(b'{"schema": 99}')
    platform.invoke(process=platform.process())
    assert dms.counts == asked
    platform.invoke(process=process)

    assert dms.counts - asked == {"progress": 1}


@pytest.mark.parametrize(
    "variable",
    [
        "HUAWEICLOUD_SDK_SK",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ],
)
def test_a_secret_of_the_environment_is_struck_out_of_the_log(platform: Platform, variable: str) -> None:
    """Even where somebody has put it into a change's name."""
    platform.configuration["watches"][0]["name"] = f"orders {TOKEN}"
    platform.invoke(variables={variable: TOKEN})

    assert f"orders {STRUCK_OUT}" in platform.log
    assert TOKEN not in platform.log


@pytest.mark.parametrize("secret", [TOKEN, "secret-key-of-the-agency"])
def test_a_secret_of_the_agency_is_struck_out_of_the_log(platform: Platform, secret: str) -> None:
    """It is no variable, yet as secret as one."""
    platform.configuration["watches"][0]["name"] = f"orders {secret}"
    platform.invoke(context=AgencyContext())

    assert f"orders {STRUCK_OUT}" in platform.log
    assert secret not in platform.log


@pytest.mark.parametrize("key", ["secret_key", "security_token"])
def test_a_secret_of_the_configuration_is_struck_out_of_the_log(platform: Platform, key: str) -> None:
    """Whatever is configured as a secret is treated as one."""
    cloud = {"access_key": "ANACCESSKEY", "secret_key": "some secret key", key: TOKEN}
    platform.configuration["huaweicloud"] |= cloud
    platform.configuration["watches"][0]["name"] = f"orders {TOKEN}"
    platform.invoke()

    assert f"orders {STRUCK_OUT}" in platform.log
    assert TOKEN not in platform.log


def test_a_lease_outlives_whatever_its_holder_may_still_do(clock: FakeClock) -> None:
    """However short each exchange is kept, a save may begin as late as the invocation lasts."""
    settings = read_settings(
        {
            "HEADWAY_REGION": "eu-west-101",
            "HEADWAY_PROJECT_ID": PROJECT_ID,
            "HEADWAY_INSTANCE_ID": CHANGE.instance_id,
            "HEADWAY_TASK_ID": CHANGE.task_id,
            "HEADWAY_STATE": "obs://bucket/prefix",
        }.get,
        fetch=lambda _: {},
        read_file=lambda _: None,
        default_path="not-there",
    )
    sent = CannedSend(Response(500, {}, b""))
    conditions = Conditions(sent, clock.now, lambda: 59.0, 15.0, lambda: "name", lambda _: None)
    store = open_store(settings, read_runtime(None, KEYS, clock.monotonic()), conditions)

    with pytest.raises(StateUnavailableError):
        store.save("changes/i/t.json", b"", None)

    assert "/leases/changes/i/t.json/84-name" in sent.requests[0].url
    assert sent.timeouts[0] == 15.0
