"""What every answer has in common, and how the body of a request is read."""

from __future__ import annotations

import json

import pytest

from handler.gateways import Request
from handler.web.answers import BadRequestError, answer, failure, read_object


def test_an_answer_is_json_that_nobody_keeps_or_takes_for_something_else() -> None:
    """What stands in it changes by the minute, and some of it came from others."""
    response = answer({"watches": []})

    assert (response.status, response.body) == (200, '{"watches":[]}')
    assert response.headers == {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


def test_a_failure_says_why_in_one_way() -> None:
    """A word for programs, a sentence for people, and perhaps a header."""
    response = failure(405, "method_not_allowed", "This wants GET.", {"allow": "GET"})

    assert response.status == 405
    assert json.loads(response.body) == {
        "error": {"code": "method_not_allowed", "message": "This wants GET."}
    }
    assert response.headers == {**answer({}).headers, "allow": "GET"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", {}), (b"{}", {}), (b' {"a": [1]} ', {"a": [1]}), (b'{"a":1,"a":2}', {"a": 2})],
)
def test_a_body_is_an_object_and_nothing_at_all_an_empty_one(body: bytes, expected: object) -> None:
    """So that who has nothing to say need not send `{}`."""
    assert read_object(Request("POST", "/", body=body)) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body cannot be decoded."),
        (b"null", "The body is no JSON object."),
        (b" ", "The body is no JSON object."),
        (b"{}{}", "The body is no JSON object."),
        (b'"\\ud800"', "The body is no JSON object."),
    ],
)
def test_any_other_body_is_a_bad_request(body: bytes | None, message: str) -> None:
    """The message is for whoever asked."""
    with pytest.raises(BadRequestError) as told:
        read_object(Request("POST", "/", body=body))
    assert str(told.value) == message
