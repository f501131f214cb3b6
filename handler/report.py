"""The report of an invocation: what a timer invocation returns and what the log line is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from handler.core.audience import refuses
from handler.core.compare import is_unreachable
from handler.core.ledger import Attempt
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.tick import Tick

Report = dict[str, Any]
"""JSON as it stands in the design: `ok trigger started_at duration_ms deferred error changes`."""

JOB_STOPPERS: Final = frozenset(
    {ProblemKind.MISCONFIGURED, ProblemKind.UNAUTHORISED, ProblemKind.STATE_UNAVAILABLE}
)
"""Problems with which a change cannot be followed at all: configuration, credentials, state."""


def make_report(  # noqa: PLR0913 - the report's fields, each by name
    *,
    trigger: str,
    started_at: datetime,
    duration_seconds: float,
    ticks: Sequence[Tick] = (),
    policy: Policy | None = None,
    problem: Problem | None = None,
) -> Report:
    """Sum up an invocation.

    Args:
        trigger: What woke it.
        started_at: When, by our clock.
        duration_seconds: For how long it ran.
        ticks: The changes it looked at.
        policy: When an outage counts as one.
        problem: Why it could not begin at all, or not find changes.
    """
    problem = find_problem(problem, ticks)
    is_ok = not stops_job(problem) and all(_is_ok(tick, policy or Policy(), started_at) for tick in ticks)
    return {
        "ok": is_ok,
        "trigger": trigger,
        "started_at": _iso(started_at),
        "duration_ms": round(duration_seconds * 1000),
        "deferred": sum(tick.problem is not None and not tick.problem.asked for tick in ticks),
        "error": _error(problem),
        "changes": [_change(tick) for tick in ticks],
    }


def find_problem(problem: Problem | None, ticks: Sequence[Tick]) -> Problem | None:
    """What to say of an invocation as a whole: what stopped every change, else what was in its own way.

    Args:
        problem: Why it could not begin at all, or not find changes.
        ticks: The changes it looked at; those for which there was no time say nothing.
    """
    if stops_job(problem):
        return problem
    live = [tick for tick in ticks if (tick.problem.asked if tick.problem else not tick.current.phase.is_end)]
    return live[0].problem if live and all(map(is_stopped, live)) else problem


def stops_job(problem: Problem | None) -> bool:
    """True when the job cannot be done at all: for configuration, credentials, state, or a defect of ours."""
    return problem is not None and (problem.kind in JOB_STOPPERS or problem.is_defect)


def is_fine(tick: Tick) -> bool:
    """True for a change that was looked at with nothing in the way."""
    return tick.problem is None


def is_stopped(tick: Tick) -> bool:
    """True for a change that nothing was seen of, nor will be before somebody has mended something."""
    return tick.is_blind and stops_job(tick.problem)


def is_unseen(tick: Tick, policy: Policy, now: datetime) -> bool:
    """True for a change that goes on and that nothing has been seen of for as long as the policy bears."""
    now += tick.store_ahead
    return not tick.current.phase.is_end and is_unreachable(tick.current, policy, now)


def refusing(tick: Tick) -> dict[str, Attempt]:
    """The configured channels that refused what there still is to tell them, each with its last attempt."""
    return {
        name: state.last_attempt
        for name, state in tick.after.channels.items()
        if _is_configured(tick, name)
        and state.offset < tick.after.length
        and state.last_attempt is not None
        and refuses(state)
    }


def _is_ok(tick: Tick, policy: Policy, now: datetime) -> bool:
    return not (is_stopped(tick) or refusing(tick) or is_unseen(tick, policy, now))


def _is_configured(tick: Tick, name: str) -> bool:
    state = tick.current.channels.get(name)
    return state is not None and state.absent_since is None


def _change(tick: Tick) -> Report:
    observation = tick.current.observation
    step = observation.current_step if observation else None
    return {
        "id": tick.current.change,
        "name": tick.watch.title,
        "phase": tick.current.phase.value,
        "percent": observation.percent if observation else None,
        "remaining_seconds": observation.remaining_seconds if observation else None,
        "step": step.name if step else None,
        "alerts": [alert.kind.value for alert in tick.alerts],
        "deliveries": _deliveries(tick),
        "error": _error(tick.problem),
    }


def _deliveries(tick: Tick) -> list[Report]:
    """The sends that were tried; what was released unsent waits for the next tick."""
    verdicts = ((delivery, tick.verdicts.get(delivery.channel)) for delivery in tick.deliveries)
    return [
        {
            "channel": delivery.channel,
            "outcome": verdict.outcome.value,
            "alert_count": len(delivery.alerts),
            "possible_repeat": delivery.is_possible_repeat,
        }
        for delivery, verdict in verdicts
        if verdict is not None
    ]


def _error(problem: Problem | None) -> Report | None:
    if problem is None:
        return None
    return {"kind": problem.kind.value, "message": problem.explanation}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
