"""Rounds of looks: who is slow or broken holds up nobody, and who had no time has its turn later."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.document import encode
from handler.core.ledger import Ledger, Outage
from handler.core.observation import Phase, Step, StepState
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.rules import Policy
from handler.core.watch import Origin, Watch
from handler.deciding import Sighting
from handler.invocation import Invocation, Setting
from handler.looking import Look
from handler.rounds import Find, Rounds
from handler.situation import Links
from handler.stores.ledgers import Ledgers
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.dispatch import Parcel, Sent
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scripted_source import ScriptedSource

RUNNING: Final = Progress(40, 3600, (Step("a", StepState.RUNNING),))
TASK: Final = Task(Phase.RUNNING, "EXECUTING", name="extend")
NO_TASK: Final = Problem(ProblemKind.NOT_FOUND, "No such task.", status=404, asks_task=True)
KEY_REFUSED: Final = Problem(ProblemKind.UNAUTHORISED, "The key was refused.", status=401)
TOO_LONG_SECONDS: Final = 8
"""Nobody waits so long for somebody else."""


def known(count: int) -> list[Watch]:
    """So many changes that are known."""
    return [Watch(ChangeId("i", f"t{number}"), f"n{number}") for number in range(count)]


def found(count: int) -> list[Watch]:
    """So many that a search finds."""
    return [Watch(ChangeId("i", f"f{number}"), f"f{number}", Origin.FOUND, TASK) for number in range(count)]


def finding(leads: Sequence[Watch]) -> Find:
    """A search that finds these at once."""

    def find(threads: Executor) -> Sequence[Watch]:
        del threads
        return leads

    return find


class Site:
    """A machine with its clock, its store and an API whose changes are all running."""

    def __init__(self, *, connections: int = 8, key_accepted: bool = True) -> None:
        """Begin at 08:00."""
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.source = ScriptedSource(key_accepted=key_accepted)
        self.source.progress, self.source.task = RUNNING, TASK
        self.connections = connections
        self.told: list[str] = []
        self.while_sending: Callable[[], None] = lambda: None
        self._count = 0

    def look(
        self,
        watches: Sequence[Watch],
        find: Find | None = None,
        rest: Problem | None = None,
        *,
        heeds_rest: bool = True,
        seconds: float = 60,
    ) -> list[list[Sighting]]:
        """Look at everything, and keep the rounds in which it was seen."""
        deadline = Deadline(self.clock, seconds)
        rounds = Rounds(
            self.source,
            Ledgers(self.store, self._name, {}),
            self.clock,
            connections=self.connections,
            has_time=lambda: deadline.remaining_seconds() > 0,
            heeds_rest=heeds_rest,
        )
        return list(rounds.each(watches, find, rest))

    def run(self, watches: Sequence[Watch], find: Find | None = None, *, seconds: float = 60) -> list[Tick]:
        """Run a whole invocation that looks for half of its time; `told` are the tasks one has heard of."""
        invocation = Invocation(
            Setting(
                channels=(Channel("ops"),),
                policy=Policy(),
                links=Links(None, "https://c"),
                connections=self.connections,
                owner=self._name(),
                after_looking_seconds=seconds / 2,
            ),
            source=self.source,
            ledgers=Ledgers(self.store, self._name, {}),
            dispatch=self._send,
            clock=self.clock,
            deadline=Deadline(self.clock, seconds),
            pause=lambda _: None,
        )
        return invocation.run(watches, find=find)

    def _send(self, parcels: Sequence[Parcel]) -> Iterable[Sent]:
        for parcel in parcels:
            self.told += [m.situation.change_id.partition("/")[2] for m in parcel.message.messages]
            yield parcel, Verdict(Outcome.SENT)
        self.while_sending()

    def _name(self) -> str:
        self._count += 1
        return f"name-{self._count}"


@pytest.fixture
def site() -> Site:
    """A machine with eight connections."""
    return Site()


def tasks_in(rounds: Iterable[Iterable[Sighting]]) -> list[str]:
    """The tasks that were handed on."""
    return [watch.change.task_id for sightings in rounds for watch, _ in sightings]


def seen_in(rounds: Iterable[Iterable[Sighting]]) -> list[str]:
    """The tasks of which something was seen."""
    sightings = [sighting for sightings in rounds for sighting in sightings]
    return [watch.change.task_id for watch, seen in sightings if isinstance(seen, Look) and seen.seen]


def problems_in(rounds: Iterable[Iterable[Sighting]]) -> dict[str, Problem]:
    """What kept changes from being looked at, by task."""
    sightings = [sighting for sightings in rounds for sighting in sightings]
    return {watch.change.task_id: seen for watch, seen in sightings if isinstance(seen, Problem)}


# Everybody is handed on -------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    count=st.integers(0, 12),
    leads=st.none() | st.integers(0, 6),
    connections=st.integers(1, 9),
    broken=st.sets(st.sampled_from([*(f"t{n}" for n in range(12)), *(f"f{n}" for n in range(6))])),
)
def test_whatever_there_is_is_handed_on_once(
    count: int, leads: int | None, connections: int, broken: set[str]
) -> None:
    """However many connections there are, with a search or without, and whoever is broken."""
    site = Site(connections=connections)

    def break_down(change: ChangeId) -> None:
        if change.task_id in broken:
            raise LookupError

    site.source.while_asking = break_down
    find = None if leads is None else finding(found(leads))
    rounds = site.look(known(count), find)

    there = {watch.change.task_id for watch in [*known(count), *found(leads or 0)]}
    assert Counter(tasks_in(rounds)) == Counter(there)
    assert set(problems_in(rounds)) == there & broken
    assert all(rounds)


@pytest.mark.parametrize("count", [1, 2, 20])
def test_a_search_that_finds_nothing_loses_no_look(site: Site, count: int) -> None:
    """The looks that were through with it are handed on all the same."""
    assert sorted(tasks_in(site.look(known(count), finding([])))) == sorted(
        watch.change.task_id for watch in known(count)
    )


def test_what_is_quick_is_one_round(site: Site) -> None:
    """All that is new goes out together, perhaps as one digest: also what was only just found."""
    rounds = site.look(known(20), finding(found(5)))

    assert [len(sightings) for sightings in rounds] == [25]


def test_nothing_to_look_at_is_no_round(site: Site) -> None:
    """Neither with a search nor without."""
    assert site.look([]) == []
    assert site.look([], finding([])) == []


def test_a_lead_that_is_no_change_costs_no_ledger(site: Site) -> None:
    """Its progress call says so before anything is read."""
    site.source.answers = {watch.change: NO_TASK for watch in found(4)}
    rounds = site.look([], finding([*found(4), Watch(ChangeId("i", "f9"), None, Origin.FOUND, TASK)]))

    assert set(problems_in(rounds)) == {"f0", "f1", "f2", "f3"}
    assert site.store.counts == {"load": 1}


# Nobody holds up others -------------------------------------------------------------------------------------


class Hold:
    """Something that hangs until everybody else has been told; `was_last` says whether they were."""

    def __init__(self, site: Site, others: Iterable[str]) -> None:
        """Take who is to be told meanwhile."""
        self.was_last = False
        self._others = set(others)
        self._told = threading.Event()
        self._site = site
        site.while_sending = self._look

    def __call__(self) -> None:
        """Hang."""
        self.was_last = self._told.wait(TOO_LONG_SECONDS)

    def _look(self) -> None:
        if self._others <= set(self._site.told):
            self._told.set()


def test_one_look_that_hangs_keeps_nobody_from_being_told(site: Site) -> None:
    """All others are decided and told before it returns; then it has its own turn."""
    hold = Hold(site, {f"t{number}" for number in range(9)} - {"t3"})
    site.source.while_asking = lambda change: hold() if change.task_id == "t3" else None
    ticks = site.run(known(9))

    assert hold.was_last
    assert site.told[-1] == "t3"
    assert [tick.problem for tick in ticks] == [None] * 9


def test_a_search_that_hangs_keeps_nobody_from_being_told(site: Site) -> None:
    """What it finds in the end is told as well."""
    hold = Hold(site, (f"t{number}" for number in range(9)))

    def find(threads: Executor) -> Sequence[Watch]:
        del threads
        hold()
        return found(1)

    site.run(known(9), find)

    assert hold.was_last
    assert site.told[-1] == "f0"


def test_a_lead_that_hangs_keeps_nobody_from_being_told(site: Site) -> None:
    """Although the search for it was quick."""
    hold = Hold(site, (f"t{number}" for number in range(9)))
    site.source.while_asking = lambda change: hold() if change.task_id == "f0" else None
    site.run(known(9), finding(found(1)))

    assert hold.was_last
    assert site.told[-1] == "f0"


def test_a_source_that_raises_and_a_ledger_that_is_broken_stop_nobody(site: Site) -> None:
    """Each is told of by a problem of its own."""
    site.store.documents["changes/i/t1.json"] = b'{"schema": 99}'

    def break_down(change: ChangeId) -> None:
        if change.task_id in {"t3", "f1"}:
            raise LookupError("a secret")

    site.source.while_asking = break_down
    rounds = site.look(known(5), finding(found(3)))

    problems = problems_in(rounds)
    assert sorted(seen_in(rounds)) == ["f0", "f2", "t0", "t2", "t4"]
    assert {task: problem.kind for task, problem in problems.items()} == {
        "t1": ProblemKind.STATE_UNAVAILABLE,
        "t3": ProblemKind.MALFORMED,
        "f1": ProblemKind.MALFORMED,
    }
    assert problems["t3"].is_defect
    assert "secret" not in problems["t3"].message


# A deadline -------------------------------------------------------------------------------------------------


def test_who_does_not_fit_is_neither_loaded_nor_asked(site: Site) -> None:
    """It is left as it was, and the next invocation looks."""
    site.connections = 1
    site.source.while_asking = lambda _: site.clock.advance(1)
    rounds = site.look(known(20), seconds=7)

    assert len(seen_in(rounds)) == 7
    assert len(problems_in(rounds)) == 13
    assert all((p.kind, p.asked) == (ProblemKind.TIMEOUT, False) for p in problems_in(rounds).values())
    assert site.source.counts["progress"] == 7
    assert site.store.counts == {"load": 7}


def test_leads_that_do_not_fit_are_neither_loaded_nor_asked(site: Site) -> None:
    """They will be found again."""

    def find(threads: Executor) -> Sequence[Watch]:
        del threads
        site.clock.advance(60)
        return found(4)

    rounds = site.look([], find)

    assert set(problems_in(rounds)) == {"f0", "f1", "f2", "f3"}
    assert site.source.counts == {}
    assert site.store.counts == {}


def test_what_was_seen_in_time_is_told_although_the_rest_did_not_fit(site: Site) -> None:
    """Time is kept back for that."""
    site.connections = 1
    site.source.while_asking = lambda _: site.clock.advance(5)
    ticks = site.run(known(20))

    deferred = [tick for tick in ticks if tick.problem]
    assert len(site.told) == 6
    assert len(deferred) == 14
    assert all(tick.problem and not tick.problem.asked and tick.version is None for tick in deferred)


@pytest.mark.parametrize(("period", "ticks"), [(1, 100), (5, 50), (7, 50)])
def test_cut_off_every_time_each_change_is_seen_again_and_again(period: int, ticks: int) -> None:
    """Of 250 changes there is room for some thirty to fifty; none is seen half as often as the mean."""
    site = Site(connections=1)
    watches = known(250)
    costs = (0.6, 0.7, 0.8, 0.9, 1.0)
    seen: Counter[str] = Counter()
    for number in range(ticks):
        begun = site.clock.now()
        site.source.while_asking = lambda _, cost=costs[number % 5]: site.clock.advance(cost)  # type: ignore[misc]
        rounds = site.look(watches, seconds=30)
        fitted = seen_in(rounds)
        seen.update(fitted)
        assert 30 <= len(fitted) <= 50
        site.clock.advance(period * 60 - (site.clock.now() - begun).total_seconds())

    assert len(seen) == 250
    assert 2 * min(seen.values()) >= sum(seen.values()) / 250


# A key of which nothing is known ----------------------------------------------------------------------------


def test_before_an_unproved_key_is_used_a_sample_of_ledgers_is_read() -> None:
    """A refusal at one change's last look would stand in it; each of them is read but once."""
    site = Site(key_accepted=False)
    loads: list[int] = []
    site.source.while_asking = lambda _: loads.append(site.store.counts["load"])
    site.look(known(200))

    assert loads[0] >= 64
    assert site.store.counts == {"load": 200}


