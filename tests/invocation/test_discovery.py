"""The search for changes tick by tick, over fakes of API and store: what is followed, noted and forgotten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.document import decode, encode
from handler.core.ledger import Ledger
from handler.core.listing import Instance, ListedTask, Page
from handler.core.news import REFRESH_AFTER
from handler.core.observation import Phase, Step, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit
from handler.core.rules import Policy
from handler.discovery import Discovery
from handler.fleet import (
    ASKED_TWICE_WITHIN,
    EXPECTED_FOR,
    LATE_MAX,
    REGISTERED_LATE_MAX,
    TOLD_FOR,
    Wanted,
    shard_of,
)
from handler.huaweicloud.decipher import decipher_progress
from handler.invocation import Invocation, Setting
from handler.registry import Registry
from handler.scope import Scope
from handler.situation import Links
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Markers
from handler.tick import Tick
from handler.transport import Response
from notifiers.channel import Channel
from notifiers.dispatch import Parcel, Sent
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble
from tests.fakes.scripted_directory import ScriptedDirectory
from tests.fakes.scripted_source import ScriptedSource

ALL: Final = Scope()
EVERYTHING: Final = Wanted(patterns=("*",), is_open=True)
REGISTERED: Final = Wanted(is_open=True)
CHANGE, LATER = ChangeId("i-1", "t-1"), ChangeId("i-1", "t-2")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RUNNING: Final = Progress(40, 3600, (Step("a", StepState.RUNNING),))
DONE: Final = Progress(100, 0, (Step("a", StepState.COMPLETED),))
NO_TASK: Final = Problem(
    ProblemKind.NOT_FOUND,
    "No such task.",
    status=404,
    missing=Missing.TASK,
    asks_task=True,
    denies_progress=True,
)
NO_API: Final = Problem(
    ProblemKind.NOT_FOUND, "No such call.", status=404, missing=Missing.API, asks_task=True
)
FORBIDDEN: Final = Problem(ProblemKind.UNAUTHORISED, "Grant the permission.", status=403)
KEY_REFUSED: Final = Problem(ProblemKind.UNAUTHORISED, "The key was refused.", status=401)
DOWN: Final = Problem(ProblemKind.UNAVAILABLE, "Out of order.", status=503)


class Found(NamedTuple):
    """What one tick has come to; `told` is who has heard what: tasks with the kinds of their alerts."""

    ticks: Sequence[Tick]
    problem: Problem | None
    told: list[tuple[str, list[str]]]

    @property
    def followed(self) -> list[str]:
        """The tasks that the report names."""
        return [tick.watch.change.task_id for tick in self.ticks if not tick.is_stranger]


class Outlook:
    """A project that a test describes, and one who watches it tick by tick."""

    def __init__(self, wanted: Wanted = EVERYTHING) -> None:
        """Begin at 08:00 with one instance that is running."""
        self.wanted = wanted
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.markers = Markers(self.store)
        self.directory = ScriptedDirectory()
        self.directory.instances = [Instance("i-1", "orders", "RUNNING")]
        self.source = ScriptedSource()
        self.source.progress = NO_TASK
        self.source.while_asking = self._notice_refusal
        self.channel = Channel("ops")
        self.verdict: Verdict | None = Verdict(Outcome.SENT)
        self._sent: list[tuple[str, list[str]]] = []
        self._count = 0

    def begin(
        self, change: ChangeId = CHANGE, *, name: str = "extend", progress: Progress | Problem = RUNNING
    ) -> None:
        """A task begins, and its instance shows it."""
        task = Task(Phase.RUNNING, "EXECUTING", name=name)
        self._list(change, ListedTask(change.task_id, task, self.clock.now()))
        self.source.answers[change] = progress
        self.source.task = task
        self.show(change.instance_id, "EXTENDING")

    def end(
        self,
        change: ChangeId = CHANGE,
        *,
        name: str = "extend",
        progress: Progress | Problem = DONE,
        ago: timedelta = timedelta(),
    ) -> None:
        """A task has ended, and its instance is as before."""
        now = self.clock.now()
        task = Task(Phase.COMPLETED, "SUCCESS", name=name)
        self._list(change, ListedTask(change.task_id, task, now - ago - HOUR, now - ago))
        self.source.answers[change] = progress
        self.source.task = task
        self.show(change.instance_id, "RUNNING")

    def show(self, instance_id: str, status: str) -> None:
        """The list of instances says this of one."""
        self.directory.instances = [
            Instance(one.instance_id, one.name, status) if one.instance_id == instance_id else one
            for one in self.directory.instances
        ]

    def tick(self, scope: Scope = ALL, *, by_hand: bool = False, after: float = 60) -> Found:
        """Run one invocation as the application does, in a fresh process; then time passes."""
        self.directory.refusal = None
        discovery = Discovery(
            self.wanted,
            scope,
            directory=self.directory,
            markers=self.markers,
            ledgers=Ledgers(self.store, self._name, {}),
            clock=self.clock,
            heeds_rest=not by_hand,
        )
        known = discovery.known()
        find = discovery.find if discovery.is_needed else None
        self._sent = []
        ticks = self._invocation(heeds_rest=not by_hand).run(known, find=find, rest=discovery.rest)
        discovery.conclude(ticks)
        self.clock.advance(after)
        return Found(ticks, discovery.problem or discovery.blemish, self._sent)

    def requests(self) -> tuple[int, int]:
        """How many lists were asked for, and how much else; counted anew from here."""
        count = len(self.directory.asked), sum(self.source.counts.values())
        self.directory.asked.clear()
        self.source.counts.clear()
        return count

    def ledger(self, change: ChangeId = CHANGE) -> Ledger:
        """What is kept of a change."""
        return decode(self.store.documents[f"changes/{change}.json"])

    def put_ledger(self, ledger: Ledger) -> None:
        """Keep this."""
        self.store.documents[f"changes/{ledger.change}.json"] = encode(ledger, "n")

    def markers_left(self) -> set[str]:
        """The names of the markers, without their times."""
        names = (key.removeprefix("active/") for key in self.store.documents if key.startswith("active/"))
        return {re.sub(r"[-/]\d{9,}$", "", name) for name in names}

    def registry(self) -> Registry:
        """What the watched can be registered with."""
        return Registry(self.wanted, self.markers, Ledgers(self.store, self._name, {}), self.clock)

    def _notice_refusal(self, change: ChangeId) -> None:
        """Source and directory are one client, with one key."""
        answer = self.source.answers.get(change, self.source.progress)
        if isinstance(answer, Problem) and answer.refuses_key:
            self.directory.refusal = answer

    def _invocation(self, *, heeds_rest: bool) -> Invocation:
        return Invocation(
            Setting((self.channel,), Policy(), Links(None, "https://c"), 8, self._name(), heeds_rest),
            source=self.source,
            ledgers=Ledgers(self.store, self._name, {}),
            dispatch=self._send,
            clock=self.clock,
            deadline=Deadline(self.clock, 60),
            pause=lambda _: None,
        )

    def _send(self, parcels: Sequence[Parcel]) -> Iterable[Sent]:
        for parcel in parcels:
            if self.verdict and self.verdict.outcome is Outcome.SENT:
                self._sent += [
                    (one.situation.change_id.partition("/")[2], [alert.kind.value for alert in one.alerts])
                    for one in parcel.message.messages
                ]
            yield parcel, self.verdict

    def _list(self, change: ChangeId, task: ListedTask) -> None:
        others = [
            one for one in self.directory.tasks.get(change.instance_id, []) if one.task_id != task.task_id
        ]
        self.directory.tasks[change.instance_id] = [task, *others]

    def _name(self) -> str:
        self._count += 1
        return f"name-{self._count}"


@pytest.fixture
def outlook() -> Outlook:
    """One who discovers everything."""
    return Outlook()


# A change from beginning to end -----------------------------------------------------------------------------


def test_a_change_that_is_found_when_it_has_failed_is_marked_once_to_be_reminded_of(outlook: Outlook) -> None:
    """Besides, it is noted what kind of task it was, and that its end is told."""
    outlook.channel = Channel("ops", remind_every=HOUR)
    outlook.end(progress=RUNNING)
    (listed,) = outlook.directory.tasks["i-1"]
    failed = msgspec.structs.replace(listed.task, phase=Phase.FAILED, status="FAILED")
    outlook.directory.tasks["i-1"] = [msgspec.structs.replace(listed, task=failed)]
    found = outlook.tick()

    assert found.told == [("t-1", ["failed"])]
    assert outlook.ledger().is_reminding
    assert outlook.markers_left() == {"i-1/t-1", "_told/i-1/t-1", "_change/extend"}
    assert outlook.store.counts["put"] == 3


def test_a_change_that_begins_is_found_followed_and_told_to_its_end(outlook: Outlook) -> None:
    """Its marker stands as long as it goes on; then only a note that it was told."""
    nothing = outlook.tick()
    outlook.begin()
    found = outlook.tick()
    meanwhile = outlook.markers_left()
    followed = outlook.tick()
    outlook.end()
    ended = outlook.tick()
    afterwards = [outlook.tick() for _ in range(10)]

    assert (nothing.told, nothing.followed) == ([], [])
    assert found.told == [("t-1", ["started", "step_started"])]
    assert meanwhile == {"i-1/t-1", "_change/extend"}
    assert (followed.told, followed.followed) == ([], ["t-1"])
    assert ended.told == [("t-1", ["step_completed", "completed"])]
    assert outlook.markers_left() == {"_told/i-1/t-1", "_change/extend"}
    assert all((tick.told, tick.followed) == ([], []) for tick in afterwards)
    assert outlook.ledger().name == "orders"


def test_a_change_that_was_found_is_followed_although_its_instance_is_gone_from_the_list(
    outlook: Outlook,
) -> None:
    """Found once is enough; also if the configuration wants it no longer."""
    outlook.begin()
    outlook.tick()
    outlook.directory.instances = []
    outlook.wanted = Wanted(patterns=("something else",), is_open=True)
    outlook.end()
    outlook.directory.instances = []

    assert outlook.tick().told == [("t-1", ["step_completed", "completed"])]


def test_a_change_whose_channel_is_down_keeps_its_marker_until_its_end_is_told(outlook: Outlook) -> None:
    """Discovery stops naming it long before."""
    outlook.begin()
    outlook.tick()
    outlook.end()
    outlook.verdict = Verdict(Outcome.RETRY, "503")
    outlook.tick()
    meanwhile = outlook.markers_left()
    outlook.verdict = Verdict(Outcome.SENT)
    outlook.clock.advance(3600)
    told = outlook.tick().told

    assert "i-1/t-1" in meanwhile
    assert told == [("t-1", ["step_completed", "completed"])]
    assert outlook.markers_left() == {"_told/i-1/t-1", "_change/extend"}


@pytest.mark.parametrize("ago", [timedelta(), HOUR, LATE_MAX - MINUTE])
def test_a_change_that_ended_within_a_day_is_told_as_finished_once(outlook: Outlook, ago: timedelta) -> None:
    """Whoever begins to watch wants to know what has just happened."""
    outlook.end(ago=ago)
    first = outlook.tick()
    others = [outlook.tick() for _ in range(20)]

    assert [(task, kinds[-1]) for task, kinds in first.told] == [("t-1", "completed")]
    assert all(tick.told == [] for tick in others)
    assert "i-1/t-1" not in outlook.markers_left()


def test_a_change_that_ended_more_than_a_day_ago_is_not_even_looked_at(outlook: Outlook) -> None:
    """It is history."""
    outlook.end(ago=LATE_MAX + MINUTE)

    assert outlook.tick().told == []
    assert outlook.source.counts == {}
    assert set(outlook.store.documents) == set()


def test_a_change_is_told_once_however_long_lists_bring_it_up(outlook: Outlook) -> None:
    """The note of it lasts a little longer than that, and is then removed."""
    outlook.begin()
    outlook.tick()
    outlook.end()
    told = outlook.tick().told
    outlook.requests()
    for _ in range(26 * 6):
        told += outlook.tick(after=600).told

    assert len(told) == 1
    assert outlook.requests() == (2 * 26 * 6, 0)
    assert outlook.markers_left() == {"_change/extend"}
    assert TOLD_FOR > LATE_MAX


# What it costs ----------------------------------------------------------------------------------------------


def test_with_nothing_going_on_two_lists_are_read_and_one_of_markers(outlook: Outlook) -> None:
    """No ledger is read, nothing is written."""
    outlook.directory.instances = [Instance(f"i-{n:03}", f"kafka-{n}", "RUNNING") for n in range(100)]
    outlook.tick()

    assert outlook.store.counts == {"list": 1}
    assert sorted(outlook.directory.asked)[:2] == ["instances 0", "instances 50"]
    assert len(outlook.directory.asked) == 2 + 10
    assert outlook.source.counts == {}


def test_on_the_day_after_a_change_nothing_costs_more(outlook: Outlook) -> None:
    """Lists of tasks still bring it up; that it was told, its note says."""
    outlook.begin()
    outlook.tick()
    outlook.end()
    outlook.tick()
    outlook.requests()
    outlook.store.counts.clear()
    for _ in range(30):
        outlook.tick(after=1800)

    assert outlook.store.counts == {"list": 30}
    assert outlook.requests() == (60, 0)


@pytest.mark.parametrize(
    "denial",
    [NO_TASK, Problem(ProblemKind.UNAVAILABLE, "No.", status=400, asks_task=True, denies_progress=True)],
)
def test_other_kinds_of_task_cost_nothing_once_they_are_known(outlook: Outlook, denial: Problem) -> None:
    """They are learnt by their names; a second task of a kind is asked about only shortly after its end."""
    outlook.end(name="restart", progress=denial)
    outlook.tick()
    outlook.requests()
    outlook.store.counts.clear()
    outlook.end(LATER, name="restart", progress=denial)
    outlook.clock.advance(2 * ASKED_TWICE_WITHIN.total_seconds())
    for _ in range(5):
        assert outlook.tick().told == []

    assert outlook.markers_left() == {"_other/restart"}
    assert outlook.store.counts == {"list": 5}
    assert outlook.requests() == (10, 0)


def test_another_kind_of_task_is_never_told_of_neither_under_way_nor_over(outlook: Outlook) -> None:
    """Its progress call has no answer, so it is none of ours; nor does the report know of it."""
    outlook.begin(name="restart", progress=NO_TASK)
    under_way = [outlook.tick() for _ in range(5)]
    nothing_learnt = outlook.markers_left()
    outlook.end(name="restart", progress=NO_TASK)
    over = [outlook.tick() for _ in range(5)]

    assert all((tick.told, tick.followed, tick.problem) == ([], [], None) for tick in [*under_way, *over])
    assert nothing_learnt == set()
    assert not any(key.startswith("changes/") for key in outlook.store.documents)


def test_a_change_that_takes_its_time_to_have_progress_is_found_in_the_end(outlook: Outlook) -> None:
    """A task under way is looked at again and again, whatever it is called."""
    outlook.begin(progress=NO_TASK)
    outlook.tick()
    outlook.begin(progress=RUNNING)

    assert outlook.tick().followed == ["t-1"]


def test_a_kind_that_was_mistaken_is_learnt_anew(outlook: Outlook) -> None:
    """The first change of it that is met had lost its progress; the second goes on before our eyes."""
    outlook.end(name="extend", progress=NO_TASK)
    outlook.tick()
    mistaken = outlook.markers_left()
    outlook.begin(LATER, name="extend")
    outlook.tick()
    learnt = outlook.markers_left()
    outlook.end(ChangeId("i-1", "t-3"), name="extend")

    assert mistaken == {"_other/extend"}
    assert learnt == {"_change/extend", "i-1/t-2"}
    assert [task for task, _ in outlook.tick().told] == ["t-3"]


def test_a_kind_that_changes_capacity_is_not_taken_for_another_by_one_that_lost_its_progress(
    outlook: Outlook,
) -> None:
    """What was seen once holds."""
    outlook.begin()
    outlook.tick()
    outlook.end(LATER, name="extend", progress=NO_TASK)
    outlook.tick()

    assert "_other/extend" not in outlook.markers_left()


NO_ANSWERS: Final = {
    "out of order": Response(503, {}, b'{"error_code": "DMS.00500000", "error_msg": "x"}'),
    "a proxy's page": Response(404, {}, b"<html>nginx</html>"),
    "busy": Response(400, {}, b'{"error_code": "DMS.00400026", "error_msg": "x"}'),
    "throttled": Response(429, {}, b'{"error_code": "APIGW.0308", "error_msg": "x"}'),
    "no such call": Response(404, {}, b'{"error_code": "APIGW.0101", "error_msg": "x"}'),
    "no such instance": Response(404, {}, b'{"error_code": "DMS.00404022", "error_msg": "x"}'),
    "not allowed": Response(403, {}, b'{"error_code": "APIGW.0302", "error_msg": "x"}'),
    "unreadable": Response(200, {}, b"[]"),
}


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_says_nothing_of_a_task_teaches_nothing_of_its_kind(
    outlook: Outlook, answer: str
) -> None:
    """Else a change that ended meanwhile would never be told."""
    problem = decipher_progress(NO_ANSWERS[answer], TimeUnit.SECONDS)
    assert isinstance(problem, Problem)
    outlook.end(progress=problem)
    outlook.tick()
    outlook.end(progress=DONE)

    assert [(task, kinds[-1]) for task, kinds in outlook.tick().told] == [("t-1", "completed")]


def test_a_kind_whose_name_can_be_no_key_is_asked_about_each_time(outlook: Outlook) -> None:
    """It costs a request, and is as little told of as any other."""
    outlook.end(name="修改 规格", progress=NO_TASK)
    ticks = [outlook.tick() for _ in range(3)]

    assert outlook.source.counts["progress"] == 3
    assert outlook.markers_left() == set()
    assert all((tick.told, tick.problem) == ([], None) for tick in ticks)


# What stands in the way -------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["instances 0", "tasks i-1 from 1"])
def test_a_list_that_fails_costs_that_tick_and_is_reported(outlook: Outlook, trouble: str) -> None:
    """The next one finds what there is; what was known is followed meanwhile."""
    outlook.directory.instances.append(Instance("i-2", "billing", "RUNNING"))
    outlook.begin(ChangeId("i-2", "t-9"))
    outlook.tick()
    outlook.begin()
    outlook.directory.troubles[trouble] = DOWN
    failing = outlook.tick()
    outlook.directory.troubles.clear()
    again = outlook.tick()

    assert (failing.problem, failing.followed) == (DOWN, ["t-9"])
    assert (again.problem, sorted(again.followed)) == (None, ["t-1", "t-9"])


def test_without_the_list_of_markers_what_is_configured_is_followed_and_the_state_reported(
    outlook: Outlook,
) -> None:
    """Other changes are found again by their tasks, and none is told twice."""
    configured = ChangeId("i-9", "t-9")
    outlook.wanted = Wanted(changes={configured: "billing"}, patterns=("*",), is_open=True)
    outlook.begin()
    outlook.source.answers[configured] = RUNNING
    before = outlook.tick()
    outlook.store.fail_next(Trouble.UNAVAILABLE, operation="list")
    blind = outlook.tick()

    assert sorted(task for task, _ in before.told) == ["t-1", "t-9"]
    assert (blind.told, sorted(blind.followed)) == ([], ["t-1", "t-9"])
    assert blind.problem
    assert blind.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_a_search_with_a_defect_stops_no_change_that_is_known(outlook: Outlook) -> None:
    """What was there before one searched is followed whatever becomes of the search."""
    outlook.begin()
    outlook.tick()
    outlook.end()

    class Broken(ScriptedDirectory):
        def list_instances(self, offset: int, instance_id: str | None = None) -> Page[Instance] | Problem:
            raise LookupError("a secret", offset, instance_id)

    outlook.directory = Broken()
    found = outlook.tick()

    assert found.told == [("t-1", ["step_completed", "completed"])]
    assert found.problem
    assert found.problem.is_defect
    assert "secret" not in found.problem.message


def test_a_region_without_the_progress_call_says_so(outlook: Outlook) -> None:
    """There nothing can be discovered, and no kind of task is learnt."""
    outlook.end(progress=NO_API)
    found = outlook.tick()

    assert (found.problem, found.told, found.followed) == (NO_API, [], [])
    assert outlook.markers_left() == set()


def test_a_key_that_may_list_tasks_but_not_read_their_progress_says_so(outlook: Outlook) -> None:
    """Else nothing would ever be found, and all would seem to be well."""
    outlook.begin(progress=FORBIDDEN)

    assert outlook.tick().problem == FORBIDDEN


def test_a_change_that_was_found_and_whose_ledger_cannot_be_read_is_reported(outlook: Outlook) -> None:
    """It is no stranger: its progress has answered."""
    outlook.begin()
    outlook.store.fail_next(Trouble.UNAVAILABLE, operation="load")
    found = outlook.tick()

    assert found.followed == ["t-1"]
    (tick,) = found.ticks
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_markers_that_could_not_be_put_in_order_are_so_the_next_time(outlook: Outlook) -> None:
    """What was told is told, whatever the store does then."""
    outlook.begin()
    outlook.tick()
    outlook.end()
    outlook.store.fail_next(Trouble.UNAVAILABLE, operation="remove")
    told = outlook.tick().told
    left = outlook.markers_left()
    told += outlook.tick().told

    assert len(told) == 1
    assert "i-1/t-1" in left
    assert outlook.markers_left() == {"_told/i-1/t-1", "_change/extend"}


def test_one_marker_that_cannot_be_removed_keeps_no_other_from_being_put(outlook: Outlook) -> None:
    """Whoever deploys without the permission to delete has all else all the same."""
    outlook.markers.follow(CHANGE)
    outlook.markers.follow(ChangeId("i-9", "dismissed"))
    outlook.put_ledger(Ledger(change="i-9/dismissed", created_at=START, is_dismissed=True))
    outlook.store.fail_next(Trouble.UNAVAILABLE, operation="remove", times=1000)
    outlook.end(LATER, name="restart", progress=NO_TASK)
    outlook.tick()

    assert "_other/restart" in outlook.markers_left()


# A refused key ----------------------------------------------------------------------------------------------


def refuse(outlook: Outlook) -> None:
    """The API refuses the access key from now on, whatever is asked."""
    outlook.source.key_accepted = outlook.directory.key_accepted = False
    outlook.source.progress = KEY_REFUSED
    outlook.source.answers.clear()
    outlook.directory.troubles = dict.fromkeys(("instances 0", "instance i-1"), KEY_REFUSED)


def mend(outlook: Outlook) -> None:
    """The key is good again."""
    outlook.directory.troubles.clear()
    outlook.source.progress = NO_TASK


def test_a_refused_key_is_tried_once_in_ten_minutes_although_no_change_is_known(outlook: Outlook) -> None:
    """Six refusals in a row would lock it; a marker remembers the last one for every process."""
    refuse(outlook)
    ticks = [outlook.tick() for _ in range(20)]

    assert outlook.requests() == (2, 0)
    assert [tick.problem and tick.problem.kind for tick in ticks] == [ProblemKind.UNAUTHORISED] * 20
    assert ticks[1].problem
    assert "tried again at 08:10 UTC" in ticks[1].problem.message
    mend(outlook)
    outlook.clock.advance(REFRESH_AFTER.total_seconds())
    assert outlook.tick().problem is None
    assert outlook.markers_left() == set()


def test_a_key_that_stays_refused_leaves_one_marker(outlook: Outlook) -> None:
    """A day of it must not fill the list that each tick reads."""
    refuse(outlook)
    for _ in range(50):
        outlook.tick()

    assert len([key for key in outlook.store.documents if key.startswith("active/_key/")]) == 1


def test_a_refused_key_is_tried_by_hand_at_once(outlook: Outlook) -> None:
    """Whoever has mended it wants to know; and then the timer goes on as well."""
    refuse(outlook)
    outlook.tick()
    again = outlook.tick(by_hand=True)
    mend(outlook)
    mended = outlook.tick(by_hand=True)
    outlook.begin()

    assert again.problem == KEY_REFUSED
    assert mended.problem is None
    assert outlook.tick().told != []


def test_a_key_of_which_nothing_was_heard_by_hand_goes_on_resting(outlook: Outlook) -> None:
    """Nothing was asked, so nothing is known to be better."""
    outlook.wanted = REGISTERED
    outlook.markers.note_refusal(outlook.clock.now())
    outlook.clock.advance(60)
    outlook.tick(by_hand=True)
    outlook.markers.follow(CHANGE)
    outlook.source.key_accepted = False
    outlook.tick()

    assert outlook.source.counts == {}


def part(index: int) -> Scope:
    """One of three that share the work."""
    return Scope(shard=(index, 3))


def is_resting(found: Found) -> bool:
    """Whether a tick says that the key was refused before, and is spared."""
    return (
        found.problem is not None
        and found.problem.kind is ProblemKind.UNAUTHORISED
        and "tried again at" in found.problem.message
    )


@pytest.mark.parametrize(
    ("since", "tries"),
    [(MINUTE, 0), (REFRESH_AFTER - MINUTE, 0), (REFRESH_AFTER, 1), (2 * REFRESH_AFTER - MINUTE, 1)],
)
def test_of_many_parts_each_waits_longer_than_the_one_before_to_try_a_refused_key_again(
    outlook: Outlook, since: timedelta, tries: int
) -> None:
    """All at the same time would lock it between them."""
    refuse(outlook)
    outlook.markers.note_refusal(outlook.clock.now())
    outlook.clock.advance(since.total_seconds())
    others = [outlook.tick(part(index), after=0) for index in (2, 3)]
    by_others = outlook.requests()
    first = outlook.tick(part(1))

    assert all(map(is_resting, others))
    assert by_others == (0, 0)
    assert outlook.requests() == (tries, 0)
    assert is_resting(first) is (tries == 0)


def test_all_parts_go_on_when_the_first_has_seen_the_key_accepted(outlook: Outlook) -> None:
    """Nobody but it clears the marker away."""
    outlook.markers.note_refusal(outlook.clock.now())
    outlook.clock.advance(REFRESH_AFTER.total_seconds())
    resting = outlook.tick(part(2))
    first = outlook.tick(part(1))
    outlook.directory.key_accepted = False
    outlook.requests()
    others = [outlook.tick(part(index)) for index in (2, 3)]

    assert is_resting(resting)
    assert [one.problem for one in (first, *others)] == [None] * 3
    assert outlook.requests()[0] >= 2
    assert outlook.markers_left() == set()


def test_all_parts_go_on_some_time_although_the_first_has_nothing_to_ask(outlook: Outlook) -> None:
    """Nothing is discovered, and the one change that is followed falls to another part."""
    outlook.wanted = REGISTERED
    change = next(one for n in range(99) if shard_of(one := ChangeId("i-1", f"t-{n}"), 3) == 2)
    outlook.markers.follow(change)
    outlook.begin(change)
    outlook.source.key_accepted = False
    outlook.markers.note_refusal(outlook.clock.now())
    told = [outlook.tick(part(index), after=20).told for _ in range(60) for index in (1, 2, 3)]

    assert {task for one in told for task, _ in one} == {change.task_id}


def test_a_part_that_is_all_of_it_tries_a_refused_key_again(outlook: Outlook) -> None:
    """There is nobody else who would."""
    outlook.markers.note_refusal(outlook.clock.now())
    outlook.clock.advance(REFRESH_AFTER.total_seconds())

    assert outlook.tick(Scope(shard=(1, 1))).problem is None


@pytest.mark.parametrize("scope", [ALL, part(1), part(2)])
def test_that_another_key_was_refused_keeps_nobody_from_using_this_one(
    outlook: Outlook, scope: Scope
) -> None:
    """Two projects share a store, or the key has just been replaced; what is noted of the other one stays."""
    Markers(outlook.store, "other").note_refusal(outlook.clock.now())

    assert outlook.tick(scope).problem is None
    assert outlook.requests()[0] > 0
    assert outlook.markers_left() == {"_key/other/refused"}


@pytest.mark.parametrize("ahead", [REFRESH_AFTER, HOUR, timedelta(days=4000)])
def test_a_refusal_from_the_far_future_does_not_rest_the_key_for_ever(
    outlook: Outlook, ahead: timedelta
) -> None:
    """A clock was wrong for a moment; the key is tried, and the marker is gone as soon as it is accepted."""
    outlook.markers.note_refusal(outlook.clock.now() + ahead)
    outlook.begin()

    assert [task for task, _ in outlook.tick().told] == ["t-1"]
    assert outlook.markers_left() == {"i-1/t-1", "_change/extend"}


def test_a_key_that_is_refused_is_spared_again_whatever_the_clock_said_before(outlook: Outlook) -> None:
    """The marker from the far future makes room for one of now."""
    refuse(outlook)
    outlook.markers.note_refusal(outlook.clock.now() + timedelta(days=4000))
    ticks = [outlook.tick() for _ in range(5)]

    assert outlook.requests() == (1, 0)
    assert [is_resting(one) for one in ticks] == [False, True, True, True, True]


@pytest.mark.parametrize("scope", [ALL, part(2)])
def test_a_process_whose_key_is_accepted_does_not_rest(outlook: Outlook, scope: Scope) -> None:
    """It knows better than a marker that another one has left; and clears it away."""
    outlook.directory.key_accepted = True
    outlook.markers.note_refusal(outlook.clock.now())

    assert outlook.tick(scope).problem is None
    assert outlook.requests()[0] > 0
    assert outlook.markers_left() == set()


def test_what_was_noted_of_other_keys_is_cleared_away_after_a_day(outlook: Outlook) -> None:
    """Nobody who uses them may be left to do it."""
    Markers(outlook.store, "old").note_refusal(outlook.clock.now())
    outlook.clock.advance(12 * HOUR.total_seconds())
    Markers(outlook.store, "newer").note_refusal(outlook.clock.now())
    outlook.clock.advance(12 * HOUR.total_seconds() + 1)
    refuse(outlook)
    outlook.tick()

    assert outlook.markers_left() == {"_key/newer/refused", "_key/key/refused"}


def test_what_is_due_goes_out_although_the_key_rests(outlook: Outlook) -> None:
    """Only the API is spared, not the channels."""
    outlook.verdict = None
    outlook.begin()
    outlook.tick()
    refuse(outlook)
    outlook.markers.note_refusal(outlook.clock.now())
    outlook.verdict = Verdict(Outcome.SENT)

    assert [task for task, _ in outlook.tick().told] == ["t-1"]
    # The first look asked for the progress and for the instance's size.
    assert outlook.requests() == (2, 2)


# An expected change -----------------------------------------------------------------------------------------


ORDERED: Final = Scope(instance_id="i-1", expects_change=True)


def test_what_was_ordered_is_looked_for_until_it_shows(outlook: Outlook) -> None:
    """The instance says RUNNING for minutes yet, and is one of very many."""
    outlook.directory.instances += [Instance(f"o-{n:03}", f"other-{n}", "RUNNING") for n in range(40)]
    outlook.tick(ORDERED)
    outlook.requests()
    for _ in range(5):
        outlook.tick()
        assert "tasks i-1 from 1" in outlook.directory.asked
        outlook.requests()
    outlook.begin()
    outlook.show("i-1", "RUNNING")
    found = outlook.tick()
    for _ in range(3):
        outlook.tick()

    assert [task for task, _ in found.told] == ["t-1"]
    assert "i-1/_expected" not in outlook.markers_left()


@pytest.mark.parametrize("wanted", [EVERYTHING, Wanted(instances={"i-1": "orders"}, is_open=True)])
def test_what_was_ordered_is_expected_for_a_day(wanted: Wanted) -> None:
    """Then it has come to nothing."""
    outlook = Outlook(wanted)
    outlook.tick(ORDERED)
    # The trace may have been late, so a quarter of an hour is past already.
    outlook.clock.advance((EXPECTED_FOR - REGISTERED_LATE_MAX).total_seconds() - 120)
    outlook.tick()
    late = outlook.markers_left()
    outlook.tick()

    assert late == {"i-1/_expected"}
    assert outlook.markers_left() == set()


def test_an_order_for_an_instance_that_nobody_wants_is_not_remembered() -> None:
    """Its name does not fit."""
    outlook = Outlook(Wanted(patterns=("billing",), is_open=True))
    outlook.tick(ORDERED)

    assert outlook.markers_left() == set()


def test_an_order_that_cannot_be_remembered_is_looked_for_at_once_all_the_same(outlook: Outlook) -> None:
    """What shows already is followed, and the report says what could not be written."""
    outlook.begin()
    outlook.store.fail_next(Trouble.UNAVAILABLE, operation="put")
    found = outlook.tick(ORDERED)

    assert [task for task, _ in found.told] == ["t-1"]
    assert found.problem
    assert found.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_an_expected_change_is_followed_although_nothing_is_discovered() -> None:
    """A pipeline has said that one will come; the instance's other tasks are still none of ours."""
    outlook = Outlook(REGISTERED)
    outlook.registry().follow("i-1", None, None)
    outlook.tick()
    outlook.end(ChangeId("i-1", "t-0"), ago=HOUR)
    outlook.begin(LATER, name="restart", progress=NO_TASK)
    outlook.tick()
    outlook.begin()
    told = [*outlook.tick().told, *outlook.tick().told]
    outlook.end()
    told += outlook.tick().told

    assert [task for task, _ in told] == ["t-1", "t-1"]
    assert "i-1/_expected" not in outlook.markers_left()


