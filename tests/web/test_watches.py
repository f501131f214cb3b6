"""What callers may want of the list of what is followed, and what cannot be understood."""

from __future__ import annotations

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import check_id
from handler.gateways import Request, Response
from handler.web.answers import BadRequestError
from handler.web.routes import decide
from handler.web.watches import PATH, Verb, Wish, read_wish

TOKEN: Final = "a-token:of-this-function"
BEARER: Final = {"authorization": f"Bearer {TOKEN}"}
ID_RULE: Final = "an id has 1 to 64 letters, digits, '-' or '_' and begins and ends with the former."
NAME_RULE: Final = "`name`: a name has 1 to 100 visible characters."
UUID: Final = "5bb3e7f6-2e3d-4f7b-9a51-0f6c1c7b9a21"


def wanted(method: str, path: str = PATH, body: object = None) -> Wish:
    """What a caller wants, who shows the token."""
    decided = decide(_request(method, path, body), token=TOKEN)
    assert isinstance(decided, Wish)
    return decided


def refused(method: str, path: str = PATH, body: object = None) -> tuple[int, str]:
    """Why a caller who shows the token does not get it: the status and the message."""
    decided = decide(_request(method, path, body), token=TOKEN)
    assert isinstance(decided, Response)
    return decided.status, json.loads(decided.body)["error"]["message"]


def _request(method: str, path: str, body: object) -> Request:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, path, BEARER, b"" if body is None else content)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_wants_the_list(method: str) -> None:
    """And nothing else."""
    assert wanted(method) == Wish(Verb.LIST)


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        (
            {"instance_id": UUID, "task_id": "t" * 32, "name": "orders"},
            Wish(Verb.FOLLOW, UUID, "t" * 32, "orders"),
        ),
        ({"instance_id": "i", "task_id": "t"}, Wish(Verb.FOLLOW, "i", "t")),
        ({"instance_id": "i"}, Wish(Verb.FOLLOW, "i")),
        ({"instance_id": "i", "task_id": None, "name": None}, Wish(Verb.FOLLOW, "i")),
        ({"instance_id": "i", "task_id": "t", "name": " orders "}, Wish(Verb.FOLLOW, "i", "t", "orders")),
        (
            {"instance_id": "i", "task_id": "t", "name": "订单 / 生产"},
            Wish(Verb.FOLLOW, "i", "t", "订单 / 生产"),
        ),
        ({"instance_id": "i", "task_id": "t", "name": "n" * 100}, Wish(Verb.FOLLOW, "i", "t", "n" * 100)),
    ],
)
def test_post_wants_a_change_followed_or_an_instances_next_one(body: object, wish: Wish) -> None:
    """With a name for people, or without."""
    assert wanted("POST", body=body) == wish


@pytest.mark.parametrize(
    ("place", "wish"),
    [
        (f"/{UUID}/{UUID}", Wish(Verb.DROP, UUID, UUID)),
        ("/i/t", Wish(Verb.DROP, "i", "t")),
        ("/i", Wish(Verb.DROP, "i")),
    ],
)
def test_delete_wants_what_its_path_names_dropped(place: str, wish: Wish) -> None:
    """A body does not matter."""
    assert wanted("DELETE", PATH + place) == wish
    assert wanted("DELETE", PATH + place, b"nonsense") == wish


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "`instance_id` is missing."),
        ({}, "`instance_id` is missing."),
        ({"task_id": "t"}, "`instance_id` is missing."),
        ({"instance_id": None}, "`instance_id` is missing."),
        ({"instance_id": 7}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": ""}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "i/t"}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "../aside"}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "_told"}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "i" * 65}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "i\n"}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "\u0131"}, f"`instance_id`: {ID_RULE}"),
        ({"instance_id": "i", "task_id": ""}, f"`task_id`: {ID_RULE}"),
        ({"instance_id": "i", "task_id": ["t"]}, f"`task_id`: {ID_RULE}"),
        ({"instance_id": "i", "task_id": "_expected-1"}, f"`task_id`: {ID_RULE}"),
        ({"instance_id": "i", "task_id": "t.json"}, f"`task_id`: {ID_RULE}"),
        ({"instance_id": "i", "task_id": "t", "name": ""}, NAME_RULE),
        ({"instance_id": "i", "task_id": "t", "name": "  "}, NAME_RULE),
        ({"instance_id": "i", "task_id": "t", "name": 7}, NAME_RULE),
        ({"instance_id": "i", "task_id": "t", "name": "n" * 101}, NAME_RULE),
        ({"instance_id": "i", "task_id": "t", "name": "two\nlines"}, NAME_RULE),
        ({"instance_id": "i", "task_id": "t", "name": "\x1b[31mred"}, NAME_RULE),
        ({"instance_id": "i", "task_id": "t", "name": "sdrawkcab \u202e"}, NAME_RULE),
        (
            {"instance_id": "i", "task": "t"},
            "`task` is no key here; what there is: instance_id, task_id, name.",
        ),
        (
            {"instance_id": "i", "z": 1, "k" * 99: 1},
            f"`{'k' * 40}` is no key here; what there is: instance_id, task_id, name.",
        ),
        (b"{", "The body is no JSON object."),
        (b'["i", "t"]', "The body is no JSON object."),
        (b"\xff\xfe", "The body is no JSON object."),
        (b'{"instance_id": "i", "name": "half a character: \\ud800"}', "The body is no JSON object."),
        (b"[" * 100_000, "The body is no JSON object."),
    ],
)
def test_what_cannot_be_followed_is_a_bad_request_that_names_the_key(body: object, message: str) -> None:
    """So that whoever wrote the pipeline knows what to mend."""
    assert refused("POST", body=body) == (400, message)


