"""Compare-and-swap by announcing: what the flows ask for, and that no order of steps breaks them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.stores.lease import (
    ATTEMPTS_MAX,
    Announce,
    Announcement,
    Flow,
    Look,
    Operation,
    Pause,
    ReadBack,
    Reread,
    Seen,
    Withdraw,
    Write,
    run,
    swap,
    swap_announced,
)
from handler.stores.port import Committed, Conflict, StateUnavailableError, Unknown
from tests.stores.lease_model import Contender, Luck, ModelStore

NOW = datetime(2026, 11, 25, 8, 30, tzinfo=timezone.utc)
MINE = Announcement("60-mine1", NOW)
TIME_LEFT, TIME_UP = True, False
TROUBLE = StateUnavailableError("told so")


def seen(*others: Announcement, mine: Announcement | None = MINE, now: datetime | None = NOW) -> Seen:
    """What a look finds."""
    return Seen((*others, *([mine] if mine else [])), now)


def other(name: str = "60-other", age_seconds: float = 0) -> Announcement:
    """Somebody else's announcement."""
    return Announcement(name, NOW - timedelta(seconds=age_seconds))


def begun(expected: str | None = "v1", *ours: str) -> Flow:
    """A flow whose announcements are called 60-mine1, 60-mine2 and so on."""
    names = iter(f"60-mine{number}" for number in range(1, 9))
    return swap_announced(expected, lambda: next(names), ours)


def played(flow: Flow, *answers: object) -> tuple[object, list[Operation]]:
    """Answer in turn, withdrawals aside; gives what came of it, and what was asked for."""
    asked: list[Operation] = []
    given_answers: Iterator[Any] = iter(answers)

    def perform(operation: Operation) -> object:
        asked.append(operation)
        answer = None if isinstance(operation, Withdraw) else next(given_answers)
        if isinstance(answer, StateUnavailableError):
            raise answer
        return answer

    try:
        outcome: object = run(flow, perform)
    except StateUnavailableError as error:
        outcome = error
    assert list(given_answers) == []
    return outcome, asked


def test_who_is_alone_writes() -> None:
    """Five operations: announce, look, compare, write, withdraw."""
    outcome, asked = played(begun(), None, seen(), "v1", "v2")

    assert outcome == Committed("v2")
    assert asked == [Announce("60-mine1"), Look(), Reread(), Write(), Withdraw("60-mine1")]


def test_without_a_lease_there_are_two_operations() -> None:
    """The platform sees to it that nobody else writes; the version is compared all the same."""
    assert played(swap(None), None, "v1") == (Committed("v1"), [Reread(), Write()])
    assert played(swap("v1"), "v2") == (Conflict(), [Reread()])
    assert played(swap("v1"), "v1", None, "v2") == (Committed("v2"), [Reread(), Write(), ReadBack()])
    assert played(swap("v1"), "v1", None, None)[0] == Unknown()


@pytest.mark.parametrize("found", ["v2", None])
def test_another_version_is_a_conflict(found: str | None) -> None:
    """Under the lease the version is what counts, not what was read before it."""
    outcome, asked = played(begun(), None, seen(), found)

    assert outcome == Conflict()
    assert asked[-2:] == [Reread(), Withdraw("60-mine1")]


@pytest.mark.parametrize("look", [seen(other()), seen(mine=None), seen(other(), mine=None)])
def test_who_is_not_alone_steps_back_and_tries_again(look: Seen) -> None:
    """Somebody else is there, or the listing does not show us yet; the next attempt has a new name."""
    again = seen(mine=Announcement("60-mine2", NOW))
    outcome, asked = played(begun(), None, look, TIME_LEFT, "v1", None, again, "v1", "v2")

    assert outcome == Committed("v2")
    assert asked[:5] == [Announce("60-mine1"), Look(), Withdraw("60-mine1"), Pause(), Reread()]
    assert asked[5] == Announce("60-mine2")


def test_a_conflict_is_seen_after_the_pause() -> None:
    """Who was busy has written; there is no need to announce again."""
    outcome, asked = played(begun(), None, seen(other()), TIME_LEFT, "v2")

    assert outcome == Conflict()
    assert [type(each) for each in asked].count(Announce) == 1


def test_who_is_never_alone_gives_up() -> None:
    """Four attempts, three pauses, and nothing is left behind."""
    rounds = [answer for _ in range(ATTEMPTS_MAX) for answer in (None, seen(other()), TIME_LEFT, "v1")]
    outcome, asked = played(begun(), *rounds[:-2])
    counts = Counter(type(each).__name__ for each in asked)

    assert outcome == Conflict()
    assert counts == {"Announce": 4, "Look": 4, "Withdraw": 4, "Pause": 3, "Reread": 3}


