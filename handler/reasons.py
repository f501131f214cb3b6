"""Why an invocation was not fine, in lines for people: what stopped it, what it cannot see, who refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from handler.core.problem import Problem
from handler.core.rules import Policy
from handler.report import is_stopped, is_unseen, refusing
from handler.tick import Tick
from notifiers.languages import ENGLISH
from notifiers.saying import span
from notifiers.verdicts import MISCONFIGURED

_NAMES_MAX: Final = 3
_UNSAID: Final = "The last look was not fine; the log says why."


def reasons_of(problem: Problem | None, ticks: Sequence[Tick], policy: Policy, now: datetime) -> list[str]:
    """Say why, each in a line, the gravest first; texts from elsewhere stand there as they came.

    Args:
        problem: What stopped everything, or was in the way of it.
        ticks: The changes that were looked at.
        policy: When an outage counts as one.
        now: Our clock.
    """
    lines = problem.explanation.splitlines() if problem else []
    lines += _say_unseen([tick for tick in ticks if is_unseen(tick, policy, now)], now)
    stopped = [tick for tick in ticks if is_stopped(tick) and not is_unseen(tick, policy, now)]
    lines += _say_stopped(tick for tick in stopped if problem is None or _why(tick) != problem.message)
    lines += _say_refusing(ticks)
    return lines or [_UNSAID]


def _say_unseen(ticks: Iterable[Tick], now: datetime) -> Iterator[str]:
    """One line for all that nothing is seen of for the same reason: for how long, by the longest outage."""
    for why, alike in _by_reason(ticks).items():
        since = min(tick.current.outage.since - tick.store_ahead for tick in alike if tick.current.outage)
        seconds = round((now - since).total_seconds())
        yield f"{_names(alike)}: nothing seen for {span(seconds, ENGLISH)}. {why}".rstrip()


def _say_stopped(ticks: Iterable[Tick]) -> Iterator[str]:
    return (f"{_names(alike)}: {why}" for why, alike in _by_reason(ticks).items())


def _say_refusing(ticks: Iterable[Tick]) -> Iterator[str]:
    """Name each channel once, however many changes have something to tell it, with its service's code."""
    codes = {name: attempt.code for tick in ticks for name, attempt in refusing(tick).items()}
    for name, code in sorted(codes.items()):
        if code == MISCONFIGURED.code:
            yield f"Channel {name} cannot be used as it is configured."
        else:
            yield f"Channel {name} refuses messages{f' ({code})' if code else ''}."


def _by_reason(ticks: Iterable[Tick]) -> Mapping[str, Sequence[Tick]]:
    found: dict[str, list[Tick]] = {}
    for tick in ticks:
        found.setdefault(_why(tick), []).append(tick)
    return found


def _why(tick: Tick) -> str:
    """What was in the way, without the id of the one request, which would tell two changes apart."""
    return tick.problem.message if tick.problem else ""


def _names(ticks: Sequence[Tick]) -> str:
    names = ", ".join(tick.watch.title for tick in ticks[:_NAMES_MAX])
    more = len(ticks) - _NAMES_MAX
    return f"{names} and {more} more" if more > 0 else names