def test_an_expectation_outlives_the_change_before_it() -> None:
    """What was going on already when somebody expected the next one is not what was meant."""
    outlook = Outlook(REGISTERED)
    outlook.markers.follow(CHANGE)
    outlook.begin()
    outlook.tick()
    outlook.registry().follow("i-1", None, None)
    outlook.end()
    outlook.tick()
    outlook.tick()
    outlook.begin(LATER)

    assert [task for task, _ in outlook.tick().told] == ["t-2"]


@pytest.mark.parametrize("minutes", [1, 5, 14])
def test_an_order_that_arrives_after_its_change_was_found_is_fulfilled_by_it(
    outlook: Outlook, minutes: int
) -> None:
    """What the cloud tells of it may be late by minutes; nothing is waited for until the next day."""
    outlook.begin()
    for _ in range(minutes):
        outlook.tick()
    outlook.tick(ORDERED)
    outlook.tick()

    assert "i-1/_expected" not in outlook.markers_left()


@pytest.mark.parametrize("wanted", [EVERYTHING, REGISTERED])
def test_a_change_that_ends_now_does_not_fulfil_an_expectation_that_came_after_it(wanted: Wanted) -> None:
    """Somebody orders one change right after the other: it is the next one that is meant."""
    outlook = Outlook(wanted)
    outlook.markers.follow(CHANGE)
    outlook.begin()
    outlook.tick()
    outlook.registry().follow("i-1", None, None)
    outlook.end()
    ended = outlook.tick()
    outlook.tick()
    left = outlook.markers_left()
    outlook.begin(LATER)
    outlook.show("i-1", "RUNNING")
    found = outlook.tick()
    outlook.tick()

    assert [kinds[-1] for _, kinds in ended.told] == ["completed"]
    assert "i-1/_expected" in left
    assert [task for task, _ in found.told] == ["t-2"]
    assert "i-1/_expected" not in outlook.markers_left()


