"""Keeps what is known of a change when an answer says less than an earlier one did."""

from __future__ import annotations

from collections import Counter
from typing import Final

from msgspec.structs import replace

from handler.core.observation import Observation, Phase, Step, StepState, leave_open_unknown

STEPS_MAX: Final = 100
_OPEN: Final = frozenset({StepState.WAITING, StepState.RUNNING})


def merge(known: Observation | None, seen: Observation) -> Observation:
    """Lay what was seen over what is known: an empty or poorer part never replaces a good one."""
    if known is None:
        return seen
    if not seen.steps and seen.phase.is_end:
        return _close(known, seen)
    return replace(
        seen,
        phase=known.phase if seen.phase is Phase.UNKNOWN else seen.phase,
        percent=known.percent if seen.percent is None else seen.percent,
        steps=_merge_steps(known.steps, seen.steps),
        step_counts={} if seen.steps else known.step_counts,
        date=seen.date or known.date,
    )


def condense(observation: Observation) -> Observation:
    """Make an observation small enough to keep: over 100 steps only counts."""
    if len(observation.steps) <= STEPS_MAX:
        return observation
    counts = dict(Counter(step.state for step in observation.steps))
    return replace(observation, steps=(), step_counts=counts)


def renamed_steps(known: tuple[Step, ...], seen: tuple[Step, ...]) -> dict[str, str]:
    """Old key -> new key of steps that only changed their name: same place in lists of one length."""
    if len(known) != len(seen):
        return {}
    old_keys, new_keys = {step.key for step in known}, {step.key for step in seen}
    return {
        old.key: new.key
        for old, new in zip(known, seen, strict=True)
        if old.key not in new_keys and new.key not in old_keys
    }


def _close(known: Observation, seen: Observation) -> Observation:
    """End a change of whose last moments nothing was seen: what was open then is unknown now."""
    steps = leave_open_unknown(known.steps)
    return replace(seen, steps=steps, step_counts=known.step_counts, date=seen.date or known.date)


def _merge_steps(known: tuple[Step, ...], seen: tuple[Step, ...]) -> tuple[Step, ...]:
    if not seen:
        return known
    by_key = {step.key: step for step in known}
    return tuple(_merge_step(by_key.get(step.key), step) for step in seen)


def _merge_step(known: Step | None, seen: Step) -> Step:
    if known is None:
        return seen
    if seen.state is StepState.UNKNOWN and seen.status is None:
        seen = replace(seen, state=known.state, status=known.status)
    ended_at = None if seen.state in _OPEN else seen.ended_at or known.ended_at
    return replace(seen, started_at=seen.started_at or known.started_at, ended_at=ended_at)
