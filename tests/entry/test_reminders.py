"""Reminders and quiet hours over days: the whole application, with API, state and channels on loopback."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from handler.application import Application
from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.outcome import Outcome
from handler.wiring import Workshop
from tests.fakes.clock import START, FakeClock
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms, a_task, an_instance
from tests.fakes.webhook_server import Answer as HookAnswer
from tests.fakes.webhook_server import WebhookServer
from tests.platforms.functiongraph_gateway import request

CHANGE: Final = ChangeId("inst", "task")
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
TOKEN: Final = "the-token-of-this-function"
MORNING: Final = START + timedelta(hours=15)
"""Seven o'clock in Shanghai."""

STALLED: Final = {str(CHANGE): ["stalled"]}
REMINDED: Final = {str(CHANGE): ["reminder"]}
RUNNING: Final = Answer.of_progress(40, ("a", "COMPLETED"), ("b", "IN_PROGRESS"), remain_time=36000)
FAILED: Final = Answer.of_progress(40, ("a", "COMPLETED"), ("b", "FAILED"), remain_time=36000)
DONE: Final = Answer.of_progress(100, ("a", "COMPLETED"), ("b", "COMPLETED"), remain_time=0)


class Site:
    """A function that discovers the changes of a project, all clocks being one."""

    def __init__(self, dms: FakeDms, webhooks: WebhookServer, clock: FakeClock, folder: Path) -> None:
        """Deploy it with one channel, `ops`."""
        self.dms = dms
        self.webhooks = webhooks
        self.clock = clock
        self._folder = folder
        self._environ = {
            "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
            "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
        }
        self.configure(ops={})
        self.restart()

    def configure(self, *, watches: object = (), **channels: dict[str, object]) -> None:
        """Have these channels, each with keys beside its URL."""
        location = self.webhooks.location
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": self.dms.endpoint},
            "state": f"file:{self._folder}",
            "discover": True,
            "watches": watches,
            "channels": {
                name: {"url": f"json://{location}/{name}", **more} for name, more in channels.items()
            },
            "http": {"token": TOKEN},
        }
        self._environ["HEADWAY_CONFIG"] = json.dumps(configuration, indent=1)

    def show(self, progress: Answer, status: str = "EXECUTING", change: ChangeId = CHANGE) -> None:
        """Let a change of an instance of its own be so far."""
        self.dms.script_progress(change, progress)
        self.dms.script_task(change, Answer.of_task(status))
        times = {"updated_at": f"{self.clock.now():%Y-%m-%dT%H:%M:%S}.000Z"}
        self.dms.hold_tasks(change.instance_id, a_task(change.task_id, status, **times))

    def wake(self, event: object = TIMER) -> Outcome:
        """Wake the function, in the process that it has."""
        return self._application.invoke(event, None)

    def restart(self) -> None:
        """Go on in a fresh process."""
        self._application = Application(
            self._environ, Workshop(self.clock), self.clock, config_path="not-there", log_file=io.StringIO()
        )

    def tick(self, minutes: float = 1) -> dict[str, list[str]]:
        """Look at everything; the alerts of each change about which there was something to tell."""
        report = self.wake().report
        self.clock.advance(minutes * 60)
        return {one["id"]: one["alerts"] for one in report["changes"] if one["deliveries"]}

    def drop(self) -> int:
        """Ask over HTTP that the change be followed no longer; the status."""
        event = request("DELETE", "/api/watches/inst/task", authorization=f"Bearer {TOKEN}")
        response = self.wake(event).response
        assert response is not None
        return response.status

    def watched(self) -> list[str]:
        """What is followed, as HTTP tells it."""
        response = self.wake(request("GET", "/api/watches", authorization=f"Bearer {TOKEN}")).response
        assert response is not None
        return [watch["task_id"] for watch in json.loads(response.body)["watches"]]

    def count(self, channel: str = "ops") -> int:
        """How many messages a channel has got."""
        return len(self.webhooks.received(f"/{channel}"))

    def markers(self) -> set[str]:
        """What is marked to be looked at, or not to be looked at again."""
        active = self._folder / "active"
        names = (path.relative_to(active) for path in active.rglob("*") if path.is_file())
        return {str(name).rpartition("/")[0] if "_told" in name.parts else str(name) for name in names}

    @property
    def ledger_path(self) -> Path:
        """Where the change's ledger is kept."""
        return self._folder / "changes" / "inst" / "task.json"

    def ledger(self) -> Ledger:
        """What is kept of the change."""
        return decode(self.ledger_path.read_bytes())

    def written(self) -> int:
        """What changes with each write of the ledger."""
        return self.ledger_path.stat().st_mtime_ns


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A change that is running."""
    clock = FakeClock()
    with FakeDms(now=clock.now) as dms, WebhookServer() as webhooks:
        dms.hold_instances(an_instance("inst", "orders", "EXTENDING"))
        site = Site(dms, webhooks, clock, tmp_path / "state")
        site.show(RUNNING)
        yield site


def fail(site: Site, **ops: Any) -> None:  # noqa: ANN401 - any key of a channel
    """Let the change fail while it is followed, and everybody hear it."""
    site.configure(ops=ops)
    site.tick()
    site.show(FAILED, "FAILED")
    assert site.tick() == {str(CHANGE): ["step_failed", "failed"]}


def test_of_a_failed_change_one_is_reminded_for_a_day(site: Site) -> None:
    """Its marker stays for so long; between two reminders nothing is written."""
    fail(site, remind_every="30m")
    assert {"inst/task", "_told/inst/task"} <= site.markers()
    written = site.written()
    site.restart()
    site.tick(0)
    asked = site.dms.counts["progress"]
    assert [site.tick() for _ in range(29)] == [{}] * 29
    assert site.written() == written

    reminded = [minute for minute in range(0, 23 * 60 + 20, 10) if site.tick(10) == REMINDED]
    assert reminded == list(range(0, 23 * 60 + 20, 30))
    assert site.count() == 2 + len(reminded)
    assert site.watched() == ["task"]
    assert site.tick(20) == {}
    assert site.tick() == {}
    assert "inst/task" not in site.markers()
    assert "_told/inst/task" in site.markers()
    assert (site.watched(), site.ledger().is_told) == ([], True)
    assert site.dms.counts["progress"] == asked
    assert [site.tick(30) for _ in range(6)] == [{}] * 6
    assert "inst/task" not in site.markers()


def test_who_tries_again_at_the_same_instance_is_followed_at_once(site: Site) -> None:
    """The failed change is not why the instance changes now."""
    fail(site, remind_every="30m")
    site.dms.hold_instances(
        *(an_instance(f"calm-{number:02}", f"calm-{number:02}") for number in range(40)),
        an_instance("inst", "orders", "EXTENDING"),
    )
    site.tick()
    site.show(RUNNING, change=ChangeId("inst", "again"))

    assert site.tick() == {"inst/again": ["started", "step_started"]}


def test_without_a_wish_for_reminders_a_failed_change_is_over_when_it_is_told(site: Site) -> None:
    """As ever."""
    fail(site)

    assert "inst/task" not in site.markers()
    assert [site.tick(60) for _ in range(3)] == [{}] * 3


def test_each_channel_is_reminded_by_its_own_period_and_of_what_it_wants(site: Site) -> None:
    """The boss less often, the team never."""
    site.configure(
        ops={"remind_every": "30m"},
        boss={"remind_every": "1h", "alerts": ["end", "reminder"]},
        team={"alerts": ["end"]},
    )
    site.tick()
    site.show(FAILED, "FAILED")
    site.tick(30)
    before = {name: site.count(name) for name in ("ops", "boss", "team")}
    for _ in range(4):
        site.tick(30)

    assert {name: site.count(name) - count for name, count in before.items()} == {
        "ops": 4,
        "boss": 2,
        "team": 0,
    }


def test_of_a_stall_one_is_reminded_until_the_change_goes_on(site: Site) -> None:
    """It is said once more each half hour, then that it is over."""
    site.configure(ops={"remind_every": "30m", "min_severity": "warning"})
    told = [site.tick(10) for _ in range(10)]

    assert told == [{}, {}, {}, STALLED, {}, {}, REMINDED, {}, {}, REMINDED]
    assert [alert.seconds for alert in site.ledger().alerts if alert.reminds_of] == [3600, 5400]
    site.show(DONE, "SUCCESS")
    assert [site.tick(10) for _ in range(8)] == [{}] * 8
    assert "inst/task" not in site.markers()


def test_a_channel_that_is_down_hears_one_reminder_when_it_is_back(site: Site) -> None:
    """However long that took."""
    fail(site, remind_every="30m")
    site.webhooks.answer_all(HookAnswer(status=503))
    for _ in range(6):
        site.tick(60)
    site.webhooks.answer_all(HookAnswer())
    count = site.count()
    site.tick(1)
    site.tick(1)

    assert site.count() - count == 1
    assert [alert.kind.value for alert in site.ledger().alerts].count("reminder") == 1
    assert site.ledger().channels["ops"].offset == site.ledger().length


@pytest.mark.parametrize("is_configured", [True, False])
def test_who_drops_a_failed_change_is_reminded_no_longer(site: Site, *, is_configured: bool) -> None:
    """Also where the configuration names it; it is not found again, either."""
    fail(site, remind_every="30m")
    if is_configured:
        site.configure(ops={"remind_every": "30m"}, watches=[CHANGE._asdict()])
    site.tick(30)
    site.tick(30)
    assert site.count() == 3

    assert site.drop() == 200
    assert "inst/task" not in site.markers()
    assert [site.tick(30) for _ in range(6)] == [{}] * 6
    assert "inst/task" not in site.markers()
    assert site.drop() == (409 if is_configured else 404)
    assert site.count() == 3


def test_who_wishes_for_reminders_after_all_has_them_as_long_as_the_change_is_known(site: Site) -> None:
    """One that the configuration names is marked again, so that it is known when it is taken out there."""
    fail(site)
    assert "inst/task" not in site.markers()
    site.configure(ops={"remind_every": "30m"}, watches=[CHANGE._asdict()])
    told = [site.tick(10) for _ in range(3)]
    site.configure(ops={"remind_every": "30m"})
    told += [site.tick(10) for _ in range(4)]

    assert "inst/task" in site.markers()
    assert told == [{}, {}, {}, REMINDED, {}, {}, REMINDED]


def test_where_reminders_are_wanted_no_longer_there_are_none(site: Site) -> None:
    """The marker stays for the day, because another configuration may want them; nothing is written."""
    fail(site, remind_every="30m")
    site.configure(ops={})
    site.tick(30)
    written = site.written()

    assert [site.tick(60) for _ in range(22)] == [{}] * 22
    assert "inst/task" in site.markers()
    assert site.written() == written
    site.tick(60)
    site.tick(60)
    site.tick()
    assert "inst/task" not in site.markers()
    assert site.ledger().is_told


@pytest.mark.parametrize("is_configured", [True, False])
def test_who_tries_again_and_succeeds_is_reminded_no_longer(site: Site, *, is_configured: bool) -> None:
    """The failure is mended; a reminder of it that waits is given up."""
    fail(site, remind_every="30m")
    again = ChangeId("inst", "again")
    watches = [CHANGE._asdict(), again._asdict()] if is_configured else []
    site.configure(ops={"remind_every": "30m"}, watches=watches)
    site.show(RUNNING, change=again)
    assert site.tick(40) == {"inst/again": ["started", "step_started"]}
    site.webhooks.answer_all(HookAnswer(status=503))
    assert site.tick(5) == REMINDED
    site.show(DONE, "SUCCESS", change=again)
    assert site.tick(40) == {"inst/again": ["step_completed", "completed"]}
    site.webhooks.answer_all(HookAnswer())
    count = site.count()

    assert site.tick() == {"inst/again": []}
    assert [site.tick(10) for _ in range(30)] == [{}] * 30
    assert site.count() == count + 1
    assert site.ledger().is_told
    assert "inst/task" not in site.markers()


def test_a_change_of_another_instance_mends_nothing(site: Site) -> None:
    """Nor does one of the same that was completed before the failure."""
    earlier, other = ChangeId("inst", "earlier"), ChangeId("other", "task")
    site.dms.hold_instances(
        an_instance("inst", "orders", "EXTENDING"), an_instance("other", "other", "EXTENDING")
    )
    site.configure(ops={}, watches=[earlier._asdict()])
    site.show(DONE, "SUCCESS", change=earlier)
    site.show(RUNNING)
    site.tick()
    site.show(FAILED, "FAILED")
    site.tick()
    site.configure(ops={"remind_every": "30m"}, watches=[earlier._asdict(), CHANGE._asdict()])
    site.show(DONE, "SUCCESS", change=other)
    site.tick(30)

    assert site.tick() == REMINDED


def test_what_quiet_hours_hold_back_is_one_message_in_the_morning(site: Site) -> None:
    """Of three changes; one that fails at night is told then, with what was held of it, and of it alone."""
    changes = [ChangeId(f"i-{number}", "task") for number in range(3)]
    site.dms.hold_instances(*(an_instance(one.instance_id, one.instance_id, "EXTENDING") for one in changes))
    site.configure(ops={"quiet": "22:00-07:00", "timezone": "Asia/Shanghai"})
    site.clock.advance(8 * 3600)
    for change in changes:
        site.show(RUNNING, change=change)
    assert site.tick() == {}
    site.show(FAILED, change=changes[0])
    assert site.tick() == {str(changes[0]): ["step_failed"]}
    (at_night,) = site.webhooks.received("/ops")
    for change in changes:
        site.show(DONE, "SUCCESS", change=change)
    while site.clock.now() < MORNING:
        site.tick(5)

    assert site.count() == 1
    assert "i-1" not in at_night.body.decode()
    site.tick()
    site.tick()
    assert site.count() == 2
    in_the_morning = site.webhooks.received("/ops")[1].body.decode()
    assert all(change.instance_id in in_the_morning for change in changes)
