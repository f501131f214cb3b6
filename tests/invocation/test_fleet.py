"""Which changes an invocation looks at, which instances it asks about, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from math import ceil
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.core.listing import Instance, ListedTask
from handler.core.observation import Phase
from handler.core.progress import Task
from handler.core.watch import Origin, Watch
from handler.fleet import (
    ASKED_TWICE_WITHIN,
    LATE_MAX,
    NEVER_CAPACITY,
    Wanted,
    find_leads,
    in_turn,
    instances_to_ask,
    known_watches,
    shard_of,
    still_holds,
)
from handler.scope import Scope

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE: Final = timedelta(minutes=1)
ALL: Final = Scope()
EVERYTHING: Final = Wanted(patterns=("*",))

PERIODS: Final = range(1, 61)
"""Of timers, in minutes."""

PERIODS_OF_HOURS: Final = [period for period in PERIODS if 60 % period == 0]

names = st.text("abcdefgh", min_size=1, max_size=3)
change_ids = st.builds(ChangeId, names, names)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2080, 1, 1)).map(  # noqa: DTZ001 - the next line says so
    lambda moment: moment.replace(tzinfo=timezone.utc)
)
statuses = st.sampled_from(["RUNNING", "ERROR", "FROZEN", "EXTENDING", "EXTENDEDFAILED", "NEW", "DELETING"])
instances = st.builds(Instance, names, names, statuses)
fleets = st.lists(instances, unique_by=lambda instance: instance.instance_id, max_size=40)
wishes = st.builds(
    Wanted,
    changes=st.dictionaries(change_ids, st.none() | names, max_size=8),
    instances=st.dictionaries(names, st.none() | names, max_size=4),
    patterns=st.lists(names.map(lambda name: f"{name}*"), max_size=2).map(tuple),
    is_open=st.booleans(),
)


def ids(items: Iterable[Instance]) -> list[str]:
    """The instances, by their ids."""
    return [item.instance_id for item in items]


def running(count: int, status: str = "RUNNING") -> list[Instance]:
    """So many instances at rest."""
    return [Instance(f"i-{number:05}", f"kafka-{number}", status) for number in range(count)]


def asked(fleet: Iterable[Instance], now: datetime = NOW, scope: Scope = ALL) -> list[str]:
    """Whom one asks who discovers everything."""
    return ids(instances_to_ask(fleet, EVERYTHING, (), scope, now))


# What is known ---------------------------------------------------------------------------------------------


def test_what_is_configured_and_what_is_marked_is_known() -> None:
    """A marked change is called as its instance is; what is both is configured."""
    wanted = Wanted(
        changes={ChangeId("a", "1"): "orders", ChangeId("b", "1"): None}, instances={"c": "audit"}
    )
    marked = [ChangeId("b", "1"), ChangeId("c", "1"), ChangeId("d", "1")]

    assert known_watches(wanted, marked, ALL) == [
        Watch(ChangeId("a", "1"), "orders"),
        Watch(ChangeId("b", "1")),
        Watch(ChangeId("c", "1"), "audit", Origin.MARKED),
        Watch(ChangeId("d", "1"), None, Origin.MARKED),
    ]


def test_a_watch_without_a_name_is_called_by_its_ids() -> None:
    """Something has to be said to people."""
    assert Watch(ChangeId("a", "1")).title == "a/1"
    assert Watch(ChangeId("a", "1"), "orders").title == "orders"


@given(wishes, st.sets(change_ids, max_size=20), st.integers(1, 9))
def test_parts_share_all_known_changes_without_overlap_or_gap(
    wanted: Wanted, marked: set[ChangeId], count: int
) -> None:
    """Each change falls to exactly one part, whoever has named it."""
    whole = known_watches(wanted, sorted(marked), ALL)
    parts = [
        known_watches(wanted, sorted(marked), Scope(shard=(index, count))) for index in range(1, count + 1)
    ]

    together = Counter(watch.change for part in parts for watch in part)
    assert together == Counter(watch.change for watch in whole) == Counter({*wanted.changes, *marked})
    assert {watch for part in parts for watch in part} == set(whole)


def test_a_change_falls_to_the_same_part_everywhere() -> None:
    """The hash is fixed for good: a function of another version must not take over another part."""
    assert shard_of(ChangeId("inst", "task"), 8) == 6
    assert shard_of("inst/task", 8) == 6
    assert shard_of("inst", 8) == 8


@given(change_ids, st.integers(1, 1000))
def test_a_part_is_one_of_so_many(change: ChangeId, count: int) -> None:
    """They are counted from 1."""
    assert 1 <= shard_of(change, count) <= count


@given(wishes, st.sets(change_ids, max_size=20))
def test_only_the_named_changes_are_looked_at(wanted: Wanted, marked: set[ChangeId]) -> None:
    """No name means all, and a name that nobody knows means nothing."""
    whole = known_watches(wanted, sorted(marked), ALL)
    named = tuple(watch.change for watch in whole[::2])

    narrowed = known_watches(wanted, sorted(marked), Scope(only=(*named, ChangeId("nobody", "knows"))))
    assert narrowed == whole[::2]


@given(wishes, st.sets(change_ids, max_size=20), names)
def test_a_hint_looks_at_the_changes_of_its_instance(
    wanted: Wanted, marked: set[ChangeId], instance_id: str
) -> None:
    """Whatever the instance is called like."""
    whole = known_watches(wanted, sorted(marked), ALL)

    assert known_watches(wanted, sorted(marked), Scope(instance_id=instance_id)) == [
        watch for watch in whole if watch.change.instance_id == instance_id
    ]


@given(wishes, st.sets(change_ids, max_size=20))
def test_known_changes_are_in_the_same_order_each_time(wanted: Wanted, marked: set[ChangeId]) -> None:
    """However they are listed: otherwise whoever has had a turn might have the next one as well."""
    forwards, backwards = (
        known_watches(wanted, sorted(marked, reverse=is_reverse), ALL) for is_reverse in (False, True)
    )

    assert forwards == backwards


# In turn ---------------------------------------------------------------------------------------------------


@given(st.lists(st.integers()), moments)
def test_turns_are_a_rotation(items: list[int], now: datetime) -> None:
    """At any moment everything is there once, one after the other as ever."""
    turned = in_turn(items, now)

    assert sorted(turned) == sorted(items)
    assert any(turned == [*items[start:], *items[:start]] for start in range(len(items) + 1))


@given(st.lists(st.integers(), unique=True, min_size=1), moments)
def test_turns_do_not_change_within_a_minute(items: list[int], now: datetime) -> None:
    """What woke the function twice in it finds the same order."""
    minute = now.replace(second=0, microsecond=0)

    assert in_turn(items, now) == in_turn(items, minute) == in_turn(items, minute + MINUTE * 0.999)


def sightings(count: int, window: int, period: int, ticks: int, begin: datetime = NOW) -> list[int]:
    """How often each of so many comes early enough, tick by tick."""
    seen = [0] * count
    places = range(count)
    for tick in range(ticks):
        for place in in_turn(places, begin + MINUTE * period * tick)[:window]:
            seen[place] += 1
    return seen


@pytest.mark.parametrize("period", PERIODS)
def test_cut_off_by_a_deadline_nobody_is_seen_half_as_often_as_the_mean(period: int) -> None:
    """Fifty of five hundred changes, for three hundred ticks of a timer of any period up to an hour."""
    seen = sightings(500, 50, period, 300)

    assert 2 * min(seen) >= 300 * 50 / 500


@settings(max_examples=60)
@given(st.integers(1, 300), st.floats(0.1, 1.0), st.sampled_from(PERIODS_OF_HOURS), st.integers(0, 10**6))
def test_a_timer_that_divides_the_hour_is_fair_sooner(
    count: int, share: float, period: int, minutes: int
) -> None:
    """Whatever part of however many can be looked at, a hundred ticks are enough, whenever they begin."""
    window = ceil(count * share)
    seen = sightings(count, window, period, 100, NOW + MINUTE * minutes)

    assert 2 * min(seen) >= 100 * window / count


# Whom to ask -----------------------------------------------------------------------------------------------


@given(fleets, wishes, st.sets(names, max_size=4), moments)
def test_whoever_changes_or_is_expected_to_is_always_asked(
    fleet: list[Instance], wanted: Wanted, expected: set[str], now: datetime
) -> None:
    """As long as somebody wants to know, and the instance can have tasks at all."""
    chosen = ids(instances_to_ask(fleet, wanted, expected, ALL, now))
    concerned = [one for one in fleet if one.instance_id in expected or wanted.covers(one)]

    assert len(chosen) == len(set(chosen))
    assert set(chosen) <= set(ids(one for one in concerned if one.has_tasks))
    assert {one.instance_id for one in concerned if one.is_changing} <= set(chosen)
    assert {one.instance_id for one in fleet if one.instance_id in expected and one.has_tasks} <= set(chosen)


@given(fleets, wishes, st.sets(names, max_size=4), moments)
def test_of_those_at_rest_a_tenth_is_asked(
    fleet: list[Instance], wanted: Wanted, expected: set[str], now: datetime
) -> None:
    """Rounded up, so that also a single one has its turn; after all that are urgent."""
    chosen = instances_to_ask(fleet, wanted, expected, ALL, now)
    calm = {
        one.instance_id
        for one in fleet
        if wanted.covers(one) and one.has_tasks and not one.is_changing and one.instance_id not in expected
    }
    is_calm = [one.instance_id in calm for one in chosen]

    assert sum(is_calm) == ceil(len(calm) / 10)
    assert is_calm == sorted(is_calm)


@given(fleets, wishes, st.sets(names, max_size=4), st.integers(1, 9), moments)
def test_parts_share_all_instances_without_overlap_or_gap(
    fleet: list[Instance], wanted: Wanted, expected: set[str], count: int, now: datetime
) -> None:
    """Each falls to one part for good; and those of all parts that are urgent are all that are."""
    parts = [
        ids(instances_to_ask(fleet, wanted, expected, Scope(shard=(index, count)), now))
        for index in range(1, count + 1)
    ]
    together = [one for part in parts for one in part]
    urgent = [one for one in fleet if one.is_changing or (one.instance_id in expected and one.has_tasks)]
    concerned = [one for one in urgent if one.instance_id in expected or wanted.covers(one)]

    assert len(together) == len(set(together))
    assert set(ids(concerned)) <= set(together)
    for index, part in enumerate(parts, start=1):
        assert all(shard_of(instance_id, count) == index for instance_id in part)


@given(st.integers(1, 60), st.integers(2, 9), st.integers(0, 10**6))
def test_no_instance_at_rest_falls_between_the_parts(count: int, parts: int, minutes: int) -> None:
    """Each is asked by its own part within as many ticks as if there were but one."""
    fleet = running(count)
    met = {
        instance_id
        for tick in range(13)
        for index in range(1, parts + 1)
        for instance_id in asked(fleet, NOW + MINUTE * (minutes + tick), Scope(shard=(index, parts)))
    }

    assert met == set(ids(fleet))


def waits(count: int, period: int, ticks: int, begin: datetime = NOW) -> list[int]:
    """After how many ticks instances at rest are asked again, each wait of each of them."""
    fleet = running(count)
    asked_at: dict[str, list[int]] = {one.instance_id: [-1] for one in fleet}
    for tick in range(ticks):
        for instance_id in asked(fleet, begin + MINUTE * period * tick):
            asked_at[instance_id].append(tick)
    return [later - one for times in asked_at.values() for one, later in pairwise([*times, ticks])]


@settings(max_examples=30)
@given(st.integers(1, 200), st.integers(0, 10**6))
@example(1, 0)
@example(11, 0)
@example(1000, 0)
def test_each_instance_at_rest_is_asked_within_thirteen_minutes(count: int, minutes: int) -> None:
    """With a look a minute, however many there are and whenever one begins."""
    assert max(waits(count, 1, 60, NOW + MINUTE * minutes)) <= 13


@pytest.mark.parametrize("count", [10, 20, 50, 100, 500])
def test_each_instance_at_rest_is_asked_again_after_five_eight_or_thirteen_minutes(count: int) -> None:
    """The golden ratio leaves three gaps; the first and the last wait are cut off."""
    fleet = running(count)
    asked_at: dict[str, list[int]] = {one.instance_id: [] for one in fleet}
    for tick in range(200):
        for instance_id in asked(fleet, NOW + MINUTE * tick):
            asked_at[instance_id].append(tick)

    assert {later - one for times in asked_at.values() for one, later in pairwise(times)} == {5, 8, 13}


@pytest.mark.parametrize("period", PERIODS_OF_HOURS)
def test_a_timer_that_divides_the_hour_asks_each_instance_while_its_last_change_is_news(period: int) -> None:
    """A short change must not have come and gone for so long that it is not told any more."""
    assert max(waits(200, period, 120)) * MINUTE * period < LATE_MAX


def test_the_instance_of_a_hint_is_asked_at_once() -> None:
    """Its trace says that something happens there, before its status does."""
    fleet = running(100)

    assert asked(fleet, scope=Scope(instance_id="i-00042"))[0] == "i-00042"
    assert ids(instances_to_ask(fleet, Wanted(), (), Scope(instance_id="i-00042"), NOW)) == []


def test_an_instance_that_is_coming_or_going_is_never_asked() -> None:
    """Nothing changes its capacity then, whoever expects it to."""
    fleet = [
        Instance(status, status, status) for status in ("CREATING", "CREATEFAILED", "DELETING", "DELETED")
    ]

    assert instances_to_ask(fleet, EVERYTHING, ids(fleet), ALL, NOW) == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), False),
        (Wanted(patterns=("*",)), True),
        (Wanted(patterns=("orders-*",)), True),
        (Wanted(patterns=("ORDERS-?",)), True),
        (Wanted(patterns=("orders",)), False),
        (Wanted(patterns=("audit", "*-1")), True),
        (Wanted(patterns=("6c0d*",)), True),
        (Wanted(patterns=("[n-p]rders-1",)), True),
        (Wanted(instances={"6C0D-1": None}), True),
        (Wanted(instances={"6c0d-1": None}), False),
        (Wanted(instances={"Orders-1": None}), False),
        (Wanted(changes={ChangeId("6C0D-1", "t"): None}), False),
    ],
)
def test_an_instance_is_covered_by_its_id_or_by_a_pattern_of_names(wanted: Wanted, *, expected: bool) -> None:
    """In patterns it makes no difference how letters are written; whoever names one change wants no other."""
    assert wanted.covers(Instance("6C0D-1", "Orders-1", "RUNNING")) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), False),
        (Wanted(changes={ChangeId("i", "t"): None}), False),
        (Wanted(is_open=True), False),
        (Wanted(instances={"i": None}), True),
        (Wanted(patterns=("*",)), True),
    ],
)
def test_changes_have_to_be_found_where_instances_are_wanted(wanted: Wanted, *, expected: bool) -> None:
    """Whoever names each change needs no search."""
    assert wanted.discovers is expected


# What they say ---------------------------------------------------------------------------------------------

INSTANCE: Final = Instance("i", "kafka-orders", "EXTENDING")
SINCE: Final = NOW - LATE_MAX


def listed(task_id: str, phase: Phase, ended_at: datetime | None = None, name: str = "extend") -> ListedTask:
    """A task as the list shows it."""
    return ListedTask(task_id, Task(phase, phase.value, name=name), SINCE - LATE_MAX, ended_at)


def leads(*tasks: ListedTask) -> list[str]:
    """The tasks that may be changes to follow, when one is known, and one kind to be something else."""
    known = {ChangeId("i", "known"), ChangeId("other", "t")}
    found = find_leads(INSTANCE, tasks, known=known, other_kinds={"restart"}, now=NOW, since=SINCE)
    return [watch.change.task_id for watch in found]


@pytest.mark.parametrize("phase", [phase for phase in Phase if not phase.is_end])
def test_a_task_that_has_not_ended_is_a_lead_however_old_it_is(phase: Phase) -> None:
    """Also one in a state that nobody has heard of."""
    assert leads(listed("t", phase)) == ["t"]


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_end])
@pytest.mark.parametrize(
    ("ended_at", "is_lead"),
    [
        (NOW, True),
        (SINCE + MINUTE, True),
        (SINCE, True),
        (SINCE - MINUTE, False),
        (None, False),
        (NOW + LATE_MAX, True),
    ],
)
def test_a_task_that_has_ended_is_a_lead_for_a_day(
    phase: Phase, ended_at: datetime | None, *, is_lead: bool
) -> None:
    """A change found late is told as finished; what ended nobody knows when is past."""
    assert leads(listed("t", phase, ended_at)) == (["t"] if is_lead else [])


def test_what_is_followed_already_is_no_lead() -> None:
    """By its whole name: tasks of two instances may be called alike."""
    assert leads(listed("known", Phase.RUNNING), listed("t", Phase.RUNNING)) == ["t"]


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("name", sorted(NEVER_CAPACITY))
def test_what_is_known_to_be_something_else_is_no_lead(name: str, phase: Phase) -> None:
    """It costs no request to learn so; any other name may be that of a change."""
    never, perhaps = (listed(kind, phase, NOW, kind) for kind in (name, f"{name}2"))

    assert leads(never, perhaps) == [f"{name}2"]


@pytest.mark.parametrize("phase", Phase)
def test_what_has_been_seen_to_be_something_else_is_a_lead_while_it_goes_on_and_shortly_after(
    phase: Phase,
) -> None:
    """A name is a hint: what ended some time ago may only have lost its progress."""
    goes_on = phase in {Phase.WAITING, Phase.RUNNING}

    assert leads(listed("t", phase, None if goes_on else NOW - ASKED_TWICE_WITHIN, "restart")) == ["t"]
    assert leads(listed("t", phase, None if goes_on else NOW - 2 * ASKED_TWICE_WITHIN, "restart")) == (
        ["t"] if goes_on else []
    )


def test_a_lead_takes_along_what_the_list_says_of_it() -> None:
    """What people call it is the instance's name."""
    task = listed("t", Phase.RUNNING)

    assert find_leads(INSTANCE, [task], known=(), other_kinds=(), now=NOW, since=SINCE) == [
        Watch(ChangeId("i", "t"), "kafka-orders", Origin.FOUND, task.task)
    ]


