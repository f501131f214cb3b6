"""What woke the function: reads a platform's raw event as a `Trigger`; never raises, knows no platform.

Recognisers stand in order, the surest first, because a manual event may be any JSON. Their shapes are
the files of `tests/edge/events`. HTTP and CTS events are known by sight only: answering them comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, NamedTuple

import msgspec

from handler.core.change import ChangeId

SHARDS_MAX: Final = 1000

Shape = Mapping[str, object]


class TriggerKind(Enum):
    """What woke the function; the words of the report's `trigger`."""

    TIMER = "timer"
    HTTP = "http"
    HINT = "hint"
    MANUAL = "manual"
    UNRECOGNISED = "unrecognised"


class Trigger(NamedTuple):
    """What woke the function, and which changes it asks for: all of them, unless it says so.

    `only` and `shard` (which part, from 1, and of how many) narrow them down. `problem` is a sentence
    about an event that cannot be obeyed.
    """

    kind: TriggerKind
    only: tuple[ChangeId, ...] = ()
    shard: tuple[int, int] | None = None
    problem: str | None = None


def read_trigger(event: object) -> Trigger:
    """Tell what an event is; a manual one may be any JSON object, or none at all."""
    if event is None:
        return Trigger(TriggerKind.MANUAL)
    if not isinstance(event, Mapping):
        return _unrecognised("The event is no JSON object")
    for recognise in _RECOGNISERS:
        trigger = recognise(event)
        if trigger is not None:
            return trigger
    return Trigger(TriggerKind.MANUAL)


def _read_functiongraph_timer(event: Shape) -> Trigger | None:
    if event.get("trigger_type") != "TIMER":
        return None
    try:
        return _read_payload(_decode_user_event(event.get("user_event")))
    except (ValueError, RecursionError):
        return _timer_problem("`user_event` begins like a JSON object and is none")


def _decode_user_event(user_event: object) -> object:
    """The payload in the text of a timer; plain text is a note of somebody's and says nothing to us."""
    if isinstance(user_event, str) and user_event.lstrip().startswith("{"):
        return msgspec.json.decode(user_event)
    return user_event


def _read_http(event: Shape) -> Trigger | None:
    context = event.get("requestContext")
    is_gateway = isinstance(context, Mapping) and bool(context.keys() & {"elb", "http"})
    if not is_gateway and "httpMethod" not in event:
        return None
    return _unrecognised("HTTP requests are answered by a later version")


def _read_schedule(event: Shape) -> Trigger | None:
    is_schedule = event.get("source") in ("aws.events", "aws.scheduler")
    return Trigger(TriggerKind.TIMER) if is_schedule else None


def _read_cts(event: Shape) -> Trigger | None:
    is_cts = isinstance(event.get("cts"), Mapping) or {"trace_id", "trace_name"} <= event.keys()
    return _unrecognised("CTS events are understood by a later version") if is_cts else None


def _read_smn(event: Shape) -> Trigger | None:
    records = event.get("record")
    first = records[0] if isinstance(records, list) and records else None
    is_smn = isinstance(first, Mapping) and "smn" in first
    return _unrecognised("SMN messages are not understood") if is_smn else None


def _read_custom_timer(event: Shape) -> Trigger | None:
    is_timer = event.get("kind") == "timer" or event.keys() & {"only", "shard", "shards"}
    return _read_payload(event) if is_timer else None


_RECOGNISERS: Final[tuple[Callable[[Shape], Trigger | None], ...]] = (
    _read_functiongraph_timer,
    _read_http,
    _read_schedule,
    _read_cts,
    _read_smn,
    _read_custom_timer,
)


def _read_payload(payload: object) -> Trigger:
    """Read what a timer says: `only`, `shard`; all else is the business of whoever set it up."""
    if not isinstance(payload, Mapping):
        return Trigger(TriggerKind.TIMER)
    try:
        return Trigger(TriggerKind.TIMER, _read_only(payload), _read_shard(payload))
    except ValueError as error:
        return _timer_problem(str(error))


def _read_only(payload: Shape) -> tuple[ChangeId, ...]:
    names = payload.get("only")
    if names is None:
        return ()
    try:
        changes = tuple(map(ChangeId.parse, msgspec.convert(names, list[str])))
    except ValueError:
        changes = ()
    if not changes:
        raise ValueError('`only` wants a list of changes, such as ["INSTANCE/TASK"]')
    return changes


def _read_shard(payload: Shape) -> tuple[int, int] | None:
    """Read `"2/8"`, or `{"shard": 1, "shards": 8}`, which counts from 0."""
    shard, shards = payload.get("shard"), payload.get("shards")
    if shard is None and shards is None:
        return None
    try:
        index, count = _read_fraction(shard) if shards is None else _read_numbers(shard, shards)
    except ValueError:
        index, count = 0, 0
    if not 1 <= index <= count <= SHARDS_MAX:
        raise ValueError(
            '`shard` wants a part of the whole, such as "2/8", or a number from 0 and below `shards`'
        )
    return index, count


def _read_fraction(shard: object) -> tuple[int, int]:
    index, _, count = msgspec.convert(shard, str).partition("/")
    return int(index), int(count)


def _read_numbers(shard: object, shards: object) -> tuple[int, int]:
    return msgspec.convert(shard, int) + 1, msgspec.convert(shards, int)


def _timer_problem(sentence: str) -> Trigger:
    return Trigger(TriggerKind.TIMER, problem=f"{sentence}.")


def _unrecognised(sentence: str) -> Trigger:
    return Trigger(TriggerKind.UNRECOGNISED, problem=f"{sentence}.")
