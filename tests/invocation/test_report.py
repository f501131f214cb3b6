"""The report of an invocation: each field as the design has it, and when it says that all is well."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import pytest

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.compare import LOST_AFTER
from handler.core.observation import Phase, Step, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.rules import Policy
from handler.core.watch import Watch
from handler.invocation import Invocation, Setting
from handler.report import Report, is_fine, make_report
from handler.situation import Links
from handler.stores.ledgers import Ledgers
from handler.tick import Tick
from notifiers.alerts import Kind
from notifiers.channel import Channel
from notifiers.dispatch import Parcel, Sent
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble
from tests.fakes.scripted_source import ScriptedSource

ORDERS = Watch(ChangeId("inst", "task"), "orders")
OTHER = Watch(ChangeId("inst", "other"), "other")
LEDGER_KEY, OTHER_KEY = "changes/inst/task.json", "changes/inst/other.json"
SENT, REFUSED = Verdict(Outcome.SENT), Verdict(Outcome.REFUSED, "404")
POLICY = Policy(unreachable_after=timedelta(minutes=10))
TIMEOUT = Problem(ProblemKind.TIMEOUT, "No answer in time.", request_id="r-1")
GONE = Problem(ProblemKind.NOT_FOUND, "There is no such task.", status=404, missing=Missing.TASK)
HARMLESS = [ProblemKind.THROTTLED, ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT]


def progress(percent: int, *steps: Step, remaining_seconds: int | None = None) -> Progress:
    """What the API says of how far the change is."""
    return Progress(percent, remaining_seconds, steps)


class Office:
    """A machine that runs invocations and reports on each; a test scripts what they meet."""

    def __init__(self, *channels: str) -> None:
        """Begin at 08:00 with a running change and channels that take everything."""
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.source = ScriptedSource()
        self.source.progress, self.source.task = progress(40), Task(Phase.RUNNING, "EXECUTING")
        self.channels = tuple(Channel(name) for name in channels)
        self.verdicts: dict[str, Verdict | None] = dict.fromkeys(channels, SENT)
        self.crashes = False
        self.connections, self.kept_seconds = 4, 0.0
        self._count = 0

    def run(self, *watches: Watch) -> list[Tick]:
        """Run one invocation."""
        invocation = Invocation(
            Setting(
                self.channels,
                POLICY,
                Links(None, "https://console"),
                self.connections,
                self._name(),
                after_looking_seconds=self.kept_seconds,
            ),
            source=self.source,
            ledgers=Ledgers(self.store, self._name, {}),
            dispatch=self._send,
            clock=self.clock,
            deadline=Deadline(self.clock, 60),
            pause=lambda _: self.clock.advance(1),
        )
        return invocation.run(watches or (ORDERS,))

    def report(self, *watches: Watch, after: float = 60) -> Report:
        """Run one invocation and report on it; then time passes."""
        started_at = self.clock.now()
        ticks = self.run(*watches)
        report = make_report(
            trigger="timer", started_at=started_at, duration_seconds=0.0844, ticks=ticks, policy=POLICY
        )
        self.clock.advance(after)
        return report

    def _name(self) -> str:
        self._count += 1
        return f"name-{self._count}"

    def _send(self, parcels: Sequence[Parcel]) -> Iterable[Sent]:
        if self.crashes:
            raise KeyboardInterrupt
        return [(parcel, self.verdicts[parcel.channel]) for parcel in parcels]


@pytest.fixture
def office() -> Office:
    """An office with one channel."""
    return Office("ops")


def test_a_report_has_every_field_of_the_design(office: Office) -> None:
    """No field more, none less, and all of it JSON."""
    office.source.progress = progress(
        40,
        Step("pre_check", StepState.COMPLETED),
        Step("disk_expansion", StepState.RUNNING),
        remaining_seconds=1124,
    )
    report = office.report()

    assert json.loads(json.dumps(report)) == {
        "ok": True,
        "trigger": "timer",
        "started_at": "2026-11-24T08:00:00Z",
        "duration_ms": 84,
        "deferred": 0,
        "error": None,
        "changes": [
            {
                "id": "inst/task",
                "name": "orders",
                "phase": "running",
                "percent": 40,
                "remaining_seconds": 1124,
                "step": "disk_expansion",
                "alerts": ["started", "step_started"],
                "deliveries": [
                    {"channel": "ops", "outcome": "sent", "alert_count": 2, "possible_repeat": False}
                ],
                "error": None,
            }
        ],
    }


def test_what_is_not_known_is_null(office: Office) -> None:
    """A change of which nothing was ever seen has no figures, and its error says why."""
    office.source.progress = TIMEOUT

    assert office.report()["changes"] == [
        {
            "id": "inst/task",
            "name": "orders",
            "phase": "unknown",
            "percent": None,
            "remaining_seconds": None,
            "step": None,
            "alerts": [],
            "deliveries": [],
            "error": {"kind": "timeout", "message": "No answer in time. (request id r-1)"},
        }
    ]


def test_the_figures_are_those_of_this_look_even_when_they_were_not_worth_a_save(office: Office) -> None:
    """Remaining time alone is not saved, but it is reported; what was told before is not."""
    office.source.progress = progress(40, remaining_seconds=1124)
    office.report()
    office.source.progress = progress(40, remaining_seconds=1064)
    (change,) = office.report()["changes"]

    assert (change["remaining_seconds"], change["alerts"], change["deliveries"]) == (1064, [], [])


def test_alerts_that_could_not_be_saved_are_not_listed(office: Office) -> None:
    """Whoever was faster reports them."""
    office.report()
    office.source.progress = progress(60)
    office.store.fail_next(Trouble.CONFLICT)
    report = office.report()

    assert report["changes"][0]["alerts"] == []
    assert report["changes"][0]["deliveries"] == []
    assert report["changes"][0]["percent"] == 60
    assert report["changes"][0]["error"]["kind"] == "state_conflict"
    assert (report["ok"], report["error"]) == (True, None)


def test_each_send_is_listed_with_its_outcome_and_one_that_was_not_made_is_not() -> None:
    """What was left to the next invocation for lack of time is no delivery yet."""
    office = Office("a", "b", "c", "d")
    office.verdicts = {
        "a": SENT,
        "b": None,
        "c": Verdict(Outcome.RETRY),
        "d": Verdict(Outcome.UNKNOWN),
    }
    deliveries = office.report()["changes"][0]["deliveries"]

    assert [(d["channel"], d["outcome"]) for d in deliveries] == [
        ("a", "sent"),
        ("c", "retry"),
        ("d", "unknown"),
    ]


def test_a_repeat_says_so(office: Office) -> None:
    """A send that was cut off is made once more, and the report tells it from the first."""
    office.crashes = True
    with pytest.raises(KeyboardInterrupt):
        office.run()
    office.crashes = False
    office.clock.advance(76)
    office.source.progress = progress(60)

    assert office.report()["changes"][0]["deliveries"] == [
        {"channel": "ops", "outcome": "sent", "alert_count": 2, "possible_repeat": True}
    ]


@pytest.mark.parametrize("microsecond", [0, 987_654])
def test_the_start_is_told_in_whole_seconds_utc(microsecond: int) -> None:
    """A form that every tool reads, whatever the fraction."""
    started_at = datetime(2026, 11, 23, 8, 5, 9, microsecond, tzinfo=timezone.utc)
    report = make_report(trigger="timer", started_at=started_at, duration_seconds=1.2345)

    assert report["started_at"] == "2026-11-23T08:05:09Z"
    assert report["duration_ms"] == 1234


def test_a_channel_that_refuses_what_it_has_yet_to_hear_is_not_fine(office: Office) -> None:
    """It stays so while the channel is spared, until it takes everything."""
    office.verdicts["ops"] = REFUSED
    refused = office.report()
    spared = office.report()
    office.clock.advance(3600)
    office.verdicts["ops"] = SENT
    mended = office.report()

    assert refused["changes"][0]["deliveries"][0]["outcome"] == "refused"
    assert [report["ok"] for report in (refused, spared, mended)] == [False, False, True]
    assert [report["error"] for report in (refused, spared, mended)] == [None, None, None]


def test_a_channel_that_refused_and_has_nothing_left_to_hear_is_fine(office: Office) -> None:
    """Whoever no longer wants what was refused misses nothing."""
    office.verdicts["ops"] = REFUSED
    office.report()
    office.channels = (Channel("ops", kinds=frozenset({Kind.FAILED})),)

    assert office.report()["ok"]


def test_a_channel_that_refused_and_is_gone_is_fine(office: Office) -> None:
    """Nobody waits for a channel that was taken out of the configuration."""
    office.verdicts["ops"] = REFUSED
    office.report()
    office.channels = ()
    office.source.progress = progress(60)

    assert office.report()["ok"]


def test_a_transient_failure_of_a_channel_is_fine(office: Office) -> None:
    """It will be tried again, and so will a send that was cut off."""
    for outcome in (Outcome.RETRY, Outcome.UNKNOWN):
        office.verdicts["ops"] = Verdict(outcome)

        assert office.report()["ok"]


def test_a_blip_is_fine_and_an_outage_is_not(office: Office) -> None:
    """From `unreachable_after` on, and until a poll is good again; never the whole job's error."""
    office.report()
    office.source.progress = TIMEOUT
    reports = [office.report() for _ in range(12)]
    office.source.progress = progress(40)
    reports.append(office.report())

    assert [report["ok"] for report in reports] == [True] * 10 + [False] * 2 + [True]
    assert all(report["error"] is None for report in reports)
    assert reports[10]["changes"][0]["alerts"] == ["unreachable"]


