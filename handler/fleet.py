"""Which changes an invocation looks at: the watches, as far as its scope goes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from handler.core.change import ChangeId, Watch
from handler.scope import Scope


def select(watches: Iterable[Watch], scope: Scope) -> list[Watch]:
    """Keep the watches that are in scope."""
    return [watch for watch in watches if _covers(scope, watch.change)]


def _covers(scope: Scope, change: ChangeId) -> bool:
    index, count = scope.shard or (1, 1)
    return (
        (not scope.only or change in scope.only)
        and scope.instance_id in (None, change.instance_id)
        and shard_of(change, count) == index
    )


def shard_of(change: ChangeId, count: int) -> int:
    """The part of `count`, from 1, that a change falls to: the same on every machine, in every version."""
    return zlib.crc32(str(change).encode()) % count + 1