@pytest.mark.parametrize(
    "wanted",
    [
        EVERYTHING,
        Wanted(patterns=("i-1",), is_open=True),
        Wanted(instances={"i-1": None}, is_open=True),
        Wanted(instances={"i-1": None}, patterns=("billing",), is_open=True),
    ],
    ids=["all", "its id as a pattern", "its id", "its id beside others' names"],
)
def test_an_order_for_an_instance_that_cannot_be_listed_now_is_remembered(wanted: Wanted) -> None:
    """A blip of the API must not lose it, for it is told only once."""
    outlook = Outlook(wanted)
    outlook.directory.troubles["instance i-1"] = DOWN
    ordered = outlook.tick(ORDERED)
    remembered = outlook.markers_left()
    outlook.directory.troubles.clear()
    outlook.begin()
    outlook.show("i-1", "RUNNING")

    assert ordered.problem == DOWN
    assert remembered == {"i-1/_expected"}
    assert [task for task, _ in outlook.tick().told] == ["t-1"]


@pytest.mark.parametrize("wanted", [REGISTERED, Wanted(patterns=("orders",), is_open=True)])
def test_an_order_for_an_instance_that_cannot_be_listed_is_not_remembered_on_a_guess(wanted: Wanted) -> None:
    """Nobody wants it as far as one knows: what it is called does not show."""
    outlook = Outlook(wanted)
    outlook.directory.troubles["instance i-1"] = DOWN
    outlook.tick(ORDERED)

    assert outlook.markers_left() == set()


