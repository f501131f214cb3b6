"""The lease makes a register with compare-and-swap of a store that ignores conditions, for three contenders.

So what is proved of invocations over the atomic store holds over one with a lease, however many steps a save
has there: every write replaces the version that its writer expected, and its outcome tells no lie.

But for one thing: after `Unknown` a write may still arrive while its sender saves again, and stand between
what that save expected and what it wrote, or upon it. It is the sender's own; nobody else's is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from handler.stores.lease import Announce, Announcement, Reread, Seen, swap_announced
from handler.stores.port import Committed, Conflict, Unknown
from tests.proofs.contenders import BOUND, Contention, Contest
from tests.proofs.effort import is_long
from tests.proofs.explorer import explore
from tests.proofs.faults import look_before_announcing, withdraw_in_doubt, write_unread
from tests.proofs.figures import record
from tests.proofs.lease_promises import REPLACED, UNWRITTEN, WRITTEN
from tests.proofs.storage import LEASE, Flow, Kind

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


def title(contest: Contest) -> str:
    """What a contest is called in the figures."""
    kind, number, saves, losses, _ = contest
    return f"{NUMBERS[number]} contenders, saves {saves}, attempts {kind.attempts}, losses {losses}"


@pytest.mark.parametrize("contest", CASES, ids=title)
def test_a_lease_is_a_compare_and_swap(contest: Contest) -> None:
    """Whatever happens when, no update is lost and no outcome is a lie; and all outcomes do happen."""
    contention = Contention(contest)
    report = explore(contention)

    assert report.finding is None, str(report.finding)
    assert len(contention.outcomes) == (4 if contest.losses else 2)
    assert contention.is_overtaken == (contest.saves > 1 and contest.losses > 0)
    record(f"lease, {title(contest)}", f"{report.states:,} states")


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
    finding = explore(Contention(Contest(kind, contenders=2))).finding

    assert finding is not None
    assert finding.promise == promise, str(finding)
