"""The drawings of a change, with the words beside them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from handler.core.ledger import Sample
from handler.core.observation import Observation, Phase, Step, StepState
from handler.web.drawing import Bar, Mark, Plot, Point, Row, Timeline
from handler.web.pages.axis_views import MarkView, view_marks, view_plot
from handler.web.pages.step_views import BarView, PartView, StepView, tell_counts, view_counts, view_steps
from notifiers.language_code import LanguageCode
from tests.web import records
from tests.web.records import MINUTE, NOW, START, at, ledger, record, visitor

MIDNIGHT = datetime(2026, 11, 23, 16, tzinfo=timezone.utc)
WHOLE = Row(None, Bar(0.0, 50.0), Bar(50.0, 25.123), 120)


def timeline(*rows: Row) -> Timeline:
    """A drawing of these."""
    return Timeline(START, NOW, rows, ())


def step(row: Row) -> StepView:
    """How one step is shown."""
    return view_steps(timeline(row), record(), visitor())[0]


def marks(*placed: Mark) -> tuple[MarkView, ...]:
    """How marks are labelled."""
    return view_marks(placed, visitor())


def test_the_change_as_a_whole_stands_before_its_steps() -> None:
    """With the time that is left after its bar."""
    row = Row(
        Step("disk_expansion", StepState.COMPLETED, started_at=START, ended_at=at(2)),
        Bar(0, 2.0844),
        duration_seconds=120,
    )

    assert view_steps(timeline(WHOLE, row), record(), visitor(LanguageCode.ZH)) == (
        StepView(
            state="running",
            word="进行中",
            name="整个变更",
            note="2 分钟",
            times="16:16",
            bar=BarView("0.00", "50.00"),
            estimate=BarView("50.00", "25.12"),
            is_brief=True,
        ),
        StepView(
            state="completed",
            word="已完成",
            name="磁盘扩容",
            note="2 分钟",
            times="16:16–16:18",  # noqa: RUF001 - between two times
            bar=BarView("0.00", "2.08"),
            estimate=None,
            is_brief=True,
        ),
    )


@pytest.mark.parametrize(
    ("phase", "state", "word"),
    [
        (Phase.COMPLETED, "completed", "completed"),
        (Phase.FAILED, "failed", "failed"),
        (Phase.LOST, "unknown", "no longer found"),
    ],
)
def test_the_whole_of_a_change_that_is_over_is_told_to_its_end(phase: Phase, state: str, word: str) -> None:
    """Whatever that is."""
    kept = record(observation=Observation(phase))
    (whole,) = view_steps(timeline(WHOLE._replace(duration_seconds=None)), kept, visitor())

    assert (whole.state, whole.word, whole.note, whole.times) == (state, word, "", "16:16–17:52")  # noqa: RUF001


def test_the_whole_of_a_change_that_is_followed_no_longer_is_not_said_to_run() -> None:
    """It did when it was last seen."""
    (whole,) = view_steps(timeline(WHOLE), records.dropped(), visitor())

    assert (whole.state, whole.word, whole.note, whole.times) == (
        "unknown",
        "no longer followed",
        "2 min",
        "16:16",
    )


@pytest.mark.parametrize(
    ("row", "word", "note", "is_brief"),
    [
        (Row(Step("a", StepState.COMPLETED)), "completed", "", False),
        (Row(Step("a", StepState.RUNNING), duration_seconds=60), "running", "1 min", False),
        (Row(Step("a", StepState.FAILED), duration_seconds=60), "failed", "1 min", False),
        (Row(Step("a", StepState.WAITING)), "waiting", "", False),
        (Row(Step("a", StepState.UNKNOWN, status="PAUSED")), "unknown", "PAUSED", False),
    ],
)
def test_a_word_stands_for_the_sign_unless_there_is_a_better_one(
    row: Row, word: str, note: str, *, is_brief: bool
) -> None:
    """Colour and sign are never alone in telling a state."""
    shown = step(row)

    assert (shown.word, shown.note, shown.is_brief, shown.times) == (word, note, is_brief, "")


@pytest.mark.parametrize(
    ("code", "steps", "counts"),
    [
        (LanguageCode.EN, "not started", "1 step failed · 9 steps not started"),
        (LanguageCode.ZH, "未开始", "1 个步骤失败 · 9 个步骤未开始"),
    ],
)
def test_steps_that_a_change_did_not_come_to_wait_for_nothing(
    code: LanguageCode, steps: str, counts: str
) -> None:
    """It is over; while it goes on they wait."""
    shown = view_steps(None, records.failed(), visitor(code))
    assert [one.word for one in shown if one.state == "waiting"] == [steps] * 3
    stands = {StepState.FAILED: 1, StepState.WAITING: 9}
    over, going = (
        tell_counts(record(observation=Observation(phase, step_counts=stands)), visitor(code))
        for phase in (Phase.FAILED, Phase.RUNNING)
    )
    assert over == counts
    assert going != counts


def test_without_a_drawing_steps_are_listed() -> None:
    """There may be none."""
    listed = view_steps(None, record(), visitor())
    assert [(one.name, one.bar) for one in listed][:2] == [("Pre-check", None), ("Creating resources", None)]
    assert view_steps(None, record(observation=None), visitor()) == ()


def test_of_very_many_steps_shares_are_drawn() -> None:
    """What is done comes first."""
    counts = {StepState.WAITING: 50, StepState.COMPLETED: 100, StepState.RUNNING: 50}

    assert view_counts(ledger(observation=Observation(Phase.RUNNING, step_counts=counts))) == (
        PartView("completed", BarView("0.00", "50.00")),
        PartView("running", BarView("50.00", "25.00")),
        PartView("waiting", BarView("75.00", "25.00")),
    )
    assert view_counts(ledger(observation=None)) == ()


def test_marks_are_labelled_by_the_visitors_clock() -> None:
    """With a date where it changes, and at the edges so that they are not cut off."""
    shown = marks(Mark(1.0, MIDNIGHT - 30 * MINUTE), Mark(50.0, MIDNIGHT), Mark(99.0, MIDNIGHT + 30 * MINUTE))

    assert shown == (
        MarkView("1.00", "23:30", "11-23", "start", is_spare=False),
        MarkView("50.00", "00:00", "11-24", "middle", is_spare=False),
        MarkView("99.00", "00:30", "", "end", is_spare=False),
    )


def test_today_needs_no_date() -> None:
    """Nor does it need seconds where they do not matter."""
    assert marks(Mark(50.0, NOW)) == (MarkView("50.00", "17:52", "", "middle", is_spare=False),)
    assert marks() == ()


def test_on_phones_some_labels_have_no_room() -> None:
    """Those with seconds are longer."""
    close = [Mark(20.0 * number, NOW + timedelta(seconds=10 * number)) for number in range(5)]

    assert [(one.time, one.is_spare) for one in marks(*close)][:3] == [
        ("17:52:00", False),
        ("17:52:10", True),
        ("17:52:20", False),
    ]


def test_days_are_called_by_their_dates() -> None:
    """All of them are midnights."""
    days = [Mark(20.0 * number, MIDNIGHT + timedelta(days=number)) for number in range(3)]

    assert [(one.time, one.date) for one in marks(*days)] == [("11-24", ""), ("11-25", ""), ("11-26", "")]


def test_of_days_of_several_years_the_year_is_told() -> None:
    """Where it is another one than before; that of the visitor needs no telling at first."""
    days = [
        Mark(25.0 * number, midnight)
        for number, midnight in enumerate(
            datetime(year, month, 30, 16, tzinfo=timezone.utc)
            for year, month in ((2025, 3), (2025, 12), (2026, 8), (2027, 5))
        )
    ]

    assert [(one.time, one.date) for one in marks(*days)] == [
        ("03-31", "2025"),
        ("12-31", ""),
        ("08-31", "2026"),
        ("05-31", "2027"),
    ]
    assert [one.date for one in marks(*days[2:])] == ["", "2027"]


def test_progress_is_a_line_with_the_ground_beneath_it() -> None:
    """And in words, for whoever cannot see it."""
    samples = (Sample(START, 0), Sample(NOW, 40))
    plot = Plot((Point(0.0, 100.0), Point(66.66, 60.0)), Point(100.0, 0.0))
    view = view_plot(plot, samples, visitor())

    assert view is not None
    assert view.line == "0.0,100.0 66.7,60.0"
    assert view.ground == "0.0,100 0.0,100.0 66.7,60.0 66.7,100"
    assert (view.estimate, view.end) == ("66.7,60.0 100.0,0.0", "66.7,60.0")
    assert view.told == "0% at 16:16, 40% at 17:52"
    certain = view_plot(plot._replace(estimate=None), samples, visitor())
    assert certain is not None
    assert certain.estimate == ""


def test_without_a_line_there_is_nothing_to_say() -> None:
    """One sample makes none."""
    assert view_plot(None, records.samples_until(5), visitor()) is None
