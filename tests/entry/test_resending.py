"""A channel that missed a change is told it after all: a whole function, with all around it on loopback."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from handler.application import Application
from handler.channels import policies
from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.registry import Registry
from handler.resending import Hindrance, Resending, Resent
from handler.runtimes import read_runtime
from handler.wiring import Workshop
from notifiers.alerts import Ending
from tests.fakes.clock import FakeClock
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms, a_task, an_instance
from tests.fakes.webhook_server import Answer as HookAnswer
from tests.fakes.webhook_server import WebhookServer

CHANGE: Final = ChangeId("inst", "task")
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
RUNNING: Final = Answer.of_progress(40, ("a", "COMPLETED"), ("b", "IN_PROGRESS"))
DONE: Final = Answer.of_progress(100, ("a", "COMPLETED"), ("b", "COMPLETED"), remain_time=0)
DAY_MINUTES: Final = 24 * 60
AWAY: Final = HookAnswer(status=503)
REFUSED: Final = HookAnswer(status=401)
OK: Final = HookAnswer()


class Meddled(Registry):
    """A list on which others are at work, just before it marks a change and just after."""

    def __init__(self, registry: Registry, meddle: Callable[[], None]) -> None:
        """Take the list, and what the others do."""
        self._registry = registry
        self._meddle = meddle

    def looks_at(self, change: ChangeId, ledger: Ledger) -> bool:
        """See `Registry`."""
        return self._registry.looks_at(change, ledger)

    def edit(self, change: ChangeId, edit: Callable[[Ledger, datetime], Ledger]) -> Ledger:
        """See `Registry`."""
        return self._registry.edit(change, edit)

    def mark(self, change: ChangeId) -> None:
        """See `Registry`."""
        self._meddle()
        self._registry.mark(change)
        self._meddle()


class Site:
    """A function that discovers the changes of a project, and tells two channels; all clocks are one."""

    def __init__(self, dms: FakeDms, webhooks: WebhookServer, clock: FakeClock, folder: Path) -> None:
        """Deploy it."""
        self.dms = dms
        self.webhooks = webhooks
        self.clock = clock
        self._folder = folder
        self._environ = {
            "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
            "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
        }
        self.configure()
        self.restart()

    def configure(self, **ops: str) -> None:
        """Have two channels; one of them with keys beside its URL."""
        location = self.webhooks.location
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": self.dms.endpoint},
            "state": f"file:{self._folder}",
            "discover": True,
            "channels": {
                "ops": {"url": f"json://{location}/ops", **ops},
                "team": {"url": f"json://{location}/team"},
            },
        }
        self._environ["HEADWAY_CONFIG"] = json.dumps(configuration, indent=1)

    def restart(self) -> None:
        """Go on in a fresh process."""
        self._workshop = Workshop(self.clock)
        self._application = Application(
            self._environ, self._workshop, self.clock, config_path="not-there", log_file=io.StringIO()
        )

    def show(self, progress: Answer, status: str, change: ChangeId = CHANGE) -> None:
        """Let a change be so far, and be listed so."""
        self.dms.script_progress(change, progress)
        self.dms.script_task(change, Answer.of_task(status))
        times = {"updated_at": f"{self.clock.now():%Y-%m-%dT%H:%M:%S}.000Z"}
        self.dms.hold_tasks(change.instance_id, a_task(change.task_id, status, **times))

    def tick(self, minutes: float = 1) -> None:
        """Look at everything; time passes."""
        self._application.invoke(TIMER, None)
        self.clock.advance(minutes * 60)

    def resend(
        self,
        name: str | None = "ops",
        *,
        everything: bool = False,
        meddle: Callable[[], None] = lambda: None,
    ) -> list[Resent]:
        """Have a channel told again, from another process; others may meddle when the marker is put."""
        settings = self._application.settings()
        runtime = read_runtime(None, self._environ, self.clock.monotonic())
        workshop = Workshop(self.clock)
        registry, records = workshop.registry(settings, runtime), workshop.records(settings, runtime)
        resending = Resending(Meddled(registry, meddle), records, tuple(policies(settings)))
        return resending.resend(CHANGE, name, everything=everything)

    def heard(self, channel: str) -> list[tuple[list[str], bool]]:
        """What a channel was told with success: the kinds of each message, and whether it may be a repeat."""
        messages = (request.json["headway"] for request in self.webhooks.received(f"/{channel}"))
        return [([one["kind"] for one in m["alerts"]], m["possible_repeat"]) for m in messages]

    def forget(self) -> None:
        """Begin to count messages anew."""
        self.webhooks.requests.clear()

    def markers(self) -> set[str]:
        """What is marked to be looked at, or not to be looked at again."""
        active = self._folder / "active"
        names = (path.relative_to(active) for path in active.rglob("*") if path.is_file())
        found = {str(n).rpartition("/")[0] if "_told" in n.parts else str(n) for n in names}
        return {name for name in found if "~" not in name and not name.startswith(("_change", "_other"))}

    def ledger(self) -> Ledger:
        """What is kept of the change."""
        return decode((self._folder / "changes" / "inst" / "task.json").read_bytes())

    def endings(self) -> set[Ending]:
        """How alerts have ended on the channel."""
        return {alert.endings["ops"] for alert in self.ledger().alerts if "ops" in alert.endings}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A change that is running."""
    clock = FakeClock()
    with FakeDms(now=clock.now) as dms, WebhookServer() as webhooks:
        dms.hold_instances(an_instance("inst", "orders", "EXTENDING"))
        site = Site(dms, webhooks, clock, tmp_path / "state")
        site.show(RUNNING, "EXECUTING")
        yield site


