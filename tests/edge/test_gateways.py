"""The query and the cookies of a request, which every gateway hands over in another way."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

import pytest

from handler.gateways import Response, read_request, write_response

Event = dict[str, Any]
TOKEN_FORM: Final = base64.b64encode(b"token=a").decode()
PAYLOAD_2: Final[Event] = {"requestContext": {"http": {"method": "GET"}}, "rawPath": "/"}
REST: Final[Event] = {"httpMethod": "GET", "path": "/", "resource": "/", "requestContext": {"stage": "prod"}}
APIG: Final[Event] = {"httpMethod": "GET", "path": "/", "requestContext": {"stage": "RELEASE"}}
BALANCER: Final[Event] = {"httpMethod": "GET", "path": "/", "requestContext": {"elb": {}}}
ONE: Final = "queryStringParameters"
LISTS: Final = "multiValueQueryStringParameters"
RAW: Final = "rawQueryString"


def query_of(event: Mapping[str, object]) -> Mapping[str, str]:
    """What a gateway's event asks with."""
    request = read_request(event)
    assert request is not None
    return request.query


@pytest.mark.parametrize(
    "event",
    [
        {**PAYLOAD_2, RAW: "lang=zh&name=a+b%2F%E8%AE%A2%E5%8D%95&empty="},
        {**REST, ONE: {"lang": "zh", "name": "a b/订单", "empty": ""}, LISTS: None},
        {**REST, LISTS: {"lang": ["en", "zh"], "name": ["a b/订单"], "empty": [""]}, ONE: {"lang": "en"}},
        {**APIG, ONE: {"lang": "zh", "name": "a b/订单", "empty": ""}},
        {**APIG, ONE: {"lang": ["en", "zh"], "name": "a b/订单", "empty": [""]}},
        {**BALANCER, ONE: {"lang": "zh", "name": "a+b%2F%E8%AE%A2%E5%8D%95", "empty": ""}},
        {**BALANCER, LISTS: {"lang": ["en", "z%68"], "n%61me": ["a%20b/%E8%AE%A2%E5%8D%95"], "empty": [""]}},
    ],
)
def test_every_gateways_query_is_read_alike(event: Event) -> None:
    """Whether it was split or decoded already; of a key that stands there twice the last value counts."""
    assert query_of(event) == {"lang": "zh", "name": "a b/订单", "empty": ""}


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("a=1&a=2", {"a": "2"}),
        ("a", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a%3Db=%26", {"a=b": "&"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("a=%zz&b=%ff", {"a": "%zz", "b": "\ufffd"}),
        ("&&", {}),
        ("", {}),
        (None, {}),
        (7, {}),
        (["a=1"], {}),
    ],
)
def test_a_query_that_is_not_split_yet_is_split_as_browsers_mean_it(
    raw: object, query: Mapping[str, str]
) -> None:
    """What is no text has no query in it."""
    assert query_of({**PAYLOAD_2, RAW: raw}) == query


@pytest.mark.parametrize("base", [REST, APIG, BALANCER])
@pytest.mark.parametrize("key", [ONE, LISTS])
@pytest.mark.parametrize(
    ("given", "query"),
    [
        (None, {}),
        ("a=1", {}),
        ([], {}),
        ({}, {}),
        ({"a": None}, {"a": ""}),
        ({"a": []}, {"a": ""}),
        ({"a": [None]}, {"a": ""}),
        ({"a": 5, "b": {"c": "d"}, "e": "f"}, {"a": "", "b": "", "e": "f"}),
        ({"": "x"}, {"": "x"}),
    ],
)
def test_a_query_of_an_odd_shape_is_as_good_as_none(
    base: Event, key: str, given: object, query: Mapping[str, str]
) -> None:
    """Nobody's test event breaks anything."""
    assert query_of({**base, key: given}) == query


@pytest.mark.parametrize("base", [PAYLOAD_2, REST, APIG, BALANCER])
def test_a_request_without_a_query_has_an_empty_one(base: Event) -> None:
    """Some gateways leave it out."""
    assert query_of(base) == {}


