"""Requests through APIG to Headway on the stand-in for FunctionGraph: every answer is well-formed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.platforms.conftest import Built
from tests.platforms.events import EVENTS, HttpAnswer, sample
from tests.platforms.functiongraph_function import NO_AGENCY
from tests.platforms.functiongraph_gateway import (
    OF_THE_GATEWAY,
    passed_on,
    request,
)
from tests.platforms.functiongraph_site import BEARER, OTHER, Headway, Site
from tests.platforms.packages import interpreters_of
from tests.platforms.services import CHANGE, HTTP_TOKEN

BASIC = "Basic " + base64.b64encode(f"anybody:{HTTP_TOKEN}".encode()).decode()
WRONG = "Basic " + base64.b64encode(b"anybody:wrong").decode()


@pytest.fixture(scope="module")
def running_site(built: Built) -> Iterator[Site]:
    """The services."""
    with Site(built("functiongraph", interpreters_of("functiongraph")[0])) as site:
        yield site


@pytest.fixture(scope="module")
def instance(running_site: Site) -> Iterator[Headway]:
    """Headway, the token in encrypted user data."""
    with running_site.running(running_site.function()) as headway:
        yield headway


@pytest.fixture
def site(running_site: Site) -> Site:
    """The services, with nothing asked, kept and told."""
    running_site.begin()
    return running_site


def error_of(answer: HttpAnswer) -> str:
    """The code in an answer that refuses; its body must say so in the one way there is."""
    assert {*answer.json} == {"error"}
    assert {*answer.json["error"]} == {"code", "message"}
    assert answer.headers["content-type"].startswith("application/json")
    code: str = answer.json["error"]["code"]
    return code


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in EVENTS.glob("functiongraph-apig-*.json")), ids=str
)
@pytest.mark.parametrize(("authorization", "status"), [(None, 401), (BEARER, 404)])
def test_a_recorded_request_is_answered(
    name: str, authorization: str | None, status: int, site: Site, instance: Headway
) -> None:
    """They ask for what Headway does not have; whoever shows no token is not told so."""
    event: dict[str, Any] = sample(name)
    event["headers"] |= {"authorization": authorization} if authorization else {}
    answer = passed_on(instance.call(event))

    assert answer.status == status
    assert error_of(answer)
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert site.dms.counts.total() == 0


@pytest.mark.parametrize("suffix", [None, "healthz", "/healthz"])
@pytest.mark.parametrize("more", [{}, {"isBase64Encoded": False}], ids=["gateway", "console"])
def test_health_needs_no_token_and_no_look(
    suffix: str | None, more: dict[str, Any], site: Site, instance: Headway
) -> None:
    """Also where the trigger matches a prefix, and where the console posts its test event."""
    path = "/healthz" if suffix is None else "/headway/healthz"
    answer = passed_on(instance.call(request("GET", path, suffix=suffix) | more, NO_AGENCY))

    assert (answer.status, site.dms.counts.total()) == (200, 0)


@pytest.mark.parametrize(
    "event",
    [
        request("POST", "/api/check", authorization=BEARER),
        request("POST", "/headway/api/check", authorization=BEARER, suffix="api/check"),
        request("POST", "/api/check", b'{"shard": "1/1"}', authorization=BEARER),
        request("POST", "/api/check", authorization=BEARER) | {"isBase64Encoded": False, "body": "{}"},
        request("POST", "/api/check", json.dumps({"only": [str(CHANGE)]}).encode(), authorization=BEARER),
        request("POST", "/api/check", b"{}", authorization=BASIC, content_type="application/json"),
    ],
    ids=range(6),
)
def test_a_check_looks_and_tells_at_once(event: dict[str, Any], site: Site, instance: Headway) -> None:
    """The report is the answer."""
    answer = passed_on(instance.call(event))
    report = answer.json

    assert (answer.status, report["ok"], report["trigger"]) == (200, True, "http")
    assert [change["id"] for change in report["changes"]] == [str(CHANGE)]
    assert (site.dms.counts["progress"], len(site.titles)) == (1, 1)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_change_is_registered_and_dropped_where_the_trigger_matches_a_prefix(
    slash: str, site: Site, instance: Headway
) -> None:
    """The rest of the path names it; in between it is looked at beside the configured one."""

    def ask(method: str, path: str, body: bytes = b"") -> HttpAnswer:
        event = request(method, f"/headway/{path}", body, authorization=BEARER, suffix=f"{slash}{path}")
        return passed_on(instance.call(event))

    def looked_at() -> list[str]:
        return [change["id"] for change in ask("POST", "api/check").json["changes"]]

    registered = ask("POST", "api/watches", json.dumps(OTHER._asdict()).encode())
    listed, seen = ask("GET", "api/watches").json["watches"], looked_at()
    dropped = ask("DELETE", f"api/watches/{OTHER}")

    assert (registered.status, dropped.status, dropped.json) == (201, 200, {})
    assert [watch["reason"] for watch in listed] == ["configured", "followed"]
    assert listed[1:] == [registered.json]
    assert (seen, looked_at()) == ([str(CHANGE), str(OTHER)], [str(CHANGE)])
    assert len(site.titles) == 2
    assert ask("DELETE", f"api/watches/{OTHER}").status == 404


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (request("POST", "/api/check"), 401),
        (request("POST", "/api/check", authorization="Bearer wrong"), 401),
        (request("POST", "/api/check", authorization=HTTP_TOKEN), 401),
        (request("POST", "/api/check", authorization=f"Basic {HTTP_TOKEN}"), 401),
        (request("POST", "/api/check", b"{}", authorization=WRONG, content_type="application/json"), 401),
        (request("GET", "/api/check", authorization=BEARER), 405),
        (request("DELETE", "/healthz", authorization=BEARER), 405),
        (request("PUT", "/api/watches", authorization=BEARER), 405),
        (request("DELETE", "/api/watches/instance-1/task-1"), 401),
        (request("DELETE", "/api/watches/instance-1/task-1", authorization=BEARER), 409),
        (request("DELETE", "/api/watches/no%2Fid", authorization=BEARER), 400),
        (request("POST", "/api/watches", b'{"instance_id": 5}', authorization=BEARER), 400),
        (request("GET", "/nothing", authorization=BEARER), 404),
        (request("POST", "/headway/api/check", authorization=BEARER, suffix="api/check/"), 404),
        (request("POST", "/api/check", b"{", authorization=BEARER), 400),
        (request("POST", "/api/check", b"[1]", authorization=BEARER), 400),
        (request("POST", "/api/check", b"\xff", authorization=BEARER), 400),
        (request("POST", "/api/check", b'{"only": 1}', authorization=BEARER), 400),
        (request("POST", "/api/check", b'{"dry_run": true}', authorization=BEARER), 400),
        (request("POST", "/api/check", b"[" * 100_000, authorization=BEARER), 400),
        (request("POST", "/api/check", authorization=BEARER) | {"body": "%%%"}, 400),
        (request("POST", "/api/check", authorization=BEARER) | {"body": 5}, 400),
    ],
    ids=range(22),
)
def test_what_cannot_be_answered_is_refused_in_one_way(
    event: dict[str, Any], status: int, site: Site, instance: Headway
) -> None:
    """With the status that HTTP has for it, and without a look."""
    answer = passed_on(instance.call(event))

    assert (answer.status, site.dms.counts.total()) == (status, 0)
    assert error_of(answer)
    assert ("allow" in answer.headers) == (status == 405)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_a_check_without_keys_answers_what_is_wrong(site: Site, instance: Headway) -> None:
    """A gateway makes a 500 of its own of an exception, and says nothing."""
    answer = passed_on(instance.call(request("POST", "/api/check", authorization=BEARER), NO_AGENCY))

    assert (answer.status, answer.json["ok"], site.dms.counts.total()) == (200, False, 0)
    assert "huaweicloud.access_key" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "absent", ["headers", "pathParameters", "requestContext", "path", "body", "httpMethod"]
)
@pytest.mark.parametrize("value", [None, [], 5])
def test_no_request_is_too_odd_to_be_answered(absent: str, value: object, instance: Headway) -> None:
    """Whatever a gateway leaves out."""
    event = request("POST", "/api/check", authorization=BEARER) | {absent: value}
    answer = passed_on(instance.call(event))

    assert OF_THE_GATEWAY not in answer.body.decode()
    assert answer.status < 500


def test_a_configuration_that_cannot_be_read_is_answered_without_its_details(running_site: Site) -> None:
    """Nobody can be known then; the log says what is wrong."""
    user_data = {**running_site.function().user_data, "HEADWAY_REGION": "no region"}
    with running_site.running(running_site.function(user_data=user_data)) as headway:
        answers = [
            passed_on(headway.call(request("POST", "/api/check", authorization=BEARER))),
            passed_on(headway.call(sample("functiongraph-apig-get"))),
        ]
        failed = headway.call(sample("functiongraph-timer"))

    assert [answer.status for answer in answers] == [500, 500]
    assert {error_of(answer) for answer in answers} == {"misconfigured"}
    assert "HEADWAY_REGION" in (failed.error or {})["errorMessage"]
    assert not any(b"HEADWAY" in answer.body for answer in answers)
