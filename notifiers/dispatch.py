"""Sends what is to be sent: all channels side by side, each channel one message after another.

A send runs in a daemon thread of its own and is waited for, never for too long: neither a hanging
service nor the end of the process can be held up by it. Nothing is tried twice here. A service that takes
only so many messages is left alone between two of them, and only its own channel waits for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Final, Protocol

import msgspec

from notifiers.gathering import Parcel
from notifiers.messages import Content
from notifiers.verdicts import Outcome, Verdict, may_blame_message

__all__ = ["SEND_SECONDS_MAX", "Limits", "Parcel", "Sender", "Sent", "dispatch"]

SEND_SECONDS_MAX: Final = 15.0
_SENDERS_SHARE: Final = 0.9
"""A sender is to be done a little before it is given up, for it can tell what was sent from what was not."""


class Sender(Protocol):
    """Somewhere to send messages."""

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """Send once; be done within about `timeout_seconds`."""
        ...


class Limits(msgspec.Struct, frozen=True):
    """What bounds all sends: how long one may take, and how much time is left for sending, asked before each.

    A send that could not end in that time is not begun, for to cut it off would leave it in doubt.
    `pause_seconds` is by channel how long it is left alone between two sends; `sleep` waits that long.
    `free_at` is when each may be spoken to again, by the monotonic clock, also by the next dispatch.
    """

    send_seconds: float
    remaining_seconds: Callable[[], float]
    pause_seconds: Mapping[str, float] = {}
    sleep: Callable[[float], None] = time.sleep
    free_at: MutableMapping[str, float] = {}


Sent = tuple[Parcel, "Verdict | None"]
"""How a parcel fared; None when it was not sent at all."""


def dispatch(parcels: Sequence[Parcel], senders: Mapping[str, Sender], limits: Limits) -> Iterator[Sent]:
    """Send parcels in time; a channel that did not take one is spared the rest.

    Args:
        parcels: What to send, in order for each channel.
        senders: By name of the channel; parcels of others are not sent.
        limits: When to stop.

    Yields:
        Each parcel with its verdict, as soon as that is known.
    """
    done: SimpleQueue[Sent] = SimpleQueue()
    for name in dict.fromkeys(parcel.channel for parcel in parcels):
        lane = [parcel for parcel in parcels if parcel.channel == name]
        Thread(target=_serve, args=(lane, senders.get(name), limits, done.put), daemon=True).start()
    for _ in parcels:
        yield done.get()


def _serve(
    parcels: Sequence[Parcel], sender: Sender | None, limits: Limits, done: Callable[[Sent], None]
) -> None:
    """Send one channel's parcels one after another, as far as they go.

    One refusal that may be the message's own fault does not end it, a second is taken for the channel's.
    """
    is_open, blamed = sender is not None, 0
    pause = max(0.0, limits.free_at.get(parcels[0].channel, 0.0) - time.monotonic())
    for parcel in parcels:
        verdict = None
        if sender and is_open and _wait(pause, limits):
            verdict = _send(sender, parcel.message, limits.send_seconds)
            pause = limits.pause_seconds.get(parcel.channel, 0.0)
            limits.free_at[parcel.channel] = time.monotonic() + pause
            blamed += may_blame_message(verdict.code)
            is_open = verdict.outcome is Outcome.SENT or (may_blame_message(verdict.code) and blamed == 1)
        done((parcel, verdict))


def _wait(pause: float, limits: Limits) -> bool:
    """Wait if there is time for that and a send behind it; say whether there still is for the send."""
    if limits.remaining_seconds() < pause + limits.send_seconds:
        return False
    if not pause:
        return True
    limits.sleep(pause)
    return limits.remaining_seconds() >= limits.send_seconds


def _send(sender: Sender, message: Content, timeout_seconds: float) -> Verdict:
    """Send, but stop waiting in time; what comes of it later is dropped."""
    answers: list[Verdict] = []
    own_seconds = timeout_seconds * _SENDERS_SHARE
    thread = Thread(target=lambda: answers.append(_attempt(sender, message, own_seconds)), daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    return answers[0] if answers else Verdict(Outcome.UNKNOWN, "timeout")


def _attempt(sender: Sender, message: Content, timeout_seconds: float) -> Verdict:
    try:
        return sender.send(message, timeout_seconds)
    except Exception as error:  # noqa: BLE001 - one channel's fault must not reach another
        # The text could quote a URL; the type cannot.
        return Verdict(Outcome.UNKNOWN, type(error).__name__)