def test_a_hint_that_a_change_has_ended_is_only_a_hint(outlook: Outlook) -> None:
    """The API says that it goes on: nothing is told as completed."""
    outlook.begin()
    outlook.tick()
    hinted = outlook.tick(Scope(instance_id="i-1"))

    assert (hinted.told, hinted.followed) == ([], ["t-1"])


# Left behind by crashes -------------------------------------------------------------------------------------


def over(change: ChangeId = CHANGE) -> Ledger:
    """A ledger whose end was told to everybody."""
    outlook = Outlook()
    outlook.end(change)
    outlook.tick()
    return outlook.ledger(change)


@pytest.mark.parametrize("wanted", [EVERYTHING, REGISTERED])
def test_a_marker_of_a_change_that_was_told_is_removed(wanted: Wanted) -> None:
    """Somebody crashed between the two."""
    outlook = Outlook(wanted)
    outlook.put_ledger(over())
    outlook.markers.follow(CHANGE)
    told = outlook.tick().told

    assert told == []
    assert outlook.markers_left() == ({"_told/i-1/t-1"} if wanted is EVERYTHING else set())


@pytest.mark.parametrize("patterns", [(), ("*",)])
def test_a_marker_of_a_configured_change_that_was_told_is_removed(patterns: tuple[str, ...]) -> None:
    """It was registered before somebody configured it; nobody else would ever clear that away."""
    outlook = Outlook(Wanted(changes={CHANGE: "orders"}, patterns=patterns, is_open=True))
    outlook.put_ledger(over())
    outlook.markers.follow(CHANGE)

    assert outlook.tick().told == []
    assert "i-1/t-1" not in outlook.markers_left()


