"""What is registered over HTTP is followed from the next tick to its end, and no longer than is wanted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from apprise.plugins.slack import NotifySlack

from handler.clock import Clock
from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.entry import handle
from handler.huaweicloud.signing import Credentials
from handler.machine import SystemClock
from handler.stores.folder import FolderStore
from tests.fakes.dms_server import PROJECT_ID, Answer, FakeDms, a_task, an_instance
from tests.fakes.s3_server import FakeS3, Fault
from tests.fakes.webhook_server import Answer as WebhookAnswer
from tests.fakes.webhook_server import WebhookServer
from tests.platforms.functiongraph_gateway import request as apig_request
from tests.platforms.lambda_events import REQUESTS
from tests.platforms.lambda_events import request as lambda_request

CHANGE: Final = ChangeId("inst", "task")
SECOND: Final = ChangeId("inst", "task-2")
TOKEN: Final = "the-token-of-this-function"
BEARER: Final = f"Bearer {TOKEN}"
WATCHES: Final = "/api/watches"
OF_CHANGE: Final = f"{WATCHES}/inst/task"
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
ORDERS: Final = {"instance_id": "inst", "task_id": "task", "name": "orders", "reason": "followed"}
EXPECTED: Final = {"instance_id": "inst", "task_id": None, "name": None, "reason": "expected"}
STARTED: Final = (
    "orders: capacity change started · 40% · about 1 minute left · done around TIME · no action needed"
)
CLOCK: Final[Clock] = SystemClock()
_NUMBERS: Final = count()
IN_S3: Final = pytest.mark.parametrize("place", ["s3"], indirect=True)
IAM: Final = "lambda-url-post-iam-base64"


class FolderPlace:
    """A state in a folder, as the function and as a test see it."""

    variables: Mapping[str, str] = {}

    def __init__(self, folder: Path) -> None:
        """Put nothing there."""
        self.state = f"file:{folder}"
        self._folder = folder
        self._store = FolderStore(folder, CLOCK.now)

    def documents(self) -> dict[str, bytes]:
        """All that is kept."""
        return {key: (self._folder / key).read_bytes() for key in self._store.list("")}

    @contextmanager
    def down(self) -> Iterator[None]:
        """Let nobody read or write anything while the block runs: the way to the folder has no end."""
        self._folder.symlink_to(self._folder)
        yield
        self._folder.unlink()


class S3Place:
    """A state in S3, as the function and as a test see it."""

    def __init__(self, s3: FakeS3) -> None:
        """Put nothing there."""
        self.state = f"s3://{s3.bucket}/p?region={s3.region}&endpoint={s3.endpoint}&path_style=true"
        keys = s3.credentials
        self.variables = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
        self._s3 = s3

    def documents(self) -> dict[str, bytes]:
        """All that is kept."""
        return {name.removeprefix("p/"): document for name, document in self._s3.objects.items()}

    @contextmanager
    def down(self) -> Iterator[None]:
        """Let nobody read or write anything while the block runs."""
        self._s3.fail_next(Fault.FORBIDDEN, times=100)
        yield

    def fail_marker(self) -> None:
        """Let the next marker not be put."""
        self._s3.fail_next(Fault.FORBIDDEN, method="PUT", at=f"/{self._s3.bucket}/p/active/")


Place = FolderPlace | S3Place


class World:
    """The deployed function with its API, its state and two channels; whoever calls shows the token."""

    def __init__(
        self,
        place: Place,
        dms: FakeDms,
        webhooks: WebhookServer,
        environment: pytest.MonkeyPatch,
        asked: threading.Event,
    ) -> None:
        """Deploy it: it follows what is registered, and nothing else; `asked` is set when the API is."""
        self.place = place
        self.dms = dms
        self.webhooks = webhooks
        self.asked = asked
        self.environment = environment
        for name, text in place.variables.items():
            environment.setenv(name, text)
        environment.setattr(NotifySlack, "webhook_url", f"{webhooks.url}/services")
        self.configure()
        self.run(40)

    def configure(self, **more: object) -> None:
        """Change the configuration."""
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": self.dms.endpoint},
            "state": self.place.state,
            "watches": [],
            "channels": {"json": {"url": f"json://{self.webhooks.location}/json"}},
            "http": {"token": TOKEN},
            **more,
        }
        self.environment.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))

    def run(self, percent: int, change: ChangeId = CHANGE) -> None:
        """Let a change be so far."""
        self.dms.script_progress(change, Answer.of_progress(percent, ("a", "IN_PROGRESS")))
        self.dms.script_task(change, Answer.of_task("EXECUTING"))

    def complete(self, change: ChangeId = CHANGE) -> None:
        """Let a change be over."""
        self.dms.script_progress(change, Answer.of_progress(100, ("a", "COMPLETED"), remain_time=0))
        self.dms.script_task(change, Answer.of_task("SUCCESS"))

    def list_tasks(self, *tasks: Mapping[str, object]) -> None:
        """Let the lists show one instance with these tasks."""
        self.dms.hold_instances(an_instance("inst", "kafka-1", "EXTENDING"))
        self.dms.hold_tasks("inst", *tasks)

    def tick(self) -> dict[str, Any]:
        """Let the timer wake the function; the report."""
        return handle(TIMER, None)

    def ask(
        self, method: str, path: str = WATCHES, body: object = None, authorization: str = BEARER, **more: str
    ) -> tuple[int, dict[str, Any]]:
        """Ask through FunctionGraph's gateway; status and JSON of the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        answer = handle(apig_request(method, path, content, authorization=authorization, **more), None)
        return answer["statusCode"], json.loads(answer["body"])

    def follow(self, **more: str) -> tuple[int, dict[str, Any]]:
        """Register the change under its name."""
        return self.ask("POST", body={**CHANGE._asdict(), "name": "orders", **more})

    def listed(self) -> list[dict[str, Any]]:
        """All that is followed."""
        status, answer = self.ask("GET")
        assert (status, [*answer]) == (200, ["watches", "discover"])
        watches: list[dict[str, Any]] = answer["watches"]
        return watches

    @property
    def told(self) -> list[str]:
        """The titles that the channel has heard, with TIME for when a change will be done."""
        return [request.title for request in self.webhooks.received("/json")]

    @property
    def markers(self) -> list[str]:
        """The names of the markers of what is followed."""
        names = (key.removeprefix("active/") for key in self.place.documents() if key.startswith("active/"))
        return [name for name in names if not name.startswith("_")]

    def ledger(self, change: ChangeId = CHANGE) -> Ledger:
        """What is kept of a change."""
        return decode(self.place.documents()[f"changes/{change}.json"])


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where the state is kept."""
    if request.param == "folder":
        yield FolderPlace(tmp_path / "state")
        return
    with FakeS3() as s3:
        yield S3Place(s3)


@pytest.fixture
def world(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A function that is deployed; of the API's changes one is running."""
    asked = threading.Event()

    def now() -> datetime:
        # Every request's signature is checked by this clock, before it has to wait for its answer.
        asked.set()
        return CLOCK.now()

    # With a key of its own, so that ledgers are read before the API is asked: nothing has proved it yet.
    credentials = Credentials(f"AK{next(_NUMBERS)}", "a secret key")
    with FakeDms(credentials=credentials, now=now) as dms, WebhookServer() as webhooks:
        monkeypatch.setenv("HUAWEICLOUD_SDK_AK", credentials.access_key)
        monkeypatch.setenv("HUAWEICLOUD_SDK_SK", credentials.secret_key)
        yield World(place, dms, webhooks, monkeypatch, asked)


