"""What woke the function: reads a platform's raw event as a `Trigger`; never raises, knows no platform.

Recognisers stand in order, the surest first, because a manual event may be any JSON. Their shapes are
the files of `tests/edge/events`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, NamedTuple

import msgspec

from handler.chosen import Chosen, read_channels
from handler.gateways import Request, read_request
from handler.scope import KEYS, Scope, Shape, read_scope
from handler.traces import find_trace, read_trace

_SCHEDULER_KEYS: Final = frozenset({"schedule_arn", "scheduled_time", "execution_id", "attempt_number"})
"""What a schedule's custom input is known by: the attributes that Scheduler fills in, as people name them.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html.
"""

_TEST_ALERT: Final = "test_alert"

_FOREIGN_KEYS: Final = frozenset(
    {
        *("Records", "record", "records", "lts", "specversion", "detail-type", "trigger_type"),
        *("requestContext", "request_context", "requestPayload", "request_payload", "ResponseURL"),
        *("awslogs", "alarmArn", "alarmData", "eventSource", "ShardID", "notify_data", "raw_path"),
        *("methodArn", "triggerSource", "invokingEvent"),
    }
)
"""What events of other triggers are known by; among them are the notices of failed invocations."""


class TriggerKind(Enum):
    """What woke the function; the words of the report's `trigger`."""

    TIMER = "timer"
    HTTP = "http"
    HINT = "hint"
    MANUAL = "manual"
    UNRECOGNISED = "unrecognised"


class Trigger(NamedTuple):
    """What woke the function, and which changes it asks for.

    Without a `scope` it asks for none; a `request` says itself what it wants; `trying` asks for test messages
    instead. `problem` is a sentence about an event that cannot be obeyed. `is_by_hand` tells that no machine
    sends such an event again and again.
    """

    kind: TriggerKind
    scope: Scope | None = None
    request: Request | None = None
    problem: str | None = None
    is_by_hand: bool = False
    trying: Chosen | None = None


def read_trigger(event: object) -> Trigger:
    """Tell what an event is; a manual one may be any JSON object, or none at all."""
    if event is None:
        return Trigger(TriggerKind.MANUAL, Scope(), is_by_hand=True)
    if not isinstance(event, Mapping):
        return _unrecognised("The event is no JSON object.")
    for recognise in _RECOGNISERS:
        trigger = recognise(event)
        if trigger is not None:
            return trigger
    return Trigger(TriggerKind.MANUAL, Scope(), is_by_hand=_says_so(event))


def _says_so(event: Shape) -> bool:
    """Whether it says that a person asks; an empty one is what many a schedule sends."""
    return event.keys() == {"manual"} and event["manual"] is True


def _read_functiongraph_timer(event: Shape) -> Trigger | None:
    if event.get("trigger_type") != "TIMER":
        return None
    try:
        payload = _decode(event.get("user_event"))
    except ValueError:
        sentence = "`user_event` begins like a JSON object and is none."
        return Trigger(TriggerKind.TIMER, problem=sentence)
    return _asking(TriggerKind.TIMER, payload)


def _read_http(event: Shape) -> Trigger | None:
    request = read_request(event)
    return Trigger(TriggerKind.HTTP, request=request) if request else None


def _read_schedule(event: Shape) -> Trigger | None:
    is_schedule = event.get("source") in ("aws.events", "aws.scheduler")
    return _asking(TriggerKind.TIMER, event) if is_schedule else None


def _read_cts(event: Shape) -> Trigger | None:
    trace = find_trace(event)
    return Trigger(TriggerKind.HINT, read_trace(trace)) if trace is not None else None


def _read_smn(event: Shape) -> Trigger | None:
    """A message of SMN's, read like an event if it is one; any other says nothing that could be done."""
    records = event.get("record")
    first = records[0] if isinstance(records, list) and records else None
    if not isinstance(first, Mapping) or not isinstance(first.get("smn"), Mapping):
        return None
    try:
        message = _decode(first["smn"].get("message"))
    except ValueError:
        message = None
    message = message if isinstance(message, Mapping) else {}
    return _read_cts(message) or (
        _asking(TriggerKind.HINT, message) if _is_payload(message) else Trigger(TriggerKind.HINT)
    )


def _read_custom_timer(event: Shape) -> Trigger | None:
    is_timer = _is_payload(event) or not _SCHEDULER_KEYS.isdisjoint(event)
    return _asking(TriggerKind.TIMER, event) if is_timer else None


def _read_foreign(event: Shape) -> Trigger | None:
    """Another trigger's event: a function that gets the notice of its own failure must not fail again."""
    found = sorted(_FOREIGN_KEYS & event.keys())
    return (
        _unrecognised(f"The event is none that Headway knows; it has {', '.join(found)}.") if found else None
    )


def _read_trial(event: Shape) -> Trigger | None:
    """Test messages for all channels (`true`), or for those that a list names; they are asked for alone."""
    if _TEST_ALERT not in event:
        return None
    if len(event) > 1:
        sentence = f"`{_TEST_ALERT}` has to be all that an event asks for."
        return Trigger(TriggerKind.MANUAL, problem=sentence)
    wanted = event[_TEST_ALERT]
    try:
        trying = Chosen() if wanted is True else read_channels(wanted, _TEST_ALERT, else_all="say true")
    except ValueError as error:
        return Trigger(TriggerKind.MANUAL, problem=str(error))
    return Trigger(TriggerKind.MANUAL, trying=trying)


_RECOGNISERS: Final[tuple[Callable[[Shape], Trigger | None], ...]] = (
    _read_functiongraph_timer,
    _read_http,
    _read_schedule,
    _read_cts,
    _read_smn,
    _read_custom_timer,
    _read_foreign,
    _read_trial,
)


def _decode(text: object) -> object:
    """What a text holds, if it is an object; plain text is a note of somebody's and says nothing to us.

    Raises:
        ValueError: It begins like an object and is none.
    """
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return text
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise ValueError from None


def _is_payload(event: Shape) -> bool:
    return event.get("kind") == "timer" or not event.keys().isdisjoint(KEYS)


def _asking(kind: TriggerKind, payload: object) -> Trigger:
    if not isinstance(payload, Mapping):
        return Trigger(kind, Scope())
    if _TEST_ALERT in payload:
        sentence = f"`{_TEST_ALERT}` is for people to ask for: a timer would send a message each time."
        return Trigger(kind, problem=sentence)
    try:
        return Trigger(kind, read_scope(payload))
    except ValueError as error:
        return Trigger(kind, problem=str(error))


def _unrecognised(sentence: str) -> Trigger:
    return Trigger(TriggerKind.UNRECOGNISED, problem=sentence)
