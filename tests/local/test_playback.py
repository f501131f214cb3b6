"""Playing a script: it never goes back, keeps its order and ends as written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.observation import Phase, StepState
from handler.core.reading import TimeUnit, read_progress, read_task
from handler.local.simulation.playback import Playback
from handler.local.simulation.script import Script, ScriptedStep, Stall, find_script

START = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
STATUES = ["WAITING", "IN_PROGRESS", "COMPLETED", "FAILED"]

seconds = st.floats(0.1, 1000)
speeds = st.sampled_from([0.5, 1.0, 7.0, 100.0])


@st.composite
def scripted_steps(draw: st.DrawFn) -> ScriptedStep:
    """A step with any mishaps that can happen to it."""
    whole = draw(seconds)
    fails_after = draw(st.none() | st.floats(0.01, whole))
    stall = st.builds(Stall, st.floats(0.001, (fails_after or whole) * 0.99), seconds)
    return ScriptedStep(draw(st.sampled_from("abc")), whole, draw(st.none() | stall), fails_after)


scripts = st.builds(Script, st.lists(scripted_steps(), min_size=1, max_size=5).map(tuple))


def progress(script: Script, elapsed: float, speed: float = 1.0) -> dict[str, Any]:
    """What the progress call says so many real seconds after the start."""
    playback = Playback(script, "task", START, speed)
    return dict(playback.progress(START + timedelta(seconds=elapsed)).document)


def statues(script: Script, elapsed: float) -> list[str]:
    """How the steps stand then."""
    return [step["statue"] for step in progress(script, elapsed)["step_list"]]


def task_status(script: Script, elapsed: float, speed: float = 1.0) -> str:
    """What the task call says then."""
    return Playback(script, "task", START, speed).status(START + timedelta(seconds=elapsed))


@given(scripts, st.lists(st.floats(0, 7000), min_size=2, max_size=9).map(sorted), speeds)
def test_percent_stays_within_bounds_and_never_falls(
    script: Script, moments: list[float], speed: float
) -> None:
    """Nor does the time left rise."""
    answers = [progress(script, moment, speed) for moment in moments]
    percents = [answer["progress_percentage"] for answer in answers]
    remaining = [answer["remain_time"] for answer in answers]

    assert percents == sorted(percents)
    assert 0 <= percents[0] <= percents[-1] <= 100
    assert remaining == sorted(remaining, reverse=True)
    assert remaining[-1] >= 0


@given(scripts, st.floats(0, 7000))
def test_steps_go_one_after_the_other(script: Script, elapsed: float) -> None:
    """Completed ones stand first, then at most one that runs or failed, then those that wait."""
    text = " ".join(statues(script, elapsed))
    middle = text.removeprefix("COMPLETED ").replace("COMPLETED ", "").replace(" WAITING", "")

    assert sorted(statues(script, elapsed), key=_place) == statues(script, elapsed)
    assert middle in {"WAITING", "IN_PROGRESS", "FAILED", "COMPLETED"}


def _place(statue: str) -> int:
    return {"COMPLETED": 0, "IN_PROGRESS": 1, "FAILED": 1, "WAITING": 2}[statue]


@given(scripts, st.lists(st.floats(0, 7000), min_size=2, max_size=9).map(sorted))
def test_a_step_never_goes_back(script: Script, moments: list[float]) -> None:
    """From waiting to running to its end, in this order only."""
    for history in zip(*(statues(script, moment) for moment in moments), strict=True):
        assert sorted(history, key=STATUES.index) == list(history)


@given(scripts, speeds)
def test_a_change_ends_as_scripted(script: Script, speed: float) -> None:
    """With a step that fails the task fails, else all is done; the task says so, not before."""
    fails = any(step.fails_after is not None and step.fails_after < step.seconds for step in script.steps)
    late = sum(step.length_seconds for step in script.steps) / speed + 1

    assert task_status(script, 0, speed) == "EXECUTING"
    assert task_status(script, late, speed) == ("FAILED" if fails else "SUCCESS")
    assert fails or progress(script, late, speed)["progress_percentage"] == 100
    assert fails or progress(script, late, speed)["remain_time"] == 0


@given(scripts, st.floats(0, 7000), speeds)
def test_headway_reads_all_of_it(script: Script, elapsed: float, speed: float) -> None:
    """Nothing of what is played is unknown to the reader of the real API's answers."""
    now = START + timedelta(seconds=elapsed)
    playback = Playback(script, "task", START, speed)
    seen = read_progress(playback.progress(now).document, TimeUnit.SECONDS, now)
    task = read_task({"tasks": [playback.entry(now)]}, now)

    assert seen is not None
    assert task is not None
    assert (seen.percent, seen.remaining_seconds) != (None, None)
    assert all(step.state is not StepState.UNKNOWN for step in seen.steps)
    assert task.phase is not Phase.UNKNOWN