@given(
    st.lists(
        st.builds(
            listed, names, st.sampled_from(Phase), st.none() | moments, st.sampled_from(["", "a", "b"])
        ),
        unique_by=lambda task: task.task_id,
    ),
    st.sets(change_ids),
    st.sets(st.sampled_from(["", "a", "b"])),
    moments,
)
def test_each_task_is_a_lead_once_or_there_is_a_reason(
    tasks: list[ListedTask], known: set[ChangeId], other_kinds: set[str], since: datetime
) -> None:
    """None is lost, and they stay in order."""
    found = find_leads(INSTANCE, tasks, known=known, other_kinds=other_kinds, now=NOW, since=since)

    def is_left_out(task: ListedTask) -> bool:
        has_ended = task.task.phase.is_end
        is_past = has_ended if task.ended_at is None else task.ended_at < since
        is_old = has_ended if task.ended_at is None else task.ended_at < NOW - ASKED_TWICE_WITHIN
        is_other = is_old and task.task.name in other_kinds
        return ChangeId("i", task.task_id) in known or is_past or is_other

    assert [lead.change.task_id for lead in found] == [
        task.task_id for task in tasks if not is_left_out(task)
    ]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), True),
        (LATE_MAX - MINUTE, True),
        (LATE_MAX, False),
        (LATE_MAX + MINUTE, False),
        (-MINUTE, True),
        (-10 * LATE_MAX, False),
    ],
)
def test_what_lasts_a_day_is_over_after_a_day(age: timedelta, *, expected: bool) -> None:
    """What seems to lie a little ahead has not even begun to pass: clocks differ."""
    assert still_holds(NOW - age, LATE_MAX, NOW) is expected