def test_a_marker_of_a_configured_change_stands_as_long_as_it_goes_on() -> None:
    """Who takes it out of the configuration then still has it followed to its end."""
    outlook = Outlook(Wanted(changes={CHANGE: "orders"}, is_open=True))
    outlook.markers.follow(CHANGE)
    outlook.begin()
    outlook.tick()
    outlook.wanted = REGISTERED
    outlook.end()

    assert "i-1/t-1" in outlook.markers_left()
    assert [kinds[-1] for _, kinds in outlook.tick().told] == ["completed"]


def test_a_change_that_was_told_and_has_no_note_of_it_is_not_told_again(outlook: Outlook) -> None:
    """Its ledger says so, and from then on the note does."""
    outlook.end()
    outlook.put_ledger(over())
    told = outlook.tick().told
    outlook.store.counts.clear()
    told += outlook.tick().told

    assert told == []
    assert "_told/i-1/t-1" in outlook.markers_left()
    assert outlook.store.counts == {"list": 1}


def test_a_ledger_without_its_marker_has_it_again(outlook: Outlook) -> None:
    """So it is followed to its end although its instance may vanish."""
    outlook.begin()
    outlook.tick()
    outlook.markers.drop(CHANGE)
    told = outlook.tick().told
    left = outlook.markers_left()
    outlook.end()
    outlook.directory.instances = []
    told += outlook.tick().told

    assert "i-1/t-1" in left
    assert told == [("t-1", ["step_completed", "completed"])]


