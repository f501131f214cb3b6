"""How single facts are told in a language: an alert, a step, a share, how long something takes still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from notifiers.alerts import Alert, Kind, Severity
from notifiers.languages import Action, Language
from notifiers.messages import Situation
from notifiers.saying import Reader, about, begin, clock_time, fill, one_line, span

_ACTIONS: Final = {Severity.WARNING: Action.CHECK, Severity.FAILURE: Action.ACT}
_STEPS: Final = frozenset({Kind.STEP_COMPLETED, Kind.STEP_FAILED})
_COMPLETIONS: Final = frozenset({Kind.STEP_COMPLETED, Kind.COMPLETED})
_OTHER_ENDS: Final = frozenset({Kind.STEP_FAILED, Kind.FAILED, Kind.CANCELLED})


def telling(alert: Alert, language: Language, *, with_span: bool = True) -> str:
    """Say what one alert tells; if it is known, also how long that took, or what it ends has lasted.

    Args:
        alert: What is told.
        language: In which language.
        with_span: Whether how long a step or a change took has room.
    """
    said = fill(
        _words(alert, language),
        step=step_name(alert.step, language),
        percent=share(alert.percent or 0, language),
        span=span(alert.seconds, language),
        channel=one_line(alert.channel or ""),
    )
    if alert.kind is Kind.FAILED and alert.step:
        said = fill(language.failed_at, told=said, step=step_name(alert.step, language))
    return _timed(said, alert, language) if with_span else said


def as_sentence(alert: Alert, language: Language) -> str:
    """Say the same on a line of its own, begun like a sentence; a step's own name stays as it is."""
    said = telling(alert, language)
    begins_with_name = _words(alert, language).startswith("{step}") and one_line(alert.step or "")
    return said if begins_with_name else begin(said)


def step_name(name: str | None, language: Language) -> str:
    """Name a step readably, as it is where nobody knows it, and even one whose name cannot be seen."""
    shown = one_line(name or "")
    return language.steps.get(shown, shown) or language.a_step


def share(percent: int, language: Language) -> str:
    """Say a percentage."""
    return fill(language.percent, percent=percent)


def action(severity: Severity, language: Language) -> str:
    """Say what the reader has to do."""
    return language.actions[_ACTIONS.get(severity, Action.NONE)]


def time_left(situation: Situation, reader: Reader) -> Iterator[str]:
    """Say how long the change will take, and when that will be, as far as it is known."""
    if situation.remaining_seconds is None:
        return
    language, done_at = reader.language, situation.done_at
    yield fill(language.time_left, span=about(situation.remaining_seconds, language))
    if done_at is not None:
        yield fill(language.done_at, time=clock_time(done_at, reader, beside=situation.seen_at))


def _words(alert: Alert, language: Language) -> str:
    """The sentence for what an alert tells, with its places."""
    told = language.told[alert.kind]
    if alert.kind is Kind.MILESTONE and alert.percent is None:
        told = language.partly_done
    return told if alert.reminds_of is None else language.reminders.get(alert.reminds_of, told)


def _timed(said: str, alert: Alert, language: Language) -> str:
    seconds = alert.step_seconds if alert.kind in _STEPS else alert.seconds
    if seconds is None or alert.kind not in _COMPLETIONS | _OTHER_ENDS:
        return said
    sentence = language.completed_in if alert.kind in _COMPLETIONS else language.ended_after
    return fill(sentence, told=said, span=span(seconds, language))
