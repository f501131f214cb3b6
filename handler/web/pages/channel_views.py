"""How far each channel has heard, and what is wrong with it; never where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from handler.core.ledger import Attempt, ChannelState, Claim, Ledger
from handler.web.api.change_shape import Hearing
from handler.web.api.shapes import hearing_of
from handler.web.pages.visitor import Visitor
from handler.web.pages.words import Words
from notifiers.saying import fill, one_line
from notifiers.verdicts import Outcome

_WHOLE: Final = 100
_TONES: Final = {
    Hearing.IDLE: "success",
    Hearing.SENDING: "info",
    Hearing.WAITING: "info",
    Hearing.REFUSED: "warning",
    Hearing.IN_DOUBT: "warning",
    Hearing.ABSENT: "faint",
}


class ChannelView(NamedTuple):
    """A channel: up to which alert it has heard, of how many, and what there is to say of it."""

    name: str
    tone: str
    heard: str
    percent: int
    notes: tuple[str, ...]
    last_attempt: str


def view_channels(ledger: Ledger, visitor: Visitor) -> tuple[ChannelView, ...]:
    """Word the channels, in the order of the configuration."""
    return tuple(_view(name, state, ledger.length, visitor) for name, state in ledger.channels.items())


def _view(name: str, state: ChannelState, length: int, visitor: Visitor) -> ChannelView:
    hearing, heard = hearing_of(state, length), min(state.offset, length)
    is_delayed = hearing is Hearing.WAITING and state.tries > 0
    return ChannelView(
        name=one_line(name),
        tone="warning" if is_delayed else _TONES[hearing],
        heard=fill(visitor.words.heard, heard=heard, total=length) if length else "",
        percent=heard * _WHOLE // length if length else 0,
        notes=tuple(_notes(state, length, visitor)),
        last_attempt=_attempt(state.last_attempt, visitor) if state.last_attempt else "",
    )


def _notes(state: ChannelState, length: int, visitor: Visitor) -> Iterator[str]:
    words = visitor.words
    if state.absent_since is not None:
        yield fill(words.absent, time=visitor.time(state.absent_since))
    if state.refused_since is not None:
        yield fill(words.refusing, time=visitor.time(state.refused_since))
    if state.claim is not None:
        yield _sending(state.claim, visitor)
    elif state.not_before is not None and state.not_before > visitor.now:
        yield fill(words.pausing, time=visitor.time(state.not_before), tries=state.tries)
    if state.repeat_upto > state.offset:
        yield words.doubtful
    if state.offset < length:
        yield fill(words.pending, count=length - state.offset)
    else:
        yield words.heard_all if length else words.no_log


def _sending(claim: Claim, visitor: Visitor) -> str:
    if claim.until > visitor.now:
        return fill(visitor.words.sending, tries=claim.tries)
    return fill(visitor.words.cut_off, time=visitor.time(claim.until))


def _attempt(attempt: Attempt, visitor: Visitor) -> str:
    words, language = visitor.words, visitor.reader.language
    said = fill(
        words.last_attempt, time=visitor.time(attempt.ended_at), outcome=words.outcomes[attempt.outcome]
    )
    reason = _reason(attempt, words)
    return f"{said}{fill(language.brackets, text=reason)}" if reason else said


def _reason(attempt: Attempt, words: Words) -> str:
    """Say our own codes in words; a service's stay as they are."""
    code = one_line(attempt.code or "")
    # Nobody but we ourselves calls what is unknown by a name: that of what was raised.
    is_fault = attempt.outcome is Outcome.UNKNOWN and code.isidentifier()
    return words.codes.get(code, words.fault if is_fault else code)
