"""What is read from the bodies of the API, and what becomes unknown."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handler.core.observation import Phase, Step, StepState
from handler.core.progress import Progress, Task
from handler.core.reading import (
    REMAINING_SECONDS_MAX,
    TimeUnit,
    read_percent,
    read_progress,
    read_remaining,
    read_task,
)
from handler.core.scalars import TEXT_LENGTH_MAX, clean, read_time

DATE: Final = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
AT: Final = datetime(2025, 12, 5, 8, tzinfo=timezone.utc)
AT_MS: Final = 1764921600000


def progress_of(**fields: object) -> Progress:
    """The progress that is read from fields."""
    progress = read_progress(fields, TimeUnit.SECONDS, DATE)
    assert progress is not None
    return progress


def step_of(**fields: object) -> Step:
    """The step that is read from fields."""
    return progress_of(step_list=[fields]).steps[0]


def test_a_finished_change_is_read_as_documented() -> None:
    """The vendor's sample for Kafka: two steps, 118 ms between them."""
    progress = progress_of(
        progress_percentage=100,
        remain_time=0,
        step_list=[
            _raw_step("pre_check", "COMPLETED", AT_MS, AT_MS + 43_000),
            _raw_step("disk_expansion", "COMPLETED", AT_MS + 43_118, AT_MS + 121_118),
        ],
    )

    assert progress == Progress(
        percent=100,
        remaining_seconds=0,
        steps=(
            _step("pre_check", 0, 43),
            _step("disk_expansion", 43.118, 121.118),
        ),
        date=DATE,
    )


@pytest.mark.parametrize("document", [{}, {"unheard": 1}, {"error_code": "DMS.1"}, [], "text", 5, None])
def test_a_document_of_another_call_is_no_progress(document: object) -> None:
    """It needs one field of the call at least; a page or an error never becomes an empty progress."""
    assert read_progress(document, TimeUnit.SECONDS, DATE) is None


@pytest.mark.parametrize("field", ["progress_percentage", "remain_time", "step_list"])
def test_one_field_of_the_call_is_enough(field: str) -> None:
    """What is missing is unknown."""
    assert progress_of(**{field: None}) == Progress(date=DATE)


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("CREATED", Phase.WAITING),
        ("EXECUTING", Phase.RUNNING),
        ("SUCCESS", Phase.COMPLETED),
        ("FAILED", Phase.FAILED),
        ("CANCELLED", Phase.CANCELLED),
        ("DELETED", Phase.LOST),
        ("success", Phase.COMPLETED),
        ("PAUSED", Phase.UNKNOWN),
    ],
)
def test_the_status_of_a_task_is_a_phase(status: str, phase: Phase) -> None:
    """The documented words are known in either case; any other is kept as it is."""
    assert read_task({"tasks": [{"status": status}]}, DATE) == Task(phase, status, DATE)


def test_blanks_around_a_status_do_not_matter() -> None:
    """They are not part of the word."""
    assert read_task({"tasks": [{"status": " SUCCESS\n"}]}, DATE) == Task(Phase.COMPLETED, "SUCCESS", DATE)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"tasks": None},
        {"tasks": {}},
        {"tasks": []},
        {"tasks": [None]},
        {"tasks": [{}]},
        {"tasks": [{"status": None}]},
        {"tasks": [{"status": 1}]},
        {"tasks": [{"status": " "}]},
    ],
)
def test_without_a_status_there_is_no_task(document: object) -> None:
    """An answer that does not say how the task stands says nothing."""
    assert read_task(document, DATE) is None


@pytest.mark.parametrize(
    ("value", "percent"),
    [
        (0, 0),
        (40, 40),
        (100, 100),
        ("41", 41),
        (99.9, 99),
        (-1, None),
        (101, None),
        (10**400, None),
        ("40%", None),
        ("nan", None),
        ("inf", None),
        (True, None),
        (None, None),
        ([40], None),
    ],
)
def test_a_percentage_outside_0_to_100_is_unknown(value: object, percent: int | None) -> None:
    """No range is documented; 99.9 is not yet 100."""
    assert read_percent(value) == percent


@pytest.mark.parametrize(
    ("value", "unit", "seconds"),
    [
        (1124, TimeUnit.SECONDS, 1124),
        ("60", TimeUnit.SECONDS, 60),
        (0, TimeUnit.SECONDS, 0),
        (1_124_400, TimeUnit.MILLISECONDS, 1124),
        (19, TimeUnit.MINUTES, 1140),
        (REMAINING_SECONDS_MAX, TimeUnit.SECONDS, REMAINING_SECONDS_MAX),
        (REMAINING_SECONDS_MAX + 1, TimeUnit.SECONDS, None),
        (REMAINING_SECONDS_MAX, TimeUnit.MINUTES, None),
        (-1, TimeUnit.SECONDS, None),
        (10**400, TimeUnit.MILLISECONDS, None),
        ("nan", TimeUnit.SECONDS, None),
        ("soon", TimeUnit.SECONDS, None),
        (False, TimeUnit.SECONDS, None),
        (None, TimeUnit.SECONDS, None),
    ],
)
def test_a_remaining_time_is_seconds_or_unknown(value: object, unit: TimeUnit, seconds: int | None) -> None:
    """Its unit is a setting; what is negative or over a month is nonsense."""
    assert read_remaining(value, unit) == seconds