def cookie_in(event: Mapping[str, object]) -> str | None:
    """The cookies that a gateway's event comes with."""
    request = read_request(event)
    assert request is not None
    return request.headers.get("cookie")


@pytest.mark.parametrize(
    "event",
    [
        {**PAYLOAD_2, "cookies": ["a=b", "headway=c"]},
        {**PAYLOAD_2, "cookies": ["a=b; headway=c"], "headers": {"accept": "*/*"}},
        {**PAYLOAD_2, "cookies": ["a=b", "headway=c"], "headers": {"Cookie": "a=b; headway=c"}},
        {**PAYLOAD_2, "headers": {"cookie": "a=b; headway=c"}},
        {**REST, "headers": {"Cookie": "a=b; headway=c"}},
        {**APIG, "headers": {"cookie": "a=b; headway=c"}},
        {**BALANCER, "headers": {"cookie": "a=b; headway=c"}},
        {**BALANCER, "multiValueHeaders": {"cookie": ["a=b; headway=c"]}},
        {**BALANCER, "multiValueHeaders": {"cookie": ["a=b", "headway=c"]}},
    ],
)
def test_every_gateways_cookies_are_read_alike(event: Event) -> None:
    """In one header, as browsers send them; payload 2.0 hands them over beside the headers."""
    assert cookie_in(event) == "a=b; headway=c"


@pytest.mark.parametrize(
    ("cookies", "cookie"),
    [
        (None, None),
        ("a=b", None),
        ({}, None),
        (7, None),
        ([], None),
        ([None], ""),
        ([7, "a=b"], "; a=b"),
        (["\udcff"], "\udcff"),
    ],
)
def test_cookies_of_an_odd_shape_are_as_good_as_none(cookies: object, cookie: str | None) -> None:
    """Nobody's test event breaks anything."""
    assert cookie_in({**PAYLOAD_2, "cookies": cookies}) == cookie
    assert cookie_in({**REST, "cookies": ["a=b"]}) is None


@pytest.mark.parametrize(
    ("event", "is_list"),
    [
        (PAYLOAD_2, False),
        (REST, False),
        (APIG, False),
        (BALANCER, False),
        ({**BALANCER, "multiValueHeaders": {}}, True),
    ],
)
def test_a_cookie_to_keep_is_a_header_for_every_gateway(event: Event, *, is_list: bool) -> None:
    """A load balancer that hands over lists wants one."""
    request = read_request(event)
    assert request is not None
    answer = write_response(Response(303, {"set-cookie": "headway=c; Path=/"}, ""), request)

    assert answer["headers"] == {"set-cookie": "headway=c; Path=/"}
    assert answer.get("multiValueHeaders") == ({"set-cookie": ["headway=c; Path=/"]} if is_list else None)


@pytest.mark.parametrize("base", [PAYLOAD_2, REST, APIG, BALANCER])
@pytest.mark.parametrize("stray", ["!", "\n", " ", "-", "_", "\u0131"])
def test_a_body_with_characters_that_do_not_belong_there_cannot_be_decoded(base: Event, stray: str) -> None:
    """To pass over them would be to read what nobody has sent."""
    clean = read_request({**base, "body": TOKEN_FORM, "isBase64Encoded": True})
    spoilt = read_request({**base, "body": TOKEN_FORM[:4] + stray + TOKEN_FORM[4:], "isBase64Encoded": True})

    assert clean is not None
    assert spoilt is not None
    assert (clean.body, spoilt.body) == (b"token=a", None)


@pytest.mark.parametrize(
    ("event", "stage_path"),
    [
        ({**PAYLOAD_2, "requestContext": {"http": {}, "stage": "api"}}, "/api"),
        ({**REST, "version": "1.0"}, "/prod"),
        (REST, ""),
        (APIG, ""),
    ],
)
def test_a_stage_is_told_where_it_may_stand_before_the_path(event: Event, stage_path: str) -> None:
    """A REST API always takes it off, so that a path that begins alike is not to be cut."""
    request = read_request(event)

    assert request is not None
    assert request.stage_path == stage_path
