"""Makes up a large project: changes of all sorts at all times, among everyday tasks.

Scripts whose progress vanishes are deliberately absent: once it is gone, nobody can tell such a task from any
other that changes no capacity.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Final, NamedTuple

from handler.local.simulation.answers import NO_PROGRESS, NO_TASK
from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Instance, Project
from handler.local.simulation.script import Script, ScriptedStep, find_script

CAPACITY_WORDS: Final = ("extendInstance", "modifySpecifications", "autoVolumeExpand")
"""What the API calls a change of capacity is in no public source; these are made up."""

CHORE_WORDS: Final = (
    "kafkaConfigModify",
    "modifyAutoTopic",
    "changeRetentionPolicy",
    "kafkaResetConsumerOffset",
    "restart",
)

_TEAMS: Final = ("orders", "billing", "search", "metrics", "audit")
_SPEEDS: Final = (0.5, 1.0, 2.0)
_EXTENDING_AFTER_SECONDS: Final = (0.0, 30.0, 90.0, 180.0)
_CHORES: Final = (0, 0, 1, 2, 5)
_MANY_CHORES: Final = 130
"""More than a page of tasks shows."""
_MANY_CHORES_EVERY: Final = 100
_OLD_SHARE: Final = 0.05
_LEFT_AT_THE_END: Final = timedelta(minutes=5)
"""Every change is over so long before the end, so that whoever looks each minute sees it end."""


class _When(Enum):
    """When a change is played, seen from the beginning."""

    LONG_OVER = "long over"
    OVER = "over"
    RUNNING = "running"
    LATER = "later"


_WHEN: Final = (_When.OVER, _When.RUNNING, *[_When.LATER] * 6)
"""Taken in turn by the changes to be found."""


class _Frame(NamedTuple):
    """The time in which it all happens."""

    began_at: datetime
    lasts: timedelta

    def start_of(self, when: _When, length: timedelta, random: Random) -> datetime:
        """Choose when something of this length starts."""
        if when is _When.LONG_OVER:
            return self.began_at - length - random.uniform(26, 240) * timedelta(hours=1)
        if when is _When.OVER:
            return self.began_at - length - random.uniform(10, 22 * 60) * timedelta(minutes=1)
        if when is _When.RUNNING:
            return self.began_at - random.uniform(0.1, 0.9) * length
        return self.began_at + random.random() * max(timedelta(), self.lasts - length - _LEFT_AT_THE_END)


def make_project(
    *,
    began_at: datetime,
    instances: int = 1000,
    changes: int = 200,
    seed: int = 0,
    lasts: timedelta = timedelta(minutes=40),
) -> Project:
    """Make up a project; the same one from the same arguments.

    Each change to be found, the project's `expected_changes`, is on an instance of its own: of eight, one is
    over already, within a day, one is running, and six start later and end five minutes before the end.
    Besides, one instance in twenty has one that was over more than a day before, which is nobody's business.

    Args:
        began_at: When somebody begins to watch.
        instances: How many there are.
        changes: How many changes are to be found.
        seed: For all that is left to chance.
        lasts: For how long somebody watches.

    Raises:
        ValueError: There are more changes than instances.
    """
    if changes > instances:
        raise ValueError("There cannot be more changes than instances.")
    random = Random(seed)  # noqa: S311 - nothing here is a secret
    frame = _Frame(began_at, lasts)
    changing = dict(zip(random.sample(range(instances), changes), range(changes), strict=True))
    scripts = _scripts()
    made = []
    for number in range(instances):
        times = [_When.LONG_OVER] if random.random() < _OLD_SHARE else []
        if number in changing:
            times.append(_WHEN[changing[number] % len(_WHEN)])
        playbacks = [_playback(frame, when, scripts, random) for when in times]
        made.append(_instance(number, playbacks, frame, random))
    return Project(began_at, tuple(made))


def _scripts() -> tuple[Script, ...]:
    """All that can happen; what goes well comes more often."""
    good, fails, stalls = (find_script(name) for name in ("good", "fails", "stalls"))
    brief = Script((ScriptedStep("pre_check", 20), ScriptedStep("disk_expansion", 70)))
    # One step is named after what it does to each of three brokers, as nothing forbids.
    brokers = Script((ScriptedStep("pre_check", 15), *[ScriptedStep("rolling_scaling", 60)] * 3))
    at_once = Script((ScriptedStep("pre_check", 60, fails_after=45), ScriptedStep("disk_expansion", 120)))
    return (good, good, good, brief, brokers, fails, at_once, stalls)


def _playback(frame: _Frame, when: _When, scripts: Sequence[Script], random: Random) -> Playback:
    playback = Playback(
        script=random.choice(scripts),
        task_id=_task_id(random),
        started_at=frame.began_at,
        speed=random.choice(_SPEEDS),
        name=random.choice(CAPACITY_WORDS),
    )
    length = playback.ended_at - playback.started_at
    return playback._replace(started_at=frame.start_of(when, length, random))


def _instance(number: int, playbacks: list[Playback], frame: _Frame, random: Random) -> Instance:
    many = number % _MANY_CHORES_EVERY == 0
    chores = [_chore(frame, random) for _ in range(_MANY_CHORES if many else random.choice(_CHORES))]
    return Instance(
        instance_id=_uuid(random),
        name=f"{_TEAMS[number % len(_TEAMS)]}-{number:04}",
        created_at=frame.began_at - random.uniform(30, 700) * timedelta(days=1),
        tasks=(*playbacks, *chores),
        extending_after_seconds=random.choice(_EXTENDING_AFTER_SECONDS),
    )


def _chore(frame: _Frame, random: Random) -> Chore:
    """One that starts within the three days before the beginning, or while somebody watches."""
    is_before = random.random() < 0.8
    return Chore(
        task_id=_task_id(random),
        name=random.choice(CHORE_WORDS),
        started_at=frame.began_at
        + (random.uniform(-72, 0) * timedelta(hours=1) if is_before else random.random() * frame.lasts),
        length_seconds=random.uniform(1, 180),
        status_at_end=random.choice(("SUCCESS", "SUCCESS", "SUCCESS", "FAILED")),
        progress_error=random.choice((NO_PROGRESS, NO_TASK)),
    )


def _task_id(random: Random) -> str:
    """Both forms occur: dashed, and 32 hex digits."""
    return random.choice((_uuid(random), _uuid(random).replace("-", "")))


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
