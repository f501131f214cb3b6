"""Walks every way through a world: breadth first, each state once, until a promise is broken.

Breadth first, so that the way to a broken promise is a shortest one.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.proofs.world import Step, World


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


_Ways = dict[World, Step | None]
"""Every state that was reached, with the step that first led there, whose world is where it set out."""


def explore(
    start: World,
    steps: Callable[[World], Iterable[Step]],
    broken: Callable[[World], str | None],
) -> Report:
    """Visit every state that can be reached, or find a way to a broken promise.

    Args:
        start: Where to begin.
        steps: All ways on from a state.
        broken: The promise that a state breaks, if any.
    """
    with _no_collection():
        return _explore(start, steps, broken)


def _explore(
    start: World,
    steps: Callable[[World], Iterable[Step]],
    broken: Callable[[World], str | None],
) -> Report:
    ways: _Ways = {start: None}
    waiting = deque([start])
    while waiting:
        world = waiting.popleft()
        promise = broken(world)
        if promise is not None:
            return Report(len(ways), Finding(promise, _trace(ways, world)))
        for step in steps(world):
            if step.broken is not None:
                trace = (*_trace(ways, world), _line(world, step))
                return Report(len(ways), Finding(step.broken, trace))
            if step.world not in ways:
                ways[step.world] = step._replace(world=world)
                waiting.append(step.world)
    return Report(len(ways), None)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare the search for cycles, of which there are none, among millions of states that all stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _trace(ways: _Ways, world: World) -> tuple[str, ...]:
    lines = []
    way = ways[world]
    while way is not None:
        lines.append(_line(way.world, way))
        way = ways[way.world]
    return tuple(reversed(lines))


def _line(world: World, step: Step) -> str:
    who = "the world" if step.who < 0 else f"invocation {step.who}"
    return f"{world.now:>5} s  {who}: {step.what}"
