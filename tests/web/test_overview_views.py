"""What the overview shows, and in which order."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.record import Record
from handler.web.pages.overview_views import EndedView, view_overview
from notifiers.language_code import LanguageCode
from tests.web import records
from tests.web.records import NOW, ledger, visitor


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
        ("Not running yet", ["i/new", "waits"]),
        ("Over, still being told", ["told"]),
    ]
    assert view.groups[0].rows[0].link == "./changes/i/z"
    assert (view.title, view.tone) == ("3 changes running", "warning")
    assert view.in_trouble == "1 change in trouble"
    assert view.left_out == "… and 2 changes more that Headway follows"


def test_what_ended_last_stands_first() -> None:
    """With how and when; what is followed no longer, or cannot be read, stands there as well."""
    dropped = Record(ChangeId("i", "dropped"), ledger(name="dropped", looked_at=NOW), is_active=False)
    broken = Record(ChangeId("i", "broken"), None, is_active=False)
    failed = called("failed", records.failed())._replace(is_active=False)
    view = view_overview(
        [broken, called("done", records.completed()), failed, dropped], 0, visitor(LanguageCode.ZH)
    )

    assert view.ended == (
        EndedView("./changes/i/dropped", "dropped", "running", "faint", "不再跟踪", "17:52"),
        EndedView("./changes/i/failed", "failed", "failed", "failure", "失败，历时 1 小时 24 分钟", "17:40"),
        EndedView(
            "./changes/i/done",
            "done",
            "completed",
            "success",
            "已完成，用时 2 小时 10 分钟",
            "2026-11-23 18:26",
        ),
        EndedView("./changes/i/broken", "i/broken", "unknown", "faint", "不再跟踪", ""),
    )
    assert (view.title, view.tone, view.groups) == ("当前没有进行中的变更", "faint", ())
    assert (view.in_trouble, view.left_out) == ("", "")


def test_an_end_that_nothing_tells_is_when_it_was_last_looked_at() -> None:
    """Or when it came to be followed."""
    never = Record(
        ChangeId("i", "t"), ledger(looked_at=None, created_at=NOW - timedelta(days=1)), is_active=False
    )

    assert view_overview([never], 0, visitor()).ended[0].when == "2026-11-23 17:52"


def test_one_change_that_runs_is_one() -> None:
    """And calm."""
    view = view_overview([records.running()], 0, visitor())

    assert (view.title, view.tone) == ("1 change running", "info")
