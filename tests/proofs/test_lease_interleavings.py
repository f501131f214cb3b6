"""The lease makes a register with compare-and-swap of a store that ignores conditions, for three contenders.

So what is proved of invocations over the atomic store holds over one with a lease, however many steps a save
has there: every write replaces the version that its writer expected, and its outcome tells no lie.

But for one thing: after `Unknown` a write may still arrive while its sender saves again, and stand between
what that save expected and what it wrote, or upon it. It is the sender's own; nobody else's is lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import pytest

from handler.stores.lease import Announce, Announcement, Reread, Seen, swap_announced
from handler.stores.port import Committed, Conflict, Unknown
from tests.proofs.contenders import BOUND, Contention, Contest, Move, Race
from tests.proofs.effort import is_long
from tests.proofs.explorer import Finding
from tests.proofs.faults import look_before_announcing, withdraw_in_doubt, write_unread
from tests.proofs.figures import record
from tests.proofs.promises import owner_of
from tests.proofs.storage import LEASE, Flow, Kind, Result

REPLACED: Final = "a write replaces what its writer expected"
WRITTEN: Final = "what is committed was written, over what was expected"
UNWRITTEN: Final = "what met a conflict or failed was not written, nor will be"

TWICE: Final = LEASE._replace(attempts=2)

SHORT: Final = (
    Contest(LEASE),
    Contest(TWICE, losses=0, instants=(0,)),
    Contest(TWICE, contenders=2),
    Contest(LEASE, contenders=2, saves=2, instants=(0,)),
)
LONG: Final = (
    Contest(TWICE),
    Contest(LEASE, losses=2),
    Contest(LEASE, saves=2, losses=0),
    Contest(LEASE, saves=2, instants=(0, BOUND + 1)),
    Contest(TWICE, contenders=2, saves=2),
)
NUMBERS: Final = ("no", "one", "two", "three")
CASES: Final = (*SHORT, *(LONG if is_long() else ()))


class Searched(NamedTuple):
    """What a search came upon: how saves ended, and whether a late write met a later one of its sender's."""

    states: int
    outcomes: frozenset[str]
    is_overtaken: bool
    finding: Finding | None = None


def search(contest: Contest) -> Searched:
    """Visit every state of a contest, breadth first, or find a shortest way to a broken promise."""
    contention = Contention(contest)
    ways: dict[Race, Race | None] = {contention.start(): None}
    waiting, outcomes, is_overtaken = deque(ways), set[str](), False
    while waiting:
        race = waiting.popleft()
        for move in contention.moves(race):
            if promise := broken(race, move):
                finding = Finding(promise, (*trace(contention, ways, race), line(race, move)))
                return Searched(len(ways), frozenset(outcomes), is_overtaken, finding)
            if move.ended is not None:
                outcomes.add(name_of(move.ended[1]))
            is_overtaken |= move.race.chain[-1].place != len(move.race.chain) - 1
            if move.race not in ways:
                ways[move.race] = race
                waiting.append(move.race)
    return Searched(len(ways), frozenset(outcomes), is_overtaken)


def trace(contention: Contention, ways: dict[Race, Race | None], race: Race) -> Iterator[str]:
    """The way to a race, line by line."""
    if (before := ways[race]) is not None:
        yield from trace(contention, ways, before)
        yield next(line(before, move) for move in contention.moves(before) if move.race == race)


def line(race: Race, move: Move) -> str:
    """Who does what, and what comes of it."""
    who = "the world" if move.who < 0 else f"contender {move.who}"
    end = "" if move.ended is None else f": {name_of(move.ended[1])}"
    return f"{race.world.now:>5} s  {who}: {move.what}{end}"


def name_of(result: Result) -> str:
    """What an outcome is called."""
    return result if isinstance(result, str) else type(result).__name__


