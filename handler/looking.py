"""One look at one change: its ledger and what the API says, side by side where the key is trusted."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import datetime
from typing import NamedTuple, Protocol

from handler.core.change import ChangeId
from handler.core.ledger import REFRESH_AFTER, is_refresh_due
from handler.core.observation import Observation
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task, observe
from handler.stores.ledgers import Kept, Ledgers


class Source(Protocol):
    """The DMS API as an invocation needs it; its calls never raise for what API or network do."""

    @property
    def key_accepted(self) -> bool:
        """True when this process has seen the API accept this access key."""
        ...

    def fetch_progress(self, change: ChangeId) -> Progress | Problem:
        """Ask how far the change is."""
        ...

    def fetch_task(self, change: ChangeId) -> Task | Problem:
        """Ask for the status of the change's task."""
        ...


class Look(NamedTuple):
    """What is kept of a change and what was seen of it; `seen` is None if nothing had to be asked."""

    kept: Kept
    seen: Observation | Problem | None
    rests: Problem | None = None


def look(change: ChangeId, source: Source, ledgers: Ledgers, executor: Executor, *, heeds_rest: bool) -> Look:
    """Load the ledger and ask the API.

    A key that this process has not seen accepted is used only after the ledger was read: if the API
    refused it lately, the key rests, because six refusals in a row lock it for everybody who uses it.

    Raises:
        StateUnavailableError: The ledger cannot be read.
    """
    if source.key_accepted:
        loading = executor.submit(ledgers.load, change)
        progress = source.fetch_progress(change)
        kept = loading.result()
    else:
        kept = ledgers.load(change)
        rest = _rest(kept) if heeds_rest else None
        if rest is not None or _has_ended(kept):
            return Look(kept, None, rest)
        progress = source.fetch_progress(change)
    if _has_ended(kept):
        return Look(kept, None)
    task = source.fetch_task(change) if _asks_task(kept, progress) else None
    known = kept.ledger.observation if kept.ledger else None
    return Look(kept, observe(progress, task, known.steps if known else ()))


def _has_ended(kept: Kept) -> bool:
    return kept.ledger is not None and kept.ledger.phase.is_end


def _asks_task(kept: Kept, progress: Progress | Problem) -> bool:
    """Ask the task at the first look, whenever progress cannot tell the phase, and every ten minutes."""
    if isinstance(progress, Problem):
        return progress.asks_task
    is_due = kept.ledger is None or is_refresh_due(kept.ledger, kept.store_date)
    return progress.looks_ended or is_due


def _rest(kept: Kept) -> Problem | None:
    """The reason not to ask now: the key was refused at the last look, less than ten minutes ago."""
    ledger = kept.ledger
    if ledger is None or ledger.looked_at is None or ledger.outage is None:
        return None
    next_try_at = ledger.looked_at + REFRESH_AFTER
    if ledger.outage.key_refused_since is None or kept.store_date >= next_try_at:
        return None
    refused, again = (_clock_time(t) for t in (ledger.outage.key_refused_since, next_try_at))
    message = (
        f"The DMS API refused the access key at {refused}; it is tried again at {again}, because six"
        " refusals in a row lock it for everybody."
    )
    return Problem(ProblemKind.UNAUTHORISED, message)


def _clock_time(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"
