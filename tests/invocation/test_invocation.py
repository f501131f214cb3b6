"""The main path over fakes of its ports: what is asked, saved, sent and reported, tick by tick."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.document import SCHEMA, Document, decode, encode
from handler.core.ledger import Claim, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.rules import Policy
from handler.core.watch import Watch
from handler.invocation import Invocation, Setting
from handler.looking import Source
from handler.situation import Links, situation_of
from handler.stores.ledgers import Ledgers, Recalled
from handler.stores.port import (
    DOCUMENT_BYTES_MAX,
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
)
from handler.tick import Tick
from notifiers.alerts import Kind
from notifiers.channel import Channel
from notifiers.dispatch import Limits, Parcel, Sent, dispatch
from notifiers.messages import Content, Message
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble
from tests.fakes.scripted_source import BEFORE, ScriptedSource

ORDERS = Watch(ChangeId("inst", "task"), "orders")
LEDGER_KEY = "changes/inst/task.json"
MARKER_KEY = "active/inst/task"
SENT, RETRY, REFUSED, UNKNOWN = map(Verdict, Outcome)
TIMEOUT = Problem(ProblemKind.TIMEOUT, "No answer in time.")
KEY_REFUSED = Problem(ProblemKind.UNAUTHORISED, "The key was refused.", status=401)
RUNNING_TASK, DONE_TASK = Task(Phase.RUNNING, "EXECUTING"), Task(Phase.COMPLETED, "SUCCESS")


ORDER = Order("alice", START, (("new_storage_space", "600"),))
AFTER = Specification("kafka.2u4g.cluster", 3, 600)


def progress(percent: int, *states: StepState) -> Progress:
    """Progress of steps called a, b, c."""
    return Progress(percent, 36000, tuple(Step(name, s) for name, s in zip("abc", states, strict=False)))


RUNNING = progress(40, StepState.COMPLETED, StepState.RUNNING)
SLIGHTLY_FURTHER = progress(41, StepState.COMPLETED, StepState.RUNNING)
FURTHER = progress(60, StepState.COMPLETED, StepState.RUNNING)
SHUT_OUT = Problem(ProblemKind.THROTTLED, "It wants fewer requests.", asked=False)
DONE = progress(100, StepState.COMPLETED, StepState.COMPLETED)


class World:
    """One machine with one change, run tick by tick; `sent` is all that went out, as (channel, kinds)."""

    def __init__(self, *channels: str) -> None:
        """Begin at 08:00, with these channels."""
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.source = ScriptedSource()
        self.source.progress, self.source.task = RUNNING, RUNNING_TASK
        self.sent: list[tuple[str, list[str]]] = []
        self.verdict: Verdict | None = SENT
        self.while_sending: Callable[[], None] = lambda: None
        self.dispatch: Callable[[Sequence[Parcel]], Iterable[Sent]] = self.send
        self.pauses: list[int] = []
        self._channels = tuple(Channel(name) for name in channels)
        self.recalled: Recalled = {}
        self._count = 0

    def invocation(self, *, heeds_rest: bool = True, source: Source | None = None) -> Invocation:
        """Build one invocation with 60 s to live."""
        self._count += 1
        owner = f"owner-{self._count}"
        return Invocation(
            Setting(self._channels, Policy(), Links(None, "https://c"), 4, owner, heeds_rest),
            source=source or self.source,
            ledgers=Ledgers(self.store, self._nonce, self.recalled),
            dispatch=self.dispatch,
            clock=self.clock,
            deadline=Deadline(self.clock, 60),
            pause=self._pause,
        )

    def tick(self, *watches: Watch, after: float = 60) -> Tick:
        """Run one invocation; the first tick of it, and time passes."""
        ticks = self.invocation().run(watches or (ORDERS,))
        self.clock.advance(after)
        return ticks[0]

    @property
    def ledger(self) -> Ledger:
        """What is kept of the one change."""
        return decode(self.store.documents[LEDGER_KEY])

    def _nonce(self) -> str:
        self._count += 1
        return f"nonce-{self._count}"

    def _pause(self, tries: int) -> None:
        self.pauses.append(tries)
        self.clock.advance(1)

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Sent]:
        """Send everything, with the verdict of the moment."""
        self.while_sending()
        self.sent += [(p.channel, _kinds(message)) for p in parcels for message in p.message.messages]
        return dict.fromkeys(parcels, self.verdict).items()


def _kinds(message: Message) -> list[str]:
    return [alert.kind.value for alert in message.alerts]


@pytest.fixture
def world() -> World:
    """A world with one channel."""
    return World("ops")


def test_a_first_tick_marks_saves_sends_and_settles(world: World) -> None:
    """The marker comes before the ledger; claim and outcome are one save each."""
    tick = world.tick()

    assert world.sent == [("ops", ["started", "step_started"])]
    assert world.store.counts == {"load": 1, "put": 1, "save": 2}
    assert set(world.store.documents) == {MARKER_KEY, LEDGER_KEY}
    assert tick.after.channels["ops"].offset == 2
    assert decode(world.store.documents[LEDGER_KEY]) == tick.after


def test_a_tick_without_news_asks_twice_and_writes_nothing(world: World) -> None:
    """One progress call, one load, that is all."""
    world.tick()
    world.store.counts.clear()
    world.source.counts.clear()
    world.tick()

    assert world.source.counts == {"progress": 1}
    assert world.store.counts == {"load": 1}
    assert len(world.sent) == 1


def test_a_tick_with_news_reads_twice_and_writes_twice(world: World) -> None:
    """Claim and settlement, and one send a channel."""
    world.tick()
    world.store.counts.clear()
    world.source.progress = FURTHER
    world.tick()

    assert world.store.counts == {"load": 1, "save": 2}
    assert world.sent[1:] == [("ops", ["milestone"])]


def test_every_ten_minutes_the_look_is_written_down_and_the_task_is_asked(world: World) -> None:
    """Even when nothing is new, the moment of the last look is kept roughly right."""
    world.tick()
    world.source.counts.clear()
    world.store.counts.clear()
    for _ in range(10):
        world.tick()

    assert world.store.counts == {"load": 10, "save": 1}
    assert world.source.counts == {"progress": 10, "task": 1}


@pytest.mark.parametrize("stops_after", [60, 60 * 9])
def test_the_first_tick_after_a_gap_tells_of_it_with_what_happened_meanwhile(
    world: World, stops_after: int
) -> None:
    """In one message; of how long it was one knows to the ten minutes after which a look is written down."""
    world.tick(after=stops_after)
    world.tick(after=12600)
    world.source.progress = FURTHER
    world.tick()
    world.tick()

    assert world.sent[1:] == [("ops", ["unwatched", "milestone"])]
    assert world.ledger.alerts[2].seconds == 12600 + stops_after


def test_a_store_that_is_out_for_long_is_a_gap(world: World) -> None:
    """What was seen meanwhile could be noted nowhere, and told to nobody."""
    world.tick()
    world.store.fail_next(Trouble.UNAVAILABLE, operation="load", times=35)
    for _ in range(35):
        world.tick()
    world.source.progress = SLIGHTLY_FURTHER
    world.tick()

    assert world.sent[1:] == [("ops", ["unwatched"])]


def test_an_api_that_is_out_for_long_is_no_gap(world: World) -> None:
    """Somebody looks all the time, and tells what there is to see."""
    world.tick()
    world.source.progress = world.source.task = TIMEOUT
    for _ in range(35):
        world.tick()
    world.source.progress, world.source.task = SLIGHTLY_FURTHER, RUNNING_TASK
    world.tick()

    assert world.sent[1:] == [("ops", ["unreachable"]), ("ops", ["recovered"])]


def test_who_ordered_a_change_and_the_instances_size_are_read_once_at_first_and_at_the_end(
    world: World,
) -> None:
    """Both are in the ledger before anybody is told of the start, and of the end."""
    world.source.task = replace(RUNNING_TASK, order=ORDER)
    world.tick()
    first, asked_first = world.ledger, dict(world.source.counts)
    world.source.counts.clear()
    world.source.progress, world.source.task = DONE, DONE_TASK
    world.source.specification = AFTER
    world.tick()

    assert asked_first == {"progress": 1, "task": 1, "specification": 1}
    assert world.source.counts == {"progress": 1, "task": 1, "specification": 1}
    assert (first.order, first.specification, first.specification_now) == (ORDER, BEFORE, None)
    last = world.ledger
    assert (last.order, last.specification, last.specification_now) == (ORDER, BEFORE, AFTER)


def test_a_change_that_has_ended_before_the_first_look_has_only_its_instances_present_size(
    world: World,
) -> None:
    """How large it was before, nobody can tell any more."""
    world.source.progress, world.source.task = DONE, DONE_TASK
    world.source.specification = AFTER
    for _ in range(3):
        world.tick()

    assert (world.ledger.specification, world.ledger.specification_now) == (None, AFTER)
    assert world.source.counts["specification"] == 1


@pytest.mark.parametrize(
    "answer",
    [
        Problem(ProblemKind.UNAUTHORISED, "Grant dms:instance:get.", status=403),
        Problem(ProblemKind.NOT_FOUND, "No such instance.", status=404, missing=Missing.INSTANCE),
        Problem(ProblemKind.THROTTLED, "Too many.", status=429),
        Problem(ProblemKind.UNAVAILABLE, "Out of order.", status=500),
        Problem(ProblemKind.MALFORMED, "No answer of its own.", status=200),
        Problem(ProblemKind.TIMEOUT, "No answer in time."),
        Problem(ProblemKind.TIMEOUT, "Not asked.", asked=False),
        Problem(ProblemKind.UNAUTHORISED, "The key was refused.", status=401),
    ],
)
def test_an_instances_size_that_cannot_be_read_is_nobodys_trouble(world: World, answer: Problem) -> None:
    """It is told by no alert and no report, and asked for again only every ten minutes."""
    world.source.specification = answer
    ticks = [world.tick()]
    asked_first = world.source.counts["specification"]
    world.store.counts.clear()
    ticks += [world.tick() for _ in range(9)]
    asked_meanwhile, saved_meanwhile = world.source.counts["specification"], world.store.counts["save"]
    ticks += [world.tick(), world.tick()]
    asked_later = world.source.counts["specification"]
    world.source.progress, world.source.task = DONE, DONE_TASK
    ticks.append(world.tick())

    assert (asked_first, asked_meanwhile, saved_meanwhile, asked_later) == (1, 1, 0, 2)
    assert world.source.counts["specification"] == 3
    assert all(tick.problem is None and not tick.is_blind for tick in ticks)
    assert world.sent == [("ops", ["started", "step_started"]), ("ops", ["step_completed", "completed"])]
    assert (world.ledger.outage, world.ledger.specification, world.ledger.specification_now) == (
        None,
        None,
        None,
    )


def test_what_is_learnt_at_a_refresh_is_saved_with_it(world: World) -> None:
    """Once known it is not asked for again, and makes no save of its own."""
    world.source.specification = TIMEOUT
    world.tick()
    world.source.specification, world.source.task = BEFORE, replace(RUNNING_TASK, order=ORDER)
    world.store.counts.clear()
    for _ in range(25):
        world.tick()

    assert world.store.counts == {"load": 25, "save": 2}
    assert world.source.counts == {"progress": 26, "task": 3, "specification": 2}
    assert (world.ledger.order, world.ledger.specification) == (ORDER, BEFORE)
    assert len(world.sent) == 1


def test_a_change_that_could_not_be_seen_at_first_is_asked_about_at_first_sight(world: World) -> None:
    """Its start is told then, with who ordered it."""
    world.source.progress, world.source.task = TIMEOUT, replace(RUNNING_TASK, order=ORDER)
    world.tick()
    world.tick()
    asked_blindly = dict(world.source.counts)
    world.source.progress = RUNNING
    world.tick()

    assert asked_blindly == {"progress": 2}
    assert world.source.counts == {"progress": 3, "task": 1, "specification": 1}
    assert (world.ledger.order, world.ledger.specification) == (ORDER, BEFORE)


def test_a_change_that_is_lost_is_not_asked_about(world: World) -> None:
    """Nothing has become of its instance that the change has done."""
    world.tick()
    world.source.progress = Problem(ProblemKind.NOT_FOUND, "No.", status=404, asks_task=True)
    world.source.task = Task(Phase.LOST, "DELETED")
    world.tick()

    assert world.sent[1:] == [("ops", ["lost"])]
    assert world.source.counts["specification"] == 1
    assert world.ledger.specification_now is None


def test_an_end_older_than_what_is_known_brings_no_size(world: World) -> None:
    """Two reads side by side can end so; the next look at the end reads it again."""
    world.source.progress = replace(RUNNING, date=world.clock.now())
    world.source.specification = TIMEOUT
    world.tick()
    earlier = START - timedelta(minutes=1)
    world.source.progress, world.source.task = replace(DONE, date=earlier), DONE_TASK
    world.source.specification = AFTER
    world.tick()
    outdated = world.ledger
    world.source.progress = replace(DONE, date=world.clock.now())
    world.tick()

    assert (outdated.phase, outdated.specification, outdated.specification_now) == (Phase.RUNNING, None, None)
    assert (world.ledger.specification, world.ledger.specification_now) == (None, AFTER)


def test_an_end_is_told_once_the_marker_goes_and_nothing_happens_after(world: World) -> None:
    """A thousand ticks after the end: two requests each, no write, no send."""
    world.tick()
    world.source.progress, world.source.task = DONE, DONE_TASK
    world.tick()
    world.store.counts.clear()
    for _ in range(1000):
        world.tick()

    assert world.sent[1:] == [("ops", ["step_completed", "completed"])]
    assert MARKER_KEY not in world.store.documents
    assert world.store.counts == {"load": 1000}


def test_a_process_that_has_no_proven_key_leaves_an_ended_change_alone(world: World) -> None:
    """The ledger is read first then, and there is nothing left to ask."""
    world.source.progress, world.source.task = DONE, DONE_TASK
    world.tick()
    world.source = ScriptedSource(key_accepted=False)
    world.tick()

    assert world.source.counts == {}


def test_what_was_due_goes_out_although_the_api_is_silent(world: World) -> None:
    """A failed progress call holds nothing back."""
    world.verdict = RETRY
    world.tick()
    world.source.progress, world.verdict = TIMEOUT, SENT
    tick = world.tick()

    assert world.sent[1:] == [("ops", ["started", "step_started"])]
    assert tick.problem == TIMEOUT


def test_a_refused_key_rests_ten_minutes_without_a_write(world: World) -> None:
    """After a 401 a fresh process reads the ledger first and does not ask again too soon."""
    world.tick()
    world.source = ScriptedSource(key_accepted=False)
    world.source.progress = KEY_REFUSED
    world.tick()
    world.store.counts.clear()
    ticks = [world.tick() for _ in range(9)]

    assert world.source.counts == {"progress": 1}
    assert world.store.counts == {"load": 9}
    assert all(tick.problem and tick.problem.kind is ProblemKind.UNAUTHORISED for tick in ticks)
    assert ticks[0].problem
    assert "refused the access key at 08:01 UTC; it is tried again at 08:11 UTC" in ticks[0].problem.message
    world.tick()
    assert world.source.counts == {"progress": 2}


def test_a_refused_key_rests_no_longer_for_a_clock_that_was_put_back(world: World) -> None:
    """That of a machine with a folder: its ledger would stand hours ahead."""
    world.tick()
    world.source = ScriptedSource(key_accepted=False)
    world.source.progress = KEY_REFUSED
    world.tick()
    world.clock.freeze(-3 * 3600)
    world.tick()

    assert world.source.counts == {"progress": 2}


def test_a_change_that_the_api_leaves_no_turn_for_is_told_as_out_of_reach(world: World) -> None:
    """Once its kept look is twenty minutes old that is an outage; ten minutes more, and it is told."""
    world.tick()
    world.store.counts.clear()
    world.source.progress = SHUT_OUT
    for _ in range(19):
        world.tick()
    assert "save" not in world.store.counts
    for _ in range(10):
        world.tick()
    assert world.sent[1:] == []
    tick = world.tick()
    assert world.sent[1:] == [("ops", ["unreachable"])]
    assert tick.problem is SHUT_OUT
    world.source.progress = FURTHER
    world.source.counts.clear()
    world.tick()
    assert world.sent[2:] == [("ops", ["recovered", "milestone"])]
    assert world.source.counts["task"] == 1


def test_a_change_that_was_never_seen_is_told_as_out_of_reach_too(world: World) -> None:
    """Nothing is kept of it that could be old."""
    world.source.progress = SHUT_OUT
    for _ in range(11):
        world.tick()

    assert world.sent == [("ops", ["unreachable"])]


def test_a_turn_that_falls_out_is_no_outage(world: World) -> None:
    """That the kept look is old then says nothing: the last one without news is not kept."""
    for _ in range(10):
        world.tick()
    world.source.progress = SHUT_OUT
    tick = world.tick()

    assert tick.problem is SHUT_OUT
    assert tick.current.outage is None


def test_a_change_that_there_is_no_time_for_is_in_no_outage(world: World) -> None:
    """That says nothing of the API; `unwatched` says how long it was, afterwards."""
    world.tick()
    world.source.progress = Problem(ProblemKind.TIMEOUT, "No time was left for it.", asked=False)
    for _ in range(31):
        world.tick()
    assert world.sent[1:] == []
    world.source.progress = SLIGHTLY_FURTHER
    world.tick()
    assert world.sent[1:] == [("ops", ["unwatched"])]


def test_a_person_may_try_a_resting_key(world: World) -> None:
    """Whoever mended the key need not wait."""
    world.tick()
    world.source = ScriptedSource(key_accepted=False)
    world.source.progress = KEY_REFUSED
    world.tick()
    world.source.progress = FURTHER
    world.invocation(heeds_rest=False).run([ORDERS])

    assert world.sent[1:] == [("ops", ["milestone"])]


def test_a_progress_call_that_fails_leaves_the_word_to_the_task(world: World) -> None:
    """A 404 at the end is no end; the task's SUCCESS is."""
    world.tick()
    world.source.progress = Problem(ProblemKind.NOT_FOUND, "No.", status=404, asks_task=True)
    world.source.task = DONE_TASK
    world.tick()

    assert world.sent[1:] == [("ops", ["completed"])]