def wait_for(condition: Callable[[], object]) -> None:
    """Let others come so far."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def error_of(answer: Mapping[str, Any]) -> tuple[str, str]:
    """The code and the message of an answer that refuses."""
    assert answer.keys() == {"error"}
    return answer["error"]["code"], answer["error"]["message"]


# A change --------------------------------------------------------------------------------------------------


def test_a_registered_change_is_followed_from_the_next_tick_to_its_end(world: World) -> None:
    """Under its name; then all that is left of it is its ledger, and nobody is asked about it any more."""
    assert world.tick()["changes"] == []
    assert world.follow() == (201, ORDERS)
    assert (world.dms.counts, world.told) == ({}, [])
    assert world.listed() == [ORDERS]

    report = world.tick()
    assert [(change["id"], change["name"]) for change in report["changes"]] == [(str(CHANGE), "orders")]
    assert world.told == [STARTED]
    assert world.listed() == [ORDERS]
    world.complete()
    assert world.tick()["ok"]
    assert [title.partition(" · ")[0] for title in world.told[1:]] == ["orders: capacity change completed"]

    assert (world.listed(), world.markers) == ([], [])
    asked = world.dms.counts
    assert world.tick()["changes"] == []
    assert (world.dms.counts, len(world.told)) == (asked, 2)
    assert world.follow() == (
        409,
        {"error": {"code": "conflict", "message": "inst/task is completed already."}},
    )


def test_a_change_that_is_registered_late_is_told_as_finished(world: World) -> None:
    """The pipeline may be slower than the change."""
    world.complete()
    world.follow()
    world.tick()

    assert [title.partition(" · ")[0] for title in world.told] == ["orders: capacity change completed"]
    assert (world.listed(), world.markers) == ([], [])


def test_who_registers_again_only_gives_another_name(world: World) -> None:
    """Nothing is told twice; the next message has the new name."""
    world.follow()
    world.tick()
    assert world.follow(name="orders (prod)")[0] == 201
    world.tick()
    assert world.told == [STARTED]
    world.run(55)
    world.tick()

    assert world.told[1:] == [
        "orders (prod): 55% done · about 1 minute left · done around TIME · no action needed"
    ]


def test_a_registered_change_can_be_checked_by_its_ids(world: World) -> None:
    """As any other."""
    world.follow()
    _, report = world.ask("POST", "/api/check", {"only": ["inst/task"]})

    assert [change["name"] for change in report["changes"]] == ["orders"]


def test_channels_choose_changes_by_the_registered_name(world: World) -> None:
    """The patterns of the configuration hold for them too."""
    url = f"json://{world.webhooks.location}"
    world.configure(
        channels={
            "ours": {"url": f"{url}/json", "changes": ["order*"]},
            "theirs": {"url": f"{url}/theirs", "changes": ["billing"]},
        }
    )
    world.follow()
    world.tick()

    assert world.told == [STARTED]
    assert world.webhooks.received("/theirs") == []


def test_the_name_that_was_registered_counts_more_than_that_of_the_instance(world: World) -> None:
    """Whoever started the change knows best what it is; the answer has promised it."""
    world.configure(watches=[{"instance_id": "inst", "name": "audit"}])
    assert world.follow() == (201, ORDERS)
    world.tick()

    assert world.told == [STARTED]
    assert ORDERS in world.listed()


def test_a_configured_change_is_registered_without_harm(world: World) -> None:
    """A pipeline need not know; the answer says what is so."""
    world.configure(watches=[{**CHANGE._asdict(), "name": "billing"}])
    configured = {**ORDERS, "name": "billing", "reason": "configured"}

    assert world.follow() == (201, configured)
    world.tick()
    assert world.listed() == [configured]
    assert [title.partition(":")[0] for title in world.told] == ["billing"]


# An instance -----------------------------------------------------------------------------------------------


def test_the_next_change_of_an_instance_is_followed_once_it_shows(world: World) -> None:
    """Whichever it is, under the instance's name, to its end; then nothing is expected any more."""
    world.list_tasks(a_task("chore", "SUCCESS", name="restart"))
    assert world.ask("POST", body={"instance_id": "inst"}) == (201, EXPECTED)
    world.tick()
    assert (world.listed(), world.told) == ([EXPECTED], [])

    world.list_tasks(a_task("task"), a_task("chore", "SUCCESS", name="restart"))
    world.tick()
    found = {**ORDERS, "name": "kafka-1"}
    assert world.told == [STARTED.replace("orders", "kafka-1")]
    assert world.listed() == [found]
    world.list_tasks(a_task("task", "SUCCESS"))
    world.complete()
    world.tick()

    assert [title.partition(" · ")[0] for title in world.told[1:]] == ["kafka-1: capacity change completed"]
    assert (world.listed(), world.markers) == ([], [])
    asked = world.dms.counts
    assert (world.tick()["changes"], world.dms.counts) == ([], asked)


