"""Sends what an invocation has to tell, many messages to one channel as a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from notifiers.channel import Channel
from notifiers.dispatch import Parcel, Sent
from notifiers.gathering import gather
from notifiers.messages import Link
from notifiers.verdicts import Outcome, Verdict, may_blame_message

Dispatch = Callable[[Sequence[Parcel]], Iterable[Sent]]
"""Sends parcels, channels side by side; says of each how it went as soon as that is known."""

GATHERED_TRIES_MAX: Final = 2
"""One that was tried more often goes apart from the others: perhaps they fail for its sake."""


class Sending:
    """Sends for one invocation, which may do so in several rounds."""

    def __init__(self, channels: Iterable[Channel], links: tuple[Link, ...], dispatch: Dispatch) -> None:
        """Take the channels, where a digest leads to, and how things are sent."""
        self._channels = {channel.name: channel for channel in channels}
        self._links = links
        self._dispatch = dispatch
        self._told: Counter[str] = Counter()

    def send(self, tries: Mapping[Parcel, int]) -> Iterator[Sent]:
        """Send parcels, and say of each how it went; None where it was not sent.

        Args:
            tries: The parcels, each with how often it has been tried, this time included.
        """
        # A message that its channel did not take last time holds up no other's; the worst comes first.
        in_order = sorted(tries, key=lambda parcel: (tries[parcel], -parcel.message.severity.rank))
        fresh = [parcel for parcel in in_order if tries[parcel] <= GATHERED_TRIES_MAX]
        stale = [parcel for parcel in in_order if tries[parcel] > GATHERED_TRIES_MAX]
        bundles = {**self._gather(fresh), **self._gather(stale)}
        closed: set[str] = set()
        while bundles:
            parts: dict[Parcel, tuple[Parcel, ...]] = {}
            for sent, verdict in self._dispatch(list(bundles)):
                members = bundles[sent]
                self._told[sent.channel] += verdict is not None
                if len(members) > 1 and verdict and _may_blame_digest(verdict) and sent.channel not in closed:
                    parts |= self._split(members)
                    continue
                if verdict is not None and verdict.outcome is not Outcome.SENT:
                    closed.add(sent.channel)
                yield from _shared(members, verdict)
            bundles = parts

    def _gather(self, parcels: Sequence[Parcel]) -> dict[Parcel, tuple[Parcel, ...]]:
        return dict(gather(parcels, self._channels, self._links, self._told))

    def _split(self, members: Sequence[Parcel]) -> dict[Parcel, tuple[Parcel, ...]]:
        """One by itself, which shows whether the channel takes anything at all; and the rest in halves."""
        half = len(members) // 2 + 1
        return {
            members[0]: (members[0],),
            **self._gather(members[1:half]),
            **self._gather(members[half:]),
        }


def _shared(members: Sequence[Parcel], verdict: Verdict | None) -> Iterator[Sent]:
    """What becomes of a digest becomes of all in it; but that it failed counts for one of them only."""
    first, *others = members
    yield first, verdict
    shared = verdict
    if verdict is not None and verdict.outcome not in _PERHAPS_HEARD:
        shared = replace(verdict, is_shared=True) if verdict.may_have_arrived else None
    yield from ((parcel, shared) for parcel in others)


def _may_blame_digest(verdict: Verdict) -> bool:
    """Whether its messages may do better apart: it may be too long, or one of them no good."""
    is_plain_retry = verdict.outcome is Outcome.RETRY and verdict.retry_after_seconds is None
    return may_blame_message(verdict.code) or (is_plain_retry and not verdict.may_have_arrived)


_PERHAPS_HEARD: Final = frozenset({Outcome.SENT, Outcome.UNKNOWN})