def test_whoever_loses_the_race_for_a_claim_sends_nothing(world: World) -> None:
    """Two invocations at once: one send."""
    world.store.fail_next(Trouble.CONFLICT, operation="save")
    world.source.progress = RUNNING
    tick = world.tick()

    assert world.sent == []
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_CONFLICT


def test_two_invocations_side_by_side_send_once(world: World) -> None:
    """The second looks while the first is sending."""
    world.tick()
    world.source.progress = FURTHER
    seconds: list[Tick] = []

    def overlap() -> None:
        world.while_sending = lambda: None
        seconds.extend(world.invocation().run([ORDERS]))

    world.while_sending = overlap
    world.tick()

    assert world.sent[1:] == [("ops", ["milestone"])]
    assert seconds[0].deliveries == ()


def test_a_claim_whose_answer_was_lost_is_read_back_and_used(world: World) -> None:
    """The save was done, so the send goes on."""
    world.tick()
    world.source.progress = FURTHER
    world.store.fail_next(Trouble.ANSWER_LOST)
    world.tick()

    assert world.sent[1:] == [("ops", ["milestone"])]


def test_a_claim_that_stays_unknown_sends_nothing_and_loses_nothing(world: World) -> None:
    """Neither answer nor reading back tells: no send now, the alert comes with the next tick."""
    world.tick()
    world.source.progress = FURTHER
    world.store.fail_next(Trouble.REQUEST_LOST)
    real_load = world.store.load
    calls = iter([True, False])

    def load_once(key: str, known_version: str | None = None) -> object:
        if not next(calls, True):
            world.store.fail_next(Trouble.UNAVAILABLE, operation="load")
        return real_load(key, known_version)

    world.store.load = load_once  # type: ignore[method-assign,assignment]
    tick = world.tick()

    assert len(world.sent) == 1
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE
    world.tick()
    assert world.sent[1:] == [("ops", ["milestone"])]


