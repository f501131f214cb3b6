"""Reminds of what stands: a failure, a failed step or a stall that nothing has put an end to.

Whether a reminder is due the log tells: by when the channel last heard of the matter. So a channel that is
down has one reminder waiting, not one for each time it should have heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from handler.core.audience import Audience
from handler.core.ledger import Ledger
from handler.core.observation import Phase, StepState
from handler.core.raising import Cause, raise_alerts
from notifiers.alerts import Alert, Ending, Kind
from notifiers.channel import Channel
from notifiers.verdicts import Outcome

REMINDED_FOR: Final = timedelta(days=1)
"""Of a change that has failed one is reminded so long: by then somebody knows, or never will."""

SENDING_TAKES: Final = timedelta(minutes=1)
"""So much later than it was raised an alert may be heard without making reminders come later and later."""

_FAILURES: Final = {Phase.FAILED: Kind.FAILED, Phase.LOST: Kind.LOST}


class Matter(NamedTuple):
    """What an alert of a kind has told, and what still stands since then."""

    kind: Kind
    since: datetime
    step: str | None = None


def remind(ledger: Ledger, audience: Audience, now: datetime) -> Ledger:
    """Raise a reminder for each channel that is due one; of an end that is dismissed, withdraw what waits.

    Whether there may be more reminders of a failure does not hang on this configuration alone, once there
    are any: another one with the same state may want them, and the two would write by turns.

    Args:
        ledger: The ledger with all channels enrolled.
        audience: Who listens.
        now: The store's clock.

    Returns:
        The ledger with the reminders in its log; after a failure it also says whether there may be more.
    """
    if ledger.is_dismissed and ledger.phase.is_end:
        return replace(_withdraw(ledger, now), is_reminding=False)
    reminded = [(channel, channel.remind_every) for channel in audience.channels if channel.remind_every]
    matters = list(_standing(ledger, now)) if reminded or ledger.is_reminding else []
    causes, is_reminding = [], bool(matters) and ledger.is_reminding
    for channel, period in reminded:
        matter = _gravest(matters, ledger, audience, channel)
        heard_at = _heard_at(ledger, audience, channel, matter) if matter else None
        is_reminding |= matter is not None
        if matter and heard_at and now - heard_at >= period:
            causes.append(_reminder(channel, matter, now))
    ledger = replace(ledger, is_reminding=is_reminding and ledger.phase.is_end)
    return raise_alerts(ledger, causes, now)


def _withdraw(ledger: Ledger, now: datetime) -> Ledger:
    """Give up the reminders that their channels have not heard, but for what is just being sent."""

    def withdrawn(alert: Alert) -> Alert:
        state = ledger.channels.get(alert.channel or "") if alert.kind is Kind.REMINDER else None
        is_claimed = state is not None and state.claim is not None and state.claim.until > now
        if state is None or state.has_settled(alert.number) or is_claimed:
            return alert
        return replace(alert, endings={(alert.channel or ""): Ending.GIVEN_UP})

    return replace(ledger, alerts=tuple(map(withdrawn, ledger.alerts)))


def _standing(ledger: Ledger, now: datetime) -> Iterator[Matter]:
    """What stands, the gravest first; while the API does not answer nobody knows what does."""
    if ledger.phase.is_end:
        yield from _failure(ledger, now)
    elif ledger.outage is None:
        yield from _failed_step(ledger)
        yield from _stall(ledger)


def _failure(ledger: Ledger, now: datetime) -> Iterator[Matter]:
    kind = _FAILURES.get(ledger.phase)
    since = _told_since(ledger, kind) if kind else None
    if kind and since and now - since < REMINDED_FOR:
        yield Matter(kind, since, next((matter.step for matter in _failed_step(ledger)), None))


def _failed_step(ledger: Ledger) -> Iterator[Matter]:
    """The failed step that was told last; of very many steps it is not known which they are."""
    observation = ledger.observation
    if observation is None or not observation.counts().get(StepState.FAILED):
        return
    names = {step.key: step.name for step in observation.steps if step.state is StepState.FAILED}
    told = (key.partition(":") for key in reversed(ledger.raised))
    steps = (step for kind, _, step in told if kind == Kind.STEP_FAILED.value)
    latest = next((step for step in steps if step in names or not names), None)
    step = names.get(latest or "")
    since = _told_since(ledger, Kind.STEP_FAILED, step)
    if latest and since:
        yield Matter(Kind.STEP_FAILED, since, step)


def _stall(ledger: Ledger) -> Iterator[Matter]:
    if ledger.is_stalled and ledger.moved_at:
        yield Matter(Kind.STALLED, ledger.moved_at)


def _told_since(ledger: Ledger, kind: Kind, step: str | None = None) -> datetime | None:
    """When something was first told: by its own alert, or as its reminders say if the log has forgotten that.

    What neither tells is older than all that the log still knows.
    """
    told = [alert for alert in ledger.alerts if alert.kind is kind]
    told = [alert for alert in told if alert.step == step] or told
    if told:
        return told[-1].raised_at
    reminders = [alert for alert in ledger.alerts if alert.reminds_of is kind]
    if reminders:
        return reminders[-1].raised_at - timedelta(seconds=reminders[-1].seconds or 0)
    return ledger.alerts[0].raised_at if ledger.alerts else None


def _gravest(matters: list[Matter], ledger: Ledger, audience: Audience, channel: Channel) -> Matter | None:
    """The first of those of which the channel wants to be reminded."""
    wanted = (
        matter
        for matter in matters
        if channel.wants_reminders(matter.kind, ledger.change, audience.change_name)
    )
    return next(wanted, None)


def _heard_at(ledger: Ledger, audience: Audience, channel: Channel, matter: Matter) -> datetime | None:
    """When the channel last heard that the matter stands; None if that is still on its way there.

    It is when that was raised, or a good while later if the channel's last message was what brought it.
    """
    told = next((alert for alert in reversed(ledger.alerts) if _tells(alert, channel, matter)), None)
    if told is None:
        return matter.since
    state = ledger.channels[channel.name]
    if not state.has_settled(told.number):
        return None
    newer = (a for a in ledger.alerts if a.number > told.number and state.has_settled(a.number))
    is_last = not any(channel.wants(alert, ledger.change, audience.change_name) for alert in newer)
    attempt = state.last_attempt
    if attempt is None or attempt.outcome is not Outcome.SENT or not is_last:
        return told.raised_at
    return max(told.raised_at, attempt.ended_at - SENDING_TAKES)


def _tells(alert: Alert, channel: Channel, matter: Matter) -> bool:
    """Whether an alert tells of a matter; any reminder counts, so that there are never more than wanted."""
    is_own_reminder = alert.kind is Kind.REMINDER and alert.channel == channel.name
    return alert.kind is matter.kind or is_own_reminder


def _reminder(channel: Channel, matter: Matter, now: datetime) -> Cause:
    return Cause(
        f"{Kind.REMINDER.value}:{channel.name}:{now.isoformat()}",
        Kind.REMINDER,
        step=matter.step,
        seconds=round((now - matter.since).total_seconds()),
        channel=channel.name,
        reminds_of=matter.kind,
    )
