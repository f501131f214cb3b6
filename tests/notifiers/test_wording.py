"""What a message says, sentence by sentence."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import wording
from notifiers.alerts import Alert, Kind
from notifiers.messages import Situation, StepLine, compose
from tests.notifiers.examples import NOW, alert, failed_message, situation

HALFWAY = situation(percent=40, remaining_seconds=1124)


def title(kind: Kind, state: Situation = HALFWAY, **fields: Any) -> str:  # noqa: ANN401 - any field
    """The title of a message with one alert."""
    return wording.title(compose([alert(1, kind, **fields)], state, 0))


def lines(*alerts: Alert, state: Situation = HALFWAY, repeat_upto: int = 0) -> list[str]:
    """The lines on what happened."""
    return wording.happenings(compose(alerts, state, repeat_upto))


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (Kind.STARTED, {}, "orders: capacity change started · 40 % · about 19 min left"),
        (
            Kind.STEP_STARTED,
            {"step": "rolling_scaling"},
            "orders: rolling_scaling started · 40 % · about 19 min left",
        ),
        (
            Kind.STEP_COMPLETED,
            {"step": "disk_expansion"},
            "orders: disk_expansion completed · 40 % · about 19 min left",
        ),
        (Kind.MILESTONE, {"percent": 25}, "orders: 40 % done · about 19 min left"),
        (Kind.STEP_FAILED, {"step": "rolling_scaling"}, "orders: FAILED at rolling_scaling · 40 %"),
        (Kind.COMPLETED, {}, "orders: capacity change completed"),
        (Kind.COMPLETED, {"seconds": 4320}, "orders: capacity change completed · took 1 h 12 min"),
        (Kind.FAILED, {}, "orders: capacity change FAILED · 40 %"),
        (Kind.LOST, {}, "orders: capacity change is gone, its outcome unknown · last seen at 40 %"),
        (Kind.CANCELLED, {}, "orders: capacity change cancelled · 40 %"),
        (Kind.STALLED, {"seconds": 1800}, "orders: no progress for 30 min · 40 %"),
        (Kind.RESUMED, {"seconds": 2700}, "orders: moving again after 45 min · 40 % · about 19 min left"),
        (
            Kind.DELAYED,
            {"seconds": 1500},
            "orders: 25 min later than first estimated · 40 % · about 19 min left",
        ),
        (
            Kind.UNREACHABLE,
            {"seconds": 720},
            "orders: no usable answer from the API for 12 min · last seen at 40 %",
        ),
        (
            Kind.RECOVERED,
            {"seconds": 1320},
            "orders: the API answers again after 22 min · 40 % · about 19 min left",
        ),
        (
            Kind.CHANNEL_REFUSED,
            {"channel": "ops"},
            "orders: channel ops refuses our messages · 40 % · about 19 min left",
        ),
        (
            Kind.LEDGER_RESET,
            {},
            "orders: what was known of it is lost, and begun anew · 40 % · about 19 min left",
        ),
    ],
)
def test_the_title_says_it_all(kind: Kind, fields: dict[str, Any], expected: str) -> None:
    """Name, what happened, percent and time left stand in one line, as far as they mean something."""
    ended = {Kind.COMPLETED: "completed", Kind.FAILED: "failed", Kind.CANCELLED: "cancelled"}
    state = situation(phase=ended.get(kind, "running"), percent=40, remaining_seconds=1124)

    assert title(kind, state, **fields) == expected


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_told_without_knowing_anything(kind: Kind) -> None:
    """Where nothing is known no figure is made up."""
    said = title(kind, situation(phase="unknown"))

    assert said.startswith("orders: ")
    assert not any(char.isdigit() for char in said)


def test_a_failure_names_the_step_that_is_known_to_have_failed() -> None:
    """The end itself names no step, but the list of steps does."""
    state = situation(phase="failed", steps=(StepLine("a", "completed"), StepLine("b", "failed")))

    assert title(Kind.FAILED, state) == "orders: capacity change FAILED at b"


def test_no_time_is_left_once_the_change_has_ended() -> None:
    """What an old alert tells is not followed by an estimate that is over."""
    state = situation(phase="completed", percent=100, remaining_seconds=5)

    assert title(Kind.STEP_COMPLETED, state, step="a") == "orders: a completed · 100 %"


def test_what_cannot_be_seen_is_named_all_the_same() -> None:
    """A name of nothing but blanks and control characters would leave a hole in the sentence."""
    state = situation(name="\t\x07")

    assert title(Kind.STEP_FAILED, state, step="\u200b") == "INSTANCE/TASK: FAILED at a step"


def test_a_repeated_headline_says_so() -> None:
    """Whoever hears it twice can tell."""
    message = compose([alert(1, Kind.STARTED)], situation(), repeat_upto=1)

    assert wording.title(message) == "orders: capacity change started · possible repeat"


def test_what_a_lost_ledger_may_have_told_says_so() -> None:
    """And may lead all the same: that something failed matters more than how it is known."""
    reset = alert(1, Kind.LEDGER_RESET, detail="The kept document could not be read (its checksum).")
    message = compose([reset, alert(2, Kind.FAILED, may_repeat=True)], situation(), repeat_upto=0)

    assert wording.title(message) == "orders: capacity change FAILED · possible repeat"
    assert wording.happenings(message) == [
        "what was known of it is lost, and begun anew: The kept document could not be read (its checksum).",
        "capacity change FAILED (possible repeat)",
    ]


def test_alerts_are_told_in_order_with_their_times() -> None:
    """Several alerts are caught up line by line; each possible repeat is marked."""
    assert wording.happenings(failed_message()) == [
        "07:23 disk_expansion completed, took 4 min 10 s (possible repeat)",
        "07:53 no progress for 30 min",
        "08:03 FAILED at rolling_scaling, took 31 min",
        "08:03 capacity change FAILED, took 38 min",
    ]


def test_alerts_of_one_moment_need_no_times() -> None:
    """What was seen at once is told without clock times."""
    told = lines(alert(1, Kind.STARTED), alert(2, Kind.STEP_STARTED, step="a"))

    assert told == ["capacity change started", "a started"]


def test_what_the_title_has_said_is_not_said_again() -> None:
    """A single alert has a line only where it has something to add."""
    assert lines(alert(1, Kind.STARTED)) == []
    assert lines(alert(1, Kind.COMPLETED, seconds=60)) == []
    assert lines(alert(1, Kind.STEP_COMPLETED, step="a", step_seconds=60)) == ["a completed, took 1 min"]
    assert lines(alert(1, Kind.LOST, detail="It was deleted.")) == [
        "capacity change is gone, its outcome unknown: It was deleted."
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (situation(percent=40, remaining_seconds=1124), "40 % · about 19 min left"),
        (situation(percent=0, remaining_seconds=59), "0 % · about 1 min left"),
        (situation(percent=90, remaining_seconds=31), "90 % · about 30 s left"),
        (situation(percent=99, remaining_seconds=0), "99 % · about 10 s left"),
        (situation(percent=40), "40 % · time left unknown"),
        (situation(remaining_seconds=90), "progress unknown · about 2 min left"),
        (situation(phase="unknown"), "progress unknown · time left unknown"),
        (situation(phase="failed", percent=40, remaining_seconds=9), "40 %"),
        (situation(phase="cancelled"), ""),
    ],
)
def test_what_is_unknown_is_said_to_be(state: Situation, expected: str) -> None:
    """Percent and time left are told or said to be unknown, until the change has ended."""
    assert wording.standing(state) == expected


def test_out_of_sight_no_estimate_holds() -> None:
    """What the API said before it fell silent is no estimate any more."""
    assert wording.standing(HALFWAY, in_sight=False) == "40 % · time left unknown"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (290, "4 min 50 s"),
        (659, "10 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (86400, "1 d 0 h"),
        (180000, "2 d 2 h"),
    ],
)
def test_durations_are_said_in_their_largest_units(seconds: int, expected: str) -> None:
    """Seconds only below ten minutes, minutes only below a day."""
    assert wording.duration(seconds) == expected


def test_a_step_is_noted_with_its_duration_or_the_apis_own_word() -> None:
    """A state that we do not know is shown as the API calls it."""
    assert wording.step_note(StepLine("a", "completed", seconds=250)) == "4 min 10 s"
    assert wording.step_note(StepLine("a", "unknown", "PAUSED", 5)) == "PAUSED · 5 s"
    assert wording.step_note(StepLine("a", "unknown")) == ""
    assert wording.step_note(StepLine("a", "running", "RUNNING")) == ""


def test_very_many_steps_are_counted() -> None:
    """Only states that occur are named."""
    counts = {"completed": 63, "failed": 0, "running": 1}

    assert wording.step_counts(situation(step_counts=counts)) == "63 completed · 1 running"


def test_the_moment_of_the_last_look_is_told_if_known() -> None:
    """It is told in UTC; nothing is told where nothing was seen."""
    assert wording.seen_at(situation(seen_at=NOW)) == "as of 2026-11-24 08:03 UTC"
    assert wording.seen_at(situation()) == ""


@given(st.text(), st.integers(1, 50))
def test_any_text_becomes_one_short_visible_line(text: str, length_max: int) -> None:
    """No line break, control or invisible character is left, and what is left can be encoded."""
    line = wording.one_line(text, length_max)

    assert len(line) <= length_max
    assert line == line.strip()
    assert not any(unicodedata.category(char)[0] == "C" for char in line)
    assert line.splitlines() in ([], [line])
    assert line.encode()[:0] == b""


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=80))
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    """Only what could do harm is changed."""
    assert wording.one_line(name) == name
