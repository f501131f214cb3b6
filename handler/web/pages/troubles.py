"""What is wrong with a change, with how it is followed, or with how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from handler.core.gaps import is_unwatched
from handler.core.ledger import ChannelState, Ledger
from handler.core.observation import StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.pages.visitor import Visitor
from handler.web.pages.words import Matter
from notifiers.saying import begin, fill, one_line
from notifiers.telling import step_name
from notifiers.translating import translate
from notifiers.verdicts import Outcome

TRIES_MIN: Final = 2
"""After how many tries in vain a channel is in trouble: one alone may fail for many a passing reason."""

_SENTENCE_LENGTH_MAX: Final = 250
_IN_VAIN: Final = frozenset({Outcome.RETRY, Outcome.UNKNOWN})


class Trouble(NamedTuple):
    """What is wrong, since when if that is known, and which step or channel is to blame.

    `tries` is how often a channel was sent to in vain. Of what cannot be read the `culprit` is a whole
    sentence.
    """

    matter: Matter
    since: datetime | None = None
    culprit: str = ""
    problem: ProblemKind = ProblemKind.UNAVAILABLE
    tries: int = 0


class Remark(NamedTuple):
    """What is wrong in a visitor's words, and the colour that speaks of it."""

    tone: str
    text: str


def find_troubles(record: Record, now: datetime) -> tuple[Trouble, ...]:
    """All that is wrong, the gravest first."""
    found = [] if record.trouble is None else [Trouble(Matter.UNREADABLE, culprit=record.trouble)]
    ledger = record.ledger
    if ledger is not None and record.is_active:
        if not ledger.phase.is_end:
            found += _on_the_way(ledger, now)
        found += _of_channels(ledger)
    return tuple(found)


def remark(trouble: Trouble, visitor: Visitor) -> Remark:
    """Say what is wrong, in its colour."""
    return Remark(trouble.matter.severity.value, _say(trouble, visitor))


def _say(trouble: Trouble, visitor: Visitor) -> str:
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
        tries=trouble.tries,
    )
    return said if trouble.culprit else begin(said)


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
        unheard = ledger.alerts_after(state.offset)
        if state.absent_since is not None:
            continue
        if state.refused_since is not None:
            yield Trouble(Matter.CHANNEL_REFUSES, state.refused_since, name)
        elif unheard and _is_tried_in_vain(state):
            yield Trouble(Matter.CHANNEL_FAILS, unheard[0].raised_at, name, tries=state.tries)


def _is_tried_in_vain(state: ChannelState) -> bool:
    last = state.last_attempt
    return state.tries >= TRIES_MIN and last is not None and last.outcome in _IN_VAIN
