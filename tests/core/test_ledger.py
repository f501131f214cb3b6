"""What a ledger says of the change as a whole."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase
from notifiers.alerts import Kind

NOW = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
MOVED_AT = datetime(2026, 11, 24, 7, 20, tzinfo=timezone.utc)
STALLED = f"stalled:{MOVED_AT.isoformat()}"


def ledger(*raised: str, phase: Phase = Phase.RUNNING) -> Ledger:
    """A ledger of a change that last moved a while ago."""
    return Ledger("i/t", NOW, observation=Observation(phase), moved_at=MOVED_AT, raised=raised)


def test_a_change_is_stalled_from_when_that_was_told_until_it_moves_or_ends() -> None:
    """An earlier stall does not count."""
    assert ledger("started", STALLED).is_stalled
    assert not ledger("started").is_stalled
    assert not ledger("started", "stalled:2026-11-24T06:00:00+00:00").is_stalled
    assert not ledger("started", STALLED, phase=Phase.COMPLETED).is_stalled
    assert not Ledger("i/t", NOW).is_stalled


def test_a_change_was_calm_if_nothing_but_progress_and_its_end_was_told() -> None:
    """That it was cancelled or completed is an end, and a gap in the watch no trouble of its own."""
    assert ledger("started", "step_started:a#1", "milestone:25", "completed").was_calm
    assert ledger("started", "cancelled").was_calm
    assert ledger("started", "unwatched:2026-11-24T07:00:00+00:00", "completed").was_calm


@pytest.mark.parametrize(
    "kind",
    [
        Kind.STEP_FAILED,
        Kind.FAILED,
        Kind.LOST,
        Kind.STALLED,
        Kind.DELAYED,
        Kind.UNREACHABLE,
        Kind.LEDGER_RESET,
    ],
)
def test_a_change_that_has_met_trouble_was_not_calm(kind: Kind) -> None:
    """Whether or not that is over."""
    assert not ledger("started", f"{kind.value}:x").was_calm
    assert not ledger("started", kind.value).was_calm
