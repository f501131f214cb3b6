"""What browsers say that they would rather have."""

from __future__ import annotations

import time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.gateways import Request
from handler.web.accepting import choose_language, wants_page
from notifiers.language_code import LanguageCode

EN, ZH = LanguageCode.EN, LanguageCode.ZH
CHROMIUM: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "if_english", "if_chinese"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", ZH, ZH),
        ("en-GB,en;q=0.9,zh-CN;q=0.8", EN, EN),
        ("zh", ZH, ZH),
        ("ZH-hant-TW", ZH, ZH),
        ("zh-Hans", ZH, ZH),
        ("en;q=0.3, zh;q=0.5", ZH, ZH),
        ("en , zh ; q = 0.9", EN, EN),
        ("en,zh", EN, EN),
        ("zh,en", ZH, ZH),
        ("zh;q=0.1,zh-CN;q=0.9,en;q=0.5", ZH, ZH),
        ("fr-CH, fr;q=0.9, zh;q=0.2", ZH, ZH),
        ("", EN, ZH),
        ("fr", EN, ZH),
        ("*", EN, ZH),
        ("fr, *;q=0.5", EN, ZH),
        ("zh;q=0.2, *;q=0.5", EN, EN),
        ("zh;q=0", EN, EN),
        ("en;q=0.0, *", ZH, ZH),
        ("en;q=0,zh;q=0", EN, ZH),
        ("en;q=0,en-GB", EN, EN),
        ("*;q=0", EN, ZH),
        ("zh;q=1.5,en;q=0.1", EN, EN),
        ("zh;q=nan,en;q=.5,de;q=,", EN, ZH),
        ("zh;q=-1", EN, ZH),
        ("zh;level=1", EN, ZH),
        ("zhongwen, english", EN, ZH),
        ("zh_CN", EN, ZH),
        (";;;,,,=q", EN, ZH),
        ("zh;q=0.3333333", ZH, ZH),
        ("zh-", ZH, ZH),
        ("zh;", ZH, ZH),
        ("zh;Q=0.9,en;q=0.1", ZH, ZH),
        ("zh;q=", EN, ZH),
        ("zh;q=1;q=1", EN, ZH),
        ("fr," * 19 + "zh", ZH, ZH),
        ("fr," * 20 + "zh", EN, ZH),
        ("zh," + " " * 994 + "en", ZH, ZH),
        ("zh;q=0.5," + " " * 985 + "en;q=0.9", ZH, ZH),
        ("z" * 1001, EN, ZH),
    ],
)
def test_the_language_is_what_the_browser_would_rather_read(
    header: str, if_english: LanguageCode, if_chinese: LanguageCode
) -> None:
    """Where it says nothing of any help, the configured one is as good."""
    request = Request("GET", "/", {"accept-language": header})

    assert choose_language(request, EN) is if_english
    assert choose_language(request, ZH) is if_chinese


@pytest.mark.parametrize(
    "header",
    [
        "a;q=" + " " * 100_000 + "x",
        "a" + " " * 50_000 + ";" + " " * 50_000 + "x",
        " " * 100_000,
        "a-" + "-" * 100_000 + "!",
        "en;q=0." + "1" * 100_000,
        "," * 100_000,
        ",".join(["a;q=" + " " * 2_000 + "x"] * 50),
    ],
)
def test_a_stranger_who_sends_very_much_costs_nothing(header: str) -> None:
    """A language is chosen before anybody is known: to whoever is refused that is told in one, too."""
    begin = time.process_time()

    assert choose_language(Request("GET", "/", {"accept-language": header}), ZH) is ZH
    assert time.process_time() - begin < 1


def test_who_says_nothing_reads_the_configured_language() -> None:
    """Programs seldom say anything."""
    assert choose_language(Request("GET", "/"), ZH) is ZH


@given(
    st.text() | st.text(alphabet="enzh*-;q=0.1, ").map(lambda text: text * 50), st.sampled_from(LanguageCode)
)
def test_no_wish_is_too_odd(header: str, default: LanguageCode) -> None:
    """There is always a language."""
    assert choose_language(Request("GET", "/", {"accept-language": header}), default) in LanguageCode


@pytest.mark.parametrize(
    ("method", "accept", "is_shown"),
    [
        ("GET", CHROMIUM, True),
        ("HEAD", CHROMIUM, True),
        ("GET", "TEXT/HTML", True),
        ("GET", "*/*", False),
        ("GET", "application/json", False),
        ("GET", "", False),
        ("POST", CHROMIUM, False),
        ("OPTIONS", CHROMIUM, False),
    ],
)
def test_only_a_browser_that_goes_somewhere_wants_a_page(method: str, accept: str, *, is_shown: bool) -> None:
    """Programs say that they take anything, or JSON."""
    assert wants_page(Request(method, "/", {"accept": accept})) is is_shown


@pytest.mark.parametrize(
    ("media_type", "accept", "is_shown"),
    [
        ("application/x-www-form-urlencoded", CHROMIUM, True),
        ("application/x-www-form-urlencoded", "*/*", False),
        ("application/json", CHROMIUM, False),
    ],
)
def test_whoever_sends_a_form_off_looks_at_what_comes_of_it(
    media_type: str, accept: str, *, is_shown: bool
) -> None:
    """A browser shows that as it shows a page that was asked for."""
    request = Request("POST", "/", {"content-type": media_type, "accept": accept})

    assert wants_page(request) is is_shown