def test_there_is_no_attempt_when_time_is_up() -> None:
    """The pause tells."""
    outcome, asked = played(begun(), None, seen(other()), TIME_UP)

    assert (outcome, asked[-1]) == (Conflict(), Pause())


def test_our_own_earlier_announcement_is_nobody_elses() -> None:
    """Neither one that an earlier save left standing, nor one of this save that could not be withdrawn."""
    assert played(begun("v1", "60-left"), None, seen(other("60-left")), "v1", "v2")[0] == Committed("v2")

    stuck = seen(MINE, mine=Announcement("60-mine2", NOW))
    answers = (None, seen(other()), TIME_LEFT, "v1", None, stuck, "v1", "v2")
    assert played(begun(), *answers)[0] == Committed("v2")


EXPIRED = [other(age_seconds=61), other("5-other", 6), other("by hand", 86_401), other("", 86_401)]
LIVE = [other(age_seconds=60), other(age_seconds=-30), other("by hand", 86_400), Announcement("1-a", None)]


@pytest.mark.parametrize("expired", EXPIRED)
def test_an_expired_announcement_is_removed(expired: Announcement) -> None:
    """By the store's clock; whoever made it is long dead. What was not made by us has a day."""
    outcome, asked = played(begun(), None, seen(expired), "v1", "v2")

    assert outcome == Committed("v2")
    assert asked[2] == Withdraw(expired.name)


@pytest.mark.parametrize("live", LIVE)
def test_a_live_announcement_is_left_alone(live: Announcement) -> None:
    """To the last second, and if the store does not say since when."""
    outcome, asked = played(begun(), None, seen(live), TIME_UP)

    assert outcome == Conflict()
    assert Withdraw(live.name) not in asked


def test_nothing_expires_without_the_clock_of_the_store() -> None:
    """Ours may be wrong by hours."""
    assert played(begun(), None, seen(other(age_seconds=10**6), now=None), TIME_UP)[0] == Conflict()


def test_our_own_lease_can_expire() -> None:
    """A process that was frozen between announcing and looking is not alone any more."""
    outcome, asked = played(begun(), None, seen(now=NOW + timedelta(seconds=61)), TIME_UP)

    assert outcome == Conflict()
    assert asked == [Announce("60-mine1"), Look(), Withdraw("60-mine1"), Pause()]


@pytest.mark.parametrize("answers", [(TROUBLE,), (None, TROUBLE), (None, seen(), TROUBLE)])
def test_a_trouble_before_the_write_is_withdrawn_and_told(answers: tuple[object, ...]) -> None:
    """Nothing was saved, whether or not the announcement arrived."""
    outcome, asked = played(begun(), *answers)

    assert outcome is TROUBLE
    assert asked[-1] == Withdraw("60-mine1")


def test_a_write_that_was_refused_is_withdrawn_and_told() -> None:
    """It certainly did not happen."""
    outcome, asked = played(begun(), None, seen(), "v1", TROUBLE)

    assert outcome is TROUBLE
    assert asked[-2:] == [Write(), Withdraw("60-mine1")]


def test_a_lost_write_is_read_back() -> None:
    """If our bytes stand there, it was saved."""
    outcome, asked = played(begun(), None, seen(), "v1", None, "v2")

    assert outcome == Committed("v2")
    assert asked[-2:] == [ReadBack(), Withdraw("60-mine1")]


def test_an_unknown_write_leaves_its_announcement() -> None:
    """It may still arrive, and nobody else may write before."""
    outcome, asked = played(begun(), None, seen(), "v1", None, None)

    assert (outcome, asked[-1]) == (Unknown(), ReadBack())


TURNS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 5), st.sampled_from([Luck.GOOD, *Luck]), st.booleans()),
    max_size=12,
)
"""Who takes how many steps, how the last of them goes, and whether what is late then arrives."""


@settings(max_examples=500)
@given(turns=TURNS)
def test_no_order_of_steps_loses_a_write(turns: list[tuple[int, int, Luck, bool]]) -> None:
    """Three contenders, lost and late requests: every write replaces just the version that it expected."""
    store = ModelStore()
    contenders = [Contender(str(number), store) for number in range(3)]
    finished: list[Contender] = []
    for who, steps, luck, is_late_due in turns:
        for step in range(steps):
            contenders[who].step(luck if step == steps - 1 else Luck.GOOD)
            if contenders[who].outcome is not None:
                finished.append(contenders[who])
                contenders[who] = Contender(f"{who}{len(finished)}", store)
        while is_late_due and store.late:
            store.late.pop(0)()

    expected = {each.version: each.expected for each in (*finished, *contenders)}
    assert store.writes == [(expected[version], version) for _, version in store.writes]
    written = Counter(version for _, version in store.writes)
    for each in finished:
        if isinstance(each.outcome, Committed):
            assert written[each.version] == 1
        elif not isinstance(each.outcome, Unknown):
            assert each.version not in written