def refused(change: ChangeId, site: Site) -> bytes:
    """A ledger at whose last look, just now, the key was refused."""
    now = site.clock.now()
    outage = Outage(now, ProblemKind.UNAUTHORISED, key_refused_since=now)
    return encode(Ledger(change=str(change), created_at=now, looked_at=now, outage=outage), "n")


@pytest.mark.parametrize("heeds_rest", [True, False])
def test_a_refusal_in_the_sample_rests_the_key_for_everybody(*, heeds_rest: bool) -> None:
    """Nothing is asked, nor searched; by hand it is tried all the same."""
    site = Site(key_accepted=False)
    watches = known(5)
    site.store.documents["changes/i/t3.json"] = refused(watches[3].change, site)
    searches: list[int] = []

    def find(threads: Executor) -> Sequence[Watch]:
        del threads
        searches.append(0)
        return found(1)

    rounds = site.look(watches, find, heeds_rest=heeds_rest)

    assert len(searches) == (0 if heeds_rest else 1)
    assert site.source.counts["progress"] == (0 if heeds_rest else 6)
    looks = [look for sightings in rounds for _, look in sightings if isinstance(look, Look)]
    assert all((look.problem is not None) is heeds_rest for look in looks)


def test_a_proved_key_needs_no_sample(site: Site) -> None:
    """A refusal in a ledger is from before the key was mended."""
    watches = known(5)
    site.store.documents["changes/i/t3.json"] = refused(watches[3].change, site)

    assert len(seen_in(site.look(watches))) == 5


