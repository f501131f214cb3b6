"""The steps of a change as they are shown, and which of very many."""

from __future__ import annotations

from typing import Final, NamedTuple

from notifiers import wording
from notifiers.messages import Situation, StepLine
from notifiers.saying import SEPARATOR, Reader, fill

ROWS_MAX: Final = 10
MARKS: Final = {"waiting": "·", "running": "▶", "completed": "✓", "failed": "✗", "unknown": "?"}


class StepView(NamedTuple):
    """A step as shown: its state, the sign of that, its name, what there is to say; or what is left out."""

    state: str
    mark: str
    name: str
    note: str = ""

    def __str__(self) -> str:
        """The step as a line."""
        return " ".join(filter(None, [self.mark, SEPARATOR.join(filter(None, [self.name, self.note]))]))


def steps_of(situation: Situation, rows: int, reader: Reader) -> tuple[StepView, ...]:
    """Word the steps, so many at most; what stands between those shown is counted."""
    return chosen_steps(all_steps(situation, reader), rows, reader)


def all_steps(situation: Situation, reader: Reader) -> tuple[StepView, ...]:
    """Word all steps, or how many are in which state where only that is known."""
    counts = wording.step_counts(situation, reader.language)
    if counts and not situation.steps:
        return (StepView("", "", counts),)
    return tuple(_step(step, reader) for step in situation.steps)


def chosen_steps(steps: tuple[StepView, ...], rows: int, reader: Reader) -> tuple[StepView, ...]:
    """The steps that are worth showing, and between them how many are not shown."""
    if not 0 < rows < len(steps):
        return steps[: max(rows, 0)]
    shown: list[StepView] = []
    next_place = 0
    for place in [*choose_steps(tuple(step.state for step in steps), rows), len(steps)]:
        if place > next_place:
            shown.append(StepView("", "", fill(reader.language.more, count=place - next_place)))
        shown += steps[place : place + 1]
        next_place = place + 1
    return tuple(shown)


def choose_steps(states: tuple[str, ...], rows: int) -> list[int]:
    """Choose which steps to show: the one that matters now, first and last, then those next to them."""
    wanted = next((state for state in ("failed", "running") if state in states), None)
    last = len(states) - 1
    current = states.index(wanted) if wanted else min(states.count("completed"), last)

    def distance(place: int) -> tuple[int, int]:
        return min(abs(place - current), place, last - place), abs(place - current)

    return sorted(sorted(range(len(states)), key=distance)[:rows])


def _step(step: StepLine, reader: Reader) -> StepView:
    return StepView(
        step.state,
        MARKS.get(step.state, MARKS["unknown"]),
        wording.step_name(step.name, reader.language),
        wording.step_note(step, reader.language),
    )
