"""What the overview shows, and in which order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import ChannelState, Outage
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.api.shapes import summary_of
from handler.web.pages.change_views import view_change
from handler.web.pages.overview_views import EndedView, view_overview
from handler.web.pages.troubles import Remark
from notifiers.language_code import LanguageCode
from tests.web import records
from tests.web.records import MINUTE, NOW, ledger, record, visitor


def called(name: str, kept: Record) -> Record:
    """A change of another name."""
    change = ChangeId("i", name)
    return kept._replace(change=change, ledger=replace(kept.ledger, name=name) if kept.ledger else None)


def test_changes_stand_in_groups_those_in_trouble_first() -> None:
    """Then by their names, so that they stay where they are from look to look."""
    view = view_overview(
        [
            called("b", records.running()),
            called("waits", records.waiting()),
            called("A", records.running()),
            called("z", records.stalled()),
            called("told", records.failed()),
            called("new", records.unseen()),
        ],
        2,
        visitor(),
    )

    assert [(group.title, [row.change.name for row in group.rows]) for group in view.groups] == [
        ("Running", ["z", "A", "b"]),
        ("Ended, not yet told to every channel", ["told"]),
        ("Not known yet", ["i/new"]),
        ("Not running yet", ["waits"]),
    ]
    assert view.groups[0].rows[0].link == "./changes/i/z"
    assert (view.title, view.tone) == ("1 change failed, 3 changes running", "failure")
    assert view.needs == (
        Remark("failure", "Action needed: 1 change"),
        Remark("warning", "Please check: 1 change"),
    )
    assert view.left_out == "… and 2 changes more that Headway follows"


def test_what_ended_last_stands_first() -> None:
    """With how and when; what is followed no longer, or cannot be read, stands there as well."""
    dropped = called("dropped", records.dropped())
    broken = called("broken", records.unreadable())._replace(is_active=False)
    failed = called("failed", records.failed())._replace(is_active=False)
    view = view_overview(
        [broken, called("done", records.completed()), failed, dropped], 0, visitor(LanguageCode.ZH)
    )

    assert view.ended == (
        EndedView("./changes/i/failed", "failed", "failed", "failure", "失败，历时 1 小时 24 分钟", "17:40"),
        EndedView("./changes/i/dropped", "dropped", "unknown", "faint", "不再跟踪", "14:52"),
        EndedView(
            "./changes/i/done",
            "done",
            "completed",
            "success",
            "已完成，用时 2 小时 10 分钟",
            "2026-11-23 18:26",
        ),
        EndedView("./changes/i/broken", "i/broken", "unknown", "warning", "记录无法读取", ""),
    )
    assert (view.title, view.tone, view.groups) == ("当前没有进行中的变更", "faint", ())
    assert (view.refused, view.left_out) == ("", "")


def test_a_change_that_was_never_seen_stands_by_when_it_came_to_be_followed() -> None:
    """Nothing later is known of it."""
    never = Record(
        ChangeId("i", "t"),
        ledger(looked_at=None, observation=None, created_at=NOW - timedelta(days=1)),
        is_active=False,
    )

    assert view_overview([never], 0, visitor()).ended[0].when == "2026-11-23 17:52"


def test_an_end_that_the_steps_do_not_tell_is_when_it_was_seen() -> None:
    """One rule wherever it is told: here a step was open when the change was cancelled."""
    steps = records.steps_until(60)
    cancelled = record(
        observation=Observation(Phase.CANCELLED, 40, steps=steps), looked_at=records.at(70), is_active=False
    )
    view = view_overview([cancelled], 0, visitor())

    assert (view.ended[0].how, view.ended[0].when) == ("Cancelled", "17:26")
    assert view_change(cancelled, visitor()).left == ("Cancelled", "at 17:26")
    assert summary_of(cancelled).ended_at == records.at(70)


@pytest.mark.parametrize(
    "kept",
    [
        records.unseen(),
        records.unreadable(),
        record(observation=None, outage=Outage(NOW - MINUTE, ProblemKind.UNAUTHORISED)),
        record(observation=Observation(Phase.UNKNOWN)),
    ],
    ids=["unseen", "unreadable", "outage only", "unknown"],
)
def test_of_what_is_not_known_nothing_is_claimed(kept: Record) -> None:
    """It may be running, for all that anybody knows; and so may what there is no room for."""
    view = view_overview([kept, called("waits", records.waiting())], 0, visitor())

    assert [group.title for group in view.groups] == ["Not known yet", "Not running yet"]
    assert view.title == "Nothing is known to be running"
    assert view_overview([], 7, visitor()).title == "Nothing is known to be running"
    assert view_overview([kept, records.running()], 0, visitor()).title == "1 change running"
    assert view_overview([records.waiting()], 0, visitor()).title == "Nothing is running"


def test_a_change_that_is_over_is_still_told_or_reminded_of_or_done_with() -> None:
    """What all have heard of only waits to be taken from the list."""
    heard = records.completed()._replace(is_active=True)
    view = view_overview(
        [called("r", records.reminded()), called("o", records.failed()), heard], 0, visitor()
    )

    assert [(group.title, [row.change.name for row in group.rows]) for group in view.groups] == [
        ("Ended, not yet told to every channel", ["o"]),
        ("Ended, reminders to come", ["r"]),
    ]
    assert [end.how for end in view.ended] == ["Completed in 2 h 10 min"]


def test_failures_are_told_before_all_else_however_much_is_unknown() -> None:
    """Nobody says that nothing runs, and stops reading."""
    unknown = [
        called(f"n{number}", records.unseen())._replace(change=ChangeId("i", f"n{number}"))
        for number in range(130)
    ]
    view = view_overview([*unknown, called("bad", records.failed())], 0, visitor())

    assert (view.title, view.tone) == ("1 change failed", "failure")
    assert [(group.key, len(group.rows)) for group in view.groups] == [("over", 1), ("unknown", 130)]


@pytest.mark.parametrize(
    ("code", "title", "needs"),
    [
        (
            LanguageCode.EN,
            "1 change failed, 1 change no longer found, 1 change cancelled, 2 changes running",
            ("Action needed: 3 changes", "Please check: 1 change"),
        ),
        (
            LanguageCode.ZH,
            "1 个变更失败，1 个变更已查不到，1 个变更已取消，2 个变更进行中",
            ("需要处理：3 个变更", "请检查：1 个变更"),
        ),
    ],
    ids=["en", "zh"],
)
def test_how_many_need_somebody_is_counted(code: LanguageCode, title: str, needs: tuple[str, ...]) -> None:
    """Those that have ended badly, and those that are about to."""
    cancelled = records.cancelled().ledger
    assert cancelled is not None
    unheard = record(replace(cancelled, channels={"ops": ChannelState(0)}))
    view = view_overview(
        [records.running(), unheard, records.lost(), records.counted(), records.failed()], 0, visitor(code)
    )

    assert (view.title, tuple(remark.text for remark in view.needs)) == (title, needs)


def test_the_gravest_stands_first_in_its_group() -> None:
    """A channel in trouble weighs as much as a standstill."""
    view = view_overview(
        [
            called("a", records.running()),
            called("b", records.stalled()),
            called("c", records.counted()),
            called("d", records.deaf()),
        ],
        0,
        visitor(),
    )

    assert [row.change.name for row in view.groups[0].rows] == ["c", "b", "d", "a"]


def ended(phase: Phase, days_ago: float, task_id: str = "t", instance_id: str = "i") -> Record:
    """A change whose only step ended so long ago, and that all have heard of."""
    then = NOW - timedelta(days=days_ago)
    step = Step("a", StepState.COMPLETED, started_at=then - MINUTE, ended_at=then)
    change = ChangeId(instance_id, task_id)
    kept = ledger(change=str(change), observation=Observation(phase, None, None, (step,)), channels={})
    return Record(change, kept, is_active=False)


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.LOST])
def test_what_has_failed_lately_is_told_though_all_have_heard_of_it(phase: Phase) -> None:
    """For a day; who opens the page a minute after must not think that all is fine."""
    lately, long_ago = ended(phase, 0.9), ended(phase, 1.1, "u")

    assert view_overview([lately, long_ago], 0, visitor()).needs == (
        Remark("failure", "Failed within the last day: 1 change"),
    )
    assert view_overview([long_ago], 0, visitor()).needs == ()


@pytest.mark.parametrize(
    ("others", "is_told"),
    [
        ((), True),
        ((ended(Phase.COMPLETED, 0.2, "u"),), False),
        ((ended(Phase.COMPLETED, 0.8, "u"),), True),
        ((ended(Phase.COMPLETED, 0.2, "u", "another"),), True),
        ((ended(Phase.CANCELLED, 0.2, "u"),), True),
    ],
    ids=["alone", "mended", "completed before", "another instance's", "not completed"],
)
def test_what_another_change_of_the_instance_has_mended_is_not(
    others: tuple[Record, ...],
    is_told: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """As there are no reminders of it either."""
    view = view_overview([ended(Phase.FAILED, 0.5), *others], 0, visitor())

    assert bool(view.needs) is is_told


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            LanguageCode.EN,
            (
                "Huawei Cloud refused the access key at 15:52: please check it. Until it is accepted nothing"
                " new is seen."
            ),
        ),
        (LanguageCode.ZH, "华为云于 15:52 拒绝了访问密钥，请检查。密钥恢复可用之前，无法获知最新情况。"),
    ],
    ids=["en", "zh"],
)
def test_a_refused_key_is_told_and_nothing_is_known_meanwhile(code: LanguageCode, told: str) -> None:
    """Of what runs only what was seen before."""
    refused_at = NOW - timedelta(hours=2)
    view = view_overview([records.waiting()], 0, visitor(code), refused_at)

    assert (view.refused, view.tone, view.title) == (told, "warning", visitor(code).words.nothing_known)
    failing = view_overview([records.failed()], 0, visitor(code), refused_at)
    assert (failing.tone, failing.refused) == ("failure", told)


def test_one_change_that_runs_is_one() -> None:
    """And calm."""
    view = view_overview([records.running()], 0, visitor())

    assert (view.title, view.tone) == ("1 change running", "info")