def test_a_change_that_is_over_may_stay_out_of_reach(office: Office) -> None:
    """A lost change has been told; nothing of it is waited for."""
    office.source.progress = GONE
    office.report(after=LOST_AFTER.total_seconds())
    lost = office.report(after=3600)

    assert lost["changes"][0]["alerts"] == ["lost"]
    assert office.report()["ok"]


@pytest.mark.parametrize("kind", [ProblemKind.MISCONFIGURED, ProblemKind.UNAUTHORISED])
def test_what_stops_every_change_is_the_whole_jobs_error(office: Office, kind: ProblemKind) -> None:
    """With the same words as at the first of the changes."""
    office.source.progress = Problem(kind, "Mend this.")
    report = office.report(ORDERS, OTHER)

    assert report["ok"] is False
    assert report["error"] == {"kind": kind.value, "message": "Mend this."}
    assert [change["error"] for change in report["changes"]] == [report["error"]] * 2


def test_a_state_that_stops_every_change_is_the_whole_jobs_error(office: Office) -> None:
    """Without a memory nothing can be followed."""
    office.store.fail_next(Trouble.UNAVAILABLE, operation="load", times=2)
    report = office.report(ORDERS, OTHER)

    assert report["ok"] is False
    assert report["error"]["kind"] == "state_unavailable"


