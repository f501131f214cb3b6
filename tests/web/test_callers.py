"""Who asks, as far as that is known, and whose asking another site cannot have brought about."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.gateways import Request
from handler.web.answers import BadRequestError
from handler.web.callers import Caller, has_signed_in, identify, may_write, signs_in
from handler.web.signing_in import COOKIE, MEDIA_TYPE, cookie_of, pass_of

TOKEN: Final = "a-token:of-this-function"
WRONG: Final = "a-token:of-that-function"
JSON: Final = {"content-type": "application/json"}
OWN: Final = "x-headway-token"
KEPT: Final = cookie_of(TOKEN).partition(";")[0]


def basic(password: str, user: str = "me") -> dict[str, str]:
    """What a browser sends once it was asked."""
    return {"authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    """What a program sends."""
    return {"authorization": f"Bearer {token}"}


def asking(headers: Mapping[str, str], *, is_vouched_for: bool = False) -> Request:
    """Make a request with these headers."""
    return Request("POST", "/api/check", headers, is_vouched_for=is_vouched_for)


@pytest.mark.parametrize(
    "headers",
    [
        bearer(TOKEN),
        {"authorization": f"  bearer   {TOKEN}  "},
        {"authorization": f"BEARER {TOKEN}"},
        {OWN: TOKEN},
        {OWN: f" {TOKEN} "},
        basic(TOKEN),
        basic(TOKEN, user=""),
        {OWN: TOKEN, **bearer("of-the-gateway")},
        {OWN: WRONG, **bearer(TOKEN)},
        {OWN: TOKEN, "authorization": "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=0"},
    ],
)
def test_whoever_shows_the_token_is_known_by_it(headers: Mapping[str, str]) -> None:
    """In any of the places that there are for it, whatever stands in the others."""
    assert identify(asking(headers), TOKEN) is Caller.TOKEN


@pytest.mark.parametrize(
    "headers",
    [
        bearer(WRONG),
        bearer(TOKEN[:-1]),
        bearer(f"{TOKEN}x"),
        bearer(TOKEN.upper()),
        bearer("\udcff"),
        bearer("令牌"),
        {OWN: WRONG},
        {OWN: f"Bearer {TOKEN}"},
        basic(WRONG),
        basic("me"),
        {OWN: WRONG, **basic(WRONG)},
    ],
)
def test_whoever_shows_something_else_is_known_to_have_done_so(headers: Mapping[str, str]) -> None:
    """The log tells it from one who shows nothing: perhaps a token has been changed."""
    assert identify(asking(headers), TOKEN) is Caller.WRONG_TOKEN
    assert identify(asking(headers), None) is Caller.WRONG_TOKEN


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": TOKEN},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": f"Digest {TOKEN}"},
        {"authorization": "Basic"},
        {"authorization": "Basic ===="},
        {"authorization": "Basic \udcff"},
        {"authorization": f"Basic {TOKEN}"},
        basic(""),
        {"authorization": f"Basic {base64.b64encode(TOKEN.split(':')[0].encode()).decode()}"},
        {OWN: ""},
        {OWN: "  "},
        {"x-token": TOKEN, "cookie": f"token={TOKEN}"},
    ],
)
def test_whoever_shows_nothing_is_nobody(headers: Mapping[str, str]) -> None:
    """What is in no place for it is no token."""
    assert identify(asking(headers), TOKEN) is Caller.NOBODY
    assert identify(asking(headers), None) is Caller.NOBODY


@pytest.mark.parametrize("headers", [{}, bearer(WRONG), bearer(TOKEN)])
@pytest.mark.parametrize("token", [TOKEN, None])
def test_the_platforms_word_is_enough(headers: Mapping[str, str], token: str | None) -> None:
    """Whatever else is shown: a gateway's own token may stand there."""
    assert identify(asking(headers, is_vouched_for=True), token) is Caller.PLATFORM


def test_only_the_platform_and_the_token_or_a_cookie_of_it_make_callers_known() -> None:
    """All others learn nothing."""
    known = {Caller.PLATFORM, Caller.TOKEN, Caller.COOKIE}

    assert {caller for caller in Caller if caller.is_known} == known


def reading(cookie: str, method: str = "GET", **more: str) -> Request:
    """A request of a browser that keeps something."""
    return Request(method, "/", {"cookie": cookie, **more})


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    "cookie", [KEPT, f"a=b; {KEPT}", f"{COOKIE}=stale; {KEPT}", f"{KEPT}; {COOKIE}=", f"{KEPT}; \udcff"]
)
def test_whoever_has_signed_in_may_read(method: str, cookie: str) -> None:
    """Whatever else the browser keeps; the cookie is of one token only."""
    assert identify(reading(cookie, method), TOKEN) is Caller.COOKIE
    assert identify(reading(cookie, method), WRONG) is Caller.WRONG_TOKEN
    assert identify(reading(cookie, method), None) is Caller.WRONG_TOKEN


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "", "get"])
@pytest.mark.parametrize("headers", [{}, JSON])
def test_whoever_has_signed_in_may_do_nothing_else(method: str, headers: dict[str, str]) -> None:
    """A browser sends a cookie of its own accord, so that counts for nothing there; the token still does."""
    assert identify(reading(KEPT, method, **headers), TOKEN) is Caller.NOBODY
    assert identify(reading(KEPT, method, **bearer(TOKEN)), TOKEN) is Caller.TOKEN
    assert not may_write(reading(KEPT, method), TOKEN)
    assert has_signed_in(reading(KEPT, method), TOKEN)
    assert not has_signed_in(reading(KEPT, method), WRONG)
    assert not has_signed_in(reading(KEPT, method), None)