def test_a_marker_of_a_change_that_nobody_wants_any_longer_is_removed(outlook: Outlook) -> None:
    """Whoever dismissed it crashed before removing it."""
    outlook.begin()
    outlook.tick()
    outlook.registry().drop("i-1", "t-1")
    outlook.markers.follow(CHANGE)
    outlook.tick()

    assert "i-1/t-1" not in outlook.markers_left()


def test_a_change_that_nobody_wants_any_longer_is_left_alone_while_it_goes_on(outlook: Outlook) -> None:
    """Its task is found again and again: nothing is told, nothing reported, nothing written."""
    outlook.begin()
    outlook.tick()
    outlook.registry().drop("i-1", "t-1")
    outlook.source.answers[CHANGE] = DONE
    outlook.store.counts.clear()
    ticks = [outlook.tick() for _ in range(4)]

    assert all((tick.told, tick.followed) == ([], []) for tick in ticks)
    assert outlook.store.counts["put"] + outlook.store.counts["remove"] + outlook.store.counts["save"] == 0
    assert "i-1/t-1" not in outlook.markers_left()


def test_a_dismissed_change_is_not_the_one_that_is_expected(outlook: Outlook) -> None:
    """It goes on, but nobody hears of it."""
    outlook.wanted = REGISTERED
    outlook.registry().follow("i-1", "t-1", None)
    outlook.begin()
    outlook.tick()
    outlook.registry().drop("i-1", "t-1")
    outlook.registry().follow("i-1", None, None)
    for _ in range(3):
        outlook.tick()
    outlook.begin(LATER)

    assert [task for task, _ in outlook.tick().told] == ["t-2"]


