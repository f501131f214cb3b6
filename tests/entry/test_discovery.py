"""Changes that nobody names, from event to report: the whole application against a simulated project and S3.

What it costs is told by the counters of both servers.
"""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from handler.application import Application
from handler.core.change import ChangeId
from handler.core.reading import TimeUnit
from handler.entry import InvocationFailedError, handle
from handler.huaweicloud.dms import DmsClient
from handler.huaweicloud.pace import Pace
from handler.huaweicloud.signing import Credentials
from handler.local.simulation.answers import NO_API, NO_PROGRESS
from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Instance, Project, SimulatedTask
from handler.local.simulation.script import Script, ScriptedStep
from handler.local.simulation.simulator import ProjectSimulator
from handler.outcome import Outcome
from handler.report import Report
from handler.transport import Request, Response, TransportError
from handler.wiring import Workshop
from notifiers.messages import Content
from notifiers.rates import PAUSE_SECONDS
from notifiers.verdicts import Outcome as Sent
from notifiers.verdicts import Verdict
from tests.fakes.clock import START, FakeClock
from tests.fakes.dms_server import (
    CREDENTIALS,
    PROJECT_ID,
    Answer,
    FakeDms,
    a_task,
    an_instance,
)
from tests.fakes.s3_server import FakeS3, Fault
from tests.fakes.webhook_server import Answer as HookAnswer
from tests.fakes.webhook_server import WebhookServer

EVENTS: Final = Path(__file__).parents[1] / "edge" / "events"
MANUAL: Final = {"manual": True}
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
LONG_AGO: Final = START - timedelta(days=100)
SCRIPT: Final = Script((ScriptedStep("pre_check", 60), ScriptedStep("disk_expansion", 240)))


def timer(**payload: object) -> dict[str, Any]:
    """A timer's event."""
    return {"trigger_type": "TIMER", "user_event": json.dumps(payload)}


def trace(what: str, instance_id: str) -> dict[str, Any]:
    """A trace of CTS's about an instance; `what` is as in the names of the sample events."""
    event: dict[str, Any] = json.loads((EVENTS / f"functiongraph-cts-change-{what}.json").read_text())
    event["cts"]["resource_id"] = instance_id
    return event


def change(task_id: str, begins_after: timedelta) -> Playback:
    """A change of five minutes."""
    return Playback(SCRIPT, task_id, START + begins_after, name="modifySpecification")


def instance(number: int, *tasks: SimulatedTask, extending_after: timedelta = MINUTE) -> Instance:
    """An instance, `i-7` called `kafka-7`."""
    return Instance(f"i-{number}", f"kafka-{number}", LONG_AGO, tasks, extending_after.total_seconds())


class Ear:
    """A sender that takes everything; `heard` counts each alert, `kinds` are those of a change, in order."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.heard: Counter[str] = Counter()
        self.kinds: dict[str, list[str]] = {}

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`."""
        assert timeout_seconds > 0
        self.heard.update(message.alert_ids)
        for one in message.messages:
            kinds = self.kinds.setdefault(one.situation.change_id, [])
            kinds += [alert.kind.value for alert in one.alerts]
        return Verdict(Sent.SENT)


class Site:
    """A function that watches a project, tick by tick; all clocks are one."""

    def __init__(
        self, simulator: ProjectSimulator, s3: FakeS3, clock: FakeClock, **configuration: object
    ) -> None:
        """Deploy it."""
        self.simulator = simulator
        self.s3 = s3
        self.clock = clock
        self.ear = Ear()
        self.log = io.StringIO()
        state = f"s3://{s3.bucket}/p?region={s3.region}&endpoint={s3.endpoint}&path_style=true"
        cloud = {
            "region": "simulated-1",
            "project_id": simulator.project_id,
            "endpoint": simulator.url,
            "access_key": simulator.credentials.access_key,
            "secret_key": simulator.credentials.secret_key,
        }
        configured = {"discover": True} | configuration
        self._environ = {
            "HEADWAY_CONFIG": json.dumps({"huaweicloud": cloud, "state": state, **configured}, indent=1),
            "AWS_ACCESS_KEY_ID": s3.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.credentials.secret_key,
        }
        self.restart()

    def restart(self) -> None:
        """Go on in a fresh process."""
        workshop = Workshop(self.clock, {"ear": self.ear})
        self._application = Application(
            self._environ, workshop, self.clock, config_path="not-there", log_file=self.log
        )

    def wake(self, event: object = None, *, after: timedelta = MINUTE) -> Outcome:
        """Let an event wake the function, a timer's unless told otherwise; then time passes."""
        outcome = self._application.invoke(timer() if event is None else event, None)
        self.clock.advance(after.total_seconds())
        return outcome

    def tick(self, event: object = None, *, after: timedelta = MINUTE) -> Report:
        """The same; only its report."""
        return self.wake(event, after=after).report

    def markers(self, below: str) -> list[str]:
        """The names of the markers that stand in the store below this one."""
        return [name for name in self.s3.objects if name.startswith(f"p/active/{below}")]

    def lose_markers(self, below: str) -> None:
        """Let the store refuse the next marker below this one."""
        self.s3.fail_next(Fault.FORBIDDEN, method="PUT", at=f"/{self.s3.bucket}/p/active/{below}")

    def costs(self) -> dict[str, int]:
        """How many requests both servers have counted since they were last asked."""
        counts = dict(self.simulator.counts + self.s3.counts)
        self.simulator.counts.clear()
        self.s3.counts.clear()
        return counts

    def last_line(self) -> dict[str, Any]:
        """What stands in the last line of the log."""
        line: dict[str, Any] = json.loads(self.log.getvalue().splitlines()[-1])
        return line


