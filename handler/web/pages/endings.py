"""How changes have ended, and after how long."""

from __future__ import annotations

from handler.core.ledger import Ledger
from handler.core.observation import Phase
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Group
from notifiers.saying import fill, short_span


def how_ended(ledger: Ledger, visitor: Visitor) -> str:
    """Say how a change that is over has ended, and after how long if that is known."""
    language, told = visitor.reader.language, visitor.words.phases[ledger.phase]
    seconds = _duration_seconds(ledger)
    if seconds is None:
        return told
    is_good = ledger.phase is Phase.COMPLETED
    sentence = language.completed_in if is_good else language.ended_after
    return fill(sentence, told=told, span=short_span(seconds, language))


def _duration_seconds(ledger: Ledger) -> int | None:
    """How long it took by what was told, for very many steps are not kept, or else by the steps."""
    ends = (alert for alert in reversed(ledger.alerts) if Group.END in alert.kind.traits.groups)
    end = next(ends, None)
    if end is not None and end.seconds is not None:
        return end.seconds
    return ledger.observation.duration_seconds if ledger.observation else None