def test_what_is_expected_no_longer_is_not_followed(world: World) -> None:
    """Nor is the API asked for it."""
    world.ask("POST", body={"instance_id": "inst"})
    assert world.ask("DELETE", f"{WATCHES}/inst") == (200, {})
    world.list_tasks(a_task("task"))
    world.tick()

    assert (world.listed(), world.told, world.dms.counts) == ([], [], {})
    assert error_of(world.ask("DELETE", f"{WATCHES}/inst")[1])[0] == "not_found"


# To drop it ------------------------------------------------------------------------------------------------


def test_a_change_that_was_dropped_is_followed_no_longer(world: World) -> None:
    """Though it goes on."""
    world.follow()
    world.tick()
    assert world.ask("DELETE", OF_CHANGE) == (200, {})
    asked = world.dms.counts
    world.complete()

    assert world.tick()["changes"] == []
    assert (world.dms.counts, world.told, world.listed(), world.markers) == (asked, [STARTED], [], [])
    assert world.ask("DELETE", OF_CHANGE)[0] == 404


def test_a_change_that_was_dropped_before_a_tick_is_never_told(world: World) -> None:
    """Whoever has registered the wrong one takes it back."""
    world.follow()
    world.ask("DELETE", OF_CHANGE)
    world.tick()

    assert (world.told, world.dms.counts, world.markers) == ([], {}, [])


