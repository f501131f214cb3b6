"""The first line, which has to do alone: which change, what happened, how long still, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from notifiers.alerts import Alert, Kind, Severity
from notifiers.languages import Language
from notifiers.messages import Message, Situation
from notifiers.saying import SEPARATOR, Reader, fill, one_line, span
from notifiers.telling import action, as_sentence, share, step_name, telling, time_left
from notifiers.wording import ENDS, change_name, is_alarm, is_estimate_good, is_out_of_sight, updated

_NAME_LENGTH_MIN: Final = 8
_STATES_TOLD: Final = {Kind.STEP_STARTED: "running", Kind.STEP_FAILED: "failed", Kind.FAILED: "failed"}


class Part(NamedTuple):
    """A part of a title; where there is little room those of the highest `rank` are left out first."""

    rank: int
    text: str


def title(message: Message, reader: Reader, length_max: int = 1000) -> str:
    """Say it all in one line.

    Args:
        message: What is told.
        reader: To whom.
        length_max: Characters; what matters least is left out to keep to it, and then names are cut.
    """
    language = reader.language
    parts = list(_parts(message, reader))
    ranks = sorted({part.rank for part in parts}, reverse=True)
    for with_span, rank in [*((True, rank) for rank in [*ranks, 0]), (False, 0)]:
        lead = _lead(message, language, with_span=with_span)
        said = SEPARATOR.join([lead, *(part.text for part in parts if part.rank <= rank)])
        if len(said) <= length_max:
            return said
    brief = fill(language.failed_briefly, name=change_name(message.situation))
    if is_alarm(message.headline) and len(brief) <= length_max:
        return brief
    room = length_max - (len(said) - len(change_name(message.situation)))
    lead = _lead(message, language, with_span=False, name_length_max=max(_NAME_LENGTH_MIN, room))
    return one_line(lead, length_max)


def title_parts(message: Message, reader: Reader) -> tuple[str, ...]:
    """What the whole title is made of: which change and what happened comes first."""
    parts = (part.text for part in _parts(message, reader))
    return _lead(message, reader.language, with_span=True), *parts


def told(message: Message, reader: Reader, *, is_own_line: bool = False) -> str:
    """Say the same for a list that has the name before or above it; that nothing is to do goes unsaid."""
    calm = action(Severity.INFO, reader.language)
    say = as_sentence if is_own_line else telling
    said = [say(updated(message.headline, message.situation), reader.language)]
    said += [part.text for part in _parts(message, reader) if part.text != calm]
    return SEPARATOR.join(said)


def _parts(message: Message, reader: Reader) -> Iterator[Part]:
    """What follows the lead, in order; ranks say what is left out first."""
    situation, headline, language = message.situation, message.headline, reader.language
    if headline.kind is Kind.REMINDER and is_alarm(headline):
        yield Part(3, fill(language.reminder, span=span(headline.seconds, language)))
    number = step_number(updated(headline, situation), situation)
    if number:
        yield Part(5, fill(language.step_of, number=number, count=len(situation.steps)))
    if situation.percent is not None and headline.kind not in {Kind.MILESTONE, Kind.COMPLETED}:
        percent = share(situation.percent, language)
        is_old = is_out_of_sight(message)
        yield Part(6, fill(language.last_seen_at, percent=percent) if is_old else percent)
    if is_estimate_good(message) and situation.phase not in ENDS:
        # How long is worth more than when.
        yield from (
            Part(rank, text) for rank, text in zip((2, 4), time_left(situation, reader), strict=False)
        )
    is_calm = message.severity.rank < Severity.WARNING.rank
    yield Part(3 if is_calm else 1, action(message.severity, language))
    if message.repeats(headline):
        yield Part(1, language.repeat)


def _lead(message: Message, language: Language, *, with_span: bool, name_length_max: int = 1000) -> str:
    test = f"{language.test}{SEPARATOR}" if message.is_test else ""
    return f"{test}{_news(message, language, with_span=with_span, name_length_max=name_length_max)}"


def _news(message: Message, language: Language, *, with_span: bool, name_length_max: int) -> str:
    headline = updated(message.headline, message.situation)
    name = one_line(change_name(message.situation), name_length_max)
    alarm = language.failed.get(headline.reminds_of or headline.kind)
    if alarm is None:
        said = telling(headline, language, with_span=with_span)
        return fill(language.headline, name=name, told=said)
    step = step_name(headline.step, language)
    said = fill(alarm, name=name, step=step)
    is_change = Kind.FAILED in {headline.kind, headline.reminds_of}
    return fill(language.failed_at, told=said, step=step) if is_change and headline.step else said


def step_number(alert: Alert, situation: Situation) -> int | None:
    """Which of the steps an alert is about, from 1: the n-th of its name, if its cause says so.

    Else it is the first of its name that is in the state that was told; one that has another name by now is
    the only one in that state, if there is but one.
    """
    if not alert.step:
        return None
    steps = list(enumerate(situation.steps, 1))
    named = [number for number, step in steps if step.name == alert.step]
    occurrence = alert.cause.rpartition("#")[2]
    if named and "#" in alert.cause and occurrence.isdecimal():
        return named[int(occurrence) - 1] if 0 < int(occurrence) <= len(named) else None
    state = _STATES_TOLD.get(alert.reminds_of or alert.kind)
    told = [number for number, step in steps if step.state == state]
    if named:
        return next((number for number in named if number in told), named[0])
    return told[0] if len(told) == 1 else None
