"""Compares what one poll saw with what is known of a change, and raises the alerts that follow.

Here is how the ledger takes a poll in; what a good poll is worth telling stands in `rules.py`. A change
that has ended absorbs whatever comes after.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from handler.core.gaps import gap
from handler.core.ledger import Estimate, Ledger, Outage, count_in
from handler.core.merge import OVER, condense, merge, renamed_steps
from handler.core.observation import Observation, Phase
from handler.core.problem import Problem
from handler.core.raising import Cause, raise_alerts
from handler.core.rules import Policy, causes
from handler.core.sampling import hold, sample
from notifiers.alerts import Kind

OVERLAP_MAX: Final = timedelta(minutes=15)
"""No platform lets an invocation live longer, nor two reads of overlapping ones lie further apart."""

LOST_AFTER: Final = timedelta(minutes=3)
"""How long instance or task must be missing, poll after poll, before the change counts as lost."""


def compare(ledger: Ledger, seen: Observation | Problem, policy: Policy, now: datetime) -> Ledger:
    """Return the ledger with what was seen in it and the alerts that follow from it in its log.

    Args:
        ledger: What is known.
        seen: What this poll saw, or why it saw nothing.
        policy: When a change is worth a word.
        now: The store's clock.
    """
    if ledger.phase.is_end:
        return ledger
    if _is_outdated(ledger.observation, seen):
        return raise_alerts(replace(ledger, looked_at=now), gap(ledger, now), now)
    if isinstance(seen, Problem):
        return _endure(ledger, seen, policy, now)
    return _advance(ledger, seen, policy, now)


def is_unreachable(ledger: Ledger, policy: Policy, now: datetime) -> bool:
    """True when no poll has been good for as long as the policy lets pass without a word."""
    return ledger.outage is not None and now - ledger.outage.since >= policy.unreachable_after


def _is_outdated(known: Observation | None, seen: Observation | Problem) -> bool:
    """True for an answer older than the one that is kept: two reads side by side can end so.

    One that is older than overlapping reads can be is believed: then the kept date was a wrong one.
    """
    if known is None or known.date is None or isinstance(seen, Problem) or seen.date is None:
        return False
    return timedelta() < known.date - seen.date <= OVERLAP_MAX


def _endure(ledger: Ledger, problem: Problem, policy: Policy, now: datetime) -> Ledger:
    """Note a poll that saw nothing; tell an outage once, and a change that stays missing as lost."""
    outage = ledger.outage or Outage(since=now, kind=problem.kind)
    outage = replace(
        outage,
        key_refused_since=(outage.key_refused_since or now) if problem.refuses_key else None,
        missing_since=outage.missing_since or (now if problem.missing else None),
    )
    causes = [*gap(ledger, now)]
    if ledger.outage is None:
        ledger = _begin_outage(ledger, problem, now)
    ledger = replace(ledger, outage=outage, looked_at=now)
    if problem.missing and outage.missing_since and now - outage.missing_since >= LOST_AFTER:
        lost = replace(ledger.observation or Observation(Phase.LOST), phase=Phase.LOST)
        ledger = replace(ledger, observation=lost)
        causes.append(Cause("lost", Kind.LOST, detail=problem.message))
    elif is_unreachable(ledger, policy, now):
        causes.append(_unreachable(outage, problem, now))
    return raise_alerts(ledger, causes, now)


def _begin_outage(ledger: Ledger, problem: Problem, now: datetime) -> Ledger:
    """Count an outage, and keep until when it was seen how far the change is."""
    counts = count_in(ledger.outage_counts, problem.kind)
    return replace(ledger, outage_counts=counts, samples=hold(ledger.samples, ledger.looked_at, now))


def _unreachable(outage: Outage, problem: Problem, now: datetime) -> Cause:
    return Cause(
        Kind.UNREACHABLE.cause_since(outage.since),
        Kind.UNREACHABLE,
        seconds=round((now - outage.since).total_seconds()),
        detail=problem.explanation,
    )


def _advance(ledger: Ledger, seen: Observation, policy: Policy, now: datetime) -> Ledger:
    """Take in a good poll and raise all that it changes, in the order in which it happened."""
    before = ledger
    present = merge(before.observation, seen)
    held_until = None if before.outage else before.looked_at
    ledger = replace(
        ledger,
        looked_at=now,
        observation=condense(present),
        outage=None,
        moved_at=now if _has_moved(before, present) else before.moved_at,
        percent_peak=max(before.percent_peak or 0, present.percent or 0),
        samples=sample(before.samples, present.percent, now, held_until),
        first_estimate=before.first_estimate or _estimate(present, now),
        raised=_rename(before, present),
    )
    return raise_alerts(ledger, causes(before, ledger, present, policy, now), now)


def _has_moved(before: Ledger, present: Observation) -> bool:
    """True when the change got further; remaining time and a percentage regained are no movement."""
    known = before.observation
    if known is None or present.phase is not known.phase:
        return True
    has_climbed = (present.percent or 0) > (before.percent_peak or 0)
    return has_climbed or _has_gone_on(known, condense(present))


def _has_gone_on(known: Observation, present: Observation) -> bool:
    """True when a step is new or further on than it was; of very many steps, when more are over."""
    if present.step_counts:
        return _count_over(present) > _count_over(known)
    ranks = {step.key: step.state.rank for step in known.steps}
    return any(step.state.rank > ranks.get(step.key, -1) for step in present.steps)


def _count_over(observation: Observation) -> int:
    return sum(count for state, count in observation.counts().items() if state in OVER)


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
