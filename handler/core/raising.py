"""Turns causes into numbered alerts in the log: each cause key is raised once, in the order given."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from handler.core.ledger import Ledger
from notifiers.alerts import Alert, Kind

RAISED_MAX: Final = 500
DETAIL_LENGTH_MAX: Final = 200
_LATEST_ONLY: Final = frozenset(
    kind.value
    for kind in (
        *(Kind.STALLED, Kind.RESUMED, Kind.UNREACHABLE, Kind.RECOVERED),
        *(Kind.UNWATCHED, Kind.CHANNEL_REFUSED, Kind.REMINDER),
    )
)


class Cause(msgspec.Struct, frozen=True):
    """A reason for an alert; a `silent` one is only noted, as known before anybody could be told.

    `key` is what makes it once: the kind's name, a colon, and what tells it from others of its kind.
    """

    key: str
    kind: Kind
    silent: bool = False
    step: str | None = None
    step_seconds: int | None = None
    seconds: int | None = None
    detail: str | None = None
    channel: str | None = None
    reminds_of: Kind | None = None


def raise_alerts(ledger: Ledger, causes: Iterable[Cause], now: datetime) -> Ledger:
    """Append to the log an alert for each cause that is neither silent nor raised before."""
    for cause in causes:
        if cause.key not in ledger.raised:
            ledger = replace(ledger, raised=_remember(ledger, cause.key))
            ledger = ledger if cause.silent else _append(ledger, cause, now)
    return ledger


def tell_loss(ledger: Ledger, damage: str, now: datetime) -> Ledger:
    """Begin the log of a new ledger by telling that the old one was lost, and why."""
    detail = f"The kept document could not be read ({damage}) and was set aside."
    cause = Cause(Kind.LEDGER_RESET.cause_since(now), Kind.LEDGER_RESET, detail=detail)
    return raise_alerts(replace(ledger, follows_loss=True), [cause], now)


def _append(ledger: Ledger, cause: Cause, now: datetime) -> Ledger:
    observation = ledger.observation
    alert = Alert(
        number=ledger.length + 1,
        kind=cause.kind,
        cause=cause.key,
        raised_at=now,
        percent=observation.percent if observation else None,
        remaining_seconds=observation.remaining_seconds if observation else None,
        step=cause.step,
        step_seconds=cause.step_seconds,
        seconds=cause.seconds,
        detail=cause.detail[:DETAIL_LENGTH_MAX] if cause.detail else None,
        channel=cause.channel,
        reminds_of=cause.reminds_of,
        may_repeat=ledger.follows_loss and cause.kind is not Kind.LEDGER_RESET,
    )
    return replace(ledger, length=alert.number, alerts=(*ledger.alerts, alert))


def _remember(ledger: Ledger, key: str) -> tuple[str, ...]:
    """Add a key; of what comes and goes only the latest is kept, of steps no longer listed the newest."""
    raised, family = ledger.raised, key.partition(":")[0]
    if family in _LATEST_ONLY:
        raised = tuple(known for known in raised if known.partition(":")[0] != family)
    if len(raised) >= RAISED_MAX:
        listed = {step.key for step in ledger.observation.steps} if ledger.observation else set()
        oldest = next((known for known in raised if _is_spent(known, listed)), None)
        raised = tuple(known for known in raised if known != oldest)
    return (*raised, key)


def _is_spent(key: str, listed: Container[str]) -> bool:
    family, _, step = key.partition(":")
    return family.startswith("step_") and step not in listed