def test_the_token_itself_is_no_cookie_nor_the_cookie_a_token() -> None:
    """What the browser keeps opens nothing where a token is wanted."""
    assert identify(reading(f"{COOKIE}={TOKEN}"), TOKEN) is Caller.WRONG_TOKEN
    for headers in (bearer(pass_of(TOKEN)), {OWN: pass_of(TOKEN)}, basic(pass_of(TOKEN))):
        assert identify(asking(headers), TOKEN) is Caller.WRONG_TOKEN


def form(body: bytes | None, method: str = "POST") -> Request:
    """The form for signing in."""
    return Request(method, "/", {"content-type": MEDIA_TYPE}, body)


@pytest.mark.parametrize(
    ("asked", "caller"),
    [
        (form(urlencode({"token": TOKEN}).encode()), Caller.TOKEN),
        (form(urlencode({"token": WRONG}).encode()), Caller.WRONG_TOKEN),
        (form(urlencode({"token": pass_of(TOKEN)}).encode()), Caller.WRONG_TOKEN),
        (form(urlencode({"token": TOKEN}).encode(), "GET"), Caller.NOBODY),
        (form(urlencode({"token": ""}).encode()), Caller.NOBODY),
        (form(b"\xff"), Caller.NOBODY),
        (form(None), Caller.NOBODY),
    ],
)
def test_the_token_may_come_in_the_form(asked: Request, caller: Caller) -> None:
    """Which writes nothing with it, for it is no JSON."""
    assert identify(asked, TOKEN) is caller
    assert not may_write(asked, TOKEN)
    assert identify(asked, None) in {Caller.NOBODY, Caller.WRONG_TOKEN}


@pytest.mark.parametrize(
    ("headers", "is_enough"),
    [(bearer(TOKEN), True), ({OWN: TOKEN}, True), (bearer(WRONG), False), (basic(TOKEN), False), ({}, False)],
)
def test_who_signs_in_has_typed_the_token_or_shows_it_as_programs_do(
    headers: dict[str, str], *, is_enough: bool
) -> None:
    """Not what a browser sends of its own accord, for another site may have it send the form."""
    typed = form(urlencode({"token": TOKEN}).encode())
    empty = form(b"token=")._replace(headers={"content-type": MEDIA_TYPE, "cookie": KEPT, **headers})

    assert signs_in(typed, TOKEN)
    assert not signs_in(typed, WRONG)
    assert signs_in(empty, TOKEN) is is_enough
    with pytest.raises(BadRequestError):
        signs_in(form(None), TOKEN)


def test_the_token_may_hold_half_a_character_and_is_compared_as_it_is() -> None:
    """An environment may hold any bytes; a mark of doubt must not stand for them."""
    assert identify(asking(bearer("token-\udcff")), "token-\udcff") is Caller.TOKEN
    assert identify(asking(bearer("token-\udcff")), "token-?") is Caller.WRONG_TOKEN


@pytest.mark.parametrize(
    ("headers", "is_safe"),
    [
        (bearer(TOKEN), True),
        ({OWN: TOKEN}, True),
        ({**basic(TOKEN), OWN: TOKEN}, True),
        ({**basic(TOKEN), **JSON}, True),
        (JSON, True),
        ({"content-type": "Application/JSON ; charset=utf-8"}, True),
        (basic(TOKEN), False),
        ({**basic(TOKEN), OWN: WRONG}, False),
        (bearer(WRONG), False),
        ({}, False),
        ({"content-type": "text/plain"}, False),
        ({"content-type": "text/plain; application/json"}, False),
        ({"content-type": "application/x-www-form-urlencoded"}, False),
        ({"content-type": "multipart/form-data"}, False),
        ({"content-type": "application/json-seq"}, False),
    ],
)
@pytest.mark.parametrize("is_vouched_for", [True, False])
def test_what_a_form_on_another_site_could_send_writes_nothing(
    headers: Mapping[str, str], *, is_vouched_for: bool, is_safe: bool
) -> None:
    """Whoever vouches for the browser that sends it."""
    assert may_write(asking(headers, is_vouched_for=is_vouched_for), TOKEN) is is_safe


def test_without_a_token_only_json_writes() -> None:
    """Nothing that is shown is of any avail then."""
    assert not may_write(asking(bearer("None"), is_vouched_for=True), None)
    assert may_write(asking(JSON, is_vouched_for=True), None)


@given(
    st.dictionaries(
        st.sampled_from(["authorization", OWN, "content-type", "cookie"]),
        st.text()
        | st.text().map(lambda text: f"{COOKIE}={text}")
        | st.text().map(lambda text: f"Basic {text}")
        | st.text().map(lambda text: f"Bearer {text}"),
    )
)
def test_no_headers_are_too_odd_and_none_open_by_chance(headers: Mapping[str, str]) -> None:
    """Whatever somebody sends."""
    request = asking(headers)

    assert identify(request._replace(method="GET"), TOKEN) in {Caller.NOBODY, Caller.WRONG_TOKEN}
    assert identify(request, TOKEN) in {Caller.NOBODY, Caller.WRONG_TOKEN}
    assert isinstance(may_write(request, TOKEN), bool)
