"""How a channel has fared lately, over all changes: what one change has learnt of it holds for all.

A revoked token costs one send an hour, however many changes have something to tell. One change alone that
meets trouble may have caused it, so the others try then, one at a time; two are enough to blame the channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.pausing import LAPSED, retry_pause
from notifiers.verdicts import Outcome, may_blame_message


class Standing(msgspec.Struct, frozen=True):
    """A channel that did not take the last message sent to it: one change at a time tries.

    Nobody does before `rest_until`, but with what is urgent if the channel is only `in_doubt`; nor while
    another change of this invocation `is_tried`. `refused_since` is when it first refused, if it does.
    """

    rest_until: datetime | None = None
    refused_since: datetime | None = None
    in_doubt: bool = False
    is_tried: bool = False

    def rests(self, now: datetime, *, is_urgent: bool) -> bool:
        """True when no further change may try now."""
        is_resting = self.rest_until is not None and self.rest_until > now
        return self.is_tried or (is_resting and not (self.in_doubt and is_urgent))


Standings = Mapping[str, Standing]
"""By name; a channel that took the last message, or was never sent one, has none."""


def find_standings(ledgers: Iterable[Ledger]) -> Standings:
    """Learn from the latest attempt on each channel, whichever change made it."""
    attempts: dict[str, list[tuple[Attempt, ChannelState]]] = {}
    for ledger in ledgers:
        for name, state in ledger.channels.items():
            if state.last_attempt is not None and state.last_attempt.code != LAPSED:
                attempts.setdefault(name, []).append((state.last_attempt, state))
    found = {name: _find_standing(made) for name, made in attempts.items()}
    return {name: standing for name, standing in found.items() if standing is not None}


def note_tried(standings: Standings, names: Iterable[str]) -> Standings:
    """Let the others wait for how these channels fare with the change that has just claimed them."""
    tried = {name: replace(standings[name], is_tried=True) for name in names if name in standings}
    return {**standings, **tried} if tried else standings


def _find_standing(attempts: Iterable[tuple[Attempt, ChannelState]]) -> Standing | None:
    """What holds for all since the channel last took a message; None if that was the latest attempt."""
    in_order = sorted(attempts, key=lambda made: made[0].ended_at)
    since_sent = [*takewhile(lambda made: made[0].outcome is not Outcome.SENT, reversed(in_order))]
    if not since_sent:
        return None
    attempt, _ = since_sent[0]
    is_channels = len(since_sent) > 1 or (
        attempt.outcome is Outcome.REFUSED and not may_blame_message(attempt.code)
    )
    return Standing(
        rest_until=_rest_until(since_sent) if is_channels else None,
        refused_since=min((s.refused_since for _, s in since_sent if s.refused_since), default=None),
        in_doubt=all(made.outcome is Outcome.UNKNOWN for made, _ in since_sent),
    )


def _rest_until(since_sent: list[tuple[Attempt, ChannelState]]) -> datetime | None:
    """The longest pause that any of them has to make; all together try what is down later and later."""
    pauses = [state.not_before for _, state in since_sent if state.not_before]
    latest, _ = since_sent[0]
    if latest.outcome is Outcome.RETRY:
        pauses.append(latest.ended_at + retry_pause(sum(state.tries for _, state in since_sent)))
    return max(pauses, default=None)