def test_a_claim_whose_save_was_unknown_is_released_when_it_is_found(world: World) -> None:
    """It was not used, so nobody has to fear a repeat, nor wait until it lapses."""
    world.tick()
    world.source.progress = FURTHER
    world.store.fail_next(Trouble.ANSWER_LOST)
    load = world.store.load

    def load_later(key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        if world.store.counts["save"] == 3 and not world.pauses:
            raise StateUnavailableError("Reading back fails.")
        return load(key, known_version)

    world.store.load = load_later  # type: ignore[method-assign]
    unsure = world.tick()
    released = world.ledger
    later = world.tick()

    assert unsure.problem
    assert unsure.problem.kind is ProblemKind.STATE_UNAVAILABLE
    assert (released.length, released.channels["ops"].claim, released.channels["ops"].tries) == (3, None, 0)
    assert [delivery.is_possible_repeat for delivery in later.deliveries] == [False]
    assert world.sent[1:] == [("ops", ["milestone"])]


def test_a_settlement_goes_over_what_others_saved_meanwhile(world: World) -> None:
    """A conflict at settling is merged, so that nothing sent is sent again."""
    world.tick()
    world.source.progress = FURTHER

    def meddle() -> None:
        stored = decode(world.store.documents[LEDGER_KEY])
        world.store.documents[LEDGER_KEY] = encode(stored, "somebody else")

    world.while_sending = meddle
    tick = world.tick()

    assert world.pauses == [1]
    assert tick.problem is None
    world.while_sending = lambda: None
    world.tick()
    assert len(world.sent) == 2


def test_a_settlement_whose_answers_are_lost_is_found_done(world: World) -> None:
    """Settling again what is settled changes nothing."""
    world.tick()
    world.source.progress = FURTHER
    world.while_sending = lambda: world.store.fail_next(Trouble.ANSWER_LOST)
    tick = world.tick()

    assert tick.problem is None
    assert tick.after.channels["ops"].offset == 3


def test_a_settlement_is_tried_until_the_deadline_and_then_reported(world: World) -> None:
    """A store that stays away costs a possible repeat, and the report says so."""
    world.tick()
    world.source.progress = FURTHER
    world.while_sending = lambda: world.store.fail_next(Trouble.UNAVAILABLE, times=1000)
    tick = world.tick()

    assert len(world.pauses) >= 50
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_a_settlement_waits_for_a_store_that_cannot_even_be_read(world: World) -> None:
    """Saving and reading fail for a while; then what was sent is recorded after all."""
    world.tick()
    world.source.progress = FURTHER

    def lose_the_store() -> None:
        world.store.fail_next(Trouble.UNAVAILABLE, operation="save", times=2)
        world.store.fail_next(Trouble.UNAVAILABLE, operation="load", times=2)

    world.while_sending = lose_the_store
    tick = world.tick()

    assert world.pauses == [1, 2, 3, 4]
    assert (tick.problem, tick.after.channels["ops"].offset) == (None, 3)


def test_a_crash_while_sending_leads_to_one_marked_repeat(world: World) -> None:
    """The claim lapses 15 s after the deadline of its holder; then it is sent once more, marked."""
    world.tick()
    world.source.progress = FURTHER

    def crash() -> None:
        raise KeyboardInterrupt

    world.while_sending = crash
    with pytest.raises(KeyboardInterrupt):
        world.tick()
    world.while_sending = lambda: None
    world.clock.advance(74)
    assert world.tick(after=1).deliveries == ()
    tick = world.tick()

    assert [d.is_possible_repeat for d in tick.deliveries] == [True]
    assert world.sent[1:] == [("ops", ["milestone"])]


def test_what_was_not_sent_for_lack_of_time_is_sent_at_the_next_tick(world: World) -> None:
    """A released claim leaves no mark."""
    world.verdict = None
    world.tick()
    world.verdict = SENT
    tick = world.tick()

    assert [d.is_possible_repeat for d in tick.deliveries] == [False]


def test_a_state_out_of_reach_is_reported_and_asks_nothing_more(world: World) -> None:
    """Without memory nothing is told, or it would be told every minute."""
    world.store.fail_next(Trouble.UNAVAILABLE, operation="load")
    tick = world.tick()

    assert world.sent == []
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_a_marker_that_cannot_be_put_stops_the_first_save(world: World) -> None:
    """No ledger without its marker: it would be found by nobody."""
    world.store.fail_next(Trouble.UNAVAILABLE, operation="put")
    tick = world.tick()

    assert world.store.documents == {}
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_a_marker_that_cannot_be_removed_is_reported(world: World) -> None:
    """Whoever deploys without the permission to delete learns it once, at the end."""
    world.source.progress, world.source.task = DONE, DONE_TASK
    world.store.fail_next(Trouble.UNAVAILABLE, operation="remove")
    tick = world.tick()

    assert world.sent == [("ops", ["completed"])]
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE


DAMAGED = {
    "empty": b"",
    "binary": b"\xff",
    "truncated": encode(Ledger(change="inst/task", created_at=START), "n")[:-9],
    "another change's": encode(Ledger(change="inst/other", created_at=START), "n"),
    "a schema that never was": b'{"schema": 0, "nonce": "", "sha256": "", "ledger": {}}',
    "over 1 MiB": b"." * (DOCUMENT_BYTES_MAX + 1),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_ledger_that_cannot_be_read_is_set_aside_told_and_begun_anew(world: World, damage: str) -> None:
    """The original is kept; all that is told after it may be a repeat, and says so."""
    world.store.documents[LEDGER_KEY] = DAMAGED[damage]
    tick = world.tick()
    world.source.progress = FURTHER
    world.tick()

    kept = {key: document for key, document in world.store.documents.items() if key.startswith("aside/")}
    assert list(kept.values()) == [DAMAGED[damage]]
    assert next(iter(kept)).startswith("aside/inst/task/")
    assert world.sent == [("ops", ["ledger_reset", "started", "step_started"]), ("ops", ["milestone"])]
    assert [alert.may_repeat for alert in world.ledger.alerts] == [False, True, True, True]
    assert MARKER_KEY in world.store.documents
    assert [delivery.is_possible_repeat for delivery in tick.deliveries] == [True]
    assert tick.problem is None


def test_a_lost_ledger_is_told_even_while_the_api_is_silent(world: World) -> None:
    """And what the first good look shows later may be a repeat too."""
    world.store.documents[LEDGER_KEY] = b"{"
    world.source.progress = TIMEOUT
    world.tick()
    world.source.progress = RUNNING
    world.tick()

    assert world.sent == [("ops", ["ledger_reset"]), ("ops", ["started", "step_started"])]
    assert [alert.may_repeat for alert in world.ledger.alerts] == [False, True, True]


def test_a_damaged_ledger_that_cannot_be_kept_is_not_overwritten(world: World) -> None:
    """Without the copy nothing is begun anew."""
    world.store.documents[LEDGER_KEY] = b"{"
    world.store.fail_next(Trouble.UNAVAILABLE, operation="copy")
    tick = world.tick()

    assert world.store.documents == {LEDGER_KEY: b"{"}
    assert world.sent == []
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_UNAVAILABLE


def test_a_damaged_ledger_that_somebody_else_replaces_is_left_to_them(world: World) -> None:
    """Two invocations that meet the same damage begin one new ledger."""
    world.store.documents[LEDGER_KEY] = b"{"
    copy = world.store.copy

    def copy_late(key: str, version: str, to: str) -> Committed | Conflict:
        world.store.copy = copy  # type: ignore[method-assign]
        world.tick()
        return copy(key, version, to)

    world.store.copy = copy_late  # type: ignore[method-assign]
    tick = world.tick()

    assert world.sent == [("ops", ["ledger_reset", "started", "step_started"])]
    assert tick.problem
    assert tick.problem.kind is ProblemKind.STATE_CONFLICT


def test_a_newer_headways_ledger_is_left_alone(world: World) -> None:
    """A downgrade must not forget what the newer version knew."""
    world.tick()
    newer = world.store.documents[LEDGER_KEY].replace(b'"schema":%d' % SCHEMA, b'"schema":%d' % (SCHEMA + 1))
    world.store.documents[LEDGER_KEY] = newer
    tick = world.tick()

    assert world.store.documents[LEDGER_KEY] == newer
    assert tick.problem
    assert "newer Headway" in tick.problem.message


def test_many_changes_are_told_by_name_and_one_bad_one_stops_none(world: World) -> None:
    """Each change has its own ledger and its own trouble."""
    watches = [Watch(ChangeId("inst", f"t{n}"), f"n{n}") for n in range(20)]
    world.store.documents["changes/inst/t7.json"] = b'{"schema": 99}'
    ticks = world.invocation().run(watches)

    assert [tick.watch for tick in ticks] == watches
    assert [n for n, tick in enumerate(ticks) if tick.problem] == [7]
    assert len(world.sent) == 19


def test_a_frozen_process_finds_its_deadline_passed(world: World) -> None:
    """The wall clock says so although the process noticed nothing."""
    deadline = Deadline(world.clock, 60)
    world.clock.freeze(61)

    assert deadline.remaining_seconds() == 0


def test_a_process_remembers_only_so_many_ledgers() -> None:
    """A warm process that has seen very many changes forgets, and asks the store anew."""
    clock, recalled = FakeClock(), dict[str, tuple[str, Ledger]]()
    ledgers = Ledgers(MemoryStore(clock.now), lambda: "n", recalled)
    for number in range(2001):
        change = ChangeId("inst", f"t{number}")
        ledgers.save(change, Ledger(change=str(change), created_at=clock.now()), None)

    assert len(recalled) == 2000


def test_messages_lead_to_the_status_page_and_the_console() -> None:
    """Whoever has no status page is led to the console alone."""
    ledger = Ledger(change="inst/task", created_at=FakeClock().now())

    alone = situation_of(ledger, "orders", Links(None, "https://console"))
    both = situation_of(ledger, "orders", Links("https://page/", "https://console"))
    assert [link.url for link in alone.links] == ["https://console"]
    assert [link.url for link in both.links] == ["https://page/changes/inst/task", "https://console"]


def test_a_refusal_at_one_change_rests_the_key_for_all(world: World) -> None:
    """However the last looks at many changes lie apart, a fresh process asks once in ten minutes."""
    watches = [Watch(ChangeId("inst", f"t{n}"), f"n{n}") for n in range(5)]
    world.source = ScriptedSource(key_accepted=False)
    world.source.progress = KEY_REFUSED
    for number, watch in enumerate(watches):
        world.invocation(heeds_rest=False).run([watch])
        world.clock.advance(number)
    world.clock.advance(595)
    world.source.counts.clear()
    world.store.counts.clear()
    fresh = Watch(ChangeId("inst", "fresh"), "fresh")
    ticks = world.invocation().run([*watches, fresh])

    assert world.source.counts == {}
    assert world.store.counts == {"load": 6}
    assert all(tick.problem and "tried again at" in tick.problem.message for tick in ticks)


def test_what_was_not_asked_for_lack_of_time_is_left_as_it_was(world: World) -> None:
    """It is no outage: the next invocation asks."""
    world.tick()
    world.store.counts.clear()
    world.source.progress = Problem(ProblemKind.TIMEOUT, "No time was left.", asked=False)
    tick = world.tick()

    assert world.store.counts == {"load": 1}
    assert tick.after.outage is None
    assert tick.problem == world.source.progress


def test_a_defect_in_one_change_stops_no_other(world: World) -> None:
    """It is named by its place, never by its text."""
    watches = [Watch(ChangeId("inst", f"t{n}"), f"n{n}") for n in range(3)]

    class Broken(ScriptedSource):
        def fetch_progress(self, change: ChangeId) -> Progress | Problem:
            if change.task_id == "t1":
                raise LookupError("a secret")
            return super().fetch_progress(change)

    source = Broken()
    source.progress, source.task = RUNNING, RUNNING_TASK
    ticks = world.invocation(source=source).run(watches)

    problems = [tick.problem for tick in ticks]
    assert [problem is not None for problem in problems] == [False, True, False]
    assert problems[1]
    assert problems[1].is_defect
    assert "LookupError in test_invocation.py" in problems[1].message
    assert "secret" not in problems[1].message
    assert len(world.sent) == 2


def test_a_task_that_may_not_be_read_is_named_beside_what_was_seen(world: World) -> None:
    """The change is followed all the same."""
    world.source.task = Problem(ProblemKind.UNAUTHORISED, "Grant the permission.", status=403)
    tick = world.tick()

    assert world.sent == [("ops", ["started", "step_started"])]
    assert (tick.problem, tick.is_blind) == (world.source.task, False)


def test_a_claim_outlives_its_holder_however_long_the_api_took(world: World) -> None:
    """The lease counts from when it is written, not from when the ledger was read."""
    world.tick()
    world.source.progress = FURTHER
    begun = world.clock.now()

    class Slow(ScriptedSource):
        def fetch_progress(self, change: ChangeId) -> Progress | Problem:
            world.clock.advance(40)
            return super().fetch_progress(change)

    source = Slow()
    source.progress, source.task = FURTHER, RUNNING_TASK
    claims: list[Claim | None] = []

    def look_at_claim() -> None:
        claims.append(decode(world.store.documents[LEDGER_KEY]).channels["ops"].claim)

    world.while_sending = look_at_claim
    world.invocation(source=source).run([ORDERS])

    assert claims[0]
    assert claims[0].until == begun + timedelta(seconds=75)


def test_an_older_headways_ledger_is_upgraded_and_nothing_is_told_again(world: World) -> None:
    """What schema 1 knew is known."""
    world.tick()
    ledger = msgspec.json.encode(world.ledger)
    old = Document(1, "n", hashlib.sha256(ledger).hexdigest(), msgspec.Raw(ledger))
    world.store.documents[LEDGER_KEY] = msgspec.json.encode(old)
    world.source.progress = FURTHER
    world.tick()

    assert world.sent[1:] == [("ops", ["milestone"])]
    assert world.ledger.length == 3


def test_who_thaws_after_the_deadline_neither_sends_nor_saves(world: World) -> None:
    """Wherever it was frozen, another invocation has taken over by then."""
    world.tick()
    world.source.progress = FURTHER

    class Frozen(ScriptedSource):
        def fetch_progress(self, change: ChangeId) -> Progress | Problem:
            world.clock.freeze(3600)
            return super().fetch_progress(change)

    source = Frozen()
    source.progress, source.task = FURTHER, RUNNING_TASK
    before = dict(world.store.documents)
    (tick,) = world.invocation(source=source).run([ORDERS])

    assert world.store.documents == before
    assert len(world.sent) == 1
    assert tick.problem
    assert not tick.problem.asked


def test_who_is_frozen_while_sending_leaves_the_outcome_to_its_successor(world: World) -> None:
    """It does not save; the successor finds the claim lapsed, and says that it may repeat."""
    world.tick()
    world.source.progress = FURTHER
    world.while_sending = lambda: world.clock.freeze(76)
    frozen = world.tick(after=0)
    claimed = world.ledger.channels["ops"].claim
    world.while_sending = lambda: None
    successor = world.tick()

    assert frozen.problem
    assert frozen.problem.kind is ProblemKind.STATE_UNAVAILABLE
    assert claimed is not None
    assert [d.is_possible_repeat for d in successor.deliveries] == [True]


def many(count: int) -> list[Watch]:
    """So many changes."""
    return [Watch(ChangeId("inst", f"t{number}"), f"n{number}") for number in range(count)]


def in_lanes(world: World, refusing: str, verdict: Verdict) -> Callable[[Sequence[Parcel]], Iterable[Sent]]:
    """Send as `dispatch` does: a channel that did not take a message is spared the rest."""

    def send(parcels: Sequence[Parcel]) -> Iterable[Sent]:
        is_spared = False
        for parcel in parcels:
            if parcel.channel != refusing:
                world.sent += [(parcel.channel, _kinds(message)) for message in parcel.message.messages]
                yield parcel, SENT
            elif is_spared:
                yield parcel, None
            else:
                is_spared = verdict.outcome is not Outcome.SENT
                world.sent.append((parcel.channel, ["tried"]))
                yield parcel, verdict

    return send


def test_a_revoked_token_costs_many_changes_one_send_an_hour_and_one_alert() -> None:
    """What one change has learnt of a channel, the others neither claim nor write for."""
    world = World("ops", "team")
    watches = many(20)
    world.dispatch = in_lanes(world, "ops", REFUSED)
    world.invocation().run(watches)
    world.clock.advance(60)
    world.invocation().run(watches)
    world.store.counts.clear()
    for _ in range(57):
        world.clock.advance(60)
        world.invocation().run(watches)
    quiet_hour = dict(world.store.counts)
    for _ in range(60):
        world.clock.advance(60)
        world.invocation().run(watches)

    assert world.sent.count(("ops", ["tried"])) == 2
    assert [kinds for name, kinds in world.sent if name == "team" and "channel_refused" in kinds] == [
        ["channel_refused"]
    ]
    assert quiet_hour["save"] <= 6 * len(watches)


def test_a_channel_that_is_down_is_tried_by_one_change_at_a_time_and_told_all_when_it_is_back() -> None:
    """Each change then has its one message."""
    world = World("ops")
    watches = many(50)
    world.dispatch = in_lanes(world, "ops", RETRY)
    for _ in range(10):
        world.invocation().run(watches)
        world.clock.advance(60)
    tries = len(world.sent)
    world.dispatch = world.send
    world.clock.advance(1800)
    for _ in range(2):
        world.invocation().run(watches)
        world.clock.advance(60)

    assert tries == 6
    assert [kinds[:2] for _, kinds in world.sent[tries:]] == [["started", "step_started"]] * 50


class Picky:
    """A sender that answers each change as it is told to, and takes all else; `tried` is who came when."""

    def __init__(self, world: World, answers: Mapping[str, Verdict]) -> None:
        """Take the answers, by task."""
        self.tried: list[tuple[float, str]] = []
        self.heard: set[str] = set()
        self._world, self._answers = world, answers

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`; of a digest the worst answer counts."""
        del timeout_seconds
        tasks = [one.situation.change_id.partition("/")[2] for one in message.messages]
        self.tried.append((self._world.clock.monotonic(), tasks[0]))
        verdict = next((self._answers[task] for task in tasks if task in self._answers), SENT)
        self.heard |= set(tasks) if verdict is SENT else set()
        return verdict

    def __call__(self, parcels: Sequence[Parcel]) -> Iterable[Sent]:
        """Dispatch for real."""
        return dispatch(parcels, {"ops": self}, Limits(15.0, lambda: 60.0))


@pytest.mark.parametrize("code", ["500", "9499", "413", "45002"])
@pytest.mark.parametrize("is_steady", [False, True])
def test_one_changes_message_starves_no_other(code: str, *, is_steady: bool) -> None:
    """However often it fails, and wherever it stands, all others are heard within minutes."""
    outcome = Outcome.RETRY if code in {"500", "9499"} else Outcome.REFUSED
    world = World("ops")
    watches = many(20)
    sender = Picky(world, {"t0": Verdict(outcome, code)})
    world.dispatch = sender
    for minute in range(5):
        if is_steady:
            world.source.progress = progress(min(99, 25 * minute), StepState.RUNNING)
        world.invocation().run(watches)
        world.clock.advance(60)

    assert sender.heard == {watch.change.task_id for watch in watches} - {"t0"}


@pytest.mark.parametrize("code", ["401", "400", "554"])
def test_a_dead_channel_is_tried_once_an_hour_whatever_its_word_for_that(code: str) -> None:
    """Some say 400 of a wrong key; two changes find that out, and one an hour makes sure."""
    world = World("ops")
    watches = many(20)
    answers = dict.fromkeys((watch.change.task_id for watch in watches), Verdict(Outcome.REFUSED, code))
    sender = Picky(world, answers)
    world.dispatch = sender
    for _ in range(91):
        world.invocation().run(watches)
        world.clock.advance(120)

    refusals = [
        alert.kind
        for watch in watches
        for alert in decode(world.store.documents[f"changes/{watch.change}.json"]).alerts
        if alert.kind is Kind.CHANNEL_REFUSED
    ]
    assert len(sender.tried) <= (4 if code == "401" else 6)
    assert len(refusals) == (1 if code == "401" else 2)


def test_a_message_that_is_refused_for_its_own_sake_holds_no_other_change_back() -> None:
    """It is tried hourly by itself; the others go on, once one of them has shown that they can."""
    world = World("ops")
    watches = many(5)

    def send(parcels: Sequence[Parcel]) -> Iterable[Sent]:
        for parcel in parcels:
            (message,) = parcel.message.messages
            is_poison = message.situation.change_id == "inst/t0"
            world.sent.append((parcel.channel, [message.situation.change_id]))
            yield parcel, Verdict(Outcome.REFUSED, "413") if is_poison else SENT

    world.dispatch = send
    world.invocation().run(watches)
    world.clock.advance(60)
    world.source.progress = FURTHER
    world.invocation().run(watches)

    assert sorted(names for _, names in world.sent[5:]) == [[f"inst/t{number}"] for number in range(1, 5)]


def test_a_change_is_recorded_while_another_ones_send_still_hangs(world: World) -> None:
    """A crash in the meantime repeats only what hung."""
    watches = many(2)
    settled: list[int] = []

    def send(parcels: Sequence[Parcel]) -> Iterable[Sent]:
        yield parcels[0], SENT
        (message,) = parcels[0].message.messages
        key = f"changes/{message.situation.change_id}.json"
        for _ in range(500):
            if decode(world.store.documents[key]).channels["ops"].claim is None:
                settled.append(0)
                break
            time.sleep(0.01)
        yield parcels[1], UNKNOWN

    world.dispatch = send
    world.invocation().run(watches)

    assert settled == [0]


def test_a_message_that_cannot_be_worded_stops_no_other(world: World) -> None:
    """Its claim is released, and the report names the defect."""
    world.verdict = None
    world.invocation().run(many(3))
    world.source.progress, world.verdict = TIMEOUT, SENT
    key = "changes/inst/t1.json"
    version, ledger = world.recalled[key]
    # A warm process whose memory has gone bad.
    bad = Observation(Phase.RUNNING, steps=(Step("a", "no state"),))  # type: ignore[arg-type]
    world.recalled[key] = version, replace(ledger, observation=bad)
    world.sent.clear()
    ticks = world.invocation().run(many(3))

    assert len(world.sent) == 2
    assert [tick.problem is not None and tick.problem.is_defect for tick in ticks] == [False, True, False]
    assert ticks[1].after.channels["ops"].claim is None
