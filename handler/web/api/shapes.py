"""What the API says of changes, made of what is kept of them; the shapes are those of `change_shape.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict

from handler.core.ledger import Attempt, ChannelState
from handler.core.observation import Observation, Phase, Step
from handler.core.problem import ProblemKind
from handler.core.record import NOTHING, Record
from handler.web.api.change_shape import (
    ChangeDetail,
    ChangeError,
    ChangeList,
    ChangeOrder,
    ChangeStep,
    ChangeSummary,
    Hearing,
    InstanceSize,
    LastAttempt,
    ListeningChannel,
    OrderParameter,
    ProgressSample,
    RaisedAlert,
)
from handler.web.api.scalars import in_utc, in_utc_if_any, shown, shown_if_any
from handler.web.drawing.sight import ended_at
from notifiers.alerts import Alert
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome


def list_of(
    records: Sequence[Record], next_cursor: str | None = None, refused_at: datetime | None = None
) -> ChangeList:
    """Say how changes stand, and when the key was refused; `next_cursor` asks for the following ones."""
    return ChangeList(
        changes=tuple(map(summary_of, records)),
        next_cursor=next_cursor,
        access_key_refused_at=in_utc_if_any(refused_at),
    )


def summary_of(record: Record) -> ChangeSummary:
    """Say how a change stands."""
    ledger = record.ledger or NOTHING
    seen = ledger.observation or Observation(Phase.UNKNOWN)
    return ChangeSummary(
        id=str(record.change),
        instance_id=record.change.instance_id,
        task_id=record.change.task_id,
        name=shown_if_any(ledger.name),
        phase=seen.phase,
        percent=seen.percent,
        remaining_seconds=None if seen.phase.is_end else seen.remaining_seconds,
        done_at=None if seen.phase.is_end else in_utc_if_any(seen.done_at),
        step=shown(seen.current_step.name) if seen.current_step else None,
        is_active=record.is_active,
        is_stalled=ledger.is_stalled,
        created_at=None if ledger is NOTHING else in_utc(ledger.created_at),
        looked_at=in_utc_if_any(ledger.looked_at),
        seen_at=in_utc_if_any(seen.date),
        ended_at=in_utc_if_any(ended_at(ledger)),
        duration_seconds=seen.duration_seconds if seen.phase.is_end else None,
        error=_error_of(record),
        refused_channels=tuple(
            shown(name)
            for name, state in ledger.channels.items()
            if hearing_of(state, ledger.length) is Hearing.REFUSED
        ),
    )


def detail_of(record: Record) -> ChangeDetail:
    """Say all that is known of a change."""
    ledger = record.ledger or NOTHING
    seen = ledger.observation or Observation(Phase.UNKNOWN)
    return ChangeDetail(
        **asdict(summary_of(record)),
        steps=tuple(map(_step, seen.steps)),
        step_counts=seen.counts(),
        order=_order(ledger.order) if ledger.order else None,
        specification=_size(ledger.specification),
        specification_now=_size(ledger.specification_now),
        samples=tuple(
            ProgressSample(at=in_utc(sample.at), percent=sample.percent) for sample in ledger.samples
        ),
        alert_count=ledger.length,
        alerts=tuple(map(_alert, ledger.alerts)),
        channels=tuple(_channel(name, state, ledger.length) for name, state in ledger.channels.items()),
        outage_counts=ledger.outage_counts,
    )


def hearing_of(state: ChannelState, length: int) -> Hearing:
    """Say how a channel listens to a log of so many alerts; what is wrong with it comes first."""
    if state.absent_since is not None:
        return Hearing.ABSENT
    if state.refused_since is not None:
        return Hearing.REFUSED
    if state.claim is not None:
        return Hearing.SENDING
    if state.offset >= length:
        return Hearing.IDLE
    is_cut_off = state.last_attempt is not None and state.last_attempt.outcome is Outcome.UNKNOWN
    return Hearing.IN_DOUBT if is_cut_off else Hearing.WAITING


def _error_of(record: Record) -> ChangeError | None:
    if record.trouble is not None:
        return ChangeError(kind=ProblemKind.STATE_UNAVAILABLE, message=shown(record.trouble))
    outage = record.ledger.outage if record.ledger else None
    return ChangeError(kind=outage.kind, since=in_utc(outage.since)) if outage else None


def _step(step: Step) -> ChangeStep:
    return ChangeStep(
        name=shown(step.name),
        occurrence=step.occurrence,
        state=step.state,
        status=shown_if_any(step.status),
        started_at=in_utc_if_any(step.started_at),
        ended_at=in_utc_if_any(step.ended_at),
        duration_seconds=step.duration_seconds,
    )


def _order(order: Order) -> ChangeOrder:
    return ChangeOrder(
        user=shown_if_any(order.user),
        ordered_at=in_utc_if_any(order.ordered_at),
        parameters=tuple(
            OrderParameter(name=shown(name), value=shown(value)) for name, value in order.parameters
        ),
    )


def _size(specification: Specification | None) -> InstanceSize | None:
    if specification is None:
        return None
    return InstanceSize(
        flavor=shown_if_any(specification.flavor),
        brokers=specification.brokers,
        storage_gb=specification.storage_gb,
    )


def _alert(alert: Alert) -> RaisedAlert:
    return RaisedAlert(
        number=alert.number,
        kind=alert.kind,
        severity=alert.severity,
        raised_at=in_utc(alert.raised_at),
        percent=alert.percent,
        remaining_seconds=alert.remaining_seconds,
        step=shown_if_any(alert.step),
        step_seconds=alert.step_seconds,
        seconds=alert.seconds,
        detail=shown_if_any(alert.detail),
        channel=shown_if_any(alert.channel),
        reminds_of=alert.reminds_of,
        may_repeat=alert.may_repeat,
        endings={shown(name): ending for name, ending in alert.endings.items()},
    )


def _channel(name: str, state: ChannelState, length: int) -> ListeningChannel:
    return ListeningChannel(
        name=shown(name),
        heard_upto=state.offset,
        is_up_to_date=state.offset >= length,
        state=hearing_of(state, length),
        tries=state.tries,
        not_before=in_utc_if_any(state.not_before),
        sending_until=in_utc(state.claim.until) if state.claim else None,
        refused_since=in_utc_if_any(state.refused_since),
        absent_since=in_utc_if_any(state.absent_since),
        last_attempt=_attempt(state.last_attempt) if state.last_attempt else None,
        outcome_counts=state.outcome_counts,
    )


def _attempt(attempt: Attempt) -> LastAttempt:
    return LastAttempt(
        outcome=attempt.outcome, ended_at=in_utc(attempt.ended_at), code=shown_if_any(attempt.code)
    )
