"""What HTTP callers get, and who gets nothing."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.chosen import Chosen
from handler.core.change import ChangeId
from handler.gateways import Request, Response
from handler.scope import Scope
from handler.web.readings import Group, Reading, Resource
from handler.web.routes import ROUTES, decide, describe, find_resource, is_for_programs
from handler.web.signing_in import cookie_of
from handler.web.watches import Verb, Wish
from notifiers.language_code import LanguageCode

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
CHANGE: Final = ChangeId("i-1", "t_2")
JSON: Final = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"  bearer  {TOKEN} "},
        {"x-headway-token": TOKEN},
        basic(TOKEN, **{"content-type": "application/json; charset=utf-8"}),
    ],
)
def test_whoever_shows_the_token_may_have_changes_looked_at(headers: dict[str, str]) -> None:
    """As a bearer, in a header of its own, or as a browser's password."""
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
        {"x-headway-token": "a-token"},
    ],
)
@pytest.mark.parametrize("path", ["/api/check", "/", "/nothing/here", "/changes/i/t", "/metrics"])
def test_whoever_does_not_learns_nothing_not_even_what_there_is(headers: dict[str, str], path: str) -> None:
    """A browser is told that it may ask for a password."""
    answers = {ask(Request(method, path, headers)).body for method in ("GET", "POST", "OPTIONS", "PUT")}
    response = ask(Request("GET", path, headers))

    assert response.status == 401
    assert response.headers["www-authenticate"] == 'Basic realm="Headway", charset="UTF-8"'
    assert json.loads(response.body)["error"]["code"] == "unauthorised"
    assert answers == {response.body}


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer "}, {"authorization": "Bearer None"}, basic("")]
)
def test_without_a_token_it_is_closed(headers: dict[str, str]) -> None:
    """And says what to configure."""
    response = ask(Request("POST", "/api/check", headers), token=None)

    assert response.status == 401
    assert "No http.token is configured" in response.body
    # A browser that asks for a password would ask in vain.
    assert response.headers["www-authenticate"] == 'Bearer realm="Headway"'


def test_a_caller_whom_the_platform_knows_needs_no_token() -> None:
    """IAM has seen to it."""
    request = Request("POST", "/api/check", JSON, is_vouched_for=True)

    assert decide(request, token=None) == Scope()
    assert decide(Request("GET", "/", is_vouched_for=True), token=None) == Reading(Resource.OVERVIEW)


@pytest.mark.parametrize("path", ["/api/check", "/api/test-alert", "/api/watches"])
@pytest.mark.parametrize("is_vouched_for", [True, False])
def test_what_a_browser_remembers_is_not_enough_for_another_sites_form(
    path: str, *, is_vouched_for: bool
) -> None:
    """A form cannot send JSON; whoever asks so unwittingly is told what to send."""
    headers = basic(TOKEN, **{"content-type": "text/plain"})
    response = ask(Request("POST", path, headers, is_vouched_for=is_vouched_for))

    assert (response.status, json.loads(response.body)["error"]) == (
        415,
        {
            "code": "unsupported_media_type",
            "message": "This wants content-type application/json, or the token as a bearer's or in"
            " X-Headway-Token: a form on another site can have neither sent.",
        },
    )


FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
TYPED: Final = urlencode({"token": TOKEN}).encode()
PLACES: Final = ["/", f"/changes/{CHANGE}", "/nothing", "/changes/i", "//evil.example"]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("more", [{}, BEARER, {"authorization": "Bearer wrong"}])
def test_whoever_types_in_the_token_is_sent_back_with_a_cookie(path: str, more: dict[str, str]) -> None:
    """To where the form was, which is told as it is there only to whoever is in then."""
    response = ask(Request("POST", path, {**FORM, **more}, TYPED, query={"lang": "zh"}))

    assert (response.status, response.body) == (303, "")
    assert response.headers["location"] == "?lang=zh"
    assert response.headers["set-cookie"] == cookie_of(TOKEN)
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("more", [{}, basic(TOKEN), {"cookie": cookie_of(TOKEN)}])
@pytest.mark.parametrize("body", [b"token=wrong", b"token=", b""])
def test_whoever_types_in_something_else_is_not(path: str, more: dict[str, str], body: bytes) -> None:
    """Nor is the browser to ask by a dialog of its own, in front of the page that asks again."""
    response = ask(Request("POST", path, {**FORM, **more}, body))

    assert response.status == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="Headway"'
    assert "set-cookie" not in response.headers
    assert json.loads(response.body)["error"] == {
        "code": "unauthorised",
        "message": "That is not the token.",
    }