Deploy = Callable[..., Site]


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    """Play a project of these instances, and watch it."""
    with ExitStack() as stack:

        def play(*instances: Instance, **configuration: object) -> Site:
            clock = FakeClock()
            project = Project(START, instances)
            simulator = stack.enter_context(ProjectSimulator(project, now=clock.now))
            s3 = stack.enter_context(FakeS3(now=clock.now))
            return Site(simulator, s3, clock, **configuration)

        yield play


def is_told_whole(site: Site, change: str) -> bool:
    """Whether a change was told from its start to its end, each of it once."""
    kinds = site.ear.kinds.get(change, [])
    heard = [count for alert, count in site.ear.heard.items() if alert.partition("#")[0] == change]
    return kinds[:1] == ["started"] and kinds[-1:] == ["completed"] and set(heard) == {1}


# What it costs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_cold", [True, False])
def test_with_nothing_going_on_a_tick_costs_a_request_per_fifty_instances_a_tenth_and_a_list(
    deploy: Deploy, *, is_cold: bool
) -> None:
    """Also for a fresh process, which has never used its key."""
    site = deploy(*map(instance, range(120)))
    for _ in range(5):
        if is_cold:
            site.restart()
        assert site.tick()["ok"]
        assert site.costs() == {"instances": 3, "tasks": 12, "LIST": 1}


def test_on_the_day_after_a_change_and_other_tasks_a_tick_costs_no_more(deploy: Deploy) -> None:
    """The change was told, and the other kinds of task have been met: from then on lists are all it takes."""
    site = deploy(
        instance(0, change("c-0", MINUTE)),
        instance(1, Chore("c-1", "restart", START + MINUTE, 120)),
        instance(2, Chore("c-2", "kafkaConfigModify", START + MINUTE, 5)),
        instance(3, Chore("c-3", "publicAccess", START + MINUTE, 5, progress_error=NO_PROGRESS)),
        *map(instance, range(4, 20)),
    )
    for _ in range(30):
        site.tick()
    site.costs()
    for _ in range(110):
        site.tick(after=15 * MINUTE)
    costs = site.costs()

    assert is_told_whole(site, "i-0/c-0")
    assert set(site.ear.kinds) == {"i-0/c-0"}
    # The note of what was told is removed when lists do not bring it up any more.
    assert costs == {"instances": 110, "tasks": 220, "LIST": 110, "DELETE": 1}


def test_a_change_that_is_followed_costs_what_a_configured_one_does(deploy: Deploy) -> None:
    """Its progress and its ledger; and its instance's tasks are listed each time, for it changes."""
    site = deploy(
        instance(0, change("c-0", -MINUTE), extending_after=timedelta()), *map(instance, range(1, 11))
    )
    site.tick(after=timedelta())
    site.costs()
    site.tick()

    assert site.costs() == {"instances": 1, "tasks": 2, "LIST": 1, "progress": 1, "GET": 1}


# A change from beginning to end -----------------------------------------------------------------------------


