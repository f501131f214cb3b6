"""Which changes an invocation looks at, and in which order; it decides, `survey.py` asks."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import chain
from math import ceil
from typing import Final, TypeVar

import msgspec

from handler.core.change import ChangeId
from handler.core.listing import Instance, ListedTask
from handler.core.watch import Origin, Watch
from handler.scope import Scope

LATE_MAX: Final = timedelta(days=1)
"""A change that ended longer ago is not told any more."""

EXPECTED_FOR: Final = timedelta(days=1)
"""How long the next change of an instance is waited for."""

ASKED_TWICE_WITHIN: Final = timedelta(minutes=30)
"""In so long a time each instance has been asked twice."""

TOLD_FOR: Final = LATE_MAX + timedelta(hours=1)
"""How long one remembers that a change was told: a little longer than lists of tasks bring it up."""

REGISTERED_LATE_MAX: Final = timedelta(minutes=15)
"""A change that one expects may have ended so long before one said so."""

_TURNS: Final = 10
"""Of the instances that seem to be at rest one in so many is asked."""

_GOLDEN: Final = 0.6180339887498949
_MINUTE_SECONDS: Final = 60

NEVER_CAPACITY: Final = frozenset(
    {"modifyAutoTopic", "changeRetentionPolicy", "kafkaConfigModify", "kafkaResetConsumerOffset"}
)
"""Tasks that are known to be something else, by the names that they have in public; they are not asked."""

Item = TypeVar("Item")


class Wanted(msgspec.Struct, frozen=True):
    """What the configuration wants followed.

    `changes` are named one by one, `instances` are those of which all changes are followed, each with what
    people call it, if that is said; `patterns` are those of the names of instances to be discovered. Where
    it `is_open`, others may be registered besides.
    """

    changes: Mapping[ChangeId, str | None] = {}
    instances: Mapping[str, str | None] = {}
    patterns: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def discovers(self) -> bool:
        """True when there are instances whose changes have to be found."""
        return bool(self.instances or self.patterns)

    def covers(self, instance: Instance) -> bool:
        """True when the changes of an instance are to be found."""
        names = (instance.name.casefold(), instance.instance_id.casefold())
        patterns = (pattern.casefold() for pattern in self.patterns)
        matches = (fnmatchcase(name, pattern) for pattern in patterns for name in names)
        return instance.instance_id in self.instances or any(matches)


def known_watches(wanted: Wanted, marked: Iterable[ChangeId], scope: Scope) -> list[Watch]:
    """The changes that are known without asking the API, as far as they are in scope."""
    configured = (Watch(change, name) for change, name in wanted.changes.items())
    others = (
        Watch(change, wanted.instances.get(change.instance_id), Origin.MARKED)
        # In an order of its own, for turns are taken by it: that of a set is another in each process.
        for change in sorted(marked)
        if change not in wanted.changes
    )
    return [watch for watch in chain(configured, others) if _covers(scope, watch.change)]


def shard_of(name: ChangeId | str, count: int) -> int:
    """The part of `count`, from 1, that a change or an instance falls to: the same everywhere, for good."""
    return zlib.crc32(str(name).encode()) % count + 1


def in_turn(items: Sequence[Item], now: datetime) -> list[Item]:
    """The items, beginning elsewhere in each minute, so that with time none comes later than others.

    Multiples of the golden ratio spread evenly, soonest for a timer whose period divides the hour.
    """
    start = int(len(items) * (_minute(now) * _GOLDEN % 1))
    return [*items[start:], *items[:start]]


def instances_to_ask(  # noqa: PLR0913 - what there is, what is wanted and known of it, and when
    instances: Iterable[Instance],
    wanted: Wanted,
    expected: Collection[str],
    scope: Scope,
    now: datetime,
    *,
    followed: Collection[str] = frozenset(),
) -> list[Instance]:
    """The instances whose tasks are worth a request: those that change, and in turn some of the others.

    Args:
        instances: All there are.
        wanted: Whose changes are to be found.
        expected: The ids of those of which a change is expected.
        scope: What this invocation is to look at. Parts share the instances by their ids.
        now: When; with a look a minute, each of those at rest is asked again after 5, 8 or 13 minutes.
        followed: The ids of those that a change is followed at: that is why they are changing.
    """
    index, count = scope.shard or (1, 1)
    ours = [
        instance
        for instance in sorted(instances, key=lambda instance: instance.instance_id)
        if instance.has_tasks
        and (instance.instance_id in expected or wanted.covers(instance))
        and shard_of(instance.instance_id, count) == index
    ]
    at_once = {*expected, scope.instance_id}
    urgent: list[Instance] = []
    calm: list[Instance] = []
    for instance in ours:
        is_news = instance.is_changing and instance.instance_id not in followed
        is_urgent = is_news or instance.instance_id in at_once
        (urgent if is_urgent else calm).append(instance)
    return [*in_turn(urgent, now), *in_turn(calm, now)[: ceil(len(calm) / _TURNS)]]


def find_leads(  # noqa: PLR0913 - what there is, what is known of it, and since when it matters
    instance: Instance,
    tasks: Iterable[ListedTask],
    *,
    known: Collection[ChangeId],
    other_kinds: Collection[str],
    now: datetime,
    since: datetime,
) -> list[Watch]:
    """The tasks of an instance that may be capacity changes to follow.

    Args:
        instance: The instance.
        tasks: Its tasks.
        known: The changes that are followed or were told already.
        other_kinds: The names of tasks that have been seen to be something else. One under way, or that has
            ended lately, is looked at all the same: a name is only a hint.
        now: The server's clock.
        since: What ended earlier, or at an unknown time, is past.
    """
    return [
        Watch(change, instance.name, Origin.FOUND, listed.task)
        for listed in tasks
        if (change := ChangeId(instance.instance_id, listed.task_id)) not in known
        and listed.task.name not in NEVER_CAPACITY
        and not (listed.task.name in other_kinds and _is_past(listed, now - ASKED_TWICE_WITHIN))
        and not _is_past(listed, since)
    ]


def still_holds(since: datetime, lasts: timedelta, now: datetime) -> bool:
    """True as long as what began then holds; also if that seems to lie ahead, for clocks differ a little."""
    return abs(now - since) < lasts


def _is_past(listed: ListedTask, since: datetime) -> bool:
    if listed.ended_at is None:
        return listed.task.phase.is_end
    return listed.ended_at < since


def _covers(scope: Scope, change: ChangeId) -> bool:
    index, count = scope.shard or (1, 1)
    return (
        (not scope.only or change in scope.only)
        and scope.instance_id in (None, change.instance_id)
        and shard_of(change, count) == index
    )


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // _MINUTE_SECONDS