@pytest.mark.parametrize("headers", [BEARER, {"x-headway-token": TOKEN}])
@pytest.mark.parametrize("body", [b"token=wrong", b"token=", b""])
def test_whoever_shows_the_token_beside_the_form_is_in_as_well(headers: dict[str, str], body: bytes) -> None:
    """It is the token, and no other site can have had it sent."""
    response = ask(Request("POST", "/", {**FORM, **headers}, body))

    assert (response.status, response.headers["set-cookie"]) == (303, cookie_of(TOKEN))


@pytest.mark.parametrize("body", [None, b"\xff", b"token=" + b"a" * 10_000])
def test_a_form_that_is_none_is_a_bad_request(body: bytes | None) -> None:
    """Whoever sends it."""
    response = ask(Request("POST", "/", FORM, body))

    assert (response.status, json.loads(response.body)["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("path", [*PLACES, "/api/check", "/metrics", "/api"])
def test_without_a_token_there_is_nothing_to_sign_in_with(path: str) -> None:
    """The form is as good as any other request."""
    assert ask(Request("POST", path, FORM, TYPED), token=None) == ask(Request("GET", path), token=None)


@pytest.mark.parametrize(
    ("path", "status"), [("/api/check", 415), ("/api/watches", 415), ("/api/changes", 405), ("/api/x", 404)]
)
def test_nothing_but_a_page_can_be_signed_in_at(path: str, status: int) -> None:
    """Though whoever has the token is known by it there, too."""
    response = ask(Request("POST", path, FORM, TYPED))

    assert response.status == status
    assert "set-cookie" not in response.headers
    assert ask(Request("POST", path, FORM, b"token=wrong")).status == 401


@pytest.mark.parametrize("path", ["/", f"/changes/{CHANGE}"])
@pytest.mark.parametrize(
    "headers", [BEARER, {**BEARER, **JSON}, basic(TOKEN), {**BEARER, "content-type": "x"}]
)
def test_a_page_takes_nothing_but_the_form(path: str, headers: dict[str, str]) -> None:
    """A stranger is not even told that."""
    response = ask(Request("POST", path, headers, TYPED))

    assert (response.status, json.loads(response.body)["error"]) == (
        415,
        {
            "code": "unsupported_media_type",
            "message": "This takes the form for signing in, and nothing else, where http.token is"
            " configured.",
        },
    )
    assert ask(Request("POST", path, {**JSON, **FORM}, TYPED, is_vouched_for=True), token=None).status == 415
    assert ask(Request("POST", path, JSON, TYPED)).status == 401


@pytest.mark.parametrize("headers", [{}, JSON, FORM])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/check"), ("POST", "/api/watches"), ("DELETE", "/api/watches/i")]
)
def test_having_signed_in_is_enough_for_reading_only(method: str, path: str, headers: dict[str, str]) -> None:
    """Whatever is sent along; the answer says what to show instead."""
    kept = {"cookie": cookie_of(TOKEN)}
    response = ask(Request(method, path, {**kept, **headers}))

    assert decide(Request("GET", "/api/watches", kept), token=TOKEN) == Wish(Verb.LIST)
    assert (response.status, json.loads(response.body)["error"]) == (
        401,
        {
            "code": "unauthorised",
            "message": "Having signed in is enough for reading only. Show the token as Authorization: Bearer"
            " TOKEN, or as X-Headway-Token: TOKEN.",
        },
    )


def test_health_is_for_everybody() -> None:
    """Nothing is told but that the function answers."""
    response = ask(Request("GET", "/healthz"), token=None)

    assert (response.status, response.body) == (200, '{"ok":true}')


def test_a_body_narrows_down_what_is_looked_at() -> None:
    """As a timer's payload does, but for what means nothing to us."""
    request = CHECK._replace(body=b'{"only": ["i/t"], "shard": 0, "shards": 2}')

    assert decide(request, token=TOKEN) == Scope(only=(ChangeId("i", "t"),), shard=(1, 2))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body cannot be decoded."),
        (b"{", "The body is no JSON object."),
        (b"[]", "The body is no JSON object."),
        (b"\xff", "The body is no JSON object."),
        (b'{"a":' * 99999, "The body is no JSON object."),
        (b'{"bogus": 1}', "`bogus` is no key here; what there is: only, shard, shards."),
        (b'{"onyl": ["i/t"]}', "`onyl` is no key here; what there is: only, shard, shards."),
        (
            b'{"only": ["i/t"], "manual": true}',
            "`manual` is no key here; what there is: only, shard, shards.",
        ),
        (b'{"' + b"x" * 99 + b'": 1}', f"`{'x' * 40}` is no key here; what there is: only, shard, shards."),
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

    assert (response.status, response.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize(
    "path",
    [
        *("/check", "/api", "/api/", "/api/checks", "/api/changes/", "/changes", "/changes/", "/changes/i"),
        *("/changes/i/t/", "/changes/i/t/u", "/changes//t", "/changes/i/t.json", "/changes/_told/t"),
        *("/changes/i/%74", "/changes/i/t\n", "/changes/i/" + "t" * 65, "/api/changes/i/t x", "//"),
        *("/api/openapi", "/metrics/", "/healthz/", "/favicon.ico", "/*"),
    ],
)
def test_there_is_nothing_else(path: str) -> None:
    """A known caller is told so; what is no id names no change."""
    response = ask(Request("GET", path, BEARER))

    assert (response.status, json.loads(response.body)["error"]) == (
        404,
        {
            "code": "not_found",
            "message": "There is nothing here; /api/openapi.json tells what there is.",
        },
    )


READINGS: Final = {
    "/": Reading(Resource.OVERVIEW),
    f"/changes/{CHANGE}": Reading(Resource.CHANGE_PAGE, CHANGE),
    "/api/changes": Reading(Resource.CHANGES),
    f"/api/changes/{CHANGE}": Reading(Resource.CHANGE, CHANGE),
    "/api/openapi.json": Reading(Resource.OPENAPI),
    "/metrics": Reading(Resource.METRICS),
}


@pytest.mark.parametrize(("path", "reading"), READINGS.items(), ids=READINGS.keys())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers", [BEARER, basic(TOKEN), {"x-headway-token": TOKEN}, {"cookie": cookie_of(TOKEN)}]
)
def test_whoever_is_known_may_read(path: str, reading: Reading, method: str, headers: dict[str, str]) -> None:
    """Also a browser with nothing but a password; a HEAD reads what a GET does."""
    assert decide(Request(method, path, headers), token=TOKEN) == reading


def test_everything_that_there_is_to_read_has_a_path() -> None:
    """None is left out above either; at other paths there is nothing to read."""
    assert {find_resource(Request("GET", path)) for path in READINGS} == set(Resource)
    assert find_resource(Request("GET", "/healthz")) is None
    assert find_resource(Request("GET", "/nothing")) is None
    assert {reading.resource for reading in READINGS.values()} == set(Resource)
    assert [route.resource for route in ROUTES if route.resource] == [
        *(Resource.OVERVIEW, Resource.CHANGE_PAGE, Resource.CHANGES, Resource.CHANGE),
        *(Resource.OPENAPI, Resource.METRICS),
    ]


def test_a_query_says_how_it_is_to_be_read() -> None:
    """What gateways and others add to it does not matter."""
    page = Request("GET", "/", BEARER, query={"lang": "zh", "refresh": "30", "utm_source": "mail"})
    part = Request("GET", "/api/changes", BEARER, query={"group": "ended", "limit": "7", "cursor": "c"})

    assert decide(page, token=TOKEN) == Reading(
        Resource.OVERVIEW, language=LanguageCode.ZH, refresh_seconds=30
    )
    assert decide(part, token=TOKEN) == Reading(Resource.CHANGES, group=Group.ENDED, cursor="c", limit=7)


@pytest.mark.parametrize("path", ["/", f"/changes/{CHANGE}"])
def test_a_query_that_cannot_be_understood_is_a_bad_request_that_names_the_key(path: str) -> None:
    """On pages too."""
    response = ask(Request("GET", path, BEARER, query={"lang": "fr"}))

    assert (response.status, json.loads(response.body)["error"]["message"]) == (400, "`lang` wants en or zh.")


@pytest.mark.parametrize("route", ROUTES, ids=[route.path for route in ROUTES])
def test_whoever_may_ask_is_told_what_can_be_asked(route: tuple[str, ...]) -> None:
    """HEAD goes with GET, and OPTIONS with everything."""
    path = route[0].replace("INSTANCE", "i").replace("TASK", "t")
    response = ask(Request("OPTIONS", path, BEARER))
    methods = response.headers["allow"].split(", ")

    assert (response.status, response.body) == (204, "")
    assert ("GET" in methods) is ("HEAD" in methods)
    assert methods[-1] == "OPTIONS"
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", ""):
        decided = decide(Request(method, path, BEARER), token=TOKEN)
        is_told = isinstance(decided, Response) and decided.status == 405
        assert is_told is (method not in methods)
        assert not is_told or (
            isinstance(decided, Response) and decided.headers["allow"] == ", ".join(methods)
        )


def test_what_can_be_asked_of_nothing_is_nothing() -> None:
    """It is not there, whatever is asked."""
    assert ask(Request("OPTIONS", "/nothing", BEARER)).status == 404
    assert ask(Request("OPTIONS", "/healthz")).status == 204


@pytest.mark.parametrize(("body", "trying"), [(b"", Chosen()), (b'{"channels": ["ops"]}', Chosen(("ops",)))])
def test_channels_can_be_tried(body: bytes, trying: Chosen) -> None:
    """All of them, or some."""
    assert decide(Request("POST", "/api/test-alert", BEARER, body), token=TOKEN) == trying


@pytest.mark.parametrize(
    ("body", "word"), [(b'{"channel": 1}', "`channel`"), (b"[", "The body"), (None, "The")]
)
def test_a_trial_that_cannot_be_understood_is_a_bad_request(body: bytes | None, word: str) -> None:
    """Nothing is sent."""
    response = ask(Request("POST", "/api/test-alert", BEARER, body))

    assert response.status == 400
    assert json.loads(response.body)["error"]["message"].startswith(word)


@pytest.mark.parametrize(
    ("path", "base_path", "is_there"),
    [
        ("/headway", "/headway", True),
        ("/headway/", "/headway", True),
        ("/headway/", "/headway/", True),
        ("/", "/headway", True),
        ("/headway", "", False),
        ("/headways", "/headway", False),
        ("/prod", "", True),
        ("/prod/", "", True),
        ("/prod/headway", "/headway", True),
        ("/prod/headway/", "/headway", True),
    ],
)
def test_a_base_alone_is_the_overviews_with_or_without_a_slash(
    path: str, base_path: str, *, is_there: bool
) -> None:
    """People leave it out, and gateways put it there."""
    request = Request("GET", path, BEARER, stage_path="/prod")
    decided = decide(request, token=TOKEN, base_path=base_path)

    assert (decided == Reading(Resource.OVERVIEW)) is is_there


@pytest.mark.parametrize(
    ("path", "is_program"),
    [
        *(("/api", True), ("/api/", True), ("/api/nothing", True), ("/api/changes/i/t", True)),
        *(("/metrics", True), ("/healthz", True), ("/headway/api/x", True), ("/prod/metrics", True)),
        *(
            ("/", False),
            ("/changes/i/t", False),
            ("/apis", False),
            ("/nothing", False),
            ("/metrics/x", False),
        ),
    ],
)
def test_what_is_for_programs_is_no_page_even_for_browsers(path: str, *, is_program: bool) -> None:
    """Its errors are JSON as well."""
    assert is_for_programs(Request("GET", path, stage_path="/prod"), "/headway") is is_program


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/", "GET /"),
        ("GET", "/headway", "GET /"),
        ("POST", "/prod/headway/api/check", "POST /api/check"),
        ("DELETE", "/api/watches/s3cr3t/s3cr3t", "DELETE /api/watches/INSTANCE/TASK"),
        ("GET", "/changes/s3cr3t/s3cr3t", "GET /changes/INSTANCE/TASK"),
        ("GET", "/api/changes/s3cr3t/s3cr3t", "GET /api/changes/INSTANCE/TASK"),
        ("HEAD", "/s3cr3t", "HEAD (no route)"),
        ("S3CR3T", "/healthz", "(another method) /healthz"),
        ("", "", "(another method) (no route)"),
    ],
)
def test_what_is_asked_for_is_named_without_a_word_of_the_callers(method: str, path: str, name: str) -> None:
    """Somebody may have put a secret into any of them."""
    assert describe(Request(method, path, stage_path="/prod"), "/headway") == name