def test_a_key_that_has_to_rest_is_not_used() -> None:
    """Whoever says so knows it from elsewhere; the ledgers are read, for what is due goes out."""
    site = Site(key_accepted=False)
    rounds = site.look(known(5), finding(found(2)), KEY_REFUSED)

    assert site.source.counts == {}
    assert site.store.counts == {"load": 5}
    looks = [look for sightings in rounds for _, look in sightings if isinstance(look, Look)]
    assert [look.problem for look in looks] == [KEY_REFUSED] * 5


def test_a_sample_that_cannot_be_read_stops_only_its_own() -> None:
    """One broken ledger says nothing of the key."""
    site = Site(key_accepted=False)
    site.store.documents["changes/i/t1.json"] = b'{"schema": 99}'
    rounds = site.look(known(4))

    assert sorted(seen_in(rounds)) == ["t0", "t2", "t3"]
    assert problems_in(rounds)["t1"].kind is ProblemKind.STATE_UNAVAILABLE


# The order of what comes of it ------------------------------------------------------------------------------


def test_ticks_are_in_the_order_of_the_known_and_then_of_the_found(site: Site) -> None:
    """Whatever minute it is and whoever was quick; strangers are among them."""
    site.source.answers = {found(3)[1].change: NO_TASK}
    for _ in range(4):
        ticks = site.run(known(7), finding(found(3)))

        assert [tick.watch for tick in ticks[:7]] == known(7)
        assert sorted(tick.watch.change for tick in ticks[7:]) == [watch.change for watch in found(3)]
        assert [tick.watch.change.task_id for tick in ticks if tick.is_stranger] == ["f1"]
        site.clock.advance(60)
