"""The log of alerts, the latest first."""

from __future__ import annotations

from datetime import timedelta

from handler.core.ledger import Ledger
from handler.web.pages.log_views import LINES_MAX, DayView, LineView, LogView, view_log
from notifiers.alerts import Alert, Ending, Kind
from notifiers.language_code import LanguageCode
from tests.web.records import MINUTE, NOW, visitor


def view(*alerts: Alert, length: int | None = None, code: LanguageCode = LanguageCode.EN) -> LogView:
    """The log of a change that these were told of."""
    kept = Ledger(
        change="i/t", created_at=NOW, alerts=alerts, length=len(alerts) if length is None else length
    )
    return view_log(kept, visitor(code))


def test_alerts_are_told_by_days_the_latest_first() -> None:
    """By the visitor's calendar; a detail that is ours comes in the visitor's language."""
    told = view(
        Alert(1, Kind.STARTED, "a", NOW - timedelta(hours=18), percent=0),
        Alert(2, Kind.STEP_STARTED, "b", NOW - MINUTE, percent=7, step="somethingNew_2"),
        Alert(3, Kind.CHANNEL_REFUSED, "c", NOW, channel="ops", detail="Its service answered 401."),
        code=LanguageCode.ZH,
    )

    assert told == LogView(
        days=(
            DayView(
                "2026-11-24",
                (
                    LineView("17:52", "warning", "渠道 ops 拒收消息", "其服务返回 401。", "", ()),
                    LineView("17:51", "info", "somethingNew_2 已开始", "", "7%", ()),
                ),
            ),
            DayView("2026-11-23", (LineView("23:52", "info", "扩容已开始", "", "0%", ()),)),
        ),
        older="",
    )


def test_a_line_begins_like_a_sentence_unless_with_a_name() -> None:
    """Names stay as the API gives them."""
    told = view(
        Alert(1, Kind.STEP_COMPLETED, "a", NOW, step="odd_step", step_seconds=60),
        Alert(2, Kind.STALLED, "b", NOW, seconds=1800),
    )

    assert [line.said for line in told.days[0].lines] == [
        "No progress for 30 minutes",
        "odd_step completed in 1 minute",
    ]


def test_where_an_alert_may_not_be_heard_is_noted() -> None:
    """Given up, unknown, or perhaps a repeat; by channel."""
    endings = {"a": Ending.GIVEN_UP, "b\n": Ending.GIVEN_UP, "c": Ending.UNKNOWN}
    told = view(Alert(1, Kind.STARTED, "a", NOW, may_repeat=True, endings=endings))

    assert told.days[0].lines[0].notes == (
        "possible repeat",
        "given up on a, b",
        "unknown whether heard by c",
    )


def test_seconds_are_told_where_minutes_do_not_tell_moments_apart() -> None:
    """As the axis does."""
    alerts = [Alert(number, Kind.STARTED, "a", NOW - timedelta(seconds=5 * number)) for number in (2, 1)]
    kept = Ledger(change="i/t", created_at=NOW, alerts=tuple(alerts), length=2)

    (day,) = view_log(kept, visitor(), with_seconds=True).days
    assert [line.time for line in day.lines] == ["17:51:55", "17:51:50"]


def test_older_alerts_are_counted() -> None:
    """No page is endless, and ledgers keep no more."""
    alerts = [Alert(number, Kind.STARTED, str(number), NOW) for number in range(1, 301)]
    told = view(*alerts, length=310)

    assert sum(len(day.lines) for day in told.days) == LINES_MAX
    assert told.older == "110 older ones are counted, but no longer kept."