def broken(before: Race, move: Move) -> str | None:
    """The promise that a move breaks, if any."""
    if len(move.race.chain) > len(before.chain) and not replaces_expected(move.race):
        return REPLACED
    if move.ended is None or isinstance(move.ended[1], Unknown):
        return None
    save, result = move.ended
    version, place = save.document.version, save.document.ledger
    versions = [link.version for link in move.race.chain]
    if not isinstance(result, Committed):
        late = (straggler.document.version for straggler in move.race.world.stragglers)
        return UNWRITTEN if version in {*versions, *late} else None
    # The first write over an expected version is its one winner's, so no two of them commit.
    is_true = result.version == version in versions and owner_of(versions[place]) == owner_of(version)
    return None if is_true else WRITTEN


def replaces_expected(race: Race) -> bool:
    """Whether the last write stands next after what it expects, or with its sender's own late ones."""
    *before, last = race.chain
    own, between = owner_of(last.version), before[last.place :]
    return all(owner_of(link.version) == own and (last.is_late or link.is_late) for link in between)


def title(contest: Contest) -> str:
    """What a contest is called in the figures."""
    kind, number, saves, losses, _ = contest
    return f"{NUMBERS[number]} contenders, saves {saves}, attempts {kind.attempts}, losses {losses}"


@pytest.mark.parametrize("contest", CASES, ids=title)
def test_a_lease_is_a_compare_and_swap(contest: Contest) -> None:
    """Whatever happens when, no update is lost and no outcome is a lie; and all outcomes do happen."""
    searched = search(contest)

    assert searched.finding is None, str(searched.finding)
    assert len(searched.outcomes) == (4 if contest.losses else 2)
    assert searched.is_overtaken == (contest.saves > 1 and contest.losses > 0)
    record(f"lease, {title(contest)}", f"{searched.states:,} states")


Alter = Callable[[Seen, str], Seen]


def misled(alter: Alter, expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
    """Go by what is seen as altered, which knows our name."""
    flow, name = swap_announced(expected, new_name, ours), ""
    operation = next(flow)
    while True:
        name = operation.name if isinstance(operation, Announce) else name
        answer = yield operation
        try:
            operation = flow.send(alter(answer, name) if isinstance(answer, Seen) else answer)
        except StopIteration as end:
            outcome: Committed | Conflict | Unknown = end.value
            return outcome


def with_own(seen: Seen, name: str) -> Seen:
    """Take our own announcement to be there, seen or not."""
    others = (each for each in seen.announcements if each.name != name)
    return Seen((*others, Announcement(name, seen.store_date)), seen.store_date)


def without_others(seen: Seen, name: str) -> Seen:
    """Ignore what others announce."""
    return Seen(tuple(each for each in seen.announcements if each.name == name), seen.store_date)


def take_for_ours(expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
    """In doubt take what stands there for what was written."""
    outcome = yield from swap_announced(expected, new_name, ours)
    return Committed((yield Reread())) if isinstance(outcome, Unknown) else outcome


def give_up_in_doubt(expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
    """In doubt take what was written for not written."""
    outcome = yield from swap_announced(expected, new_name, ours)
    return Conflict() if isinstance(outcome, Unknown) else outcome


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        pytest.param(LEASE._replace(flow=look_before_announcing), REPLACED, id="looking first"),
        pytest.param(LEASE._replace(flow=write_unread), REPLACED, id="not reading again"),
        pytest.param(LEASE._replace(flow=withdraw_in_doubt), REPLACED, id="withdrawing in doubt"),
        pytest.param(LEASE._replace(lease_margin=-2), REPLACED, id="a lease that ends before the bound"),
        pytest.param(LEASE._replace(flow=partial(misled, with_own)), REPLACED, id="alone, though unseen"),
        pytest.param(LEASE._replace(flow=partial(misled, without_others)), REPLACED, id="others ignored"),
        pytest.param(LEASE._replace(flow=give_up_in_doubt), UNWRITTEN, id="doubt taken for a conflict"),
        pytest.param(LEASE._replace(flow=take_for_ours), WRITTEN, id="another's taken for one's own"),
    ],
)
def test_a_wrong_flow_is_found(kind: Kind, promise: str) -> None:
    """Each breaks the promise that it is about."""
    finding = search(Contest(kind, contenders=2)).finding

    assert finding is not None
    assert finding.promise == promise, str(finding)
