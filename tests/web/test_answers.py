"""What every answer has in common, and how the body of a request is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

import pytest

from handler.gateways import Request, Response
from handler.web.answers import (
    BODY_BYTES_MAX,
    BadRequestError,
    answer,
    copy_of,
    failure,
    finish,
    methods_of,
    page,
    read_object,
    see_other,
    text_copy,
)

PRECAUTIONS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
GET: Final = Request("GET", "/")
HEAD: Final = Request("HEAD", "/")
STYLE: Final = "'sha256-c3R5bGU='"


def test_an_answer_is_json_that_nobody_keeps_or_takes_for_something_else() -> None:
    """What stands in it changes by the minute, and some of it came from others."""
    response = answer({"watches": []})

    assert (response.status, response.body) == (200, '{"watches":[]}')
    assert response.headers == {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": POLICY,
        **PRECAUTIONS,
    }


def test_a_failure_says_why_in_one_way() -> None:
    """A word for programs, a sentence for people, and perhaps a header."""
    response = failure(405, "method_not_allowed", "This wants GET.", {"allow": "GET"})

    assert response.status == 405
    assert json.loads(response.body) == {
        "error": {"code": "method_not_allowed", "message": "This wants GET."}
    }
    assert response.headers == {**answer({}).headers, "allow": "GET"}


def test_what_is_only_read_may_be_kept_by_whoever_reads_it() -> None:
    """If each time it is asked whether it still holds."""
    expected = {**answer({}).headers, "cache-control": "private, no-cache"}

    assert copy_of({"a": 1}) == Response(200, expected, '{"a":1}')
    assert text_copy("a 1", "text/plain") == Response(200, {**expected, "content-type": "text/plain"}, "a 1")


def test_a_page_shows_nothing_but_itself_in_its_own_style() -> None:
    """It runs nothing and fetches nothing, and another language has another page."""
    response = page("<html>", STYLE, "zh", refresh_seconds=10)

    assert (response.status, response.body) == (200, "<html>")
    assert response.headers == {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "private, no-cache",
        "content-language": "zh",
        "content-security-policy": f"{POLICY}; style-src {STYLE}; img-src data:",
        "refresh": "10",
        "vary": "accept-language",
        **PRECAUTIONS,
    }


def test_a_pages_form_goes_to_where_the_page_is_from() -> None:
    """All else is as on other pages."""
    response, plain = (page("<html>", STYLE, "en", status=401, has_form=one) for one in (True, False))

    policy = plain.headers["content-security-policy"].replace("form-action 'none'", "form-action 'self'")
    assert response == plain._replace(headers={**plain.headers, "content-security-policy": policy})


def test_a_browser_is_sent_elsewhere_with_something_to_keep() -> None:
    """Which nobody else may."""
    response = see_other("?lang=zh", "headway=a")

    assert (response.status, response.body) == (303, "")
    assert response.headers == {
        "location": "?lang=zh",
        "set-cookie": "headway=a",
        "cache-control": "no-store",
        "content-security-policy": POLICY,
        **PRECAUTIONS,
    }


@pytest.mark.parametrize("refresh_seconds", [None, 0])
def test_a_page_at_rest_is_not_asked_for_again(refresh_seconds: int | None) -> None:
    """A browser takes 0 for at once."""
    assert "refresh" not in page("<html>", STYLE, "en", refresh_seconds=refresh_seconds).headers


def test_a_page_of_an_error_is_kept_by_nobody() -> None:
    """It may be all right a moment later."""
    response = page("<html>", STYLE, "en", status=503, refresh_seconds=60)

    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert response.headers["refresh"] == "60"


def test_the_methods_that_there_are_are_told_without_a_body() -> None:
    """A body's type would be one of nothing."""
    response = methods_of("GET, HEAD, OPTIONS")

    assert (response.status, response.body, response.headers["allow"]) == (204, "", "GET, HEAD, OPTIONS")
    assert "content-type" not in response.headers


TAG: Final = f'"{hashlib.sha256(b"[1]").hexdigest()}"'


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_only_read_has_a_tag_that_changes_with_it(method: str) -> None:
    """A HEAD tells all that a GET would, but for the body."""
    finished = finish(Request(method, "/"), copy_of([1]))

    assert finished == Response(200, {**copy_of([1]).headers, "etag": TAG}, "[1]" if method == "GET" else "")
    assert finish(GET, copy_of([2])).headers["etag"] != TAG


