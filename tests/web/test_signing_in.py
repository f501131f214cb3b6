"""What the form says, what the browser keeps, and that neither is the token or leads elsewhere."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.gateways import Request
from handler.web.answers import BadRequestError
from handler.web.signing_in import (
    COOKIE,
    FORM_BYTES_MAX,
    MEDIA_TYPE,
    cookie_of,
    is_form,
    pass_of,
    read_form,
    read_passes,
    same_page,
)

TOKEN: Final = "a-token:of-this-function"
PASS: Final = pass_of(TOKEN)
FORM: Final = {"content-type": MEDIA_TYPE}


def form(body: bytes | None) -> Request:
    """The form, with what was typed into it."""
    return Request("POST", "/", FORM, body)


def keeping(cookie: str) -> Request:
    """A request of a browser that keeps something."""
    return Request("GET", "/", {"cookie": cookie})


@pytest.mark.parametrize(
    ("method", "media_type", "is_one"),
    [
        ("POST", MEDIA_TYPE, True),
        ("POST", " Application/X-WWW-Form-Urlencoded ; charset=utf-8", True),
        ("GET", MEDIA_TYPE, False),
        ("PUT", MEDIA_TYPE, False),
        ("POST", "", False),
        ("POST", "application/json", False),
        ("POST", "multipart/form-data; boundary=a", False),
        ("POST", f"text/plain; {MEDIA_TYPE}", False),
    ],
)
def test_a_form_is_told_by_its_type(method: str, media_type: str, *, is_one: bool) -> None:
    """Whatever stands in it."""
    assert is_form(Request(method, "/", {"content-type": media_type})) is is_one


@pytest.mark.parametrize(
    ("body", "typed"),
    [
        (b"token=a-token%3Aof-this-function", TOKEN),
        (b"user=headway&token=a-token:of-this-function", TOKEN),
        (b"token=+a-token:of-this-function%0D%0A", TOKEN),
        (b"token=other&token=a-token:of-this-function", TOKEN),
        (b"token=a%2Bb", "a+b"),
        ("token=令牌".encode(), "令牌"),
        (b"token=%ff", "\ufffd"),
        (b"token", ""),
        (b"token=", ""),
        (b"Token=a&tokens=b", ""),
        (b'{"token": "a"}', ""),
        (b"", ""),
    ],
)
def test_what_was_typed_in_is_read_without_the_blanks_that_were_copied_along(body: bytes, typed: str) -> None:
    """A form without it is one into which nothing was typed."""
    assert read_form(form(body)) == typed


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body cannot be decoded."),
        (b"token=\xff", "The body is no form."),
        (b"&".join([b"a=b"] * 21), "The body is no form."),
        (b"token=" + b"a" * FORM_BYTES_MAX, "The form is too large."),
    ],
)
def test_what_is_no_form_of_ours_is_told_as_such(body: bytes | None, message: str) -> None:
    """Without a word of what stands in it."""
    with pytest.raises(BadRequestError) as told:
        read_form(form(body))
    assert str(told.value) == message


def test_what_the_browser_keeps_is_seen_by_no_script_and_sent_for_no_other_site() -> None:
    """Nor without encryption, nor can another host of the domain set it; after a month one signs in anew."""
    assert cookie_of(TOKEN) == (
        f"__Host-headway={PASS}; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"
    )


@given(st.text(min_size=16), st.text(min_size=16))
def test_what_the_browser_keeps_is_of_one_token_and_does_not_tell_it(token: str, other: str) -> None:
    """With another token it is worth nothing."""
    assert re.fullmatch("[0-9a-f]{64}", pass_of(token))
    assert pass_of(token) == pass_of(token)
    assert (pass_of(token) == pass_of(other)) is (token == other)
    assert token not in cookie_of(token)


def test_what_the_browser_keeps_stays_the_same_from_version_to_version() -> None:
    """Or all would have to sign in anew; the token may hold half a character."""
    assert pass_of("sixteen-letters!") == "d0e895eb99013170124b7726a09c95eee1544e1cbd541e2363554e2a62c143c3"
    assert re.fullmatch("[0-9a-f]{64}", pass_of("sixteen-letter-\udcff"))


@pytest.mark.parametrize(
    ("cookie", "passes"),
    [
        (f"{COOKIE}={PASS}", [PASS]),
        (f"a=b; {COOKIE}={PASS};c=d", [PASS]),
        (f" {COOKIE} = {PASS} ;", [PASS]),
        (f"{COOKIE}=stale; {COOKIE}={PASS}", ["stale", PASS]),
        (f"{COOKIE}=", [""]),
        (COOKIE, [""]),
        (f"{COOKIE}=a=b", ["a=b"]),
        (f"headway={PASS}; __host-headway={PASS}; __Secure-headway={PASS}; x{COOKIE}={PASS}; {PASS}", []),
        ("", []),
        (f";;=;={COOKIE};", []),
    ],
)
def test_what_the_browser_has_kept_is_found_among_what_others_have_it_keep(
    cookie: str, passes: list[str]
) -> None:
    """What another host of the domain may set is never called so."""
    assert read_passes(keeping(cookie)) == passes


def test_it_is_found_behind_however_many_that_others_have_set() -> None:
    """Or another host of the domain could keep everybody out."""
    cookies = f"{'headway=x;' * 1000}{f'{COOKIE}=x;' * 20}{COOKIE}={PASS}"

    assert read_passes(keeping(cookies)) == [*["x"] * 20, PASS]
    assert read_passes(Request("GET", "/")) == []


@given(st.text() | st.lists(st.sampled_from([COOKIE, "=", ";", " ", '"', "\udcff", PASS])).map("".join))
def test_no_cookie_is_too_odd(cookie: str) -> None:
    """What cannot be understood is not there."""
    assert len(read_passes(keeping(cookie))) <= cookie.count(COOKIE)


@given(
    st.dictionaries(st.text(), st.text())
    | st.dictionaries(
        st.sampled_from(["lang", "//evil.example", "\r\nset-cookie", "https:"]),
        st.sampled_from(["zh", "//evil.example/", "\r\nset-cookie: a=b", "\ud800", "#", "?", "&token=x"]),
    )
)
def test_the_way_back_leads_to_the_same_page_with_the_same_query(query: dict[str, str]) -> None:
    """And nowhere else, whatever somebody has put into the address."""
    where = same_page(Request("POST", "//evil.example/x", FORM, b"token=x", query=query))
    reached = urlsplit(urljoin("https://here.example/prod/changes/i/t?lang=en#top", where))

    assert where.startswith("?")
    assert where.isprintable()
    assert where.isascii()
    assert (reached.scheme, reached.netloc, reached.path) == ("https", "here.example", "/prod/changes/i/t")
    assert "#" not in where
    assert dict(parse_qsl(where[1:], keep_blank_values=True)) == {
        key.encode(errors="replace").decode(): value.encode(errors="replace").decode()
        for key, value in query.items()
    }


def test_the_language_that_was_asked_for_stays() -> None:
    """An address without a query has an empty one then."""
    assert same_page(Request("POST", "/", query={"lang": "zh", "refresh": "off"})) == "?lang=zh&refresh=off"
    assert same_page(Request("POST", "/changes/i/t")) == "?"
