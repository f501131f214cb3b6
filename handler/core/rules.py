"""What a good poll is worth telling: a function a rule, each yielding causes in the order of events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from handler.core.gaps import gap
from handler.core.ledger import Ledger
from handler.core.merge import STEPS_MAX
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.raising import Cause
from notifiers.alerts import Kind

DELAY_MIN: Final = timedelta(minutes=1)
"""A shorter delay is not worth a word, however short the first estimate was."""

_END_KINDS: Final = {
    Phase.COMPLETED: Kind.COMPLETED,
    Phase.FAILED: Kind.FAILED,
    Phase.CANCELLED: Kind.CANCELLED,
    Phase.LOST: Kind.LOST,
}

_OVER: Final = {StepState.COMPLETED: Kind.STEP_COMPLETED, StepState.FAILED: Kind.STEP_FAILED}


class Policy(msgspec.Struct, frozen=True):
    """When a change is worth a word: the configuration's `alerts`."""

    milestones: tuple[int, ...] = (25, 50, 75)
    stalled_after: timedelta = timedelta(minutes=30)
    delayed_by: float = 1.5
    unreachable_after: timedelta = timedelta(minutes=10)


def causes(
    before: Ledger, after: Ledger, present: Observation, policy: Policy, now: datetime
) -> Iterator[Cause]:
    """All that follows from a good poll, in the order in which it happened.

    Args:
        before: The ledger before the poll.
        after: The ledger with the poll taken in, nothing raised yet.
        present: The change as it stands now, all of its steps included.
        policy: When a change is worth a word.
        now: The store's clock.
    """
    yield from gap(before, now)
    yield from _recovered(before, now)
    yield from _started(present)
    yield from _resumed(before, after, now)
    yield from _steps(before, present)
    yield from _milestones(before, present, policy)
    yield from _stalled(after, policy, now)
    yield from _delayed(after, policy, now)
    yield from _ended(present)


def _is_first_look(before: Ledger) -> bool:
    """True until something has been seen of how far the change is."""
    known = before.observation
    return known is None or (known.percent is None and not known.counts())


def _recovered(before: Ledger, now: datetime) -> Iterator[Cause]:
    outage = before.outage
    if outage is not None and Kind.UNREACHABLE.cause_since(outage.since) in before.raised:
        yield Cause(
            Kind.RECOVERED.cause_since(outage.since),
            Kind.RECOVERED,
            seconds=_seconds(now - outage.since),
        )


def _started(present: Observation) -> Iterator[Cause]:
    if present.phase is Phase.RUNNING or present.phase.is_end:
        yield Cause("started", Kind.STARTED, silent=present.phase.is_end)


def _resumed(before: Ledger, after: Ledger, now: datetime) -> Iterator[Cause]:
    has_stalled = before.moved_at and Kind.STALLED.cause_since(before.moved_at) in before.raised
    if before.moved_at and has_stalled and after.moved_at == now and not after.phase.is_end:
        yield Cause(
            Kind.RESUMED.cause_since(before.moved_at),
            Kind.RESUMED,
            seconds=_seconds(now - before.moved_at),
        )


def _steps(before: Ledger, present: Observation) -> Iterator[Cause]:
    """What the steps tell; those already over at the first look are taken for known, unless failed."""
    if len(present.steps) > STEPS_MAX:
        yield from _many_steps(present)
        return
    is_first_look = _is_first_look(before)
    for step in present.steps:
        over = _OVER.get(step.state)
        if over or step.state is StepState.RUNNING:
            silent = over is not None or present.phase.is_end
            yield Cause(f"step_started:{step.key}", Kind.STEP_STARTED, silent, step=step.name)
        if over:
            yield _step_over(step, over, silent=is_first_look and over is Kind.STEP_COMPLETED)


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
    is_known = _is_first_look(before) or present.phase.is_end
    for milestone in passed:
        silent = is_known or milestone != passed[-1]
        yield Cause(f"milestone:{milestone}", Kind.MILESTONE, silent=silent)


def _stalled(ledger: Ledger, policy: Policy, now: datetime) -> Iterator[Cause]:
    if ledger.phase is not Phase.RUNNING or ledger.moved_at is None:
        return
    stood_still = now - ledger.moved_at
    if stood_still >= policy.stalled_after:
        key = Kind.STALLED.cause_since(ledger.moved_at)
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
