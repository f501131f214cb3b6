"""Real processes: sixteen at once on one change, and one killed at any moment; no model, real sockets."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.proofs.effort import is_long
from tests.proofs.figures import record
from tests.proofs.real_deployment import CHANNELS, deployed
from tests.proofs.real_hearing import Tally
from tests.proofs.real_kills import Killer, Moment
from tests.proofs.real_places import KINDS

PROCESSES: Final = 16
RACES: Final = 20 if is_long() else 3
KILLS: Final = 200 if is_long() else 10
KILLS_PER_CHANGE: Final = 40


@pytest.mark.parametrize("kind", KINDS)
def test_many_at_once_tell_everything_once(kind: str, tmp_path: Path) -> None:
    """Sixteen processes run the same tick, and one more follows: one message an alert, none marked."""
    conflicts = 0
    with deployed(kind, tmp_path) as deployment:
        for _ in range(RACES):
            _, reports = deployment.start(PROCESSES)
            deployment.start(1)
            conflicts += sum("state_conflict" in str(report) for report in reports)
            told = deployment.tally()

            assert deployment.complaints() == []
            assert told.is_spotless
            assert all(state.claim is None for state in deployment.ledger.channels.values())
            deployment.change.move()
        messages = deployment.message_counts().total()
    record(
        f"{PROCESSES} processes at once on {kind}",
        f"{RACES} rounds, {conflicts} processes were told that another was first,"
        f" {messages} messages with {told.alerts} alerts, 0 lost, 0 repeated",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_killed_at_any_moment_loses_nothing(kind: str, tmp_path: Path) -> None:
    """Whatever was cut off is told after all, or ends visibly; and of two copies one is marked."""
    moments: Counter[Moment] = Counter()
    total = Tally()
    for number, start in enumerate(range(0, KILLS, KILLS_PER_CHANGE)):
        with deployed(kind, tmp_path / str(number)) as deployment:
            killer = Killer(deployment, random.Random(f"{kind} {number}"))  # noqa: S311 - no secret
            killer.kill(min(KILLS_PER_CHANGE, KILLS - start))
            killer.finish()
            moments += killer.moments
            total += deployment.tally()

            assert deployment.complaints() == []
            assert all(state.claim is None for state in deployment.ledger.channels.values())
    hit = ", ".join(f"{moments[moment]} {moment.value}" for moment in Moment)
    record(
        f"killed on {kind}",
        f"{KILLS} processes with {len(CHANNELS)} channels each: {hit};"
        f" {total.alerts} alerts told, {total.repeats} copies more, all marked,"
        f" {total.ended_unheard} ended visibly as unknown after two kills, 0 lost",
    )
    assert moments[Moment.CLAIMED] + moments[Moment.HEARD]
    assert not is_long() or all(moments[moment] for moment in Moment)
