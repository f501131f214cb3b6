"""What a message says to a reader beneath its title: a line an alert, its facts, how the change stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from notifiers.alerts import Alert, Kind
from notifiers.languages import Fact, Language, Noun
from notifiers.messages import Message, Situation, StepLine
from notifiers.operations import Specification
from notifiers.saying import SEPARATOR, Reader, clock_time, date_and_time, fill, one_line, short_span
from notifiers.telling import as_sentence, share, step_name, telling, time_left
from notifiers.translating import translate

__all__ = [
    "ENDS",
    "change_name",
    "facts",
    "happenings",
    "is_alarm",
    "is_estimate_good",
    "is_out_of_sight",
    "particulars",
    "seen_at",
    "standing",
    "step_counts",
    "step_name",
    "step_note",
    "updated",
]

_DETAIL_LENGTH_MAX: Final = 250
ENDS: Final = frozenset({"completed", "failed", "cancelled", "lost"})
_OUT_OF_SIGHT: Final = frozenset({Kind.UNREACHABLE, Kind.LOST})
_HURRY_IS_MOOT: Final = frozenset({Kind.STALLED, Kind.STEP_FAILED, Kind.REMINDER})
_CAUSELESS: Final = frozenset({Kind.STEP_FAILED, Kind.FAILED})
_PARAMETERS_LENGTH_MAX: Final = 160


def change_name(situation: Situation) -> str:
    """Name a change, even one whose name cannot be seen."""
    return one_line(situation.name) or situation.change_id


def updated(headline: Alert, situation: Situation) -> Alert:
    """The headline with what has been known since: how far the change is, and at which step it has failed."""
    percent = headline.percent if situation.percent is None else situation.percent
    known = replace(headline, percent=percent)
    if known.step or not is_alarm(known):
        return known
    failed = (step.name for step in situation.steps if step.state == "failed")
    return replace(known, step=next(failed, None))


def is_alarm(alert: Alert) -> bool:
    """True where something has failed, or that is reminded of."""
    return (alert.reminds_of or alert.kind) in _CAUSELESS


def is_estimate_good(message: Message) -> bool:
    """False where what the API last said of the time left no longer holds: nothing moves, or is seen."""
    return message.headline.kind not in _HURRY_IS_MOOT and not is_out_of_sight(message)


def is_out_of_sight(message: Message) -> bool:
    """True where nobody knows how the change stands now: the API does not say, or has not since a gap.

    What was seen before a gap in the watch is older than half of it, what is seen after it is not.
    """
    headline, seen_at = message.headline, message.situation.seen_at
    if headline.kind is not Kind.UNWATCHED:
        return headline.kind in _OUT_OF_SIGHT
    middle = headline.raised_at - timedelta(seconds=(headline.seconds or 0) / 2)
    return seen_at is None or seen_at < middle


def happenings(message: Message, reader: Reader) -> list[str]:
    """Say what happened, an alert a line, in order; nothing where the title has said it all."""
    alerts, language = message.alerts, reader.language
    lines = []
    if len(alerts) > 1 or alerts[0].detail or _says_more(alerts[0], message, language):
        latest = max(alert.raised_at for alert in alerts)
        times = [f"{clock_time(alert.raised_at, reader, beside=latest)} " for alert in alerts]
        is_one_moment = len(set(times)) == 1
        lines = [
            f"{'' if is_one_moment else time}{_line(message, alert, language)}"
            for time, alert in zip(times, alerts, strict=True)
        ]
    return [*lines, language.no_cause] if any(map(is_alarm, alerts)) else lines


def facts(message: Message, reader: Reader) -> list[tuple[str, str]]:
    """Say who ordered what, and what the instance was and is like; labels with values.

    Steps on the way are told without: who wants to know has been told at the start.
    """
    return [] if message.is_brief else particulars(message.situation, reader)


def particulars(situation: Situation, reader: Reader) -> list[tuple[str, str]]:
    """Say the same of a change, whatever is told of it."""
    language = reader.language
    parameters = situation.order.parameters if situation.order else ()
    found = {
        **_ordered(situation, reader),
        Fact.PARAMETERS: one_line(
            language.comma.join(f"{name}={value}" for name, value in parameters), _PARAMETERS_LENGTH_MAX
        ),
        Fact.SPECIFICATION: _specifications(situation, language),
    }
    return [(language.facts[fact], value) for fact, value in found.items() if value]


def standing(situation: Situation, reader: Reader, *, is_estimate_good: bool = True) -> str:
    """Say how far the change is and how long it will take; unknown where it is unknown.

    Args:
        situation: How the change stands.
        reader: To whom it is said.
        is_estimate_good: Whether what the API last said of the time left holds; nothing is said of it if not.
    """
    language = reader.language
    percent = [] if situation.percent is None else [share(situation.percent, language)]
    if situation.phase in ENDS:
        return SEPARATOR.join(percent)
    left = (list(time_left(situation, reader)) or [language.time_left_unknown]) if is_estimate_good else []
    return SEPARATOR.join([*(percent or [language.progress_unknown]), *left])


def step_note(step: StepLine, language: Language) -> str:
    """Say what the mark before a step does not: how long it took, or the API's own word for its state."""
    said = [one_line(step.status)] if step.state == "unknown" and step.status else []
    took = [] if step.seconds is None else [short_span(step.seconds, language)]
    return SEPARATOR.join(filter(None, [*said, *took]))


def step_counts(situation: Situation, language: Language) -> str:
    """Say how many steps are in which state."""
    counts = [(state, count) for state, count in situation.step_counts.items() if count]
    return SEPARATOR.join(
        fill(language.states[state], steps=language.count(count, Noun.STEP)) for state, count in counts
    )


def seen_at(situation: Situation, reader: Reader) -> str:
    """Say when the API last said all this."""
    if situation.seen_at is None:
        return ""
    return fill(reader.language.as_of, time=date_and_time(situation.seen_at, reader))


def _says_more(alert: Alert, message: Message, language: Language) -> bool:
    """Whether a message's only alert tells what its title does not: how long it took before it failed."""
    headline = updated(message.headline, message.situation)
    return is_alarm(alert) or telling(alert, language) != telling(headline, language)


def _line(message: Message, alert: Alert, language: Language) -> str:
    detail = translate(one_line(alert.detail or "", _DETAIL_LENGTH_MAX), language.details)
    said = language.colon.join(filter(None, [as_sentence(alert, language), detail]))
    repeat = fill(language.brackets, text=language.repeat) if message.repeats(alert) else ""
    return f"{said}{repeat}"


def _ordered(situation: Situation, reader: Reader) -> dict[Fact, str]:
    order = situation.order
    if order is None:
        return {}
    user = one_line(order.user or "")
    time = date_and_time(order.ordered_at, reader) if order.ordered_at else ""
    label = Fact.ORDERED_BY if user else Fact.ORDERED_AT
    return {label: reader.language.comma.join(filter(None, [user, time]))}


def _specifications(situation: Situation, language: Language) -> str:
    """Say what the instance was like and is like now, where both are known and differ with an arrow."""
    before, now = (
        _properties(one, language) for one in (situation.specification, situation.specification_now)
    )
    said = (" → ".join(dict.fromkeys(filter(None, pair))) for pair in zip(before, now, strict=True))
    return language.comma.join(filter(None, said))


def _properties(specification: Specification | None, language: Language) -> tuple[str, str, str]:
    one = specification or Specification()
    return (
        "" if one.brokers is None else language.count(one.brokers, Noun.BROKER),
        "" if one.storage_gb is None else f"{one.storage_gb} GB",
        one_line(one.flavor or ""),
    )
