"""Every interleaving of overlapping invocations keeps every promise, and a seeded fault is found."""

from __future__ import annotations

import pytest

from tests.proofs.cases import FIRST_LOOK, LEASED, LONG, QUIET, SHORT, THREE
from tests.proofs.deciding import Rules
from tests.proofs.effort import is_long
from tests.proofs.explorer import Finding, explore
from tests.proofs.faults import (
    SHORT_CLAIM,
    compare_without_dates,
    look_before_announcing,
    plan_counting_later,
    plan_skipping_quiet,
    plan_taking_over,
    plan_unmarked,
    settle_counting_now,
    settle_to_the_end,
    withdraw_in_doubt,
    write_unread,
)
from tests.proofs.figures import record
from tests.proofs.promises import COUNTED, DATE, HOLDER, LOST, NUMBERS, UNMARKED
from tests.proofs.scenarios import REAL, Proof, Scenario, prove
from tests.proofs.storage import ATOMIC, LEASE, PLATFORM, Kind
from tests.proofs.world import Budget, World

CASES = (*SHORT, *(LONG if is_long() else ()))
UNHURRIED = QUIET._replace(budget=Budget())


def title(scenario: Scenario) -> str:
    """What a scenario is called in the figures."""
    budget = scenario.budget
    limits = f"answers lost up to {budget.losses}, sends gone wrong up to {budget.mishaps}"
    return f"{scenario.kind.name}, {scenario.name}, {limits}"


@pytest.mark.parametrize("scenario", CASES, ids=title)
def test_every_interleaving_keeps_every_promise(scenario: Scenario) -> None:
    """Nothing is lost, nothing repeated unmarked, nothing goes back, whatever happens when."""
    report = prove(scenario)

    assert report.finding is None, str(report.finding)
    record(f"interleavings, {title(scenario)}", f"{report.states:,} states")


def found(scenario: Scenario, rules: Rules) -> Finding:
    """What the explorer finds wrong, which has to be something, and the way there."""
    report = prove(scenario, rules)

    assert report.finding is not None
    assert report.finding.trace
    return report.finding


@pytest.mark.parametrize(
    ("rules", "scenario", "promise"),
    [
        pytest.param(
            Rules(compare=compare_without_dates), THREE, DATE, id="an older observation after a newer one"
        ),
        pytest.param(
            Rules(settle=settle_to_the_end), FIRST_LOOK, LOST, id="an offset moved to the log's end"
        ),
        pytest.param(
            Rules(plan=plan_skipping_quiet), UNHURRIED, LOST, id="quiet hours that skip what they held"
        ),
        pytest.param(
            Rules(plan=plan_taking_over), FIRST_LOOK, HOLDER, id="a claim taken over from a frozen holder"
        ),
        pytest.param(
            Rules(plan=plan_counting_later, settle=settle_counting_now),
            FIRST_LOOK,
            COUNTED,
            id="tries counted after the send",
        ),
        pytest.param(Rules(plan=plan_unmarked), FIRST_LOOK, UNMARKED, id="a repeat that does not say so"),
        pytest.param(
            Rules(claim_outlives=SHORT_CLAIM), FIRST_LOOK, HOLDER, id="a claim shorter than its holder's life"
        ),
    ],
)
def test_a_seeded_fault_is_found(rules: Rules, scenario: Scenario, promise: str) -> None:
    """Each fault breaks the promise that it is about."""
    finding = found(scenario, rules)

    assert finding.promise.startswith(promise), str(finding)


@pytest.mark.parametrize(
    ("kind", "budget"),
    [
        pytest.param(LEASE._replace(flow=look_before_announcing), Budget(), id="looking first"),
        pytest.param(LEASE._replace(flow=write_unread), Budget(), id="not reading again"),
        pytest.param(LEASE._replace(flow=withdraw_in_doubt), Budget(losses=1), id="giving up in doubt"),
        pytest.param(LEASE._replace(lease_margin=-20), Budget(), id="a lease too short"),
        pytest.param(PLATFORM._replace(overlaps=True), Budget(), id="no lease at all"),
        pytest.param(
            PLATFORM._replace(writes_late=True), Budget(losses=1, crashes=1), id="a write after the end"
        ),
    ],
)
def test_a_fault_of_saving_is_found(kind: Kind, budget: Budget) -> None:
    """Without any of these somebody writes over what another has saved."""
    finding = found(LEASED._replace(kind=kind, budget=budget), Rules())

    assert finding.promise.startswith(NUMBERS), str(finding)


class Undisturbed(Proof):
    """Nobody is cut off and nothing goes wrong, so nothing need be said twice."""

    def broken(self, world: World, *, is_over: bool) -> str | None:
        """See `Model`."""
        is_repeated = any(copies.sends > 1 for heard in world.heard for copies in heard)
        return "nothing is said twice" if is_repeated else super().broken(world, is_over=is_over)


@pytest.mark.parametrize("kind", [ATOMIC, LEASE, PLATFORM], ids=lambda kind: kind.name)
def test_what_is_not_cut_off_is_not_repeated(kind: Kind) -> None:
    """Overlapping alone makes nobody hear a thing twice."""
    scenario = LEASED._replace(kind=kind, budget=Budget(), instants=(0,))

    assert explore(Undisturbed(scenario, REAL)).finding is None
