"""Which changes an invocation looks at: the watches, as far as its trigger selects them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable

from handler.core.change import ChangeId, Watch


def select(
    watches: Iterable[Watch], only: Collection[ChangeId], shard: tuple[int, int] | None
) -> list[Watch]:
    """Keep the watches that a trigger asks for.

    Args:
        watches: All of them.
        only: The changes wanted; empty for all.
        shard: Which part, from 1, of how many; None for the whole.
    """
    index, count = shard or (1, 1)
    return [
        watch
        for watch in watches
        if (not only or watch.change in only) and shard_of(watch.change, count) == index
    ]


def shard_of(change: ChangeId, count: int) -> int:
    """The part of `count`, from 1, that a change falls to: the same on every machine, in every version."""
    return zlib.crc32(str(change).encode()) % count + 1
