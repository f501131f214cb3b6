"""Which failures another change of the same instance has mended."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

import pytest

from handler.core.ledger import Ledger
from handler.core.mending import Completion, find_completion, is_mended
from handler.core.observation import Observation, Phase, Step, StepState

NOW: Final = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
MINUTE: Final = timedelta(minutes=1)


def seen(phase: Phase, ended_at: datetime | None = NOW) -> Observation:
    """A poll of a change with one step."""
    return Observation(phase, 40, steps=(Step("a", StepState.FAILED, ended_at=ended_at),))


def kept(observation: Observation | None, change: str = "i/t") -> Ledger:
    """What is kept of a change."""
    return Ledger(change, NOW, observation=observation)


@pytest.mark.parametrize("phase", Phase)
def test_only_what_is_completed_is_a_completion(phase: Phase) -> None:
    """Just seen, or known from before, whichever tells more."""
    completion = Completion("i", NOW, is_news=True) if phase is Phase.COMPLETED else None

    assert find_completion("i/t", seen(phase), None) == completion
    assert find_completion("i/t", seen(phase), kept(seen(Phase.RUNNING))) == completion
    assert find_completion("i/t", None, kept(seen(phase))) == (
        completion and completion._replace(is_news=False)
    )
    assert find_completion("i/t", None, kept(None)) is None
    assert find_completion("i/t", None, None) is None


@pytest.mark.parametrize("phase", Phase)
def test_only_a_failure_is_mended(phase: Phase) -> None:
    """Or the loss of a change."""
    is_failure = phase in {Phase.FAILED, Phase.LOST}

    assert is_mended(kept(seen(phase)), [Completion("i", NOW, is_news=True)]) is is_failure


@pytest.mark.parametrize(
    ("failed_at", "completed_at", "is_news", "expected"),
    [
        (NOW, NOW + MINUTE, False, True),
        (NOW, NOW, False, True),
        (NOW, NOW - MINUTE, True, False),
        (None, NOW, True, True),
        (None, NOW, False, False),
        (NOW, None, True, True),
        (NOW, None, False, False),
        (None, None, True, True),
    ],
)
def test_a_failure_is_mended_by_what_was_completed_after_it(
    failed_at: datetime | None, completed_at: datetime | None, *, is_news: bool, expected: bool
) -> None:
    """Where the steps do not tell, what has been seen just now was later."""
    failed = kept(seen(Phase.FAILED, failed_at))

    assert is_mended(failed, [Completion("i", completed_at, is_news)]) is expected
    assert not is_mended(failed, [Completion("another", completed_at, is_news)])
    assert not is_mended(failed, [])
