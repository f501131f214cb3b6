"""Where the links of pages lead."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from handler.core.change import ChangeId
from handler.web.pages.visitor import NEVER, Spot
from notifiers.language_code import LanguageCode
from notifiers.saying import Reader
from tests.web.records import NOW, visitor

CHANGE = ChangeId("i", "t")


@pytest.mark.parametrize(
    ("base_path", "home", "home_from_change", "change"),
    [
        ("", "./", "../../", "./changes/i/t"),
        ("/", "./", "../../", "./changes/i/t"),
        ("/headway", "/headway/", "/headway/", "/headway/changes/i/t"),
        ("/a/b/", "/a/b/", "/a/b/", "/a/b/changes/i/t"),
    ],
)
def test_links_lead_below_the_configured_address_or_else_from_where_one_is(
    base_path: str, home: str, home_from_change: str, change: str
) -> None:
    """A gateway's stage may stand before every path, which nobody has to configure."""
    somebody = visitor(base_path=base_path)

    assert somebody.overview_link(Spot.OVERVIEW) == home
    assert somebody.overview_link(Spot.CHANGE) == home_from_change
    assert somebody.change_link(CHANGE) == change


@pytest.mark.parametrize(
    ("language", "refresh_seconds", "query"),
    [
        (None, None, ""),
        (LanguageCode.ZH, None, "?lang=zh"),
        (None, 30, "?refresh=30"),
        (LanguageCode.EN, NEVER, "?lang=en&refresh=off"),
    ],
)
def test_links_keep_what_was_asked_for(
    language: LanguageCode | None, refresh_seconds: int | None, query: str
) -> None:
    """Language and pace stay what they are from page to page."""
    somebody = visitor(language=language, refresh_seconds=refresh_seconds)

    assert somebody.overview_link(Spot.CHANGE) == f"../../{query}"
    assert somebody.change_link(CHANGE) == f"./changes/i/t{query}"


def test_language_and_pace_are_changed_on_the_same_page() -> None:
    """Each of them keeps the other; an address that asks for nothing forgets what was asked for."""
    somebody = visitor(language=LanguageCode.EN, refresh_seconds=30)

    assert somebody.language_link(LanguageCode.ZH) == "?lang=zh&refresh=30"
    assert somebody.refresh_link(is_to_rest=True) == "?lang=en&refresh=off"
    assert somebody.refresh_link(is_to_rest=False) == "?lang=en"
    assert visitor().refresh_link(is_to_rest=False) == "?"


def test_times_have_dates_where_it_is_not_today() -> None:
    """By the visitor's clock."""
    assert visitor().time(NOW) == "17:52"
    assert visitor().time(NOW.replace(day=23)) == "2026-11-23 17:52"


def test_the_clock_has_a_name() -> None:
    """That of its place, or how far it is from UTC."""
    east = Reader(timezone=timezone(timedelta(hours=8)))

    assert (visitor().zone, visitor()._replace(reader=east).zone) == ("Asia/Shanghai", "UTC+08:00")
