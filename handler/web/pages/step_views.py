"""The steps of a change as templates get them: in words, and where their bars stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from handler.core.ledger import Ledger
from handler.core.observation import Phase, Step, StepState
from handler.core.record import NOTHING, Record
from handler.situation import NOWHERE, situation_of
from handler.web.drawing import Bar, Row, Timeline
from handler.web.pages.change_views import name_of, phase_word, shown_phase
from handler.web.pages.visitor import Visitor
from notifiers.messages import StepLine
from notifiers.saying import short_span
from notifiers.telling import step_name
from notifiers.wording import step_counts, step_note

_WHOLE: Final = 100
_UNTIL: Final = "–"  # noqa: RUF001 - between two times
_IN_ORDER: Final = (
    StepState.COMPLETED,
    StepState.FAILED,
    StepState.RUNNING,
    StepState.UNKNOWN,
    StepState.WAITING,
)
_STATES: Final = {
    Phase.WAITING: StepState.WAITING,
    Phase.RUNNING: StepState.RUNNING,
    Phase.COMPLETED: StepState.COMPLETED,
    Phase.FAILED: StepState.FAILED,
}


class BarView(NamedTuple):
    """Where a bar begins, and how wide it is."""

    left: str
    width: str


class StepView(NamedTuple):
    """A step, or the change as a whole; `word` says what its sign does, `note` what that does not.

    `times` is from when to when. One that `is_brief` needs no word beside its sign.
    """

    state: str
    word: str
    name: str
    note: str
    times: str
    bar: BarView | None
    estimate: BarView | None
    is_brief: bool


class PartView(NamedTuple):
    """A part of a bar that shows how many steps are in a state."""

    state: str
    bar: BarView


def view_steps(timeline: Timeline | None, record: Record, visitor: Visitor) -> tuple[StepView, ...]:
    """Word the steps, the change as a whole before them; where no time is known they are listed only."""
    ledger = record.ledger or NOTHING
    words = _state_words(ledger, visitor)
    if timeline is None:
        steps = ledger.observation.steps if ledger.observation else ()
        return tuple(_step_view(Row(step), step, words, visitor) for step in steps)
    return tuple(
        _whole_view(row, timeline, record, visitor)
        if row.step is None
        else _step_view(row, row.step, words, visitor)
        for row in timeline.rows
    )


def view_counts(ledger: Ledger) -> tuple[PartView, ...]:
    """Draw how many of very many steps are in which state, as parts of one bar."""
    counts = ledger.observation.step_counts if ledger.observation else {}
    return tuple(_parts({state: counts.get(state, 0) for state in _IN_ORDER}))


def tell_counts(record: Record, visitor: Visitor) -> str:
    """Say the same in words."""
    ledger, language = record.ledger or NOTHING, visitor.reader.language
    if ledger.phase.is_end:
        states = {**language.states, StepState.WAITING.value: visitor.words.steps_not_started}
        language = replace(language, states=states)
    return step_counts(situation_of(ledger, name_of(record), NOWHERE), language)


def _state_words(ledger: Ledger, visitor: Visitor) -> Mapping[StepState, str]:
    """What to call steps; those that were still to come when a change ended wait for nothing."""
    words = visitor.words
    return {**words.states, StepState.WAITING: words.not_started} if ledger.phase.is_end else words.states


def _parts(counts: Mapping[StepState, int]) -> Iterator[PartView]:
    total, left = sum(counts.values()), 0
    for state, count in counts.items():
        if count:
            yield PartView(state.value, _written(Bar(left * _WHOLE / total, count * _WHOLE / total)))
            left += count


def _whole_view(row: Row, timeline: Timeline, record: Record, visitor: Visitor) -> StepView:
    phase, seconds = shown_phase(record), row.duration_seconds
    state = _STATES.get(phase, StepState.UNKNOWN)
    return StepView(
        state=state.value,
        word=phase_word(record, visitor).lower(),
        name=visitor.words.whole,
        note="" if seconds is None else short_span(seconds, visitor.reader.language),
        times=_times(timeline.begins_at, timeline.ends_at if phase.is_end else None, visitor),
        bar=_bar_view(row.bar),
        estimate=_bar_view(row.estimate),
        is_brief=True,
    )


def _step_view(row: Row, step: Step, words: Mapping[StepState, str], visitor: Visitor) -> StepView:
    language = visitor.reader.language
    line = StepLine(step.name, step.state.value, step.status, row.duration_seconds)
    note = step_note(line, language)
    return StepView(
        state=line.state,
        word=words[step.state],
        name=step_name(step.name, language),
        note=note,
        times=_times(step.started_at, step.ended_at, visitor),
        bar=_bar_view(row.bar),
        estimate=_bar_view(row.estimate),
        is_brief=step.state is StepState.COMPLETED and bool(note),
    )


def _times(start: datetime | None, end: datetime | None, visitor: Visitor) -> str:
    return _UNTIL.join("" if moment is None else visitor.time(moment) for moment in (start, end)).strip(
        _UNTIL
    )


def _bar_view(bar: Bar | None) -> BarView | None:
    return None if bar is None else _written(bar)


def _written(bar: Bar) -> BarView:
    return BarView(f"{bar.left:.2f}", f"{bar.width:.2f}")
