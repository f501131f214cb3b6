"""Messages about a change that never was, for each kind of alert: to look at forms, to try channels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from msgspec.structs import replace

from notifiers.alerts import Alert, Group, Kind
from notifiers.messages import Digest, Link, Message, Place, Situation, StepLine, compose, digest
from notifiers.operations import Order, Specification

NOW: Final = datetime(2026, 11, 24, 9, 52, tzinfo=timezone.utc)
_INSTANCE: Final = "6b0e3a52-4f1d-4c2e-9a57-8d1f0c7be210"
_TASKS: Final = {
    "orders": "f2c8d1a4-0b7e-4e63-8f35-51c9a6d20e78",
    "billing": "0d94b7e1-7c35-4a8a-b1f6-2e60c3d8a951",
    "search": "a871f3c6-52de-4b90-8c04-97be15d6f023",
}
_STATUS_PAGE: Final = "https://headway.example.com"
_CONSOLE: Final = Link(Place.CONSOLE, "https://console.huaweicloud.com/dms/?region=cn-north-4")

_STEPS: Final = (
    ("pre_check", 43),
    ("disk_expansion", 1190),
    ("rolling_restart", 980),
    ("post_check", 35),
)
_PERCENT: Final = 60
_REMAINING_SECONDS: Final = 1124
_REMAINING_SECONDS_AT_FIRST: Final = 2248

# It was ordered twelve seconds before its first step began; most kinds tell of it 48 seconds into the third.
_ON_THE_WAY_SECONDS: Final = 1293
_SECONDS_SINCE_ORDER: Final[Mapping[Kind, int]] = {
    Kind.STARTED: 12,
    Kind.STEP_STARTED: 1245,
    Kind.STEP_COMPLETED: 1245,
    Kind.STEP_FAILED: 1556,
    Kind.FAILED: 1557,
    Kind.COMPLETED: 2260,
    Kind.STALLED: _ON_THE_WAY_SECONDS + 1800,
    Kind.RESUMED: _ON_THE_WAY_SECONDS + 2220,
    Kind.UNREACHABLE: _ON_THE_WAY_SECONDS + 600,
    Kind.RECOVERED: _ON_THE_WAY_SECONDS + 1380,
    Kind.UNWATCHED: _ON_THE_WAY_SECONDS + 12600,
    Kind.REMINDER: 1556 + 7200,
}
_SECONDS_SINCE_LOOK: Final[Mapping[Kind, int]] = {Kind.UNREACHABLE: 600}
_ENDS: Final = {
    Kind.COMPLETED: "completed",
    Kind.FAILED: "failed",
    Kind.LOST: "lost",
    Kind.CANCELLED: "cancelled",
}
_FAILURES: Final = frozenset({Kind.FAILED, Kind.STEP_FAILED, Kind.REMINDER})
_FIELDS: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.STEP_STARTED: {"step": "rolling_restart"},
    Kind.STEP_COMPLETED: {"step": "disk_expansion", "step_seconds": 1190},
    Kind.STEP_FAILED: {"step": "rolling_restart", "step_seconds": 311},
    Kind.COMPLETED: {"seconds": 2260},
    Kind.FAILED: {"seconds": 1557},
    Kind.LOST: {"detail": "The task's record was deleted."},
    Kind.CANCELLED: {"seconds": 1293},
    Kind.STALLED: {"seconds": 1800},
    Kind.RESUMED: {"seconds": 2220},
    Kind.DELAYED: {"seconds": 900},
    Kind.UNREACHABLE: {
        "seconds": 600,
        "detail": "The DMS API is out of order (HTTP 503, APIGW.0201). (request id 4f8ce29b0d1c4a6f)",
    },
    Kind.RECOVERED: {"seconds": 1380},
    Kind.UNWATCHED: {
        "seconds": 12600,
        "detail": (
            "Headway did not run, had no time for it, or could not use its store or the DMS API."
            " What happened meanwhile is told as soon as it is seen."
        ),
    },
    Kind.CHANNEL_REFUSED: {"channel": "ops-slack", "detail": "Its service answered invalid_token."},
    Kind.LEDGER_RESET: {
        "detail": (
            "The kept document could not be read (its checksum does not match its content) and was set aside."
        ),
    },
    Kind.REMINDER: {"step": "rolling_restart", "seconds": 7200, "reminds_of": Kind.STEP_FAILED},
}


def sample(kind: Kind, now: datetime = NOW) -> Message:
    """A message whose only alert is of this kind, about a change as it may be then."""
    return _tell("orders", kind, now)


def sample_digest(now: datetime = NOW) -> Digest:
    """A digest of several changes, one of which has failed."""
    told = {"orders": Kind.COMPLETED, "billing": Kind.STEP_FAILED, "search": Kind.STEP_COMPLETED}
    messages = [_tell(name, kind, now) for name, kind in told.items()]
    return digest(messages, (Link(Place.STATUS_PAGE, _STATUS_PAGE), _CONSOLE))


def trial_message(channel_name: str, now: datetime, links: tuple[Link, ...] = ()) -> Message:
    """What a channel is sent to see whether it hears: it says of itself that it is a test.

    Its links are those that a message about all changes has; without any they are made up like the rest.
    """
    alert = Alert(1, Kind.STARTED, "started", now, channel=channel_name)
    situation = replace(_situation("orders", Kind.STARTED, now), name="example")
    return Message(alert, (alert,), replace(situation, links=links or situation.links), is_test=True)


def _tell(name: str, kind: Kind, now: datetime) -> Message:
    fields = _FIELDS.get(kind, {})
    situation = _situation(name, kind, now)
    cause = f"{kind.value}:{fields['step']}#1" if "step" in fields else f"{kind.value}:1"
    alert = Alert(7, kind, cause, now, situation.percent, situation.remaining_seconds, **fields)
    return compose([alert], situation, repeat_upto=0)


def _situation(name: str, kind: Kind, now: datetime) -> Situation:
    is_end = Group.END in kind.traits.groups
    change_id = f"{_INSTANCE}/{_TASKS[name]}"
    percent = 100 if kind is Kind.COMPLETED else 0 if kind is Kind.STARTED else _PERCENT
    remaining_seconds = _REMAINING_SECONDS_AT_FIRST if kind is Kind.STARTED else _REMAINING_SECONDS
    since_order = timedelta(seconds=_SECONDS_SINCE_ORDER.get(kind, _ON_THE_WAY_SECONDS))
    after = Specification("kafka.4u8g.cluster", 3, 600)
    return Situation(
        change_id=change_id,
        name=name,
        phase=_ENDS.get(kind, "running"),
        percent=percent,
        remaining_seconds=None if is_end else remaining_seconds,
        steps=_steps(kind),
        links=(Link(Place.STATUS_PAGE, f"{_STATUS_PAGE}/changes/{change_id}"), _CONSOLE),
        seen_at=now - timedelta(seconds=_SECONDS_SINCE_LOOK.get(kind, 0)),
        order=Order("lin.mei", now - since_order, (("oper_type", "storage"), ("new_storage_space", "600"))),
        specification=Specification("kafka.4u8g.cluster", 3, 300),
        specification_now=after if kind is Kind.COMPLETED else None,
    )


def _steps(kind: Kind) -> tuple[StepLine, ...]:
    """Two steps are done and a third has begun; at the start and at the end it is otherwise."""
    if kind is Kind.COMPLETED:
        return tuple(StepLine(name, "completed", seconds=seconds) for name, seconds in _STEPS)
    current = 0 if kind is Kind.STARTED else 2
    state = "failed" if kind in _FAILURES else "running"
    states = (
        "completed" if place < current else state if place == current else "waiting" for place in range(4)
    )
    return tuple(
        StepLine(name, state, seconds=seconds if state == "completed" else None)
        for state, (name, seconds) in zip(states, _STEPS, strict=True)
    )
