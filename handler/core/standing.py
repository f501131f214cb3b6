"""How a channel has fared lately, over all changes: what one change has learnt of it holds for all.

A revoked token costs one send an hour, however many changes have something to tell; and a channel that
did not take the last message is tried by one change at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from handler.core.ledger import Attempt, ChannelState, Ledger
from notifiers.verdicts import Outcome, blames_message


class Standing(msgspec.Struct, frozen=True):
    """A channel that did not take the last message sent to it.

    Nobody sends before `rest_until`; then one change at a time tries, if it goes `one_by_one`, and
    `is_tried` while one does. `refused_since` is when the channel first refused, if it does.
    """

    rest_until: datetime | None = None
    refused_since: datetime | None = None
    one_by_one: bool = False
    is_tried: bool = False

    def rests(self, now: datetime) -> bool:
        """True when no further change may try now."""
        return self.is_tried or (self.rest_until is not None and self.rest_until > now)


Standings = Mapping[str, Standing]
"""By name; a channel that took the last message, or was never sent one, has none."""


def find_standings(ledgers: Iterable[Ledger]) -> Standings:
    """Learn from the latest attempt on each channel, whichever change made it."""
    attempts: dict[str, list[tuple[Attempt, ChannelState]]] = {}
    for ledger in ledgers:
        for name, state in ledger.channels.items():
            if state.last_attempt is not None:
                attempts.setdefault(name, []).append((state.last_attempt, state))
    found = {name: _find_standing(made) for name, made in attempts.items()}
    return {name: standing for name, standing in found.items() if standing is not None}


def note_tried(standings: Standings, names: Iterable[str]) -> Standings:
    """Let the others wait for how these channels fare with the change that has just claimed them."""
    tried = {
        name: replace(standings[name], is_tried=True)
        for name in names
        if name in standings and standings[name].one_by_one
    }
    return {**standings, **tried} if tried else standings


def _find_standing(attempts: Iterable[tuple[Attempt, ChannelState]]) -> Standing | None:
    """What holds for all since the channel last took a message; None if that was the latest attempt."""
    in_order = sorted(attempts, key=lambda made: made[0].ended_at)
    since_sent = [*takewhile(lambda made: made[0].outcome is not Outcome.SENT, reversed(in_order))]
    if not since_sent:
        return None
    attempt, state = since_sent[0]
    refused_since = min((s.refused_since for _, s in since_sent if s.refused_since), default=None)
    # A refusal that may be one message's own fault holds no other back.
    if attempt.outcome is Outcome.REFUSED and blames_message(attempt.code):
        return Standing(refused_since=refused_since)
    return Standing(state.not_before, refused_since, one_by_one=True)
