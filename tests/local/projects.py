"""Projects for tests, written down or made up by hypothesis; all begin at the same moment."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from hypothesis import strategies as st

from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Instance, Project, SimulatedTask
from handler.local.simulation.script import find_script

START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
LONG_AGO: Final = START - timedelta(days=100)
HOURS: Final = 6
"""In which everything takes place that hypothesis makes up."""

_SCRIPTS: Final = [find_script(name) for name in ("good", "fails", "stalls", "vanishes")]


def at(seconds: float) -> datetime:
    """A moment, counted from the beginning."""
    return START + timedelta(seconds=seconds)


def plain_project(count: int) -> Project:
    """So many instances without tasks."""
    return Project(START, tuple(Instance(f"id-{n}", f"name-{n}", LONG_AGO) for n in range(count)))


moments = st.floats(0, HOURS * 3600).map(at)

_playbacks = st.builds(
    Playback, st.sampled_from(_SCRIPTS), st.uuids().map(str), moments, st.sampled_from([0.1, 1.0, 10.0])
)
_chores = st.builds(
    Chore,
    st.uuids().map(str),
    st.sampled_from(["kafkaConfigModify", "restart"]),
    moments,
    st.floats(0.1, 3600),
    st.sampled_from(["SUCCESS", "FAILED", "CANCELLED"]),
)
tasks: st.SearchStrategy[SimulatedTask] = _playbacks | _chores

instances = st.builds(
    Instance,
    st.uuids().map(str),
    st.sampled_from(["orders", "billing"]),
    st.just(LONG_AGO),
    st.lists(tasks, max_size=8, unique_by=lambda task: task.task_id).map(tuple),
    st.floats(0, 600),
    st.floats(0, 3600),
)
