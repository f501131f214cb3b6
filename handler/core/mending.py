"""Which failures are mended: another change of the same instance has been completed since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase


class Completion(NamedTuple):
    """A change of an instance that has been completed, when, if that is known, and whether it is news."""

    instance_id: str
    ended_at: datetime | None
    is_news: bool


def find_completion(change: str, seen: Observation | None, ledger: Ledger | None) -> Completion | None:
    """The completion of a change, if there is one.

    Args:
        change: The change, as `INSTANCE/TASK`.
        seen: What has just been seen of it.
        ledger: What is kept of it.
    """
    observation = seen or (ledger.observation if ledger else None)
    if observation is None or observation.phase is not Phase.COMPLETED:
        return None
    return Completion(_instance_of(change), observation.ended_at, is_news=seen is not None)


def is_mended(ledger: Ledger, completions: Iterable[Completion]) -> bool:
    """True for a change that has failed, or is lost, before another one of its instance was completed.

    Where the steps do not tell which came first, what is news has come later.
    """
    if ledger.phase not in {Phase.FAILED, Phase.LOST}:
        return False
    instance_id = _instance_of(ledger.change)
    failed_at = ledger.observation.ended_at if ledger.observation else None
    return any(
        completion.ended_at >= failed_at if completion.ended_at and failed_at else completion.is_news
        for completion in completions
        if completion.instance_id == instance_id
    )


def _instance_of(change: str) -> str:
    return change.partition("/")[0]
