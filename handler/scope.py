"""Which of all changes an invocation is to look at, as payloads of timers and bodies of requests say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from handler.core.change import ChangeId

SHARDS_MAX: Final = 1000

KEYS: Final = ("only", "shard", "shards")
"""All that a payload or a body can say."""

Shape = Mapping[str, object]
"""An event, or a part of one: JSON that is believed to hold nothing."""


class Scope(NamedTuple):
    """All changes, unless it says otherwise; what it says narrows them down together.

    `only` names changes, `shard` a part, from 1, of how many, `instance_id` the instance they belong to. Of
    one that `expects_change` somebody has just ordered a change, which may not show yet.
    """

    only: tuple[ChangeId, ...] = ()
    shard: tuple[int, int] | None = None
    instance_id: str | None = None
    expects_change: bool = False


def read_scope(payload: Shape) -> Scope:
    """Read `only` and `shard`; all else is the business of whoever wrote it.

    Raises:
        ValueError: One of them cannot be obeyed; the text is a sentence that names it.
    """
    return Scope(_read_only(payload.get("only")), _read_shard(payload.get("shard"), payload.get("shards")))


def _read_only(names: object) -> tuple[ChangeId, ...]:
    if names is None:
        return ()
    try:
        changes = tuple(map(ChangeId.parse, msgspec.convert(names, list[str])))
    except ValueError:
        changes = ()
    if not changes:
        raise ValueError('`only` wants a list of changes by their ids, such as ["INSTANCE/TASK"].')
    return changes


def _read_shard(shard: object, shards: object) -> tuple[int, int] | None:
    """Read `"2/8"`, or `{"shard": 1, "shards": 8}`, which counts from 0."""
    if shard is None and shards is None:
        return None
    try:
        index, count = _read_fraction(shard) if shards is None else _read_numbers(shard, shards)
    except ValueError:
        index, count = 0, 0
    if not 1 <= index <= count <= SHARDS_MAX:
        raise ValueError(
            '`shard` wants a part of the whole, such as "2/8", or a number from 0 and below `shards`.'
        )
    return index, count


def _read_fraction(shard: object) -> tuple[int, int]:
    index, _, count = msgspec.convert(shard, str).partition("/")
    return int(index), int(count)


def _read_numbers(shard: object, shards: object) -> tuple[int, int]:
    return msgspec.convert(shard, int) + 1, msgspec.convert(shards, int)
