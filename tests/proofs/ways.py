"""All ways on from the states of a world with processes in it.

A state is the number of a world and of each process, in their order: there are many times as many states as
worlds and processes. What a process may do goes by the world and by itself alone, so it is worked out once
for all states that have these two.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from tests.proofs.world import OVER, Deed, Process, World, bound, is_alive

T = TypeVar("T", bound=Hashable)

State = tuple[int, ...]
"""A world and its processes, by their numbers."""


class Step(NamedTuple):
    """A way on from a state: what happens, and the promise that the deed itself breaks, if any."""

    line: str
    state: State
    broken: str | None = None


class Model(Protocol):
    """What may happen; of the same world, process or both everything is asked once."""

    def start(self) -> tuple[World, Sequence[Process]]:
        """Where to begin."""
        ...

    def may_begin(self, number: int, processes: Sequence[Process]) -> bool:
        """Whether the process of this number, which has not begun, may do so beside the others."""
        ...

    def deeds(self, world: World, number: int, process: Process) -> Iterable[Deed]:
        """What a process may do, if it has begun or may begin."""
        ...

    def arrivals(self, world: World) -> Iterable[Deed]:
        """What may happen that is no process's deed."""
        ...

    def later(self, world: World) -> World | None:
        """The world at the next instant, if there is one."""
        ...

    def broken(self, world: World, *, is_over: bool) -> str | None:
        """The promise that a state breaks, if any; it `is_over` when all processes are."""
        ...


_OVER, _UNBEGUN = 0, 1
"""The numbers of two processes: one that is over, and one that has not begun."""


class Ways:
    """All ways on from each state of a model: `start` is the first."""

    def __init__(self, model: Model) -> None:
        """Begin with nothing visited."""
        numbered = _Numbered(model)
        world, processes = model.start()
        self.start: State = (numbered.worlds.number(world), *map(numbered.processes.number, processes))
        self._numbered = numbered
        # None of these holds what holds it, so that all is let go at once when nobody walks any more.
        self._deeds, self._arrivals = cache(numbered.deeds), cache(numbered.arrivals)
        self._later, self._left = cache(numbered.later), cache(numbered.left)
        self._broken = cache(numbered.broken)

    def broken(self, state: State) -> str | None:
        """The promise that a state breaks, if any."""
        return self._broken(state[0], not any(state[1:]))

    def steps(self, state: State) -> Iterator[Step]:
        """Whatever may happen next."""
        world, *processes = state
        for place, process in enumerate(processes):
            if process == _OVER or (process == _UNBEGUN and not self._numbered.may_begin(place, processes)):
                continue
            before, behind = state[1 : place + 1], state[place + 2 :]
            for line, after, became, broken in self._deeds(world, place, process):
                yield Step(line, (after, *before, became, *behind), broken)
        for line, after, _, broken in self._arrivals(world):
            yield Step(line, (after, *processes), broken)
        if (later := self._later(world)) is not None:
            line, after, now = later
            yield Step(line, (after, *(self._left(process, now) for process in processes)))


class _Numbers(Generic[T]):
    """Values by number; equal ones have the same."""

    def __init__(self, *values: T) -> None:
        """Begin with these, from 0."""
        self._values = list(values)
        self._numbers = {value: number for number, value in enumerate(values)}

    def number(self, value: T) -> int:
        """The number of a value."""
        number = self._numbers.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number

    def __getitem__(self, number: int) -> T:
        """The value of a number."""
        return self._values[number]


class _Way(NamedTuple):
    """A deed by numbers; the process of nobody's deed is 0."""

    line: str
    world: int
    process: int
    broken: str | None


class _Later(NamedTuple):
    """The next instant: the world then, and when it is."""

    line: str
    world: int
    now: int


class _Numbered:
    """A model whose worlds and processes are known by their numbers."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.worlds = _Numbers[World]()
        # As `_OVER` and `_UNBEGUN` say.
        self.processes = _Numbers(OVER, Process())

    def may_begin(self, number: int, processes: Sequence[int]) -> bool:
        """See `Model`."""
        return self._model.may_begin(number, [self.processes[each] for each in processes])

    def deeds(self, world: int, number: int, process: int) -> list[_Way]:
        """See `Model`."""
        deeds = self._model.deeds(self.worlds[world], number, self.processes[process])
        return [self._way(world, f"process {number}", deed) for deed in deeds]

    def arrivals(self, world: int) -> list[_Way]:
        """See `Model`."""
        return [self._way(world, "the world", deed) for deed in self._model.arrivals(self.worlds[world])]

    def _way(self, world: int, who: str, deed: Deed) -> _Way:
        line = f"{self.worlds[world].now:>5} s  {who}: {deed.what}"
        process = _OVER if deed.process is None else self.processes.number(deed.process)
        return _Way(line, self.worlds.number(deed.world), process, deed.broken)

    def later(self, world: int) -> _Later | None:
        """See `Model`."""
        later = self._model.later(self.worlds[world])
        if later is None:
            return None
        line = f"{self.worlds[world].now:>5} s  it is {later.now} s now"
        return _Later(line, self.worlds.number(later), later.now)

    def left(self, process: int, now: int) -> int:
        """What is left of a process: the platform has ended whoever has reached its bound."""
        known = self.processes[process]
        return _OVER if is_alive(known) and bound(known) <= now else process

    def broken(self, world: int, is_over: bool) -> str | None:  # noqa: FBT001 - a key of a cache
        """See `Model`."""
        return self._model.broken(self.worlds[world], is_over=is_over)