def test_who_expects_nothing_any_longer_expects_nothing(outlook: Outlook) -> None:
    """However often it was said before that a change will come."""
    outlook.wanted = REGISTERED
    outlook.registry().follow("i-1", None, None)
    outlook.clock.advance(60)
    outlook.registry().follow("i-1", None, None)
    outlook.registry().drop("i-1", None)

    assert outlook.markers_left() == set()


FOUR: Final = [ChangeId(f"i-{number}", f"t-{number}") for number in range(4)]


def of(changes: Sequence[ChangeId]) -> Outlook:
    """One who watches the instances of these."""
    outlook = Outlook()
    outlook.directory.instances = [Instance(one.instance_id, one.task_id, "RUNNING") for one in changes]
    return outlook


def hear(outlook: Outlook, ticks: int, scope: Scope = ALL, *, after: float = 60) -> Counter[tuple[str, str]]:
    """How often which kind of alert is heard of which task."""
    found = (outlook.tick(scope, after=after) for _ in range(ticks))
    return Counter((task, kind) for one in found for task, kinds in one.told for kind in kinds)


@given(
    ticks=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    ended=st.sets(st.sampled_from(FOUR)),
    lost=st.lists(st.booleans(), min_size=12, max_size=12),
    left=st.sets(st.sampled_from(FOUR)),
)
def test_whatever_was_left_behind_every_change_is_told_to_its_end_once(
    ticks: tuple[int, int], ended: set[ChangeId], lost: list[bool], left: set[ChangeId]
) -> None:
    """After any crash: markers there or not, notes there or not, ledgers as far as they had come."""
    outlook = of(FOUR)
    for change in FOUR:
        outlook.begin(change)
    heard = hear(outlook, ticks[0])
    for change in ended:
        outlook.end(change)
    heard += hear(outlook, ticks[1])
    markers = sorted(key for key in outlook.store.documents if key.startswith("active/"))
    for key in [key for key, is_lost in zip(markers, lost, strict=False) if is_lost]:
        del outlook.store.documents[key]
    for change in [change for change in left if f"changes/{change}.json" in outlook.store.documents]:
        outlook.markers.follow(change)
    for change in FOUR:
        outlook.end(change)
    # An instance at rest is asked within thirteen minutes.
    heard += hear(outlook, 20)

    assert set(heard.values()) == {1}
    assert {task for task, kind in heard if kind == "completed"} == {change.task_id for change in FOUR}
    assert outlook.markers_left() - {"_change/extend"} == {f"_told/{change}" for change in FOUR}