def test_the_good_script_reads_like_the_real_api() -> None:
    """Epoch milliseconds as numbers, null where nothing has happened yet, seconds left."""
    assert progress(find_script("good"), 60) == {
        "progress_percentage": 20,
        "remain_time": 230,
        "step_list": [
            {
                "name": "pre_check",
                "statue": "COMPLETED",
                "start_time": 1795507200000,
                "end_time": 1795507240000,
            },
            {
                "name": "disk_expansion",
                "statue": "IN_PROGRESS",
                "start_time": 1795507240000,
                "end_time": None,
            },
            {"name": "rolling_restart", "statue": "WAITING", "start_time": None, "end_time": None},
        ],
    }


def test_the_task_reads_like_the_real_api() -> None:
    """Its times are ISO 8601, the last one is when it ended; what it is called can be chosen."""
    playback = Playback(find_script("good"), "a-task", START, name="extendInstance")

    assert playback.entry(START + timedelta(hours=1)) == {
        "id": "a-task",
        "name": "extendInstance",
        "user_name": "simulator",
        "user_id": "0" * 32,
        "params": "{}",
        "status": "SUCCESS",
        "created_at": "2026-11-24T08:00:00.000Z",
        "updated_at": "2026-11-24T08:04:50.000Z",
    }


@given(scripts, speeds)
def test_a_change_ends_when_and_how_it_says_beforehand(script: Script, speed: float) -> None:
    """Its steps and its task agree on the very microsecond."""
    playback = Playback(script, "task", START, speed)
    end = playback.ended_at
    document: Any = playback.progress(end).document
    entries = document.get("step_list", [])

    assert playback.status(end - timedelta(microseconds=1)) == "EXECUTING"
    assert playback.status(end) == ("FAILED" if playback.fails else "SUCCESS")
    assert "IN_PROGRESS" not in {entry["statue"] for entry in entries}
    assert playback.fails == ("FAILED" in {entry["statue"] for entry in entries})
    assert playback.fails or document["progress_percentage"] == 100


def test_time_left_and_times_of_steps_are_real_ones_at_any_speed() -> None:
    """Played ten times as fast, a tenth of the written time is left and has passed."""
    slow, fast = progress(find_script("good"), 60), progress(find_script("good"), 6, speed=10)

    assert fast["progress_percentage"] == slow["progress_percentage"]
    assert (slow["remain_time"], fast["remain_time"]) == (230, 23)
    assert fast["step_list"][0]["end_time"] - fast["step_list"][0]["start_time"] == 4000


def test_a_failed_step_ends_the_change_where_it_stands() -> None:
    """The steps after it are never begun, percent and time left stay."""
    late = progress(find_script("fails"), 10_000)

    assert statues(find_script("fails"), 10_000) == ["COMPLETED", "FAILED", "WAITING"]
    assert (late["progress_percentage"], late["remain_time"]) == (48, 150)
    assert late["step_list"][1]["end_time"] == 1795507340000
    assert task_status(find_script("fails"), 10_000) == "FAILED"


def test_a_stall_stands_still_and_then_moves_on() -> None:
    """Whatever changes meanwhile is the clock."""
    script = find_script("stalls")

    assert progress(script, 117)["progress_percentage"] == 40
    assert progress(script, 120) == progress(script, 239)
    assert progress(script, 250)["progress_percentage"] > progress(script, 239)["progress_percentage"]
    assert task_status(script, 10_000) == "SUCCESS"


@pytest.mark.parametrize(("elapsed", "status"), [(269, "EXECUTING"), (271, "EXECUTING"), (291, "SUCCESS")])
def test_a_progress_call_that_vanishes_leaves_the_end_to_the_task(elapsed: float, status: str) -> None:
    """It answers 404 from then on; the change goes on behind it."""
    now = START + timedelta(seconds=elapsed)
    playback = Playback(find_script("vanishes"), "task", START)

    assert playback.progress(now).status == (404 if elapsed > 270 else 200)
    assert playback.progress(now).document.get("progress_percentage") == (92 if elapsed < 270 else None)
    assert task_status(find_script("vanishes"), elapsed) == status
