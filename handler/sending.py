"""Sends what an invocation has to tell, many messages to one channel as a digest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from notifiers.channel import Channel
from notifiers.dispatch import Parcel, Sent
from notifiers.gathering import gather
from notifiers.messages import Link
from notifiers.verdicts import Outcome, Verdict, may_blame_message

Dispatch = Callable[[Sequence[Parcel]], Iterable[Sent]]
"""Sends parcels, channels side by side; says of each how it went as soon as that is known."""

GATHERED_TRIES_MAX: Final = 2
"""A message that was not taken so often goes by itself: perhaps others fail for its sake."""


def send(
    tries: Mapping[Parcel, int],
    channels: Mapping[str, Channel],
    links: tuple[Link, ...],
    dispatch: Dispatch,
) -> Iterator[Sent]:
    """Send parcels, and say of each how it went; None where it was not sent.

    Args:
        tries: The parcels, each with how often it has been tried, this time included.
        channels: By name.
        links: Where a digest leads to.
        dispatch: How things are sent.
    """
    # A message that its channel did not take last time holds up no other's.
    in_order = sorted(tries, key=tries.__getitem__)
    fresh = [parcel for parcel in in_order if tries[parcel] <= GATHERED_TRIES_MAX]
    bundles = {
        **gather(fresh, channels, links),
        **{parcel: (parcel,) for parcel in in_order if tries[parcel] > GATHERED_TRIES_MAX},
    }
    closed: set[str] = set()
    while bundles:
        parts: dict[Parcel, tuple[Parcel, ...]] = {}
        for sent, verdict in dispatch(list(bundles)):
            members = bundles[sent]
            if len(members) > 1 and verdict and _may_blame_digest(verdict) and sent.channel not in closed:
                parts |= _split(members, channels, links)
                continue
            if verdict is not None and verdict.outcome is not Outcome.SENT:
                closed.add(sent.channel)
            yield from _shared(members, verdict)
        bundles = parts


def _split(
    members: Sequence[Parcel], channels: Mapping[str, Channel], links: tuple[Link, ...]
) -> dict[Parcel, tuple[Parcel, ...]]:
    """One by itself, which shows whether the channel takes anything at all; and the rest in halves."""
    half = len(members) // 2 + 1
    return {
        members[0]: (members[0],),
        **gather(members[1:half], channels, links),
        **gather(members[half:], channels, links),
    }


def _shared(members: Sequence[Parcel], verdict: Verdict | None) -> Iterator[Sent]:
    """What becomes of a digest becomes of all in it; but one change is enough to know that none was taken."""
    is_heard = verdict is not None and (verdict.outcome in _PERHAPS_HEARD or verdict.may_have_arrived)
    for place, parcel in enumerate(members):
        yield parcel, verdict if is_heard or place == 0 else None


def _may_blame_digest(verdict: Verdict) -> bool:
    """Whether its messages may do better apart: it may be too long, or one of them no good."""
    is_plain_retry = verdict.outcome is Outcome.RETRY and verdict.retry_after_seconds is None
    return may_blame_message(verdict.code) or (is_plain_retry and not verdict.may_have_arrived)


_PERHAPS_HEARD: Final = frozenset({Outcome.SENT, Outcome.UNKNOWN})