@pytest.mark.parametrize("key", [LEDGER_KEY, OTHER_KEY])
def test_one_stopped_change_among_several_is_not_the_whole_jobs_error(office: Office, key: str) -> None:
    """The first or the last: it stands at its change and makes the report not fine, that is all."""
    office.store.documents[key] = b'{"schema": 99}'
    report = office.report(ORDERS, OTHER)

    errors = {change["id"]: change["error"] for change in report["changes"] if change["error"]}
    assert (report["ok"], report["error"]) == (False, None)
    assert {name: error["kind"] for name, error in errors.items()} == {
        key.removeprefix("changes/").removesuffix(".json"): "state_unavailable"
    }


@pytest.mark.parametrize("kind", HARMLESS)
def test_trouble_of_the_api_with_every_change_is_nobodys_error_but_theirs(
    office: Office, kind: ProblemKind
) -> None:
    """Configuration, credentials and state are fine; the next look may well be good."""
    office.source.progress = Problem(kind, "Not now.")
    report = office.report(ORDERS, OTHER)

    assert (report["ok"], report["error"]) == (True, None)
    assert [change["error"]["kind"] for change in report["changes"]] == [kind.value] * 2


def test_an_invocation_with_nothing_to_look_at_is_fine() -> None:
    """A shard may be empty."""
    report = make_report(trigger="timer", started_at=FakeClock().now(), duration_seconds=0)

    assert (report["ok"], report["error"], report["changes"]) == (True, None, [])


def test_what_kept_an_invocation_from_beginning_is_its_error(office: Office) -> None:
    """It comes before whatever the changes say."""
    report = make_report(
        trigger="manual",
        started_at=office.clock.now(),
        duration_seconds=0,
        ticks=office.run(),
        problem=Problem(ProblemKind.MISCONFIGURED, "Unknown key: chanels."),
    )

    assert (report["ok"], report["trigger"]) == (False, "manual")
    assert report["error"] == {"kind": "misconfigured", "message": "Unknown key: chanels."}
    assert report["changes"][0]["error"] is None


@pytest.mark.parametrize("kind", [*HARMLESS, ProblemKind.MALFORMED])
def test_a_blip_of_the_search_for_changes_is_an_error_and_no_failure(
    office: Office, kind: ProblemKind
) -> None:
    """The report says what may be missing; the next tick searches again."""
    report = make_report(
        trigger="timer",
        started_at=office.clock.now(),
        duration_seconds=0,
        ticks=office.run(),
        problem=Problem(kind, "Not now."),
    )

    assert (report["ok"], report["error"]) == (True, {"kind": kind.value, "message": "Not now."})


