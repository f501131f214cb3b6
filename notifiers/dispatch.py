"""Sends what is to be sent: all channels side by side, each channel one message after another.

A send runs in a daemon thread of its own and is waited for, never for too long: neither a hanging
service nor the end of the process can be held up by it. Nothing is tried twice here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Final, Protocol

import msgspec

from notifiers.messages import Message
from notifiers.verdicts import Outcome, Verdict

SEND_SECONDS_MAX: Final = 15.0
SEND_SECONDS_MIN: Final = 1.0
"""With less time than this left a send would only be cut off; it is left to the next invocation."""


class Sender(Protocol):
    """Somewhere to send messages."""

    def send(self, message: Message, timeout_seconds: float) -> Verdict:
        """Send once; be done within about `timeout_seconds`."""
        ...


class Parcel(msgspec.Struct, frozen=True, eq=False):
    """A message on its way to one channel about one change; equal only to itself."""

    channel: str
    change_id: str
    message: Message


class Limits(msgspec.Struct, frozen=True):
    """What bounds all sends: the end of time by `monotonic`, and a last question before each send."""

    deadline: float
    monotonic: Callable[[], float]
    may_send: Callable[[], bool]


def dispatch(
    parcels: Sequence[Parcel], senders: Mapping[str, Sender], limits: Limits
) -> dict[Parcel, Verdict | None]:
    """Send parcels before the deadline; a channel that did not take one is spared the rest.

    Args:
        parcels: What to send, in order for each channel.
        senders: By name of the channel; parcels of others are not sent.
        limits: When to stop.

    Returns:
        How each parcel fared; None for those not sent at all.
    """
    verdicts: dict[Parcel, Verdict | None] = dict.fromkeys(parcels)
    lanes = [
        Thread(
            target=_serve,
            args=([p for p in parcels if p.channel == name], senders[name], limits, verdicts),
            daemon=True,
        )
        for name in dict.fromkeys(parcel.channel for parcel in parcels)
        if name in senders
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return verdicts


def _serve(
    parcels: Sequence[Parcel], sender: Sender, limits: Limits, verdicts: dict[Parcel, Verdict | None]
) -> None:
    """Send one channel's parcels one after another, as far as they go."""
    for parcel in parcels:
        timeout_seconds = min(SEND_SECONDS_MAX, limits.deadline - limits.monotonic())
        if timeout_seconds < SEND_SECONDS_MIN or not limits.may_send():
            return
        verdict = _send(sender, parcel.message, timeout_seconds)
        verdicts[parcel] = verdict
        if verdict.outcome is not Outcome.SENT:
            return


def _send(sender: Sender, message: Message, timeout_seconds: float) -> Verdict:
    """Send, but stop waiting in time; what comes of it later is dropped."""
    answers: list[Verdict] = []
    thread = Thread(target=lambda: answers.append(_attempt(sender, message, timeout_seconds)), daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    return answers[0] if answers else Verdict(Outcome.UNKNOWN, "timeout")


def _attempt(sender: Sender, message: Message, timeout_seconds: float) -> Verdict:
    try:
        return sender.send(message, timeout_seconds)
    except Exception as error:  # noqa: BLE001 - one channel's fault must not reach another
        # The text could quote a URL; the type cannot.
        return Verdict(Outcome.UNKNOWN, type(error).__name__)
