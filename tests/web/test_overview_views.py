"""What the overview shows, and in which order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import Outage
from handler.core.observation import Observation, Phase
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.api.shapes import summary_of
from handler.web.pages.change_views import view_change
from handler.web.pages.overview_views import EndedView, view_overview
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
        ("Not known yet", ["i/new"]),
        ("Not running yet", ["waits"]),
        ("Over, still being told", ["told"]),
    ]
    assert view.groups[0].rows[0].link == "./changes/i/z"
    assert (view.title, view.tone) == ("3 changes running", "warning")
    assert view.in_trouble == "1 change in trouble"
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
    assert (view.in_trouble, view.left_out) == ("", "")


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
    assert view_change(cancelled, visitor()).left == ("Cancelled", "17:26")
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
        ("Over, still being told", ["o"]),
        ("Over, reminders to come", ["r"]),
    ]
    assert [end.how for end in view.ended] == ["Completed in 2 h 10 min"]


def test_one_change_that_runs_is_one() -> None:
    """And calm."""
    view = view_overview([records.running()], 0, visitor())

    assert (view.title, view.tone) == ("1 change running", "info")