@pytest.mark.parametrize(
    ("base_path", "path", "is_found"),
    [
        ("/headway", "/headway/api/check", True),
        ("/headway", "/api/check", True),
        ("/headway", "/headwayapi/check", False),
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


@pytest.mark.parametrize(("path", "reading"), READINGS.items(), ids=READINGS.keys())
@pytest.mark.parametrize("slash", ["/", "//", "///"])
@pytest.mark.parametrize(
    ("stage_path", "base_path", "prefix"),
    [
        *((prefix, "", prefix) for prefix in ("/api", "/changes", "/metrics", "/healthz")),
        *(("", prefix, prefix) for prefix in ("/api", "/changes", "/metrics", "/healthz", "/api/changes")),
        *((prefix, prefix, prefix) for prefix in ("/api", "/changes", "/metrics")),
        ("/api", "/changes", "/api/changes"),
        ("/api", "/api/changes", "/api/changes"),
        ("/changes", "/api", "/changes/api"),
        ("/prod", "/api", "/prod/api"),
        ("/prod", "/api", "/api"),
        ("/prod", "/prod/api", "/prod/api"),
    ],
)
def test_a_prefix_that_is_called_as_a_route_is_taken_off_first(  # noqa: PLR0913, PLR0917 - cases
    stage_path: str, base_path: str, prefix: str, slash: str, path: str, reading: Reading
) -> None:
    """Also where a client joins it and a path with a slash too many, as the API's description has it do."""
    asked = f"{prefix}{slash}{path.removeprefix('/')}"
    request = Request("GET", asked, BEARER, stage_path=stage_path)

    assert decide(request, token=TOKEN, base_path=base_path) == reading


@pytest.mark.parametrize(
    ("base_path", "path"),
    [
        *(("/api", path) for path in ("/", "/metrics", "/api/changes", "/api/openapi.json")),
        *(
            ("/changes", path)
            for path in ("/", f"/changes/{CHANGE}", "/api/changes", f"/api/changes/{CHANGE}")
        ),
        *(("/metrics", path) for path in ("/", f"/changes/{CHANGE}", "/api/changes")),
    ],
)
def test_where_a_gateway_has_taken_it_off_what_is_no_route_without_it_is_still_found(
    base_path: str, path: str
) -> None:
    """The rest cannot be told from what it is with the prefix."""
    assert decide(Request("GET", path, BEARER), token=TOKEN, base_path=base_path) == READINGS[path]


TEXTS: Final = st.text(max_size=20)
TOKENS: Final = (TOKEN, "another-token-of-another")
SHOWN: Final = {
    header: token for token in TOKENS for header in (f"Bearer {token}", basic(token)["authorization"])
}


@settings(max_examples=300)
@given(
    st.builds(
        Request,
        method=st.just("POST") | st.sampled_from(["GET", "HEAD", "OPTIONS", "", "PUT"]),
        path=st.sampled_from(["/", "/api/check", "/healthz", "/changes/i/t"]) | TEXTS,
        headers=st.fixed_dictionaries(
            {},
            optional={
                "authorization": st.sampled_from(sorted(SHOWN)) | TEXTS,
                "content-type": TEXTS | st.just("application/json"),
            },
        ),
        body=st.sampled_from([b"", b"{}", None]) | st.binary(max_size=20),
        is_vouched_for=st.just(value=False),
        query=st.dictionaries(st.sampled_from(["lang", "refresh"]), TEXTS),
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
        assert decided.headers["cache-control"] == "no-store"
    if isinstance(decided, Response) and decided.status != 204:
        json.loads(decided.body)
        assert decided.headers["content-type"].startswith("application/json")


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
    assert isinstance(decide(Request(method, path, JSON, body, is_vouched_for=True), token=None), Wish)


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