def test_discovery_does_not_bring_back_what_was_dropped(world: World) -> None:
    """Though it finds it in the list of tasks, tick by tick; whoever asks for it again gets it."""
    world.configure(watches=[{"instance_id": "inst"}])
    configured = {**EXPECTED, "reason": "configured"}
    found = {**ORDERS, "name": "kafka-1"}
    world.list_tasks(a_task("task"))
    world.tick()
    assert world.listed() == [configured, found]
    assert world.ask("DELETE", OF_CHANGE) == (200, {})
    listed = []
    for percent in (55, 60, 65, 70):
        world.run(percent)
        assert world.tick()["changes"] == []
        listed.append(world.listed())
    assert listed == [[configured]] * 4
    assert world.told == [STARTED.replace("orders", "kafka-1")]

    assert world.ask("POST", body=CHANGE._asdict()) == (201, found)
    world.run(80)
    world.tick()
    assert world.listed() == [configured, found]
    assert [title.partition(" · ")[0] for title in world.told[1:]] == ["kafka-1: 80% done"]


def test_a_change_that_was_dropped_is_not_the_one_that_is_expected(world: World) -> None:
    """It goes on while somebody waits for the next one."""
    world.follow()
    world.tick()
    world.ask("DELETE", OF_CHANGE)
    world.ask("POST", body={"instance_id": "inst"})
    world.list_tasks(a_task("task"))
    for _ in range(2):
        world.tick()
    assert world.listed() == [EXPECTED]

    world.run(10, SECOND)
    world.list_tasks(a_task("task-2"), a_task("task"))
    world.tick()
    assert [(watch["task_id"], watch["reason"]) for watch in world.listed()] == [("task-2", "followed")]
    assert len(world.told) == 2


# What cannot be done ---------------------------------------------------------------------------------------


def test_what_is_configured_cannot_be_dropped(world: World) -> None:
    """It says whose business it is."""
    world.configure(watches=[{**CHANGE._asdict(), "name": "orders"}, {"instance_id": "inst-2"}])
    world.tick()

    assert world.ask("DELETE", OF_CHANGE) == (
        409,
        {
            "error": {
                "code": "conflict",
                "message": "inst/task stands in the configuration, and is followed as long as it does.",
            }
        },
    )
    status, answer = world.ask("DELETE", f"{WATCHES}/inst-2")
    assert (status, error_of(answer)[0]) == (409, "conflict")
    assert len(world.listed()) == 2


@pytest.mark.parametrize("body", [CHANGE._asdict(), {"instance_id": "inst"}], ids=["change", "instance"])
def test_where_only_what_is_configured_is_looked_at_nothing_can_be_registered(
    world: World, body: Mapping[str, str]
) -> None:
    """Only whom the platform knows gets so far, for there is no token; the answer says what to configure."""
    world.configure(watches=[{"instance_id": "inst-2", "task_id": "task"}], http={})
    answer = handle(lambda_request(IAM, "POST", WATCHES, body=json.dumps(body)), None)

    assert answer["statusCode"] == 409
    code, message = error_of(json.loads(answer["body"]))
    assert code == "conflict"
    assert "http.token or discover" in message
    assert world.place.documents() == {}


