"""What a failed change that one is reminded of leaves in the store, and how that is put to an end."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Final

import pytest

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.core.observation import Phase, Step, StepState
from handler.core.progress import Progress, Task
from handler.core.rules import Policy
from handler.core.watch import Origin, Watch
from handler.fleet import Wanted
from handler.invocation import Invocation, Setting
from handler.registry import Entry, Reason, Registry, RegistryError
from handler.report import make_report
from handler.situation import Links
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Markers
from handler.tick import Tick
from notifiers.alerts import Ending, Kind
from notifiers.channel import Channel
from notifiers.dispatch import Parcel
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble
from tests.fakes.scripted_source import ScriptedSource

CHANGE: Final = ChangeId("inst", "task")
LEDGER_KEY: Final = "changes/inst/task.json"
MARKER_KEY: Final = "active/inst/task"
HOUR: Final = timedelta(hours=1)


class Site:
    """A change that has failed, and one who looks at it in fresh processes."""

    def __init__(self, *channels: Channel) -> None:
        """Begin at 08:00; each look learns that it has failed, and all but the deaf hear it."""
        self.deaf: set[str] = set()
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.source = ScriptedSource(key_accepted=False)
        self.source.progress = Progress(40, 3600, (Step("a", StepState.FAILED),))
        self.source.task = Task(Phase.FAILED, "FAILED")
        self._channels = channels
        self._numbers = count()

    def tick(self, after: timedelta = HOUR, origin: Origin = Origin.CONFIGURED) -> Tick:
        """Look at the change, and let time pass."""
        invocation = Invocation(
            Setting(self._channels, Policy(), Links(None, "https://c"), 4, self._name()),
            source=self.source,
            ledgers=Ledgers(self.store, self._name, {}),
            dispatch=lambda parcels: [(parcel, self._hear(parcel)) for parcel in parcels],
            clock=self.clock,
            deadline=Deadline(self.clock, 60),
            pause=lambda _: None,
        )
        (tick,) = invocation.run([Watch(CHANGE, "orders", origin)])
        self.clock.advance(after.total_seconds())
        return tick

    def registry(self, wanted: Wanted) -> Registry:
        """The list of what is followed."""
        ledgers = Ledgers(self.store, self._name, {})
        return Registry(wanted, Markers(self.store), ledgers, self.clock)

    @property
    def ledger(self) -> Ledger:
        """What is kept of the change."""
        return decode(self.store.documents[LEDGER_KEY])

    def _hear(self, parcel: Parcel) -> Verdict:
        return Verdict(Outcome.RETRY if parcel.channel in self.deaf else Outcome.SENT)

    def _name(self) -> str:
        return f"name-{next(self._numbers)}"


@pytest.fixture
def site() -> Site:
    """One with a channel that is reminded every four hours."""
    return Site(Channel("ops", remind_every=4 * HOUR))


def test_a_failed_change_stays_active_for_a_day_and_costs_a_load_a_tick(site: Site) -> None:
    """With a reminder two writes, with the end of all of them one and a load; nothing is asked of the API."""
    site.tick()
    assert MARKER_KEY in site.store.documents
    site.source.counts.clear()
    writes = []
    for _ in range(23):
        site.store.counts.clear()
        site.tick()
        writes.append(site.store.counts["save"])
        assert site.store.counts["load"] == 1
        assert MARKER_KEY in site.store.documents

    assert writes == [2 if hour % 4 == 0 else 0 for hour in range(1, 24)]
    site.store.counts.clear()
    tick = site.tick()
    assert (tick.is_newly_told, tick.after.is_told) == (True, True)
    assert site.store.counts == {"load": 2, "save": 1, "remove": 1}
    assert MARKER_KEY not in site.store.documents
    site.store.counts.clear()
    assert not site.tick().needs_settling
    assert site.store.counts == {"load": 1}
    assert site.source.counts == {}


def test_a_marker_that_could_not_be_removed_is_left_to_the_next_tick(site: Site) -> None:
    """The ledger says that all is told."""
    site.tick(24 * HOUR)
    site.store.fail_next(Trouble.UNAVAILABLE, operation="remove")
    tick = site.tick()

    assert tick.problem is not None
    assert site.ledger.is_told
    assert MARKER_KEY in site.store.documents


def test_what_is_reminded_of_is_reported_as_what_it_is(site: Site) -> None:
    """It has failed, and is no longer under way; there is nothing wrong with the invocation."""
    first = site.tick(4 * HOUR)
    tick = site.tick()
    report = make_report(trigger="timer", started_at=site.clock.now(), duration_seconds=0.1, ticks=[tick])

    assert first.is_under_way
    assert not tick.is_under_way
    assert report["ok"]
    (change,) = report["changes"]
    assert (change["phase"], change["alerts"]) == ("failed", ["reminder"])
    assert [delivery["outcome"] for delivery in change["deliveries"]] == ["sent"]


def test_a_change_that_is_reminded_of_is_on_the_list_until_somebody_drops_it(site: Site) -> None:
    """That is the end of all reminders, and it need not be looked at any more."""
    site.tick()
    registry = site.registry(Wanted(is_open=True))
    assert registry.entries() == [Entry("inst", "task", "orders", Reason.FOLLOWED)]

    assert registry.drop(*CHANGE)
    assert registry.entries() == []
    assert site.ledger.is_told
    assert (site.ledger.is_dismissed, site.ledger.is_reminding) == (True, False)
    assert not registry.drop(*CHANGE)


def test_a_change_in_the_configuration_is_dropped_only_while_one_is_reminded_of_it(site: Site) -> None:
    """Before it has failed, and after that is told, there is nothing to drop."""
    wanted = Wanted(changes={CHANGE: "orders"})
    refused = r"^inst/task stands in the configuration, and is followed as long as it does\.$"
    with pytest.raises(RegistryError, match=refused):
        site.registry(wanted).drop(*CHANGE)
    site.tick(4 * HOUR)

    assert site.registry(wanted).drop(*CHANGE)
    assert MARKER_KEY not in site.store.documents
    with pytest.raises(RegistryError, match=refused):
        site.registry(wanted).drop(*CHANGE)
    assert [site.tick(4 * HOUR).deliveries for _ in range(6)] == [()] * 6


@pytest.mark.parametrize("is_configured", [True, False])
def test_who_has_not_heard_of_the_failure_hears_it_although_the_change_is_dropped(
    *, is_configured: bool
) -> None:
    """Only its reminders end; it is on no list any more, and its marker goes when all is told."""
    site = Site(Channel("ops", remind_every=4 * HOUR), Channel("pager"))
    site.deaf = {"pager"}
    site.tick(5 * HOUR)
    site.tick()
    assert Kind.REMINDER in [alert.kind for alert in site.ledger.alerts]
    registry = site.registry(Wanted(changes={CHANGE: "orders"}) if is_configured else Wanted(is_open=True))

    assert registry.drop(*CHANGE)
    assert MARKER_KEY in site.store.documents
    assert [entry.reason for entry in registry.entries()] == ([Reason.CONFIGURED] if is_configured else [])
    origin = Origin.CONFIGURED if is_configured else Origin.MARKED
    assert [len(site.tick(origin=origin).verdicts) for _ in range(2)] == [1, 1]
    site.deaf = set()
    tick = site.tick(origin=origin)

    assert [(one.channel, [alert.kind for alert in one.alerts]) for one in tick.deliveries] == [
        ("pager", [Kind.STEP_FAILED, Kind.FAILED])
    ]
    assert site.ledger.is_told
    assert MARKER_KEY not in site.store.documents
    assert [site.tick(4 * HOUR, origin).deliveries for _ in range(3)] == [()] * 3


@pytest.mark.parametrize("is_configured", [True, False])
def test_a_reminder_that_waits_for_a_channel_is_dropped_with_the_change(
    site: Site, *, is_configured: bool
) -> None:
    """The next tick gives it up; a second wish to drop it has nothing to do."""
    site.tick(4 * HOUR)
    site.deaf = {"ops"}
    site.tick()
    registry = site.registry(Wanted(changes={CHANGE: "orders"}) if is_configured else Wanted(is_open=True))
    assert registry.drop(*CHANGE)
    if not is_configured:
        assert not registry.drop(*CHANGE)
    site.deaf = set()
    origin = Origin.CONFIGURED if is_configured else Origin.MARKED

    assert site.tick(origin=origin).deliveries == ()
    assert site.ledger.is_told
    assert site.ledger.alerts[-1].endings == {"ops": Ending.GIVEN_UP}
    assert MARKER_KEY not in site.store.documents


def test_a_change_that_has_failed_is_not_followed_anew(site: Site) -> None:
    """Reminded or not."""
    site.tick()

    with pytest.raises(RegistryError, match="is failed already"):
        site.registry(Wanted(is_open=True)).follow(*CHANGE, None)
