"""Compares what one poll saw with what is known of a change, and raises the alerts that follow.

Every rule is a function here that yields causes; a cause is told once. A change that has ended absorbs
whatever comes after.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from handler.core.ledger import Estimate, Ledger, Outage
from handler.core.merge import STEPS_MAX, condense, merge, renamed_steps
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Problem
from handler.core.raising import Cause, raise_alerts
from notifiers.alerts import Kind

LOST_AFTER: Final = timedelta(minutes=3)
"""How long instance or task must be missing, poll after poll, before the change counts as lost."""

DELAY_MIN: Final = timedelta(minutes=1)
"""A shorter delay is not worth a word, however short the first estimate was."""

_END_KINDS: Final = {
    Phase.COMPLETED: Kind.COMPLETED,
    Phase.FAILED: Kind.FAILED,
    Phase.CANCELLED: Kind.CANCELLED,
    Phase.LOST: Kind.LOST,
}


class Policy(msgspec.Struct, frozen=True):
    """When a change is worth a word: the configuration's `alerts`."""

    milestones: tuple[int, ...] = (25, 50, 75)
    stalled_after: timedelta = timedelta(minutes=30)
    delayed_by: float = 1.5
    unreachable_after: timedelta = timedelta(minutes=10)


def compare(
    ledger: Ledger, seen: Observation | Problem, policy: Policy, now: datetime
) -> Ledger:
    """Return the ledger with what was seen in it and the alerts that follow from it in its log.

    Args:
        ledger: What is known.
        seen: What this poll saw, or why it saw nothing.
        policy: When a change is worth a word.
        now: The store's clock.
    """
    if ledger.phase.is_end or _is_outdated(ledger.observation, seen):
        return ledger
    ledger = replace(ledger, looked_at=now)
    if isinstance(seen, Problem):
        return _endure(ledger, seen, policy, now)
    return _advance(ledger, seen, policy, now)


def is_unreachable(ledger: Ledger, policy: Policy, now: datetime) -> bool:
    """True when no poll has been good for as long as the policy lets pass without a word."""
    return ledger.outage is not None and now - ledger.outage.since >= policy.unreachable_after


def _is_outdated(known: Observation | None, seen: Observation | Problem) -> bool:
    """True for an answer older than the one that is kept: two reads side by side can end so."""
    if known is None or known.date is None or isinstance(seen, Problem) or seen.date is None:
        return False
    return seen.date < known.date


def _endure(ledger: Ledger, problem: Problem, policy: Policy, now: datetime) -> Ledger:
    """Note a poll that saw nothing; tell an outage once, and a change that stays missing as lost."""
    outage = ledger.outage or Outage(since=now, kind=problem.kind)
    outage = replace(
        outage,
        key_refused_since=(outage.key_refused_since or now) if problem.refuses_key else None,
        missing_since=outage.missing_since or (now if problem.missing else None),
    )
    ledger = replace(ledger, outage=outage)
    if problem.missing and outage.missing_since and now - outage.missing_since >= LOST_AFTER:
        lost = replace(ledger.observation or Observation(Phase.LOST), phase=Phase.LOST)
        ledger = replace(ledger, observation=lost)
        return raise_alerts(ledger, [Cause("lost", Kind.LOST, detail=problem.message)], now)
    if is_unreachable(ledger, policy, now):
        return raise_alerts(ledger, [_unreachable(outage, problem, now)], now)
    return ledger


def _unreachable(outage: Outage, problem: Problem, now: datetime) -> Cause:
    return Cause(
        f"unreachable:{outage.since.isoformat()}",
        Kind.UNREACHABLE,
        seconds=_seconds(now - outage.since),
        detail=problem.explanation,
    )


def _advance(ledger: Ledger, seen: Observation, policy: Policy, now: datetime) -> Ledger:
    """Take in a good poll and raise all that it changes, in the order in which it happened."""
    before = ledger
    present = merge(before.observation, seen)
    ledger = replace(
        ledger,
        observation=condense(present),
        outage=None,
        moved_at=now if _has_moved(before, present) else before.moved_at,
        percent_peak=max(before.percent_peak or 0, present.percent or 0),
        first_estimate=before.first_estimate or _estimate(present, now),
        raised=_rename(before, present),
    )
    causes = (
        *_recovered(before, now),
        *_started(before, present),
        *_resumed(before, ledger, now),
        *_steps(before, present),
        *_milestones(before, present, policy),
        *_stalled(ledger, policy, now),
        *_delayed(ledger, policy, now),
        *_ended(present),
    )
    return raise_alerts(ledger, causes, now)


def _has_moved(before: Ledger, present: Observation) -> bool:
    """True when the change got further; remaining time and a percentage regained are no movement."""
    known = before.observation
    if known is None or present.phase is not known.phase:
        return True
    has_climbed = (present.percent or 0) > (before.percent_peak or 0)
    return has_climbed or _states(condense(present)) != _states(known)


def _states(observation: Observation) -> object:
    return observation.step_counts or [(step.key, step.state) for step in observation.steps]