@pytest.mark.parametrize("path", [OF_CHANGE, f"{WATCHES}/inst", f"{WATCHES}/other/task"])
def test_what_is_not_followed_cannot_be_dropped(world: World, path: str) -> None:
    """Nothing comes of it."""
    assert world.ask("DELETE", path) == (
        404,
        {"error": {"code": "not_found", "message": "Nothing of that name is followed."}},
    )
    assert world.place.documents() == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "key"),
    [
        ("POST", WATCHES, {}, "instance_id"),
        ("POST", WATCHES, {"instance_id": "../../aside"}, "instance_id"),
        ("POST", WATCHES, {"instance_id": "inst", "task_id": "_expected-1"}, "task_id"),
        ("POST", WATCHES, {"instance_id": "inst", "task_id": "task", "name": "two\nlines"}, "name"),
        ("POST", WATCHES, {"instance_id": "inst", "job_id": "task"}, "job_id"),
        ("DELETE", f"{WATCHES}/inst/_expected-1", None, "path"),
    ],
)
def test_what_cannot_be_understood_is_a_bad_request(
    world: World, method: str, path: str, body: object, key: str
) -> None:
    """The key that is wrong is named, and nothing is kept."""
    status, answer = world.ask(method, path, body)
    code, message = error_of(answer)

    assert (status, code) == (400, "bad_request")
    assert message.startswith(f"`{key}`")
    assert world.place.documents() == {}


def test_who_shows_no_token_learns_nothing_and_changes_nothing(world: World) -> None:
    """Whatever is asked."""
    world.follow()
    before = world.place.documents()
    for method, path in [("GET", WATCHES), ("POST", WATCHES), ("DELETE", OF_CHANGE)]:
        status, answer = world.ask(method, path, {"instance_id": "inst-2"}, authorization="Bearer wrong")

        assert (status, error_of(answer)[0]) == (401, "unauthorised")
    assert world.place.documents() == before


def test_a_form_on_another_site_changes_nothing(world: World) -> None:
    """Though the browser shows the token as the password that it remembers."""
    basic = "Basic bWU6dGhlLXRva2VuLW9mLXRoaXMtZnVuY3Rpb24="
    body = CHANGE._asdict()

    assert world.ask("POST", body=body, authorization=basic)[0] == 415
    assert world.ask("POST", body=body, authorization=basic, content_type="text/plain")[0] == 415
    assert world.ask("DELETE", OF_CHANGE, authorization=basic)[0] == 415
    assert world.place.documents() == {}
    assert world.ask("POST", body=body, authorization=basic, content_type="application/json")[0] == 201


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", WATCHES, "GET, HEAD, POST, OPTIONS"), ("GET", OF_CHANGE, "DELETE, OPTIONS")],
)
def test_a_wrong_method_is_told_the_right_ones(world: World, method: str, path: str, allowed: str) -> None:
    """In the header that HTTP has for it."""
    answer = handle(apig_request(method, path, authorization=BEARER), None)

    assert (answer["statusCode"], answer["headers"]["allow"]) == (405, allowed)
    assert world.place.documents() == {}


# Trouble ---------------------------------------------------------------------------------------------------

ASKED: Final = [
    ("GET", WATCHES, None),
    ("POST", WATCHES, CHANGE._asdict()),
    ("POST", WATCHES, {"instance_id": "inst"}),
    ("DELETE", OF_CHANGE, None),
    ("DELETE", f"{WATCHES}/inst", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_a_store_that_is_down_is_told_as_such(
    world: World, capsys: pytest.CaptureFixture[str], method: str, path: str, body: object
) -> None:
    """Not as a defect of ours: whoever asked may try again."""
    with world.place.down():
        status, answer = world.ask(method, path, body)
    code, message = error_of(answer)
    printed = capsys.readouterr()

    assert (status, code) == (503, "state_unavailable")
    assert message
    assert "Traceback" not in printed.out + printed.err
    line = json.loads(printed.out)
    assert (line["event"], line["level"]) != ("invocation.crashed", "error")
    assert (line["request"], line["status"]) == (f"{method} {path}", 503)


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_a_store_that_is_down_is_not_fine_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str], method: str, path: str, body: object
) -> None:
    """An alarm on the log goes by `ok`, and people by the error."""
    with world.place.down():
        world.ask(method, path, body)
    line = json.loads(capsys.readouterr().out)

    assert line["ok"] is False
    assert line["error"]["kind"] == "state_unavailable"


