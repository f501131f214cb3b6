"""A change as histories tell it, and the API that is asked about it: at times out, at times behind."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Final

from msgspec.structs import replace

from handler.clock import Clock
from handler.core.observation import Phase, Step, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from notifiers.operations import Order, Specification

_NAMES: Final = "abcdef"
_GONE: Final = Problem(
    ProblemKind.NOT_FOUND, "It is not there.", status=404, missing=Missing.TASK, asks_task=True
)
_BEHIND: Final = (30, 300, 840)


class Event(Enum):
    """What can become of a change."""

    GOES_ON = "goes on"
    COMPLETES = "completes"
    FAILS = "fails"
    IS_CANCELLED = "is cancelled"
    VANISHES = "vanishes"


class Mood(Enum):
    """How the API answers."""

    GOOD = "good"
    POORER = "without steps and percentage"
    OLDER = "what was true a while ago"
    OUT = "out of order"
    THROTTLED = "throttled"
    REFUSES_KEY = "refuses the key"
    SILENT = "silent"
    NOT_ASKED = "not asked for lack of time"


_PROBLEMS: Final = {
    Mood.OUT: Problem(ProblemKind.UNAVAILABLE, "Out of order.", status=503),
    Mood.THROTTLED: Problem(ProblemKind.THROTTLED, "Too many requests.", status=429),
    Mood.REFUSES_KEY: Problem(ProblemKind.UNAUTHORISED, "The key was refused.", status=401),
    Mood.SILENT: Problem(ProblemKind.TIMEOUT, "No answer in time."),
    Mood.NOT_ASKED: Problem(ProblemKind.TIMEOUT, "No time was left.", asked=False),
}

_ORDER: Final = Order("operator", parameters=(("new_storage_space", "600"),))

_ENDS: Final = {
    Event.COMPLETES: Task(Phase.COMPLETED, "SUCCESS"),
    Event.FAILS: Task(Phase.FAILED, "FAILED"),
    Event.IS_CANCELLED: Task(Phase.CANCELLED, "CANCELED"),
}


class ScriptedChange:
    """A change that goes on when told to, and what the API says of it."""

    def __init__(self, clock: Clock) -> None:
        """Begin before the first step."""
        self.mood = Mood.GOOD
        self._clock = clock
        self._stage = 0
        self._end: Event | None = None
        self._answers: list[Progress] = []

    def happen(self, event: Event) -> None:
        """Let something become of it; what has ended stays so, but can vanish."""
        if event is Event.GOES_ON:
            self._stage = min(self._stage + 1, 2 * len(_NAMES))
        elif self._end is None or event is Event.VANISHES:
            self._end = event

    def progress(self) -> Progress | Problem:
        """Answer the progress call."""
        if self.mood in _PROBLEMS:
            return _PROBLEMS[self.mood]
        if self._end is Event.VANISHES:
            return _GONE
        if self.mood is Mood.OLDER:
            return self._earlier()
        if self.mood is Mood.POORER:
            return Progress(date=self._clock.now())
        self._answers.append(self._present())
        return self._answers[-1]

    def task(self) -> Task | Problem:
        """Answer the task call."""
        if self.mood in _PROBLEMS:
            return _PROBLEMS[self.mood]
        if self._end is Event.VANISHES:
            return _GONE
        known = _ENDS[self._end] if self._end else Task(Phase.RUNNING, "EXECUTING")
        return replace(known, date=self._clock.now(), order=_ORDER)

    def specification(self) -> Specification | Problem:
        """Answer the call that shows the instance, which is larger when the change is completed."""
        if self.mood in _PROBLEMS:
            return _PROBLEMS[self.mood]
        return Specification("kafka.2u4g.cluster", 3, 600 if self._end is Event.COMPLETES else 300)

    def _present(self) -> Progress:
        """Every other stage begins a step, and completes the one before it."""
        over, running = (self._stage - 1) // 2, StepState.RUNNING
        percent = 8 * self._stage
        if self._end is Event.COMPLETES:
            over, percent = len(_NAMES), 100
        if self._end is Event.FAILS:
            over, running = max(over, 0), StepState.FAILED
        states = [*[StepState.COMPLETED] * over, running, *[StepState.WAITING] * len(_NAMES)]
        if over < 0:
            states = [StepState.WAITING] * len(_NAMES)
        steps = tuple(Step(name, state) for name, state in zip(_NAMES, states, strict=False))
        return Progress(percent, 3600, steps, self._clock.now())

    def _earlier(self) -> Progress:
        """Say again what was said some minutes ago, by the date of then."""
        now, lag = self._clock.now(), timedelta(seconds=_BEHIND[len(self._answers) % len(_BEHIND)])
        said = [a for a in self._answers if a.date and lag <= now - a.date <= timedelta(minutes=15)]
        return said[-1] if said else replace(self._present(), date=now - lag)
