"""How spans, moments and texts from elsewhere are said."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.languages import CHINESE, ENGLISH
from notifiers.saying import Reader, about, clock_time, date_and_time, fill, one_line, short_span, span
from tests.notifiers.examples import NOW

SHANGHAI = Reader(CHINESE, ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 seconds", "0 秒"),
        (1, "1 second", "1 秒"),
        (59, "59 seconds", "59 秒"),
        (60, "1 minute", "1 分钟"),
        (290, "4 minutes 50 seconds", "4 分钟 50 秒"),
        (659, "10 minutes", "10 分钟"),
        (3599, "59 minutes", "59 分钟"),
        (3600, "1 hour", "1 小时"),
        (3660, "1 hour 1 minute", "1 小时 1 分钟"),
        (86399, "23 hours 59 minutes", "23 小时 59 分钟"),
        (86400, "1 day", "1 天"),
        (180000, "2 days 2 hours", "2 天 2 小时"),
        (None, "some time", "一段时间"),
    ],
)
def test_a_span_is_said_in_its_largest_units(seconds: int | None, english: str, chinese: str) -> None:
    """Seconds only below ten minutes, minutes only below a day, and no unit of which there are none."""
    assert span(seconds, ENGLISH) == english
    assert span(seconds, CHINESE) == chinese


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "about 10 seconds", "约 10 秒"),
        (31, "about 30 seconds", "约 30 秒"),
        (59, "about 1 minute", "约 1 分钟"),
        (90, "about 2 minutes", "约 2 分钟"),
        (1124, "about 19 minutes", "约 19 分钟"),
        (3590, "about 1 hour", "约 1 小时"),
        (4000, "about 1 hour 5 minutes", "约 1 小时 5 分钟"),
        (100_000, "about 1 day 3 hours", "约 1 天 3 小时"),
    ],
)
def test_an_estimate_is_rounded_as_people_do(seconds: int, english: str, chinese: str) -> None:
    """Nobody believes in 18 minutes and 44 seconds."""
    assert about(seconds, ENGLISH) == english
    assert about(seconds, CHINESE) == chinese


def test_in_a_list_units_are_short() -> None:
    """There they stand beside names."""
    assert short_span(290, ENGLISH) == "4 min 50 s"
    assert short_span(90_000, ENGLISH) == "1 d 1 h"
    assert short_span(290, CHINESE) == "4 分钟 50 秒"
    assert short_span(3700, CHINESE) == "1 小时 1 分钟"


@given(st.integers(0, 10**8))
def test_any_span_has_at_most_two_parts(seconds: int) -> None:
    """However long it is."""
    assert 1 <= len(span(seconds, CHINESE).split()) // 2 <= 2
    assert len(short_span(seconds, ENGLISH).split()) in {2, 4}


def test_a_time_is_told_by_the_readers_clock() -> None:
    """With its date only where that is another day than the one it is told on."""
    assert clock_time(NOW, Reader()) == "08:03"
    assert clock_time(NOW, SHANGHAI) == "16:03"
    assert clock_time(NOW + timedelta(hours=7), SHANGHAI, beside=NOW) == "23:03"
    assert clock_time(NOW + timedelta(hours=8), SHANGHAI, beside=NOW) == "2026-11-25 00:03"
    assert clock_time(NOW + timedelta(hours=8), Reader(), beside=NOW) == "16:03"


def test_a_date_comes_with_the_clock_it_is_told_by() -> None:
    """Readers in other places can tell; a clock without a name goes by its difference."""
    assert date_and_time(NOW, Reader()) == "2026-11-24 08:03 UTC"
    assert date_and_time(NOW, SHANGHAI) == "2026-11-24 16:03 Asia/Shanghai"
    assert date_and_time(NOW, Reader(timezone=timezone(timedelta(hours=2)))) == "2026-11-24 10:03 UTC+02:00"


@pytest.mark.parametrize(
    ("sentence", "value", "said"),
    [
        ("{x}已完成", "disk_expansion", "disk_expansion 已完成"),
        ("{x}已完成", "磁盘扩容", "磁盘扩容已完成"),
        ("已完成{x}", "60%", "已完成 60%"),
        ("{x}已完成", "60%", "60% 已完成"),
        ("失败：{x}的", "orders", "失败：orders 的"),
        ("第{x}行", 7, "第 7 行"),
        ("截至{x}", "(昨天)", "截至(昨天)"),
        ("{x}已开始", "", "已开始"),
        ("{x} started", "磁盘", "磁盘 started"),
        ("{x}", "{x} 100%", "{x} 100%"),
    ],
)
def test_chinese_stands_apart_from_latin_letters_and_digits(sentence: str, value: object, said: str) -> None:
    """As is usual there, whatever a place is filled with; what is filled in stays as it is."""
    assert fill(sentence, x=value) == said


@given(st.text(), st.integers(2, 50))
def test_any_text_becomes_one_short_visible_line(text: str, length_max: int) -> None:
    """No line break, control or invisible character is left, and what is left can be encoded."""
    line = one_line(text, length_max)

    assert len(line) <= length_max
    assert line == line.strip()
    assert not any(unicodedata.category(char)[0] == "C" for char in line)
    assert line.splitlines() in ([], [line])
    assert line.encode()[:0] == b""


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=80))
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    """Only what could do harm is changed."""
    assert one_line(name) == name


def test_what_is_cut_off_is_seen_to_be() -> None:
    """Bidirectional marks, which could turn what follows around, are gone as well."""
    assert one_line("a long name", 7) == "a long…"
    assert one_line("a\u202eb\u2066c\r\n\x07d\ud800e\u2028f") == "a b c d e f"
    assert one_line("\t\u200b") == ""


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc)))  # noqa: DTZ001 - bounds
def test_any_moment_can_be_told_anywhere(moment: datetime) -> None:
    """Where clocks are put forward as well."""
    said = date_and_time(moment, Reader(timezone=ZoneInfo("America/New_York")))

    assert said.endswith(" America/New_York")
    assert len(said) == len("2026-11-24 08:03 America/New_York")