@IN_S3
def test_what_a_store_refused_half_way_is_done_by_the_next_try(world: World) -> None:
    """The name was kept and the marker was not: nothing is followed, and the same wish makes it so."""
    assert isinstance(world.place, S3Place)
    world.place.fail_marker()
    assert world.follow()[0] == 503
    assert (world.listed(), world.tick()["changes"]) == ([], [])

    assert world.follow() == (201, ORDERS)
    world.tick()
    assert world.told == [STARTED]


@IN_S3
def test_keys_of_the_store_that_are_missing_are_no_success(world: World) -> None:
    """A pipeline looks at the status: with a 200 it would take for followed what is not."""
    world.environment.delenv("AWS_SECRET_ACCESS_KEY")
    status, answer = world.follow()

    assert status >= 500
    assert error_of(answer)[0] == "misconfigured"
    assert "AWS_SECRET_ACCESS_KEY" in error_of(answer)[1]


def test_the_keys_of_the_api_are_not_needed(world: World) -> None:
    """It is not asked, so the list can be kept while they are being replaced."""
    world.environment.delenv("HUAWEICLOUD_SDK_SK")

    assert world.follow() == (201, ORDERS)
    assert world.listed() == [ORDERS]
    assert world.ask("DELETE", OF_CHANGE) == (200, {})
    assert world.dms.counts == {}


def at_once(actions: Sequence[Callable[[], tuple[int, dict[str, Any]]]]) -> list[tuple[int, dict[str, Any]]]:
    """Do all of it side by side."""
    barrier = threading.Barrier(len(actions))

    def act(action: Callable[[], tuple[int, dict[str, Any]]]) -> tuple[int, dict[str, Any]]:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))


def test_two_who_register_the_same_change_at_once_both_succeed(world: World) -> None:
    """It is followed once, under the name that one of them gave."""
    names = ["orders", "orders of the other pipeline"]
    answers = at_once([lambda name=name: world.follow(name=name) for name in names])  # type: ignore[misc]

    assert answers == [(201, {**ORDERS, "name": name}) for name in names]
    (watch,) = world.listed()
    assert watch["name"] in names
    world.tick()
    assert world.told == [STARTED.replace("orders", watch["name"], 1)]


def ticking_while(
    world: World, action: Callable[[], object], is_so_far: Callable[[], object]
) -> dict[str, Any]:
    """Do something as soon as a tick has come so far; the tick's report."""
    with ThreadPoolExecutor(1) as threads:
        report = threads.submit(world.tick)
        wait_for(is_so_far)
        action()
        world.dms.end_delays()
        return report.result(timeout=30)


def slowly(percent: int) -> Answer:
    """Say how far a change is, but only when nobody waits any longer for something else to happen."""
    return Answer.of_progress(percent, ("a", "IN_PROGRESS"))._replace(delay_seconds=30)


def test_a_change_is_renamed_while_a_tick_looks_at_it(world: World) -> None:
    """The tick gives way, and the next one tells all, once."""
    world.follow(name="the wrong one")
    world.dms.script_progress(CHANGE, slowly(40), Answer.of_progress(40, ("a", "IN_PROGRESS")))
    report = ticking_while(world, world.follow, world.asked.is_set)

    assert report["changes"][0]["error"]["kind"] == "state_conflict"
    assert (report["ok"], world.told) == (True, [])
    for _ in range(2):
        world.tick()
    assert world.told == [STARTED]


def test_a_change_is_dropped_while_a_tick_looks_at_it(world: World) -> None:
    """Nothing of it is told, and it does not come back."""
    world.follow()
    world.dms.script_progress(CHANGE, slowly(40), Answer.of_progress(40, ("a", "IN_PROGRESS")))
    ticking_while(world, lambda: world.ask("DELETE", OF_CHANGE), world.asked.is_set)
    for _ in range(2):
        world.tick()

    assert (world.told, world.listed(), world.markers) == ([], [], [])


