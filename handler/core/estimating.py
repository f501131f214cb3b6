"""Whether what the API last said of the time left still holds."""

from __future__ import annotations

from handler.core.ledger import Ledger
from handler.core.observation import StepState


def is_estimate_good(ledger: Ledger) -> bool:
    """False where nothing is left to do, where nothing moves, or is seen, and where a step has failed."""
    seen = ledger.observation
    if seen is None or seen.phase.is_end or ledger.outage is not None or ledger.is_stalled:
        return False
    return not seen.counts().get(StepState.FAILED)