def _estimate(present: Observation, now: datetime) -> Estimate | None:
    if present.phase is not Phase.RUNNING or not present.remaining_seconds:
        return None
    return Estimate(made_at=now, remaining_seconds=present.remaining_seconds)


def _rename(before: Ledger, present: Observation) -> tuple[str, ...]:
    """The cause keys raised so far, following steps that only changed their name."""
    known = before.observation.steps if before.observation else ()
    renamed = renamed_steps(known, present.steps)
    if not renamed:
        return before.raised
    parts = (key.partition(":") for key in before.raised)
    return tuple(f"{kind}{colon}{renamed.get(step, step)}" for kind, colon, step in parts)


def _recovered(before: Ledger, now: datetime) -> Iterator[Cause]:
    outage = before.outage
    if outage is not None and f"unreachable:{outage.since.isoformat()}" in before.raised:
        yield Cause(
            f"recovered:{outage.since.isoformat()}",
            Kind.RECOVERED,
            seconds=_seconds(now - outage.since),
        )


def _started(before: Ledger, present: Observation) -> Iterator[Cause]:
    if present.phase is Phase.RUNNING or present.phase.is_end:
        yield Cause("started", Kind.STARTED, silent=present.phase.is_end)


def _resumed(before: Ledger, after: Ledger, now: datetime) -> Iterator[Cause]:
    has_stalled = before.moved_at and f"stalled:{before.moved_at.isoformat()}" in before.raised
    if before.moved_at and has_stalled and after.moved_at == now and not after.phase.is_end:
        yield Cause(
            f"resumed:{before.moved_at.isoformat()}",
            Kind.RESUMED,
            seconds=_seconds(now - before.moved_at),
        )


def _steps(before: Ledger, present: Observation) -> Iterator[Cause]:
    """What the steps tell; those already over at the first look are taken for known, unless failed."""
    if len(present.steps) > STEPS_MAX:
        yield from _many_steps(present)
        return
    is_first_look = before.observation is None
    for step in present.steps:
        started = Cause(f"step_started:{step.key}", Kind.STEP_STARTED, step=step.name)
        match step.state:
            case StepState.RUNNING:
                yield replace(started, silent=present.phase.is_end)
            case StepState.COMPLETED:
                yield replace(started, silent=True)
                yield _step_over(step, Kind.STEP_COMPLETED, silent=is_first_look)
            case StepState.FAILED:
                yield replace(started, silent=True)
                yield _step_over(step, Kind.STEP_FAILED, silent=False)
            case StepState.WAITING | StepState.UNKNOWN:
                pass


def _step_over(step: Step, kind: Kind, *, silent: bool) -> Cause:
    return Cause(
        f"{kind.value}:{step.key}",
        kind,
        silent=silent,
        step=step.name,
        step_seconds=step.duration_seconds,
    )


def _many_steps(present: Observation) -> Iterator[Cause]:
    """Of a change with over 100 steps only failures are told, whenever there are more of them."""
    failed = [step for step in present.steps if step.state is StepState.FAILED]
    if failed:
        detail = f"{len(failed)} of {len(present.steps)} steps failed."
        key = f"step_failed:{len(failed)} of many"
        yield Cause(key, Kind.STEP_FAILED, step=failed[0].name, detail=detail)


def _milestones(before: Ledger, present: Observation, policy: Policy) -> Iterator[Cause]:
    """The highest milestone passed since the last look; lower ones and those at an end go unsaid."""
    passed = sorted(m for m in policy.milestones if present.percent and m <= present.percent)
    is_known = before.observation is None or present.phase.is_end
    for milestone in passed:
        silent = is_known or milestone != passed[-1]
        yield Cause(f"milestone:{milestone}", Kind.MILESTONE, silent=silent)


def _stalled(ledger: Ledger, policy: Policy, now: datetime) -> Iterator[Cause]:
    if ledger.phase is not Phase.RUNNING or ledger.moved_at is None:
        return
    stood_still = now - ledger.moved_at
    if stood_still >= policy.stalled_after:
        key = f"stalled:{ledger.moved_at.isoformat()}"
        yield Cause(key, Kind.STALLED, seconds=_seconds(stood_still))


def _delayed(ledger: Ledger, policy: Policy, now: datetime) -> Iterator[Cause]:
    """Told when the time taken and the time left exceed what the first estimate allowed for."""
    estimate = ledger.first_estimate
    if estimate is None or ledger.observation is None or ledger.phase is not Phase.RUNNING:
        return
    left = timedelta(seconds=ledger.observation.remaining_seconds or 0)
    promised = timedelta(seconds=estimate.remaining_seconds)
    delay = now - estimate.made_at + left - promised
    if delay > promised * (policy.delayed_by - 1) and delay >= DELAY_MIN:
        yield Cause("delayed", Kind.DELAYED, seconds=_seconds(delay))


def _ended(present: Observation) -> Iterator[Cause]:
    kind = _END_KINDS.get(present.phase)
    if kind is not None:
        detail = "The task's record was deleted." if present.phase is Phase.LOST else None
        yield Cause(kind.value, kind, seconds=present.duration_seconds, detail=detail)


def _seconds(duration: timedelta) -> int:
    return round(duration.total_seconds())