# A part of it -----------------------------------------------------------------------------------------------


def test_who_looks_at_certain_changes_searches_for_no_others(outlook: Outlook) -> None:
    """One LIST, and the changes that are named."""
    outlook.begin()
    outlook.tick()
    outlook.begin(LATER)
    outlook.requests()
    narrowed = outlook.tick(Scope(only=(CHANGE,)))

    assert narrowed.followed == ["t-1"]
    assert outlook.requests()[0] == 0


def test_a_hint_looks_at_its_instance_alone(outlook: Outlook) -> None:
    """What is known of it, and what is new there."""
    outlook.directory.instances.append(Instance("i-2", "billing", "RUNNING"))
    outlook.begin()
    outlook.begin(ChangeId("i-2", "t-9"))
    outlook.tick()
    outlook.begin(LATER)
    outlook.requests()
    hinted = outlook.tick(Scope(instance_id="i-1"))

    assert sorted(hinted.followed) == ["t-1", "t-2"]
    assert outlook.directory.asked == ["instance i-1", "tasks i-1 from 1"]


def test_a_configuration_that_names_all_changes_reads_no_list() -> None:
    """There is nothing to look up."""
    outlook = Outlook(Wanted(changes={CHANGE: "orders"}))
    outlook.begin()
    outlook.tick()
    outlook.store.counts.clear()
    outlook.tick()

    assert outlook.store.counts == {"load": 1}
    assert outlook.directory.asked == []


@settings(max_examples=25)
@given(parts=st.integers(1, 4), more_from=st.integers(1, 6), count=st.integers(1, 12))
def test_parts_that_become_more_on_the_way_lose_no_alert_and_double_none(
    parts: int, more_from: int, count: int
) -> None:
    """From n timers to n + 1, in the middle of many changes."""
    changes = [ChangeId(f"i-{number}", f"t-{number}") for number in range(count)]
    outlook = of(changes)
    happen = {1: outlook.begin, 6: outlook.end}
    heard: Counter[tuple[str, str]] = Counter()
    for minute in range(9):
        for change in changes if minute in happen else ():
            happen[minute](change)
        shards = parts + (minute >= more_from)
        for index in range(1, shards + 1):
            heard += hear(outlook, 1, Scope(shard=(index, shards)), after=0)
        outlook.clock.advance(60)

    kinds = ("started", "step_started", "step_completed", "completed")
    assert heard == Counter((change.task_id, kind) for change in changes for kind in kinds)
    assert not {str(change) for change in changes} & outlook.markers_left()