@pytest.mark.parametrize(
    "kind", [ProblemKind.MISCONFIGURED, ProblemKind.UNAUTHORISED, ProblemKind.STATE_UNAVAILABLE]
)
def test_a_search_that_cannot_be_made_is_a_failure_although_no_change_is_known(kind: ProblemKind) -> None:
    """Nothing would ever be found, and nobody would know."""
    problem = Problem(kind, "Mend this.")
    report = make_report(trigger="timer", started_at=FakeClock().now(), duration_seconds=0, problem=problem)

    assert (report["ok"], report["error"]["kind"]) == (False, kind.value)


@pytest.mark.parametrize("kind", [ProblemKind.STATE_UNAVAILABLE, ProblemKind.UNAUTHORISED])
def test_what_goes_wrong_beside_changes_that_are_fine_makes_the_report_not_fine(
    office: Office, kind: ProblemKind
) -> None:
    """It has to be mended, but the changes themselves say nothing of it."""
    ticks = office.run(ORDERS, OTHER)
    report = make_report(
        trigger="timer",
        started_at=office.clock.now(),
        duration_seconds=0,
        ticks=ticks,
        problem=Problem(kind, "Mend this."),
    )

    assert (report["ok"], report["error"]) == (False, {"kind": kind.value, "message": "Mend this."})
    assert [one["error"] for one in report["changes"]] == [None, None]
    assert [is_fine(tick) for tick in ticks] == [True, True]


def test_a_change_is_fine_that_was_looked_at_with_nothing_in_the_way(office: Office) -> None:
    """One that gave no answer, or for which there was no time, shows nothing."""
    (good,) = office.run()
    office.source.progress = TIMEOUT
    (failing,) = office.run()
    deferred = [tick for tick in office.run(*hurried(office, 5)) if tick.problem and not tick.problem.asked]

    assert is_fine(good)
    assert not is_fine(failing)
    assert len(deferred) == 3
    assert not any(map(is_fine, deferred))


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_blip_of_the_search_does_not_hide_what_stops_every_change(
    office: Office, kind: ProblemKind
) -> None:
    """Of two errors the graver one is the job's: it is what the alarm will quote."""
    office.store.fail_next(Trouble.UNAVAILABLE, operation="load", times=2)
    report = make_report(
        trigger="timer",
        started_at=office.clock.now(),
        duration_seconds=0,
        ticks=office.run(ORDERS, OTHER),
        problem=Problem(kind, "Not now."),
    )

    assert (report["ok"], report["error"]["kind"]) == (False, "state_unavailable")


def hurried(office: Office, count: int) -> list[Watch]:
    """So many changes, one after the other, with time for looking at two of them."""
    office.connections, office.kept_seconds = 1, 20
    office.source.while_asking = lambda _: office.clock.advance(25)
    return [Watch(ChangeId("inst", f"t{number}"), f"n{number}") for number in range(count)]


def test_what_did_not_fit_is_counted_and_is_fine(office: Office) -> None:
    """It stands in the report with nothing that is known of it but its name."""
    report = office.report(*hurried(office, 5))

    deferred = [change for change in report["changes"] if change["error"]]
    assert (report["ok"], report["error"], report["deferred"]) == (True, None, 3)
    assert {change["error"]["kind"] for change in deferred} == {"timeout"}
    assert {change["phase"] for change in deferred} == {"unknown"}
    assert len(deferred) == 3


def test_what_did_not_fit_does_not_hide_what_stopped_all_others(office: Office) -> None:
    """Nobody knows how they would have fared, but nothing that was tried could be done."""
    office.source.progress = Problem(ProblemKind.UNAUTHORISED, "Mend this.", status=403)
    report = office.report(*hurried(office, 5))

    assert report["deferred"] == 3
    assert (report["ok"], report["error"]) == (False, {"kind": "unauthorised", "message": "Mend this."})


def test_where_nothing_fitted_nothing_is_known_to_be_wrong(office: Office) -> None:
    """The next invocation begins with somebody else."""
    problem = Problem(ProblemKind.TIMEOUT, "No time was left.", asked=False)
    office.source.progress = problem
    report = office.report(ORDERS, OTHER)

    assert (report["ok"], report["error"], report["deferred"]) == (True, None, 2)
