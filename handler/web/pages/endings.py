"""How changes have ended, when, and after how long."""

from __future__ import annotations

from datetime import datetime

from handler.core.ledger import Ledger
from handler.core.observation import Phase
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Alert, Group
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


def ended_at(ledger: Ledger) -> datetime:
    """When a change ended, by the cloud or else by when that was seen; or when it was last looked at."""
    told_at = ledger.observation.ended_at if ledger.observation and ledger.phase.is_end else None
    end = _end_alert(ledger)
    return told_at or (end.raised_at if end else None) or ledger.looked_at or ledger.created_at


def _duration_seconds(ledger: Ledger) -> int | None:
    end = _end_alert(ledger)
    if end is not None and end.seconds is not None:
        return end.seconds
    return ledger.observation.duration_seconds if ledger.observation else None


def _end_alert(ledger: Ledger) -> Alert | None:
    alerts = reversed(ledger.alerts)
    return next((alert for alert in alerts if Group.END in alert.kind.traits.groups), None)