def test_a_name_for_a_change_that_nobody_knows_yet_is_not_lost_without_a_word() -> None:
    """An instance is marked as waiting by its id alone; its change is called as the instance is."""
    status, message = refused("POST", body={"instance_id": "i", "name": "orders"})

    assert status == 400
    assert message.startswith("`name`")


def test_a_body_that_cannot_be_decoded_is_told() -> None:
    """Whatever the gateway has made of it."""
    with pytest.raises(BadRequestError, match="cannot be decoded"):
        read_wish(Request("POST", PATH, body=None), "")


@pytest.mark.parametrize(
    "place", ["/_told/i", "/i/_expected-1", "/%2e%2e/t", "/i/t.json", "/i/t\n", "/i t/t"]
)
def test_what_is_no_id_cannot_be_dropped(place: str) -> None:
    """The path is named; no marker of another sort can be reached through it."""
    assert refused("DELETE", PATH + place) == (400, f"`path`: {ID_RULE}")


@pytest.mark.parametrize(
    ("method", "place", "allowed"),
    [
        ("DELETE", "", "GET, HEAD, POST, OPTIONS"),
        ("PUT", "", "GET, HEAD, POST, OPTIONS"),
        ("GET", "/i", "DELETE, OPTIONS"),
        ("GET", "/i/t", "DELETE, OPTIONS"),
        ("HEAD", "/i/t", "DELETE, OPTIONS"),
        ("POST", "/i/t", "DELETE, OPTIONS"),
        ("PATCH", "/i/t", "DELETE, OPTIONS"),
        ("", "/i/t", "DELETE, OPTIONS"),
    ],
)
def test_a_method_that_is_none_is_told_which_there_are(method: str, place: str, allowed: str) -> None:
    """In the header that HTTP has for it, and in words."""
    response = decide(_request(method, PATH + place, None), token=TOKEN)

    assert isinstance(response, Response)
    assert (response.status, response.headers["allow"]) == (405, allowed)
    assert json.loads(response.body)["error"] == {
        "code": "method_not_allowed",
        "message": f"This wants {allowed}.",
    }


@pytest.mark.parametrize("place", ["/", "/i/", "/i/t/", "//t", "/i//t", "/i/t/u", "s", "s/i/t"])
def test_there_is_nothing_beside_it(place: str) -> None:
    """Whoever is known is told where there is something."""
    assert refused("DELETE", PATH + place) == (
        404,
        "There is nothing here; /api/openapi.json tells what there is.",
    )


anything: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=2)
)
bodies: Final = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("instance_id", "task_id", "name", "else"), anything)
)


@given(
    st.sampled_from(["GET", "POST", "DELETE"]),
    st.just("") | st.text(max_size=9).map(lambda text: f"/{text}"),
    bodies | st.fixed_dictionaries({"instance_id": st.just("i"), "task_id": st.just("t"), "name": anything}),
)
def test_whatever_is_asked_ids_are_ids_and_names_are_for_people(
    method: str, place: str, body: object
) -> None:
    """Nothing else gets through, and nothing raises."""
    decided = decide(_request(method, PATH + place, body), token=TOKEN)

    if isinstance(decided, Wish) and decided.verb is not Verb.LIST:
        assert check_id(decided.instance_id)
        assert decided.task_id is None or check_id(decided.task_id)
        assert decided.name is None or (decided.name.isprintable() and 0 < len(decided.name.strip()) <= 100)
    elif isinstance(decided, Response):
        assert decided.status in {400, 404, 405}
