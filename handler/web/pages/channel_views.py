"""How far each channel has heard, and what is wrong with it; never where it leads."""

from __future__ import annotations

from typing import Final, NamedTuple

from handler.core.ledger import Attempt, ChannelState, Claim, Ledger
from handler.web.api.change_shape import Hearing
from handler.web.api.shapes import hearing_of
from handler.web.pages.troubles import TRIES_MIN
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
    """A channel: up to which alert it has heard, of how many, how it stands, and how the last try went."""

    name: str
    tone: str
    heard: str
    percent: int
    standing: str
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
        standing=_standing(state, length, visitor),
        last_attempt=_last_attempt(state, length, visitor),
    )


def _standing(state: ChannelState, length: int, visitor: Visitor) -> str:
    """Say what is wrong or under way, and what is still to hear."""
    words, remark = visitor.words, _remark(state, visitor)
    if not length:
        return remark or words.no_log
    return visitor.reader.language.comma.join(filter(None, [remark, _pending(state, length, words)]))


def _remark(state: ChannelState, visitor: Visitor) -> str:
    words = visitor.words
    if state.absent_since is not None:
        return fill(words.absent, time=visitor.time(state.absent_since))
    if state.refused_since is not None:
        return fill(words.refusing, time=visitor.time(state.refused_since))
    if state.claim is not None:
        return _sending(state.claim, visitor)
    return words.doubtful if state.repeat_upto > state.offset else ""


def _pending(state: ChannelState, length: int, words: Words) -> str:
    if state.offset >= length:
        return words.heard_all
    # How often one that refuses is tried says nothing.
    is_tried = state.tries >= TRIES_MIN and state.refused_since is None
    sentence = words.pending_tried if is_tried else words.pending
    return fill(sentence, count=length - state.offset - len(state.heard_beyond), tries=state.tries)


def _sending(claim: Claim, visitor: Visitor) -> str:
    if claim.until > visitor.now:
        return visitor.words.sending
    return fill(visitor.words.cut_off, time=visitor.time(claim.until))


def _last_attempt(state: ChannelState, length: int, visitor: Visitor) -> str:
    """Say how the last try went, and when the next one comes if that is known."""
    said = [_attempt(state.last_attempt, visitor)] if state.last_attempt else []
    is_owed = state.offset < length and state.claim is None and state.absent_since is None
    if is_owed and state.not_before is not None and state.not_before > visitor.now:
        said.append(fill(visitor.words.next_try, time=visitor.time(state.not_before)))
    return visitor.reader.language.comma.join(said)


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