def miss_all(site: Site, answer: HookAnswer) -> list[str]:
    """Let the change run and end while a channel answers so, for a day and more; the kinds that it missed."""
    site.webhooks.script("/ops", answer)
    site.tick()
    site.show(DONE, "SUCCESS")
    site.tick(DAY_MINUTES)
    site.tick()
    site.tick()
    assert site.markers() == {"_told/inst/task"}
    assert site.endings() == {Ending.GIVEN_UP}
    kinds = [kind for told, _ in site.heard("team") for kind in told]
    site.forget()
    return kinds


@pytest.mark.parametrize("is_fresh", [False, True])
def test_what_was_given_up_is_told_once_by_the_next_tick(site: Site, *, is_fresh: bool) -> None:
    """Also where the process remembers that the change was told, and lists of tasks bring it up as told."""
    kinds = miss_all(site, AWAY)
    site.webhooks.script("/ops", OK)
    if is_fresh:
        site.restart()
    (resent,) = site.resend()
    assert [alert.kind.value for alert in resent.alerts] == kinds
    assert resent.hindrance is None
    assert site.markers() == {"inst/task", "_told/inst/task"}

    site.tick()
    assert site.heard("ops") == [(kinds, False)]
    assert site.markers() == {"_told/inst/task"}
    assert (site.ledger().is_told, site.endings()) == (True, set())
    site.tick()
    site.restart()
    site.tick()
    assert (len(site.heard("ops")), site.heard("team")) == (1, [])


def test_a_tick_that_comes_in_between_takes_no_marker_away(site: Site) -> None:
    """It does so where a crash has left one beside a ledger that is told to its end."""
    kinds = miss_all(site, AWAY)
    site.webhooks.script("/ops", OK)
    site.resend(meddle=site.tick)
    site.tick()

    assert site.heard("ops") == [(kinds, False)]


def test_what_may_have_been_heard_is_told_as_a_possible_repeat(site: Site) -> None:
    """Two sends were cut off; so the next one says that it may not be the first."""
    site.webhooks.script("/ops", HookAnswer(is_dropped=True))
    site.tick()
    site.show(DONE, "SUCCESS")
    for _ in range(6):
        site.tick(6)
    assert site.endings() == {Ending.UNKNOWN}
    assert site.markers() == {"_told/inst/task"}
    site.forget()
    site.webhooks.script("/ops", OK)
    site.resend()
    site.tick()

    ((kinds, is_repeat),) = site.heard("ops")
    assert kinds[-1] == "completed"
    assert is_repeat
    assert site.endings() == set()


def test_everything_is_told_again_if_that_is_wanted(site: Site) -> None:
    """To a channel that has heard it all, too; then it may well say that it is a repeat."""
    kinds = miss_all(site, AWAY)
    site.resend("team", everything=True)
    site.tick()

    assert site.heard("team") == [(kinds, True)]
    assert site.markers() == {"_told/inst/task"}


def test_what_is_told_again_to_a_channel_that_is_still_away_waits_for_another_day(site: Site) -> None:
    """And is given up then, for all to see; nobody looks at the change any longer."""
    miss_all(site, AWAY)
    site.resend()
    site.tick(DAY_MINUTES - 10)
    site.tick(10)
    assert site.markers() == {"inst/task", "_told/inst/task"}
    assert site.endings() == set()
    site.tick()

    assert site.endings() == {Ending.GIVEN_UP}
    assert "inst/task" not in site.markers()


def test_quiet_hours_stay_as_they_are(site: Site) -> None:
    """It is told when they end, as it is foreseen."""
    kinds = miss_all(site, AWAY)
    site.webhooks.script("/ops", OK)
    site.configure(quiet="07:00-20:00")
    (resent,) = site.resend()
    assert resent.hindrance is Hindrance.QUIET_HOURS
    assert resent.until == site.clock.now().replace(hour=20, minute=0)

    site.tick(11 * 60)
    assert site.heard("ops") == []
    site.tick(2 * 60)
    site.tick()
    assert site.heard("ops") == [(kinds, False)]


def test_a_channel_that_refuses_another_change_rests_on(site: Site) -> None:
    """That says that its service refuses all: a token was revoked, and one send an hour is enough to see."""
    miss_all(site, AWAY)
    other = ChangeId("inst", "other")
    site.webhooks.script("/ops", REFUSED)
    site.show(RUNNING, "EXECUTING", other)
    site.tick()
    site.tick()
    refused_at = site.clock.now() - timedelta(minutes=1)
    site.forget()
    site.webhooks.script("/ops", OK)
    (resent,) = site.resend()
    assert resent.hindrance is Hindrance.REST
    assert resent.until is not None
    assert timedelta() < resent.until - refused_at <= timedelta(hours=1)

    site.tick(30)
    assert site.heard("ops") == []
    site.tick(31)
    site.tick()
    site.tick()
    assert sum("completed" in kinds for kinds, _ in site.heard("ops")) == 1