@pytest.mark.parametrize(
    "value",
    [
        AT_MS,
        float(AT_MS),
        str(AT_MS),
        AT_MS // 1000,
        str(AT_MS // 1000),
        "2025-12-05T08:00:00Z",
        "2025-12-05T08:00:00.000Z",
        "2025-12-05T16:00:00+08:00",
        "2025-12-05T08:00:00",
        AT,
        AT.astimezone(timezone(timedelta(hours=8))),
    ],
    ids=repr,
)
def test_a_moment_is_read_from_all_shapes_it_was_seen_in(value: object) -> None:
    """The API has changed the type twice; without a zone it is UTC."""
    moment = read_time(value)

    assert moment == AT
    assert moment is not None
    assert moment.tzinfo is timezone.utc


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        True,
        [],
        0,
        -AT_MS,
        "nan",
        "inf",
        10**400,
        1e300,
        AT_MS * 1000,
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
    ],
    ids=repr,
)
def test_what_is_no_moment_of_this_century_is_unknown(value: object) -> None:
    """A step not reached has null there, and nonsense is not shown."""
    assert read_time(value) is None


@pytest.mark.parametrize(
    ("fields", "state", "status"),
    [
        ({"statue": "WAITING"}, StepState.WAITING, None),
        ({"statue": "IN_PROGRESS"}, StepState.RUNNING, None),
        ({"statue": "COMPLETED"}, StepState.COMPLETED, None),
        ({"statue": "FAILED"}, StepState.FAILED, None),
        ({"status": "COMPLETED"}, StepState.COMPLETED, None),
        ({"statue": "FAILED", "status": "COMPLETED"}, StepState.FAILED, None),
        ({"statue": None, "status": "COMPLETED"}, StepState.COMPLETED, None),
        ({"statue": "completed"}, StepState.COMPLETED, None),
        ({"statue": "ROLLING_BACK"}, StepState.UNKNOWN, "ROLLING_BACK"),
        ({"statue": 3}, StepState.UNKNOWN, None),
        ({}, StepState.UNKNOWN, None),
    ],
)
def test_a_steps_state_is_read_from_statue_or_status(
    fields: dict[str, Any], state: StepState, status: str | None
) -> None:
    """The API misspells the name; a word that we do not know is shown as it is."""
    step = step_of(name="pre_check", **fields)

    assert (step.state, step.status) == (state, status)


def test_steps_of_one_name_are_told_apart_by_their_order() -> None:
    """So each has its own alerts; what has no name is called so."""
    names = ["restart", "restart", None, "check", 7, "restart"]

    steps = progress_of(step_list=[{"name": name} for name in names]).steps

    assert [step.key for step in steps] == [
        "restart#1",
        "restart#2",
        "unnamed#1",
        "check#1",
        "unnamed#2",
        "restart#3",
    ]


@pytest.mark.parametrize("step_list", [None, {}, "steps", 3, [None, 1, "text", []]])
def test_what_is_no_list_of_steps_has_none(step_list: object) -> None:
    """Entries that are no objects are passed over."""
    assert progress_of(step_list=step_list).steps == ()


def test_a_step_not_reached_has_no_times() -> None:
    """The documented sample of a running step has null for its end."""
    step = step_of(name="rolling_scaling", statue="IN_PROGRESS", start_time=AT_MS, end_time=None)

    assert (step.started_at, step.ended_at) == (AT, None)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("disk_expansion", "disk_expansion"),
        ("  two\r\n lines\t", "two lines"),
        ("bell\x07\x1b[31mred\u202eleft", "bell [31mred left"),
        ("扩容 🙂", "扩容 🙂"),
        ("a" * 201, "a" * 200),
        (" " * 900 + "late", ""),
        (None, ""),
        (5, ""),
    ],
)
def test_a_text_becomes_one_short_line(text: object, cleaned: str) -> None:
    """Nothing from outside can break a line, a log or a terminal."""
    assert clean(text) == cleaned


_JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes().map(datetime.isoformat)
    | st.sampled_from(["COMPLETED", "IN_PROGRESS", str(AT_MS), AT_MS, 100, 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
_STEPS: Final = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from(["a", "b", "a" * 300, "a" * 400]) | _JSON,
            "statue": _JSON,
            "status": _JSON,
            "start_time": _JSON,
            "end_time": _JSON,
        },
    )
    | _JSON,
    max_size=6,
)


@given(
    document=st.fixed_dictionaries(
        {"remain_time": _JSON}, optional={"progress_percentage": _JSON, "step_list": _STEPS | _JSON}
    ),
    unit=st.sampled_from(TimeUnit),
)
def test_whatever_is_read_is_within_its_bounds(document: dict[str, Any], unit: TimeUnit) -> None:
    """No value of any type or size gets past the reader unchecked."""
    progress = read_progress(document, unit, DATE)

    assert progress is not None
    assert progress.percent in {None, *range(101)}
    assert progress.remaining_seconds is None or 0 <= progress.remaining_seconds <= REMAINING_SECONDS_MAX
    assert len({step.key for step in progress.steps}) == len(progress.steps)
    for step in progress.steps:
        assert 0 < len(step.name) <= TEXT_LENGTH_MAX
        assert step.name.isprintable()
        assert step.status is None or (step.state is StepState.UNKNOWN and step.status.isprintable())


@given(value=_JSON)
@example(value=float("nan"))
def test_no_value_is_too_odd_to_be_a_task_or_a_moment(value: object) -> None:
    """Reading never raises; what is read is of this century."""
    moment = read_time(value)

    assert read_task(value, DATE) is None
    assert read_task({"tasks": value}, DATE) is None
    read_task({"tasks": [{"status": value}]}, DATE)
    assert moment is None or 2000 <= moment.year < 2100


def _raw_step(name: str, statue: str, start_time: int, end_time: int) -> dict[str, object]:
    return {"name": name, "statue": statue, "start_time": start_time, "end_time": end_time}


def _step(name: str, started_after: float, ended_after: float) -> Step:
    return Step(
        name,
        StepState.COMPLETED,
        started_at=AT + timedelta(seconds=started_after),
        ended_at=AT + timedelta(seconds=ended_after),
    )
