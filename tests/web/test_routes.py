"""What HTTP callers get, and who gets nothing."""

from __future__ import annotations

import base64
import json
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.gateways import Request, Response
from handler.scope import Scope
from handler.web.routes import decide
from handler.web.watches import Verb, Wish

TOKEN: Final = "a-token:of-this-function"
BEARER: Final = {"authorization": f"Bearer {TOKEN}"}


def basic(password: str, **more: str) -> dict[str, str]:
    """What a browser sends once it was asked."""
    return {"authorization": f"Basic {base64.b64encode(f'me:{password}'.encode()).decode()}", **more}


def ask(request: Request, token: str | None = TOKEN, base_path: str = "") -> Response:
    """Ask for what is answered at once."""
    response = decide(request, token=token, base_path=base_path)
    assert isinstance(response, Response)
    return response


CHECK: Final = Request("POST", "/api/check", BEARER)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"  bearer  {TOKEN} "},
        basic(TOKEN, **{"content-type": "application/json; charset=utf-8"}),
    ],
)
def test_whoever_shows_the_token_may_have_changes_looked_at(headers: dict[str, str]) -> None:
    """As a bearer, or as a browser's password."""
    assert decide(Request("POST", "/api/check", headers), token=TOKEN) == Scope()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": TOKEN},
        {"authorization": "Bearer"},
        {"authorization": "Bearer a-token"},
        {"authorization": f"Digest {TOKEN}"},
        {"authorization": "Basic ====", "content-type": "application/json"},
        {"authorization": "Basic \udcff"},
        {"authorization": "Bearer \udcff"},
        basic("a-token"),
        basic(""),
    ],
)
@pytest.mark.parametrize("path", ["/api/check", "/", "/nothing/here"])
def test_whoever_does_not_learns_nothing_not_even_what_there_is(headers: dict[str, str], path: str) -> None:
    """A browser is told that it may ask for a password."""
    response = ask(Request("POST", path, headers))

    assert response.status == 401
    assert "Basic realm=" in response.headers["www-authenticate"]
    assert json.loads(response.body)["error"]["code"] == "unauthorised"


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer "}, {"authorization": "Bearer None"}, basic("")]
)
def test_without_a_token_it_is_closed(headers: dict[str, str]) -> None:
    """And says what to configure."""
    response = ask(Request("POST", "/api/check", headers), token=None)

    assert response.status == 401
    assert "No http.token is configured" in response.body


def test_a_caller_whom_the_platform_knows_needs_no_token() -> None:
    """IAM has seen to it."""
    request = Request("POST", "/api/check", is_vouched_for=True)

    assert decide(request, token=None) == Scope()


def test_a_remembered_password_is_not_enough_for_another_sites_form() -> None:
    """A form cannot send JSON."""
    request = Request("POST", "/api/check", basic(TOKEN, **{"content-type": "text/plain"}))

    assert ask(request).status == 415


def test_health_is_for_everybody() -> None:
    """Nothing is told but that the function answers."""
    response = ask(Request("GET", "/healthz"), token=None)

    assert (response.status, response.body) == (200, '{"ok":true}')


def test_a_body_narrows_down_what_is_looked_at() -> None:
    """As a timer's payload does."""
    request = CHECK._replace(body=b'{"only": ["i/t"], "shard": "1/2", "dry_run": true}')

    assert decide(request, token=TOKEN) == Scope(only=(ChangeId("i", "t"),), shard=(1, 2))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body cannot be decoded."),
        (b"{", "The body is no JSON object."),
        (b"[]", "The body is no JSON object."),
        (b"\xff", "The body is no JSON object."),
        (b'{"a":' * 99999, "The body is no JSON object."),
        (b'{"only": "i/t"}', '`only` wants a list of changes by their ids, such as ["INSTANCE/TASK"].'),
    ],
)
def test_a_body_that_cannot_be_obeyed_is_a_bad_request(body: bytes | None, message: str) -> None:
    """Nothing is looked at instead."""
    response = ask(CHECK._replace(body=body))

    assert response.status == 400
    assert json.loads(response.body) == {"error": {"code": "bad_request", "message": message}}


def test_a_wrong_method_is_told_the_right_one() -> None:
    """As HTTP has it."""
    response = ask(CHECK._replace(method="GET"))

    assert (response.status, response.headers["allow"]) == (405, "POST")


def test_there_is_nothing_else() -> None:
    """A known caller is told so."""
    assert ask(CHECK._replace(path="/check")).status == 404