def test_a_change_that_somebody_begins_is_told_from_its_start_to_its_end(deploy: Deploy) -> None:
    """In a cold process each time, and although its instance's name is all that is known of it."""
    site = deploy(instance(0, change("c-0", 2 * MINUTE)), instance(1))
    reports = []
    for _ in range(12):
        site.restart()
        reports.append(site.tick())

    assert all(report["ok"] and report["error"] is None for report in reports)
    assert is_told_whole(site, "i-0/c-0")
    assert {one["name"] for report in reports for one in report["changes"]} == {"kafka-0"}
    assert [one["phase"] for report in reports for one in report["changes"]][-1] == "completed"
    assert reports[-1]["changes"] == []


def test_a_change_that_ended_before_one_began_to_watch_is_told_within_a_day(deploy: Deploy) -> None:
    """One that is longer ago is not."""
    site = deploy(
        instance(0, change("new", -2 * HOUR)),
        instance(1, change("old", -25 * HOUR)),
    )
    for _ in range(15):
        site.tick()

    assert {name: kinds[-1] for name, kinds in site.ear.kinds.items()} == {"i-0/new": "completed"}
    assert set(site.ear.heard.values()) == {1}


def test_only_instances_whose_names_fit_are_watched(deploy: Deploy) -> None:
    """And one that is named by its id, under the name that it has there."""
    site = deploy(
        instance(1, change("c-1", timedelta())),
        instance(2, change("c-2", timedelta())),
        instance(33, change("c-33", timedelta())),
        discover=["kafka-3*"],
        watches=[{"instance_id": "i-2", "name": "orders"}],
    )
    reports = [site.tick() for _ in range(3)]

    assert set(site.ear.kinds) == {"i-2/c-2", "i-33/c-33"}
    assert {one["name"] for one in reports[-1]["changes"]} == {"orders", "kafka-33"}


def test_the_log_tells_what_was_searched_and_which_kinds_of_task_there_are(deploy: Deploy) -> None:
    """Strangers are there and not in the report; an invocation without a search says nothing of one."""
    site = deploy(
        instance(0, change("c-0", timedelta()), extending_after=timedelta()),
        instance(1, Chore("c-1", "restart", START, 3600)),
        *map(instance, range(2, 7)),
    )
    report = site.tick()
    searched = site.last_line()
    site.tick(timer(only=["i-0/c-0"]))

    assert [one["id"] for one in report["changes"]] == ["i-0/c-0"]
    assert searched["discovery"] == {
        "instances": 7,
        "matching": 7,
        "asked": 3,
        "changes": ["modifySpecification"],
        "other_tasks": ["restart"],
    }
    assert "discovery" not in site.last_line()


# A flood ----------------------------------------------------------------------------------------------------


