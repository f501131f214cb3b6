"""The deployed zip under AWS's runtime client and AWS's emulator, for every event that Lambda has for us."""

from __future__ import annotations

import base64
import json

import pytest

from tests.platforms.events import HttpAnswer, sample
from tests.platforms.lambda_events import REQUESTS, TIMERS, request, response
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.services import CHANGE, HTTP_TOKEN, Services

STARTED = ["orders: capacity change started · 0% · about 1 minute left · done around TIME · no action needed"]
BEARER = {"Authorization": f"Bearer {HTTP_TOKEN}"}
BASIC = {"Authorization": f"Basic {base64.b64encode(f'me:{HTTP_TOKEN}'.encode()).decode()}"}
IAM = "lambda-url-post-iam-base64"
ANONYMOUS = [name for name in REQUESTS if name != IAM]


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_tells_what_is_new_once(name: str, function: LambdaFunction, services: Services) -> None:
    """The result is the report; what was told is not told again."""
    services.begin()
    first, second = function.invoke(sample(name)).payload, function.invoke(sample(name)).payload

    assert (first["ok"], first["trigger"], first["error"]) == (True, "timer", None)
    (change,) = first["changes"]
    assert (change["id"], change["name"], change["phase"]) == (str(CHANGE), "orders", "running")
    assert change["alerts"] == ["started", "step_started"]
    assert [each["outcome"] for each in change["deliveries"]] == ["sent"]
    assert (second["ok"], second["changes"][0]["alerts"]) == (True, [])
    assert services.titles == STARTED


@pytest.mark.parametrize("name", ANONYMOUS)
def test_a_stranger_is_turned_away(name: str, function: LambdaFunction, services: Services) -> None:
    """Nothing is asked of anybody on behalf of who shows no token, wherever the request goes."""
    services.begin()
    asked = len(services.dms.visits)
    event = sample(name)
    got = response(function.invoke(event), event)

    assert got.status == 401
    assert got.headers["www-authenticate"]
    assert got.json["error"].keys() == {"code", "message"}
    assert len(services.dms.visits) == asked


def test_whom_the_platform_knows_is_told_that_there_is_no_such_page(function: LambdaFunction) -> None:
    """A function URL with IAM has checked its caller; the sample's path is none of ours."""
    event = sample(IAM)
    got = response(function.invoke(event), event)

    assert got.status == 404
    assert got.json["error"].keys() == {"code", "message"}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_check_answers_with_the_report(name: str, function: LambdaFunction, services: Services) -> None:
    """It does what a timer does, and tells the caller."""
    services.begin()
    event = request(name, "POST", "/api/check", BEARER)
    got = response(function.invoke(event), event)

    assert got.status == 200
    assert got.headers["content-type"].startswith("application/json")
    assert (got.json["ok"], got.json["trigger"]) == (True, "http")
    assert got.json["changes"][0]["alerts"] == ["started", "step_started"]
    assert services.titles == STARTED


@pytest.mark.parametrize("name", REQUESTS)
def test_a_body_says_what_to_check(name: str, function: LambdaFunction, services: Services) -> None:
    """However the gateway has wrapped it; the token may come as a password then."""
    services.begin()
    event = request(name, "POST", "/api/check", BASIC, json.dumps({"only": ["another/change"]}))
    got = response(function.invoke(event), event)

    assert (got.status, got.json["changes"]) == (200, [])
    assert not services.titles


@pytest.mark.parametrize("name", REQUESTS)
def test_a_change_is_registered_and_dropped(name: str, function: LambdaFunction, services: Services) -> None:
    """In paths and bodies as each gateway has them; in between it is listed beside the configured one."""
    services.begin()
    body = json.dumps({"instance_id": "another", "task_id": "change", "name": "billing"})

    def ask(method: str, path: str, body: str = "") -> HttpAnswer:
        event = request(name, method, path, BEARER, body)
        return response(function.invoke(event), event)

    registered, listed = ask("POST", "/api/watches", body), ask("GET", "/api/watches").json["watches"]
    dropped = [ask("DELETE", "/api/watches/another/change") for _ in range(2)]

    assert (registered.status, [answer.status for answer in dropped]) == (201, [200, 404])
    assert [watch["name"] for watch in listed] == ["orders", "billing"]
    assert listed[1:] == [registered.json]
    assert [watch["name"] for watch in ask("GET", "/api/watches").json["watches"]] == ["orders"]


@pytest.mark.parametrize("name", ANONYMOUS)
def test_a_form_that_another_site_sends_is_refused(name: str, function: LambdaFunction) -> None:
    """A browser that remembers the token as a password would send it along."""
    event = request(name, "POST", "/api/check", BASIC)

    assert response(function.invoke(event), event).status == 415


@pytest.mark.parametrize("name", REQUESTS)
def test_whether_it_is_healthy_is_told_to_anybody(name: str, function: LambdaFunction) -> None:
    """Without a token."""
    event = request(name, "GET", "/healthz")
    got = response(function.invoke(event), event)

    assert got.status == 200


@pytest.mark.parametrize("name", REQUESTS)
def test_the_wrong_method_is_told_the_right_one(name: str, function: LambdaFunction) -> None:
    """In the header that HTTP has for it."""
    event = request(name, "GET", "/api/check", BEARER)
    got = response(function.invoke(event), event)

    assert (got.status, got.headers["allow"]) == (405, "POST, OPTIONS")
    assert got.json["error"].keys() == {"code", "message"}


@pytest.mark.parametrize("name", ANONYMOUS)
def test_a_wrong_token_is_turned_away(name: str, function: LambdaFunction) -> None:
    """Like none at all."""
    event = request(name, "POST", "/api/check", {"Authorization": f"Bearer {HTTP_TOKEN[:-1]}"})

    assert response(function.invoke(event), event).status == 401


def test_a_caller_known_to_the_gateway_needs_no_token(function: LambdaFunction, services: Services) -> None:
    """IAM's word stands in each gateway's own place; without the token a POST has to be JSON."""
    services.begin()
    url = request(IAM, "POST", "/api/check", body="{}")
    http_api = request("lambda-apigw-v2-http-api", "POST", "/api/check", body="{}")
    http_api["requestContext"]["authorizer"] = sample(IAM)["requestContext"]["authorizer"]
    rest = request("lambda-apigw-v1", "POST", "/api/check", body="{}")
    rest["requestContext"]["identity"]["userArn"] = "arn:aws:iam::111122223333:user/example"

    for event in (url, http_api, rest):
        assert response(function.invoke(event), event).status == 200


@pytest.mark.parametrize(
    "event",
    [["a", "list"], "words", 7, sample("lambda-async-destination-failure")],
    ids=["list", "text", "number", "failure"],
)
def test_what_is_no_event_gets_a_report_that_says_so(
    event: object, function: LambdaFunction, services: Services
) -> None:
    """Nothing is looked at."""
    services.begin()
    report = function.invoke(event).payload

    assert (report["ok"], report["trigger"], report["changes"]) == (False, "unrecognised", [])
    assert report["error"]["message"]
    assert not services.titles