@pytest.mark.parametrize(
    ("base_path", "path", "is_found"),
    [
        ("/headway", "/headway/api/check", True),
        ("/headway", "/api/check", True),
        ("/headway", "/headwayapi/check", False),
        ("/headway", "/headway", False),
        ("/", "/api/check", True),
        ("", "/headway/api/check", False),
        ("/api", "/api/check", True),
        ("/api", "/check", False),
        ("/api/", "/api/api/check", True),
        ("/healthz", "/healthz/api/check", True),
    ],
)
def test_the_pages_base_path_may_stand_before_every_route(
    base_path: str, path: str, *, is_found: bool
) -> None:
    """Gateways that match by prefix differ in whether they take it off."""
    decided = decide(CHECK._replace(path=path), token=TOKEN, base_path=base_path)

    assert isinstance(decided, Scope) is is_found


@pytest.mark.parametrize("path", ["/api/check", "/prod/api/check", "/prod/headway/api/check"])
def test_a_gateways_stage_may_stand_before_all_that(path: str) -> None:
    """An HTTP API leaves the name of a stage there; a domain of one's own does not."""
    request = CHECK._replace(path=path, stage_path="/prod")

    assert decide(request, token=TOKEN, base_path="/headway") == Scope()


TEXTS: Final = st.text(max_size=20)
TOKENS: Final = (TOKEN, "another-token-of-another")
SHOWN: Final = {
    header: token for token in TOKENS for header in (f"Bearer {token}", basic(token)["authorization"])
}


@settings(max_examples=600)
@given(
    st.builds(
        Request,
        method=st.just("POST") | st.sampled_from(["GET", "", "PUT"]),
        path=st.just("/api/check") | st.just("/healthz") | TEXTS,
        headers=st.fixed_dictionaries(
            {},
            optional={
                "authorization": st.sampled_from(sorted(SHOWN)) | TEXTS,
                "content-type": TEXTS | st.just("application/json"),
            },
        ),
        body=st.sampled_from([b"", b"{}", None]) | st.binary(max_size=20),
        is_vouched_for=st.just(value=False),
    ),
    st.sampled_from([None, *TOKENS]),
)
def test_every_answer_is_json_that_nobody_keeps_and_only_the_token_opens(
    request: Request, token: str | None
) -> None:
    """Whatever is asked, and whoever asks."""
    decided = decide(request, token=token)

    if not isinstance(decided, Response):
        assert SHOWN[request.headers["authorization"]] == token
    else:
        json.loads(decided.body)
        assert decided.headers["content-type"].startswith("application/json")
        assert decided.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/watches"),
        ("POST", "/api/watches"),
        ("DELETE", "/api/watches/i"),
        ("DELETE", "/api/watches/i/t"),
    ],
)
def test_the_list_of_what_is_followed_is_for_known_callers_only(method: str, path: str) -> None:
    """Nobody else learns of it, nor changes it."""
    body = b'{"instance_id": "i"}'

    assert ask(Request(method, path, body=body)).status == 401
    assert ask(Request(method, path, BEARER, body), token=None).status == 401
    assert isinstance(decide(Request(method, path, BEARER, body), token=TOKEN), Wish)
    assert isinstance(decide(Request(method, path, body=body, is_vouched_for=True), token=None), Wish)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/watches", None),
        ("POST", "/api/watches", 415),
        ("DELETE", "/api/watches/i", 415),
        ("DELETE", "/api/watches/i/t", 415),
    ],
)
def test_another_sites_form_may_change_nothing_on_the_list(
    method: str, path: str, status: int | None
) -> None:
    """A browser that remembers the token as a password may show the list, for only its user sees it."""
    request = Request(method, path, basic(TOKEN), b'{"instance_id": "i"}')
    decided = decide(request, token=TOKEN)

    assert (decided.status if isinstance(decided, Response) else None) == status
    json_headers = basic(TOKEN, **{"content-type": "application/json"})
    assert isinstance(decide(request._replace(headers=json_headers), token=TOKEN), Wish)


@pytest.mark.parametrize(
    ("stage_path", "base_path", "prefix"),
    [
        ("", "", ""),
        ("/prod", "", "/prod"),
        ("/prod", "", ""),
        ("", "/headway", "/headway"),
        ("/prod", "/headway", "/prod/headway"),
        ("/api", "", "/api"),
        ("/api", "/watches", "/api/watches"),
        ("", "/api/watches", "/api/watches"),
    ],
)
def test_what_is_to_be_dropped_is_found_behind_every_stage_and_base(
    stage_path: str, base_path: str, prefix: str
) -> None:
    """Also where they are called as the route is."""
    request = Request("DELETE", f"{prefix}/api/watches/i/t", BEARER, stage_path=stage_path)

    assert decide(request, token=TOKEN, base_path=base_path) == Wish(Verb.DROP, "i", "t")