@pytest.mark.parametrize(
    "known",
    [TAG, f"W/{TAG}", "*", " * ", f'"another", {TAG}', f'W/"another",W/{TAG},"a third"', f'"a, b" ,{TAG}'],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_caller_has_is_not_sent_again(method: str, known: str) -> None:
    """Also where a gateway has called the tag weak since, or there are several."""
    finished = finish(Request(method, "/", {"if-none-match": known}), copy_of([1]))

    assert finished == Response(304, {**copy_of([1]).headers, "etag": TAG}, "")


@pytest.mark.parametrize("known", ["", TAG[1:-1], '"another"', TAG[:-1], f'"{TAG[1:9]}"', "w/*", "**"])
def test_what_the_caller_has_not_is_sent(known: str) -> None:
    """Nonsense is nothing that anybody has."""
    assert finish(Request("GET", "/", {"if-none-match": known}), copy_of([1])).status == 200


@pytest.mark.parametrize(
    "response",
    [answer({}), answer({}, 201), failure(404, "not_found", "."), page("<html>", STYLE, "en", status=404)],
)
def test_what_is_no_copy_has_no_tag(response: Response) -> None:
    """What was done is not done by having its answer."""
    finished = finish(Request("POST", "/", {"if-none-match": "*"}), response)

    assert finished == response
    assert finish(HEAD, response) == response._replace(body="")


@pytest.mark.parametrize(
    "text", ["x" * BODY_BYTES_MAX, '"' * (BODY_BYTES_MAX // 2), "订" * (BODY_BYTES_MAX // 6 + 1)]
)
def test_an_answer_that_no_gateway_passes_on_is_an_error_that_says_so(text: str) -> None:
    """Else it would be the gateway's own, of which nobody knows what to make."""
    finished = finish(GET, text_copy(text, "text/plain"))

    assert (finished.status, json.loads(finished.body)["error"]["code"]) == (500, "too_large")
    assert finished.headers["cache-control"] == "no-store"
    assert finish(GET, text_copy(text[: len(text) - 2], "text/plain")).status == 200


def headers_of(response: Response) -> Mapping[str, str]:
    """The headers that every answer has."""
    return {name: response.headers[name] for name in PRECAUTIONS}


def test_every_answer_takes_the_same_precautions() -> None:
    """Of whatever kind it is."""
    responses = [
        *(answer({}), copy_of({}), text_copy("", "text/plain"), failure(401, "unauthorised", ".")),
        *(page("<html>", STYLE, "en"), methods_of("GET"), finish(GET, copy_of([]))),
        see_other("?", "headway=a"),
        finish(GET._replace(headers={"if-none-match": "*"}), copy_of([])),
    ]

    assert [headers_of(response) for response in responses] == [PRECAUTIONS] * len(responses)
    assert all(response.headers["content-security-policy"].startswith(POLICY) for response in responses)


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", {}), (b"{}", {}), (b' {"a": [1]} ', {"a": [1]}), (b'{"a":1,"a":2}', {"a": 2})],
)
def test_a_body_is_an_object_and_nothing_at_all_an_empty_one(body: bytes, expected: object) -> None:
    """So that who has nothing to say need not send `{}`."""
    assert read_object(Request("POST", "/", body=body), "ab") == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body cannot be decoded."),
        (b"null", "The body is no JSON object."),
        (b" ", "The body is no JSON object."),
        (b"{}{}", "The body is no JSON object."),
        (b'"\\ud800"', "The body is no JSON object."),
        (b'{"a": 1, "d": 2, "c": 3}', "`c` is no key here; what there is: a, b."),
        (b'{"' + b"k" * 99 + b'": 1}', f"`{'k' * 40}` is no key here; what there is: a, b."),
    ],
)
def test_any_other_body_is_a_bad_request(body: bytes | None, message: str) -> None:
    """The message is for whoever asked."""
    with pytest.raises(BadRequestError) as told:
        read_object(Request("POST", "/", body=body), "ab")
    assert str(told.value) == message
