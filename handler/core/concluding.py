"""How a send ends in the ledger: what becomes of its claim, of the channel, and of what it told."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from handler.core.audience import Audience
from handler.core.ledger import Attempt, ChannelState, Claim, Ledger, count_in
from handler.core.pausing import next_try
from notifiers.alerts import Alert, Ending
from notifiers.verdicts import Outcome, Verdict

ATTEMPTS_MAX: Final = 50
"""So many attempts are kept for each channel of a change: about those of a day in which it takes nothing.

The newest that counts for the change is always among them, for pauses and other changes go by that one.
"""


def with_state(ledger: Ledger, name: str, state: ChannelState) -> Ledger:
    """The ledger with a channel as it is now."""
    return replace(ledger, channels={**ledger.channels, name: state})


def conclude(  # noqa: PLR0913, PLR0917 - what stands, who listens, which claim, how it went, when
    ledger: Ledger, audience: Audience, name: str, claim: Claim, verdict: Verdict | None, now: datetime
) -> Ledger:
    """End a claim: release it if nothing was sent, else record the outcome and what follows from it.

    What a digest may have told is marked as possibly heard; its failure counts for one of its changes only.
    All that somebody may have heard is kept as an attempt, and of a failure that nobody heard the one that
    counts.
    """
    state = replace(ledger.channels[name], claim=None)
    if verdict is None:
        return with_state(ledger, name, state)
    attempt = Attempt(verdict.outcome, now, verdict.code, state.offset, claim.upto, verdict.is_shared)
    state = replace(state, attempts=_newest((*state.attempts, attempt)))
    if verdict.is_shared:
        return with_state(ledger, name, replace(state, repeat_upto=claim.upto, is_set_back=False))
    state = replace(
        state,
        tries=claim.tries,
        not_before=next_try(claim.tries, verdict, now),
        outcome_counts=count_in(state.outcome_counts, verdict.outcome),
    )
    if verdict.outcome is Outcome.SENT:
        state = replace(state, offset=claim.upto, tries=0, refused_since=None, is_set_back=False)
    elif verdict.may_have_arrived:
        state = replace(state, repeat_upto=claim.upto, is_set_back=False)
    ledger = with_state(ledger, name, state)
    return _doubt(ledger, audience, name, claim) if verdict.outcome is Outcome.UNKNOWN else ledger


def _newest(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """As many as are kept; what is shared never pushes out the newest that counts for this change."""
    kept = attempts[-ATTEMPTS_MAX:]
    counting = next((attempt for attempt in reversed(attempts) if not attempt.is_shared), None)
    return kept if counting is None or counting in kept else (counting, *kept[1:])


def _doubt(ledger: Ledger, audience: Audience, name: str, claim: Claim) -> Ledger:
    """Send once more what may have been heard; what was in doubt before ends as unknown.

    Doubts from before the channel was set back do not count: they are why it was.
    """
    state = ledger.channels[name]
    doubted_twice = 0 if state.is_set_back else min(state.repeat_upto, claim.upto)
    ended = [alert for alert in audience.wanted(ledger, name) if alert.number <= doubted_twice]
    ledger = end_alerts(ledger, name, ended, Ending.UNKNOWN)
    offset = max(state.offset, doubted_twice)
    state = replace(state, offset=offset, repeat_upto=claim.upto, is_set_back=False)
    return with_state(ledger, name, state)


def end_alerts(ledger: Ledger, name: str, ended: list[Alert], ending: Ending) -> Ledger:
    """Note on alerts how they ended on the channel; what it had heard before for sure has not ended."""
    numbers = {alert.number for alert in ended}.difference(ledger.channels[name].heard_again)
    alerts = tuple(
        replace(alert, endings={**alert.endings, name: ending}) if alert.number in numbers else alert
        for alert in ledger.alerts
    )
    return replace(ledger, alerts=alerts)
