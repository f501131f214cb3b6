"""Keeps what is known of a change when an answer says less than an earlier one did."""

from __future__ import annotations

from collections import Counter
from typing import Final

from msgspec.structs import replace

from handler.core.observation import Observation, Phase, Step, StepState, leave_open_unknown

STEPS_MAX: Final = 100
OVER: Final = frozenset({StepState.COMPLETED, StepState.FAILED})


def merge(known: Observation | None, seen: Observation) -> Observation:
    """Lay what was seen over what is known: an empty or poorer part never replaces a good one."""
    if known is None:
        return seen
    if seen.phase.is_end:
        return _close(known, seen)
    return replace(
        seen,
        phase=known.phase if _says_less(known.phase, seen.phase) else seen.phase,
        percent=_merge_percent(known, seen),
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
    """Old key -> new key of steps that only changed their name.

    Such a step stands in its old place in a list of the old length, and has not gone back: else it is
    another step.
    """
    if len(known) != len(seen):
        return {}
    old_keys, new_keys = {step.key for step in known}, {step.key for step in seen}
    return {
        old.key: new.key
        for old, new in zip(known, seen, strict=True)
        if old.key not in new_keys and new.key not in old_keys and _may_be_same(old, new)
    }


def _may_be_same(old: Step, new: Step) -> bool:
    has_gone_on = old.state is new.state if old.state in OVER else new.state.rank >= old.state.rank
    began = {old.started_at, new.started_at} - {None}
    return has_gone_on and len(began) <= 1


def _says_less(known: Phase, seen: Phase) -> bool:
    """Progress is at times empty while a change runs; nothing that runs goes back to waiting."""
    return seen is Phase.UNKNOWN or (seen is Phase.WAITING and known is Phase.RUNNING)


def _merge_percent(known: Observation, seen: Observation) -> int | None:
    has_lost_steps = bool(known.counts()) and not seen.steps
    is_nothing = seen.percent is None or (has_lost_steps and seen.percent == 0)
    return known.percent if is_nothing else seen.percent


def _close(known: Observation, seen: Observation) -> Observation:
    """End a change; of steps that nobody saw finish nothing is known, unless it has failed in their sight."""
    steps = _merge_steps(known.steps, seen.steps)
    if seen.phase is Phase.COMPLETED or not seen.steps:
        steps = leave_open_unknown(steps)
    counts = {} if steps else known.step_counts
    return replace(seen, steps=steps, step_counts=counts, date=seen.date or known.date)


def _merge_steps(known: tuple[Step, ...], seen: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps seen; those that a shorter list has lost stay in their places."""
    if not seen:
        return known
    by_key = {step.key: step for step in known}
    merged = {step.key: _merge_step(by_key.get(step.key), step) for step in seen}
    if len(seen) >= len(known):
        return tuple(merged.values())
    return tuple({**by_key, **merged}.values())


def _merge_step(known: Step | None, seen: Step) -> Step:
    if known is None:
        return seen
    says_nothing = seen.state is StepState.UNKNOWN and seen.status is None
    if says_nothing or (seen.state is StepState.WAITING and known.state is not StepState.UNKNOWN):
        seen = replace(seen, state=known.state, status=known.status)
    ended_at = (seen.ended_at or known.ended_at) if seen.state in OVER else None
    return replace(seen, started_at=seen.started_at or known.started_at, ended_at=ended_at)
