"""What is to be sent to whom, and when it is gathered: a channel is told of many changes in one digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from notifiers.alerts import cannot_wait
from notifiers.channel import Channel
from notifiers.messages import Content, Link, digest

DIGEST_ABOVE: Final = 5
"""As many messages at once a channel takes one by one; more of them are a flood."""

_HELD_ABOVE: Final = 1
"""More messages that quiet hours have held back are one, however few they are."""


class Parcel(msgspec.Struct, frozen=True, eq=False):
    """A message, or a digest of several, on its way to one channel; equal only to itself."""

    channel: str
    message: Content


def gather(
    parcels: Sequence[Parcel],
    channels: Mapping[str, Channel],
    links: tuple[Link, ...],
    told: Mapping[str, int] | None = None,
) -> Mapping[Parcel, tuple[Parcel, ...]]:
    """Put together what would be a flood, or is left of a night; a digest takes its first parcel's place.

    Args:
        parcels: What there is to tell, in order for each channel.
        channels: By name; for one that is not among them nothing is gathered.
        links: Where a digest leads to.
        told: How many messages each channel has got a moment ago; they count as well.

    Returns:
        What is to be sent, in order, each with those of the parcels that it stands for.
    """
    lanes: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        lanes.setdefault(parcel.channel, []).append(parcel)
    gathered: dict[Parcel, tuple[Parcel, ...]] = {}
    for parcel in parcels:
        lane = lanes[parcel.channel]
        if not _is_one(lane, channels.get(parcel.channel), (told or {}).get(parcel.channel, 0)):
            gathered[parcel] = (parcel,)
        elif parcel is lane[0]:
            messages = [message for one in lane for message in one.message.messages]
            gathered[Parcel(parcel.channel, digest(messages, links))] = tuple(lane)
    return gathered


def _is_one(lane: Sequence[Parcel], channel: Channel | None, told: int) -> bool:
    if channel is None or channel.is_incident or len(lane) == 1:
        return False
    is_flood = told + len(lane) > DIGEST_ABOVE
    return is_flood or sum(_was_held(parcel, channel) for parcel in lane) > _HELD_ABOVE


def _was_held(parcel: Parcel, channel: Channel) -> bool:
    """Whether quiet hours have held some of it back; with what cannot wait it would have gone before."""
    alerts = [alert for message in parcel.message.messages for alert in message.alerts]
    return not cannot_wait(alerts) and any(channel.is_quiet(alert.raised_at) for alert in alerts)
