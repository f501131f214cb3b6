"""Walks every way through a model: breadth first, each state once, until a promise is broken.

Breadth first, so that the way to a broken promise is a shortest one.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.proofs.ways import Model, State, Ways


class Finding(NamedTuple):
    """A broken promise, and the way to it."""

    promise: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        """The promise, and the way to it line by line."""
        return "\n".join((f"Broken: {self.promise}.", *self.trace))


class Report(NamedTuple):
    """How many states were visited, and what was found, if anything."""

    states: int
    finding: Finding | None


_Reached = dict[State, State | None]
"""Every state that was reached, with the one from which it first was."""


def explore(model: Model) -> Report:
    """Visit every state that can be reached, or find a way to a broken promise."""
    with _no_collection():
        return _explore(Ways(model))


def _explore(ways: Ways) -> Report:
    reached: _Reached = {ways.start: None}
    waiting = deque(reached)
    while waiting:
        state = waiting.popleft()
        promise = ways.broken(state)
        if promise is not None:
            return Report(len(reached), Finding(promise, _trace(ways, reached, state)))
        for line, after, broken in ways.steps(state):
            if broken is not None:
                return Report(len(reached), Finding(broken, (*_trace(ways, reached, state), line)))
            if after not in reached:
                reached[after] = state
                waiting.append(after)
    return Report(len(reached), None)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare the search for cycles, of which there are none, among millions of states that all stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _trace(ways: Ways, reached: _Reached, state: State) -> tuple[str, ...]:
    lines = []
    while (before := reached[state]) is not None:
        lines.append(next(step.line for step in ways.steps(before) if step.state == state))
        state = before
    return tuple(reversed(lines))