def test_a_change_is_renamed_while_a_message_is_under_way(world: World) -> None:
    """It arrives under the old name, and that it did is recorded all the same."""
    world.follow(name="the wrong one")
    world.webhooks.script("/json", WebhookAnswer(delay_seconds=0.7), WebhookAnswer())
    report = ticking_while(world, world.follow, lambda: world.told)

    assert [one["outcome"] for one in report["changes"][0]["deliveries"]] == ["sent"]
    assert world.listed() == [ORDERS]
    world.run(55)
    for _ in range(2):
        world.tick()
    assert world.told == [
        STARTED.replace("orders", "the wrong one"),
        "orders: 55% done · about 1 minute left · done around TIME · no action needed",
    ]


def test_a_change_is_dropped_while_a_message_is_under_way(world: World) -> None:
    """It was the last one."""
    world.follow()
    world.webhooks.script("/json", WebhookAnswer(delay_seconds=0.7), WebhookAnswer())
    ticking_while(world, lambda: world.ask("DELETE", OF_CHANGE), lambda: world.told)
    world.run(55)
    for _ in range(2):
        world.tick()

    assert (world.told, world.listed(), world.markers) == ([STARTED], [], [])
    assert world.ledger().is_dismissed


# Names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "订单集群",
        "<!channel> *now* & <b>bold</b>",
        "${SLACK_TOKENS} {{ 7 * 7 }} %s %(x)s",
        "\"quoted\" 'twice' \\ / `code`",
        "../../changes",
        "x" * 70,
    ],
)
def test_a_name_is_what_it_is_and_nothing_else(world: World, name: str) -> None:
    """In the list, and in messages, whatever it would mean to others."""
    world.configure(
        channels={
            "json": {"url": f"json://{world.webhooks.location}/json"},
            "slack": {"url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
        }
    )
    assert world.follow(name=name) == (201, {**ORDERS, "name": name})
    report = world.tick()

    assert world.listed() == [{**ORDERS, "name": name}]
    assert report["changes"][0]["name"] == name
    assert world.told == [STARTED.replace("orders", name)]
    (slack,) = [request.json for request in world.webhooks.requests if "services" in request.path]
    assert "<!" not in json.dumps(slack)
    assert {*world.markers} == {str(CHANGE)}


# Gateways --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", REQUESTS)
def test_the_list_can_be_kept_through_every_gateway_of_aws(name: str) -> None:
    """Whose paths hold ids, and whose bodies come as each wraps them."""
    headers = {"Authorization": BEARER}
    body = json.dumps({**CHANGE._asdict(), "name": "orders"})
    asked = [("POST", WATCHES, body), ("GET", WATCHES, ""), ("DELETE", OF_CHANGE, ""), ("GET", WATCHES, "")]
    answers = [
        handle(lambda_request(name, method, path, headers, body), None) for method, path, body in asked
    ]

    assert [answer["statusCode"] for answer in answers] == [201, 200, 200, 200]
    assert [json.loads(answer["body"]) for answer in answers] == [
        ORDERS,
        {"watches": [ORDERS], "discover": []},
        {},
        {"watches": [], "discover": []},
    ]


@pytest.mark.parametrize("name", ["lambda-apigw-v2-http-api", "lambda-apigw-v1"])
def test_a_change_is_dropped_behind_a_stage(world: World, name: str) -> None:
    """Its name stands before the path, or does not; a REST API never leaves it there."""
    for prefix in ("", "/prod") if "v2" in name else ("",):
        world.follow()
        event = lambda_request(name, "DELETE", f"{prefix}{OF_CHANGE}", {"Authorization": BEARER})
        event["requestContext"]["stage"] = "prod"

        assert handle(event, None)["statusCode"] == 200
        assert world.listed() == []


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_change_is_dropped_where_apig_matches_by_prefix(world: World, slash: str) -> None:
    """What follows the trigger's own path is the path."""
    world.follow()
    suffix = slash + OF_CHANGE.removeprefix("/")
    event = apig_request("DELETE", f"/headway{OF_CHANGE}", suffix=suffix, authorization=BEARER)

    assert handle(event, None)["statusCode"] == 200
    assert world.listed() == []
