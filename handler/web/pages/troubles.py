"""What is wrong with a change, with how it is followed, or with how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from handler.core.ledger import Ledger
from handler.core.observation import StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.drawing.sight import is_unwatched
from handler.web.pages.visitor import Visitor
from handler.web.pages.words import Matter
from notifiers.saying import fill, one_line
from notifiers.telling import step_name
from notifiers.translating import translate

_SENTENCE_LENGTH_MAX: Final = 250


class Trouble(NamedTuple):
    """What is wrong, since when if that is known, and which step or channel is to blame.

    Of what cannot be read the `culprit` is a whole sentence.
    """

    matter: Matter
    since: datetime | None = None
    culprit: str = ""
    problem: ProblemKind = ProblemKind.UNAVAILABLE


def find_troubles(record: Record, now: datetime) -> tuple[Trouble, ...]:
    """All that is wrong, the gravest first."""
    found = [] if record.trouble is None else [Trouble(Matter.UNREADABLE, culprit=record.trouble)]
    ledger = record.ledger
    if ledger is not None and record.is_active:
        if not ledger.phase.is_end:
            found += _on_the_way(ledger, now)
        found += _of_channels(ledger)
    return tuple(found)


def say(trouble: Trouble, visitor: Visitor) -> str:
    """Say what is wrong in a sentence."""
    words, language = visitor.words, visitor.reader.language
    if trouble.matter is Matter.UNREADABLE:
        return one_line(translate(trouble.culprit, language.details), _SENTENCE_LENGTH_MAX)
    said = fill(
        words.troubles[trouble.matter],
        time="" if trouble.since is None else visitor.time(trouble.since),
        step=step_name(trouble.culprit, language),
        channel=one_line(trouble.culprit),
        reason=words.problems[trouble.problem],
    )
    return f"{said[:1].upper()}{said[1:]}" if not trouble.culprit else said


def _on_the_way(ledger: Ledger, now: datetime) -> Iterator[Trouble]:
    seen = ledger.observation
    if seen is not None and seen.counts().get(StepState.FAILED):
        yield Trouble(Matter.STEP_FAILED, culprit=seen.current_step.name if seen.current_step else "")
    if is_unwatched(ledger, now):
        yield Trouble(Matter.UNWATCHED, ledger.looked_at)
    if ledger.outage is not None:
        yield Trouble(Matter.UNREACHABLE, ledger.outage.since, problem=ledger.outage.kind)
    elif ledger.is_stalled:
        yield Trouble(Matter.STALLED, ledger.moved_at)


def _of_channels(ledger: Ledger) -> Iterator[Trouble]:
    for name, state in ledger.channels.items():
        if state.refused_since is not None and state.absent_since is None:
            yield Trouble(Matter.CHANNEL_REFUSES, state.refused_since, name)
