"""How a change stands, in a visitor's words, as every page shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handler.core.observation import Observation, Phase, StepState
from handler.core.record import NOTHING, Record
from handler.web.drawing.sight import has_good_estimate, is_dropped, seen_until
from handler.web.pages.actions import hint, say_action, severity_of
from handler.web.pages.endings import how_ended
from handler.web.pages.troubles import Remark, Trouble, find_troubles, remark
from handler.web.pages.visitor import Visitor
from handler.web.pages.words import Matter
from notifiers.alerts import Severity
from notifiers.languages import Noun
from notifiers.saying import SEPARATOR, about, fill, one_line
from notifiers.telling import share, step_name

OVERDUE_AFTER: Final = timedelta(minutes=1)
_CHANNELS_LENGTH_MAX: Final = 160
_NOTHING_SEEN: Final = Observation(Phase.UNKNOWN)


TONES: Final = {
    Phase.WAITING: "faint",
    Phase.RUNNING: "info",
    Phase.COMPLETED: "success",
    Phase.FAILED: "failure",
    Phase.CANCELLED: "warning",
    Phase.LOST: "failure",
    Phase.UNKNOWN: "faint",
}
"""Which colour speaks of a change that is in no trouble: that of a severity, or none."""


class ChangeView(NamedTuple):
    """How a change stands; every text is one line and may be empty.

    `state` is the phase's name for style sheets and signs, `phase` the word for it. `current` is where it is,
    `left` how long it takes still, and until when; of one that is over, how it ended, and when, and `unheard`
    says who has yet to hear of that; of one that is followed no longer, how it stood. `action` is what there
    is to do about it, `hint` what helps with that.
    """

    name: str
    state: str
    phase: str
    tone: str
    percent: int | None
    share: str
    current: str
    unheard: str
    left: tuple[str, ...]
    last_look: str
    severity: Severity
    action: str
    hint: str
    troubles: tuple[Remark, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why there is something to do, the gravest first, with the hint after what it helps with."""
        grave = [told.text for told in self.troubles if told.tone == Severity.FAILURE.value]
        rest = [told.text for told in self.troubles if told.text not in grave]
        return tuple(filter(None, (*grave, self.hint, *rest)))


def view_change(record: Record, visitor: Visitor) -> ChangeView:
    """Word how a change stands."""
    ledger, phase, language = record.ledger or NOTHING, shown_phase(record), visitor.reader.language
    troubles = find_troubles(record, visitor.now)
    seen, severity = ledger.observation or _NOTHING_SEEN, severity_of(phase, troubles)
    return ChangeView(
        name=name_of(record),
        state=phase.value,
        phase=phase_word(record, visitor),
        tone=_tone(phase, troubles),
        percent=seen.percent,
        share="" if seen.percent is None else share(seen.percent, language),
        current=_current(seen, visitor),
        unheard=_unheard(record, visitor),
        left=_left(record, seen, visitor),
        last_look=_last_look(ledger.looked_at, visitor),
        severity=severity,
        action=say_action(phase, severity, language),
        hint=hint(phase, troubles, language),
        troubles=tuple(remark(trouble, visitor) for trouble in troubles),
    )


def name_of(record: Record) -> str:
    """Name a change, even one whose name is not known or cannot be seen."""
    return one_line((record.ledger.name if record.ledger else None) or "") or str(record.change)


def shown_phase(record: Record) -> Phase:
    """The phase of a change; how one that is followed no longer stands by now nobody knows."""
    return Phase.UNKNOWN if is_dropped(record) else (record.ledger or NOTHING).phase


def phase_word(record: Record, visitor: Visitor) -> str:
    """Say the phase of a change, or else why it is not known."""
    words = visitor.words
    if record.trouble is not None:
        return words.unreadable
    if is_dropped(record):
        return words.not_followed
    has_looked = (record.ledger or NOTHING).looked_at is not None
    return words.phases[shown_phase(record)] if has_looked else words.not_looked_yet


def _tone(phase: Phase, troubles: tuple[Trouble, ...]) -> str:
    matters = {trouble.matter for trouble in troubles}
    if Matter.STEP_FAILED in matters:
        return "failure"
    return "warning" if any(matter.concerns_change for matter in matters) else TONES[phase]


def _last_look(looked_at: datetime | None, visitor: Visitor) -> str:
    return fill(visitor.words.last_look, time=visitor.time(looked_at)) if looked_at else ""


def _left(record: Record, seen: Observation, visitor: Visitor) -> tuple[str, ...]:
    """What there is to say of time; nothing where an estimate no longer holds: nothing moves, or is seen."""
    words, until = visitor.words, seen_until(record, visitor.now)
    if record.ledger is not None and seen.phase.is_end:
        return how_ended(record.ledger, visitor), fill(words.moment, time=visitor.time(until))
    if is_dropped(record):
        was = fill(words.last_seen, phase=words.phases[seen.phase].lower())
        when = fill(words.moment, time=visitor.time(until))
        return () if seen.phase is Phase.UNKNOWN else (was, when)
    return _time_left(seen, visitor) if has_good_estimate(record, visitor.now) else ()


def _time_left(seen: Observation, visitor: Visitor) -> tuple[str, ...]:
    """Say how long it takes from now on by what was last said, and when that will be."""
    language = visitor.reader.language
    if seen.remaining_seconds is None:
        return (language.time_left_unknown,) if seen.phase is Phase.RUNNING else ()
    done_at = seen.done_at
    if done_at is None:
        return (fill(language.time_left, span=about(seen.remaining_seconds, language)),)
    time = visitor.time(done_at)
    if visitor.now - done_at > OVERDUE_AFTER:
        return (fill(visitor.words.overdue, time=time),)
    left_seconds = round((done_at - visitor.now).total_seconds())
    return (
        fill(language.time_left, span=about(left_seconds, language)),
        fill(language.done_at, time=time),
    )


def _current(seen: Observation, visitor: Visitor) -> str:
    """Say where it is, or where it has failed."""
    language, step = visitor.reader.language, seen.current_step
    if step is not None:
        place = fill(language.step_of, number=seen.steps.index(step) + 1, count=len(seen.steps))
        return f"{step_name(step.name, language)}{SEPARATOR}{place}"
    done = seen.step_counts.get(StepState.COMPLETED, 0)
    return fill(language.states["completed"], steps=language.count(done, Noun.STEP)) if done else ""


def _unheard(record: Record, visitor: Visitor) -> str:
    ledger, comma = record.ledger, visitor.reader.language.comma
    if ledger is None or not ledger.phase.is_end or not record.is_active:
        return ""
    names = [one_line(name) for name, state in ledger.channels.items() if state.offset < ledger.length]
    return (
        fill(visitor.words.unheard, channels=one_line(comma.join(names), _CHANNELS_LENGTH_MAX))
        if names
        else ""
    )