class Narrow(Ear):
    """A sender that finds digests too large, and refuses the first message after one; keeps the moments."""

    def __init__(self) -> None:
        """Have been asked nothing."""
        super().__init__()
        self.moments: list[float] = []

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`."""
        self.moments.append(time.monotonic())
        super().send(message, timeout_seconds)
        return Verdict(Sent.REFUSED, "413" if len(message.messages) > 1 else "401")


def test_a_service_with_a_rate_is_left_alone_before_a_digest_that_it_refused_is_sent_apart(
    deploy: Deploy,
) -> None:
    """To send apart is a second dispatch of the same invocation, and counts for the service as any other."""
    changes = (change(f"c-{number}", timedelta()) for number in range(6))
    site = deploy(
        *(instance(number, one, extending_after=timedelta()) for number, one in enumerate(changes)),
        channels={"ear": {"url": "discord://0000/token"}},
    )
    site.ear = ear = Narrow()
    site.restart()
    site.tick()

    digest_at, apart_at = ear.moments
    assert apart_at - digest_at >= PAUSE_SECONDS["discord"]


# What CTS says ----------------------------------------------------------------------------------------------


def test_what_was_ordered_is_found_as_soon_as_it_shows_while_its_instance_seems_at_rest(
    deploy: Deploy,
) -> None:
    """One of sixty instances, which says RUNNING all the while; the task shows three minutes later."""
    ordered = instance(7, change("c-7", 3 * MINUTE), extending_after=HOUR)
    site = deploy(*map(instance, range(7)), ordered, *map(instance, range(8, 60)))
    site.tick(trace("accepted", "i-7"))
    before = dict(site.ear.kinds)
    for _ in range(2):
        site.tick()
    found = site.tick()
    for _ in range(10):
        site.tick()

    assert before == {}
    assert [one["alerts"] for one in found["changes"]] == [["started", "step_started"]]
    assert is_told_whole(site, "i-7/c-7")
    assert not [name for name in site.s3.objects if "_expected" in name]


def test_an_order_costs_two_requests_until_its_change_shows(deploy: Deploy) -> None:
    """Where all instances are looked through, one of them more has its tasks listed."""
    site = deploy(*map(instance, range(60)))
    site.tick(trace("accepted", "i-7"))
    at_once = site.costs()
    site.tick()

    assert at_once == {"instances": 1, "tasks": 1, "LIST": 1, "PUT": 1}
    assert site.costs() == {"instances": 2, "tasks": 7, "LIST": 1}


@pytest.mark.parametrize("what", ["completed", "failed"])
def test_a_trace_of_an_end_is_only_a_hint_to_look(deploy: Deploy, what: str) -> None:
    """The API says that the change goes on, so nothing has ended; the look finds how far it is."""
    site = deploy(instance(0, change("c-0", timedelta())), instance(1, change("c-1", timedelta())))
    report = site.tick(trace(what, "i-0"))

    assert report["trigger"] == "hint"
    assert [(one["id"], one["phase"]) for one in report["changes"]] == [("i-0/c-0", "running")]
    assert site.ear.kinds == {"i-0/c-0": ["started", "step_started"]}
    assert not [name for name in site.s3.objects if "_expected" in name]


# What stands in the way -------------------------------------------------------------------------------------


def test_a_refused_key_is_tried_once_in_ten_minutes_and_by_hand_at_once(deploy: Deploy) -> None:
    """No change is known, so no ledger could tell of it; a marker does, to cold processes too."""
    site = deploy(*map(instance, range(60)))
    good = site.simulator.credentials
    site.simulator.credentials = Credentials("ANOTHERKEY", "another secret")
    reports = []
    for _ in range(30):
        site.restart()
        reports.append(site.tick())
    by_timer = site.costs()
    site.tick(MANUAL)
    by_hand = site.costs()
    site.simulator.credentials = good
    still_rests, mended, after = site.tick(), site.tick(MANUAL), site.tick()

    assert by_timer["refused"] == 3
    assert set(by_timer) == {"refused", "LIST", "PUT", "DELETE"}
    assert by_hand["refused"] == 1
    assert {report["error"]["kind"] for report in reports} == {"unauthorised"}
    assert not any(report["ok"] for report in reports)
    assert [report["ok"] for report in (still_rests, mended, after)] == [False, True, True]
    assert not [name for name in site.s3.objects if "_key" in name]


def test_that_one_key_was_refused_keeps_no_other_key_from_being_used(deploy: Deploy) -> None:
    """Whoever replaces it is not kept waiting; and its name in the store tells nobody what it is."""
    site = deploy(*map(instance, range(3)))
    site.simulator.credentials = Credentials("ANOTHERKEY", "another secret")
    refused = site.tick()
    replaced = Site(site.simulator, site.s3, site.clock)
    site.restart()
    reports = [replaced.tick(), site.tick()]

    (name,) = site.markers("_key/")
    assert [report["ok"] for report in (refused, *reports)] == [False, True, False]
    assert re.fullmatch(r"p/active/_key/[0-9a-f]{8}/refused-\d+", name)


def client(access_key: str, secret_key: str) -> DmsClient:
    """A client with this key; what it asks goes nowhere."""

    def send(request: Request, *, timeout_seconds: float) -> Response:
        message = f"Nobody is there for {request.method} in {timeout_seconds} s."
        raise TransportError(message, timed_out=False, request_sent=False)

    return DmsClient(
        send,
        endpoint="https://dms.example.com",
        project_id=PROJECT_ID,
        credentials=Credentials(access_key, secret_key),
        unit=TimeUnit.SECONDS,
        pace=Pace(1000, lambda: 0.0, lambda _: None),
        now=FakeClock().now,
        timeout_seconds=lambda: 1.0,
        exchange_seconds=1.0,
    )


def test_a_key_goes_by_a_name_of_its_own_in_which_it_cannot_be_read() -> None:
    """Everywhere by the same; with another secret, or split elsewhere, it is another key."""
    name = client("ACCESSKEY", "a secret").key_name
    others = {
        client(*pair).key_name
        for pair in [("ACCESSKEY", "another"), ("OTHERKEY", "a secret"), ("ACCESSKEYa", " secret")]
    }

    assert client("ACCESSKEY", "a secret").key_name == name
    assert len(others - {name}) == 3
    assert all(re.fullmatch(r"[0-9a-f]{8}", one) for one in (name, *others))


def test_a_marker_that_cannot_be_put_is_an_error_and_no_failure(deploy: Deploy) -> None:
    """The change that is configured was looked at, and told: the platform's alarm is for something else."""
    site = deploy(
        instance(0, change("c-0", timedelta()), extending_after=timedelta()),
        instance(1, Chore("c-1", "restart", START - HOUR, 60)),
        watches=[{"instance_id": "i-0", "task_id": "c-0", "name": "orders"}],
    )
    site.lose_markers("_other/")
    failing = site.wake()
    told = {name: list(kinds) for name, kinds in site.ear.kinds.items()}
    again = site.wake()

    assert (failing.report["ok"], failing.report["error"]["kind"]) == (False, "state_unavailable")
    assert [one["error"] for one in failing.report["changes"]] == [None]
    assert told == {"i-0/c-0": ["started", "step_started"]}
    assert (again.report["ok"], again.report["error"]) == (True, None)
    assert [outcome.has_failed for outcome in (failing, again)] == [False, False]


def test_a_marker_that_cannot_be_put_is_a_failure_where_nothing_was_looked_at(deploy: Deploy) -> None:
    """Nothing shows that the store is good for anything."""
    site = deploy(instance(1, Chore("c-1", "restart", START - HOUR, 60)))
    site.lose_markers("_other/")
    failing, again = site.wake(), site.wake()

    assert (failing.report["ok"], failing.report["error"]["kind"]) == (False, "state_unavailable")
    assert [outcome.has_failed for outcome in (failing, again)] == [True, False]


def test_an_order_that_cannot_be_remembered_is_a_failure_where_nothing_shows_yet(deploy: Deploy) -> None:
    """Nobody tells of it a second time."""
    site = deploy(*map(instance, range(20)))
    site.lose_markers("i-7/_expected")
    failing = site.wake(trace("accepted", "i-7"))

    assert (failing.report["ok"], failing.report["error"]["kind"]) == (False, "state_unavailable")
    assert failing.has_failed


def test_a_region_without_the_progress_call_says_so_and_goes_on(deploy: Deploy) -> None:
    """It is no failure of the function's; what is configured is followed by its task's own word."""
    site = deploy(
        instance(
            0,
            Chore("c-0", "modifySpecification", START, 3600, progress_error=NO_API),
            Chore("c-1", "modifySpecification", START, 90, progress_error=NO_API),
        ),
        watches=[{"instance_id": "i-0", "task_id": "c-1", "name": "orders"}],
    )
    reports = [site.tick() for _ in range(3)]

    assert [(report["ok"], report["error"]["kind"]) for report in reports] == [(True, "not_found")] * 3
    assert site.ear.kinds == {"i-0/c-1": ["started", "completed"]}


def test_without_the_list_of_markers_what_is_configured_is_followed_all_the_same(deploy: Deploy) -> None:
    """And the report says why the rest may be missing."""
    site = deploy(
        instance(0, change("c-0", timedelta())),
        watches=[{"instance_id": "i-0", "task_id": "c-0", "name": "orders"}],
    )
    site.s3.fail_next(Fault.FORBIDDEN, method="LIST")
    report = site.tick()

    assert site.ear.kinds == {"i-0/c-0": ["started", "step_started"]}
    assert [one["error"] for one in report["changes"]] == [None]
    assert (report["ok"], report["error"]["kind"]) == (False, "state_unavailable")
    assert site.tick()["ok"]


@pytest.fixture
def dms() -> Iterator[FakeDms]:
    """A running change, `inst/task`, in a project of one instance."""
    with FakeDms() as server:
        server.hold_instances(an_instance("inst", "orders", "EXTENDING"))
        server.hold_tasks("inst", a_task("task"))
        progress = Answer.of_progress(40, ("a", "IN_PROGRESS"), remain_time=36000)
        server.script_progress(ChangeId("inst", "task"), progress)
        server.script_task(ChangeId("inst", "task"), Answer.of_task("EXECUTING"))
        yield server


@pytest.fixture
def hook() -> Iterator[WebhookServer]:
    """A channel's other end."""
    with WebhookServer() as server:
        yield server


@pytest.fixture
def deployed(dms: FakeDms, hook: WebhookServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The function as a platform runs it, which discovers and has one channel."""
    cloud = {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint}
    configuration = {
        "huaweicloud": cloud,
        "state": f"file:{tmp_path}",
        "discover": True,
        "channels": {"ops": {"url": f"json://{hook.location}"}},
    }
    monkeypatch.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", CREDENTIALS.access_key)
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", CREDENTIALS.secret_key)


BLIP: Final = Answer.of_error(503, "DMS.00500000")


@pytest.mark.parametrize("kind", ["instances", "tasks"])
@pytest.mark.usefixtures("deployed")
def test_a_list_that_fails_once_is_an_error_and_no_failure(dms: FakeDms, kind: str) -> None:
    """The report says what is missing, and is fine: the next tick finds it."""
    dms.interrupt(kind, BLIP, BLIP)
    blind = handle(timer(), None)
    report = handle(timer(), None)

    assert (blind["ok"], blind["error"]["kind"], blind["changes"]) == (True, "unavailable", [])
    assert (report["ok"], report["error"]) == (True, None)
    assert [one["alerts"] for one in report["changes"]] == [["started", "step_started"]]


@pytest.mark.usefixtures("deployed")
def test_a_list_that_fails_while_a_channel_refuses_does_not_raise(dms: FakeDms, hook: WebhookServer) -> None:
    """Each of them is a report and no alarm, and so are both together: the job is being done."""
    hook.answer_all(HookAnswer(status=404))
    refused = handle(timer(), None)
    dms.interrupt("instances", BLIP, BLIP)
    both = handle(timer(), None)

    assert (refused["ok"], refused["error"]) == (False, None)
    assert (both["ok"], both["error"]["kind"]) == (False, "unavailable")


FORBIDDEN: Final = Answer.of_error(403, "APIGW.0302")


@pytest.mark.usefixtures("deployed")
def test_tasks_that_may_not_be_listed_are_an_error_and_no_failure_beside_a_change_that_is_fine(
    dms: FakeDms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permission is missing for one instance; what is configured is followed all the same."""
    watch = {"instance_id": "inst", "task_id": "task", "name": "orders"}
    configuration = json.loads(os.environ["HEADWAY_CONFIG"]) | {"watches": [watch]}
    monkeypatch.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))
    dms.interrupt("tasks", FORBIDDEN)
    report = handle(timer(), None)
    again = handle(timer(), None)

    assert (report["ok"], report["error"]["kind"]) == (False, "unauthorised")
    assert "dms:instance" in report["error"]["message"]
    assert [(one["alerts"], one["error"]) for one in report["changes"]] == [
        (["started", "step_started"], None)
    ]
    assert (again["ok"], again["error"]) == (True, None)


@pytest.mark.usefixtures("deployed")
def test_tasks_that_may_not_be_listed_are_a_failure_where_no_change_is_looked_at(dms: FakeDms) -> None:
    """Nothing will be found until somebody grants the permission."""
    dms.interrupt("tasks", FORBIDDEN)

    with pytest.raises(InvocationFailedError, match="dms:instance"):
        handle(timer(), None)


@pytest.mark.usefixtures("deployed")
def test_a_search_that_may_not_be_made_raises(dms: FakeDms) -> None:
    """Nothing will be found until somebody grants the permission."""
    dms.interrupt("instances", FORBIDDEN)

    with pytest.raises(InvocationFailedError, match="dms:instance:list"):
        handle(timer(), None)


# Parts ------------------------------------------------------------------------------------------------------


def test_timers_that_share_the_work_miss_nothing_and_say_nothing_twice(deploy: Deploy) -> None:
    """First two of them, from the fourth minute on three."""
    site = deploy(*(instance(n, change(f"c-{n}", n % 3 * MINUTE)) for n in range(9)))
    for minute in range(10):
        count = 2 if minute < 4 else 3
        for index in range(1, count + 1):
            report = site.tick(timer(shard=f"{index}/{count}"), after=timedelta())
            assert report["ok"]
            assert all(one["error"] is None for one in report["changes"])
        site.clock.advance(60)

    assert all(is_told_whole(site, f"i-{n}/c-{n}") for n in range(9))
    assert len(site.ear.kinds) == 9


def test_a_payload_that_names_changes_searches_for_nothing(deploy: Deploy) -> None:
    """One LIST, and what the named change costs."""
    changes = (change(f"c-{n}", timedelta()) for n in range(3))
    site = deploy(*(instance(n, one, extending_after=timedelta()) for n, one in enumerate(changes)))
    site.tick()
    site.costs()
    report = site.tick(timer(only=["i-1/c-1"]))

    assert [one["id"] for one in report["changes"]] == ["i-1/c-1"]
    costs = site.costs()
    assert (costs.get("instances"), costs.get("tasks"), costs["progress"], costs["LIST"]) == (
        None,
        None,
        1,
        1,
    )
