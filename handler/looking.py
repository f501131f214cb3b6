"""One look at one change: its ledger and what the API says, side by side where the key is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.news import REFRESH_AFTER, is_old, is_refresh_due
from handler.core.observation import Observation, Phase
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task, observe
from handler.core.watch import Origin, Watch
from handler.stores.ledgers import Kept
from notifiers.operations import Order, Specification

SHUT_OUT_AFTER: Final = 2 * REFRESH_AFTER
"""How old the kept look is where none was made for ten minutes: it may be as old while all is well."""

_WORTH_ASKING: Final = frozenset(
    {ProblemKind.UNAUTHORISED, ProblemKind.UNAVAILABLE, ProblemKind.MALFORMED, ProblemKind.NOT_FOUND}
)
"""Problems of the progress call beside which the task call may well answer."""


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

    def fetch_specification(self, instance_id: str) -> Specification | Problem:
        """Ask how large an instance is, if there is time to spare."""
        ...


class Loaded(NamedTuple):
    """What is kept of a change, and how far the store's clock was ahead of ours when it answered."""

    kept: Kept
    store_ahead: timedelta


class Look(NamedTuple):
    """What is kept of a change and what was seen of it.

    `seen` is None when nothing was asked; `problem` is what stood in the way of that, or, beside an
    observation, of knowing more. `order` and `specification` are there if they were read this time.
    """

    loaded: Loaded
    seen: Observation | Problem | None
    problem: Problem | None = None
    order: Order | None = None
    specification: Specification | None = None


def look(
    watch: Watch,
    source: Source,
    load: Callable[[], Future[Loaded]],
    *,
    trusts_key: bool,
    rest: Problem | None,
) -> Look | Problem:
    """Ask the API while the ledger is being loaded.

    A key that this process has not seen accepted is used only after the ledger was read, and not while
    it has to rest. Of a task that was only found the ledger is read once its progress shows it to be a
    change; else the problem is why it is none.

    Raises:
        StateUnavailableError: The ledger cannot be read.
    """
    if watch.origin is Origin.FOUND:
        progress = source.fetch_progress(watch.change)
        return progress if isinstance(progress, Problem) else _look(watch, source, load(), progress)
    loading = load()
    if not trusts_key and (rest is not None or is_over(watch, loading.result().kept)):
        return Look(loading.result(), None, rest)
    return _look(watch, source, loading, source.fetch_progress(watch.change))


def _look(watch: Watch, source: Source, loading: Future[Loaded], progress: Progress | Problem) -> Look:
    loaded = loading.result()
    if is_over(watch, loaded.kept):
        return Look(loaded, None)
    if isinstance(progress, Problem) and not progress.asked and not _shuts_out(progress, loaded.kept):
        return Look(loaded, None, progress)
    task: Task | Problem | None = watch.task
    if task is None and _asks_task(loaded.kept, progress):
        task = source.fetch_task(watch.change)
    seen = observe(progress, task, _count_steps(loaded.kept))
    order = task.order if isinstance(task, Task) else None
    return Look(loaded, seen, _problem(seen, task), order, _read_specification(watch, source, loaded, seen))


def _shuts_out(progress: Problem, kept: Kept) -> bool:
    """True where the API wants fewer requests, and has left the change no turn for ten minutes at least.

    Turns that fall out now and then are no trouble; to see nothing for so long is, until a good look.
    """
    ledger = kept.ledger
    if progress.kind is not ProblemKind.THROTTLED:
        return False
    if ledger is None or ledger.outage is not None:
        return True
    return kept.store_date - (ledger.looked_at or ledger.created_at) >= SHUT_OUT_AFTER


def is_over(watch: Watch, kept: Kept) -> bool:
    """True when there is nothing to ask: the change has ended, or somebody wanted it followed no longer."""
    if kept.ledger is None:
        return False
    return kept.ledger.phase.is_end or is_dismissed(watch, kept.ledger)


def is_dismissed(watch: Watch, ledger: Ledger) -> bool:
    """True when somebody wanted the change followed no longer; what the configuration names always is.

    The end of one that nobody wants to be reminded of is told all the same, to whoever has not heard it.
    """
    is_untold = ledger.phase.is_end and not ledger.is_heard
    return ledger.is_dismissed and not is_untold and watch.origin is not Origin.CONFIGURED


def find_rest(kept: Iterable[Kept]) -> Problem | None:
    """The reason not to use the access key now: it was refused at some change's last look, and lately.

    Six refusals in a row lock a key for everybody who uses it, so one change's refusal holds for all.
    """
    return next((rest for rest in map(_rest, kept) if rest is not None), None)


def _count_steps(kept: Kept) -> int:
    known = kept.ledger.observation if kept.ledger else None
    return sum(known.counts().values()) if known else 0


def _asks_task(kept: Kept, progress: Progress | Problem) -> bool:
    """Ask the task at the first look and sight, when progress cannot tell the phase, every ten minutes."""
    ledger = kept.ledger
    is_due = ledger is None or is_refresh_due(ledger, kept.store_date)
    if isinstance(progress, Problem):
        return progress.asks_task or (is_due and progress.kind in _WORTH_ASKING and not progress.refuses_key)
    # Looks that saw nothing have put off the one that was due.
    is_unseen = ledger is None or ledger.observation is None or ledger.outage is not None
    return progress.looks_ended or is_due or is_unseen


def _read_specification(
    watch: Watch, source: Source, loaded: Loaded, seen: Observation | Problem
) -> Specification | None:
    """Read how large the instance is, if it is time to; why it cannot be read is nobody's trouble."""
    if isinstance(seen, Problem) or not _asks_specification(loaded.kept, seen):
        return None
    specification = source.fetch_specification(watch.change.instance_id)
    return None if isinstance(specification, Problem) else specification


def _asks_specification(kept: Kept, seen: Observation) -> bool:
    """Ask at the first sight, then every ten minutes until it is known, and once more at the end."""
    if seen.phase.is_end:
        return seen.phase is not Phase.LOST
    ledger = kept.ledger
    if ledger is None or ledger.observation is None:
        return True
    is_due = ledger.outage is not None or is_refresh_due(ledger, kept.store_date)
    return ledger.specification is None and is_due


def _problem(seen: Observation | Problem, task: Task | Problem | None) -> Problem | None:
    """What to report: why nothing was seen, or that the task may not be read."""
    if isinstance(seen, Problem):
        return seen
    return task if isinstance(task, Problem) and task.denies_reading else None


def _rest(kept: Kept) -> Problem | None:
    """The reason not to ask now: the key was refused at the last look, less than ten minutes ago."""
    ledger = kept.ledger
    if ledger is None or ledger.looked_at is None or ledger.outage is None:
        return None
    if ledger.outage.key_refused_since is None or is_old(ledger.looked_at, kept.store_date):
        return None
    return resting(ledger.outage.key_refused_since, ledger.looked_at + REFRESH_AFTER)


def resting(refused_at: datetime, again_at: datetime) -> Problem:
    """The reason not to use an access key that was refused until it may be tried again."""
    message = (
        f"The DMS API refused the access key at {_clock_time(refused_at)}; it is tried again at"
        f" {_clock_time(again_at)}, because six refusals in a row lock it for everybody."
    )
    return Problem(ProblemKind.UNAUTHORISED, message)


def _clock_time(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"
