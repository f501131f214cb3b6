"""Whoever looks sees how changes stand, as a page, as JSON or as metrics; and to look changes nothing."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from handler.answering import ACTIVE_MAX, ENDED_MAX
from handler.application import Application
from handler.core.change import ChangeId
from handler.core.ledger import ChannelState, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.record import Record
from handler.entry import handle
from handler.gateways import Request
from handler.outcome import Outcome
from handler.web.answers import BODY_BYTES_MAX, copy_of, finish, page
from handler.web.api.shapes import list_of
from handler.web.pages import overview_page
from handler.web.pages.visitor import Visitor
from handler.web.readings import LIMIT_MAX
from handler.web.signing_in import COOKIE
from handler.wiring import Workshop
from notifiers.languages import LANGUAGES
from notifiers.saying import Reader
from tests.entry.test_http import BrokenPipe
from tests.fakes.clock import START, FakeClock
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms, a_task, an_instance
from tests.fakes.webhook_server import Answer as WebhookAnswer
from tests.fakes.webhook_server import WebhookServer
from tests.platforms import functiongraph, lambda_runtime_api
from tests.platforms.events import HttpAnswer
from tests.platforms.functiongraph_gateway import passed_on
from tests.platforms.functiongraph_gateway import request as apig_request
from tests.platforms.lambda_events import request as lambda_request
from tests.platforms.lambda_events import response as lambda_response

RUNNING: Final = ChangeId("inst", "task")
OVER: Final = ChangeId("inst-2", "task")
TOKEN: Final = "the-token-of-this-function"
BEARER: Final = f"Bearer {TOKEN}"
BASIC: Final = f"Basic {base64.b64encode(f'me:{TOKEN}'.encode()).decode()}"
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGES: Final = ["/", f"/changes/{RUNNING}"]
READ: Final = [
    *PAGES,
    "/api/changes",
    f"/api/changes/{RUNNING}",
    "/api/openapi.json",
    "/metrics",
    "/api/watches",
]


class Site:
    """The deployed function, with a change that runs and one that is over, both told to one channel."""

    def __init__(
        self, dms: FakeDms, webhooks: WebhookServer, environment: pytest.MonkeyPatch, folder: Path
    ) -> None:
        """Deploy it, and look at the changes twice."""
        self.dms = dms
        self.webhooks = webhooks
        self.folder = folder
        self._environment = environment
        environment.setenv("HUAWEICLOUD_SDK_AK", CREDENTIALS.access_key)
        environment.setenv("HUAWEICLOUD_SDK_SK", CREDENTIALS.secret_key)
        self.configure()
        for change in (RUNNING, OVER):
            dms.script_progress(change, Answer.of_progress(40, ("expand", "IN_PROGRESS")))
            dms.script_task(change, Answer.of_task("EXECUTING"))
        handle(TIMER, None)
        dms.script_progress(OVER, Answer.of_progress(100, ("expand", "COMPLETED"), remain_time=0))
        dms.script_task(OVER, Answer.of_task("SUCCESS"))
        handle(TIMER, None)

    def configure(self, **more: object) -> None:
        """Change the configuration."""
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": self.dms.endpoint},
            "state": f"file:{self.folder}",
            "watches": [
                {**RUNNING._asdict(), "name": "orders <&> 订单"},
                {**OVER._asdict(), "name": "over and done"},
            ],
            "channels": {"ops": {"url": f"json://{self.webhooks.location}/s3cr3t-path"}},
            "http": {"token": TOKEN},
            **more,
        }
        self._environment.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))

    def ask(
        self,
        path: str,
        method: str = "GET",
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        authorization: str = BEARER,
        **headers: str,
    ) -> dict[str, Any]:
        """Ask through FunctionGraph's gateway."""
        event = apig_request(method, path, body, authorization=authorization, **headers)
        return handle({**event, "queryStringParameters": dict(query or {})}, None)

    def read(self, path: str, **query: str) -> Any:  # noqa: ANN401 - any JSON
        """Read JSON."""
        answer = self.ask(path, query=query)
        assert answer["statusCode"] == 200, answer
        return json.loads(answer["body"])

    def documents(self) -> dict[Path, bytes]:
        """All that is kept."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def _deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all, for they only look."""
    folder = tmp_path_factory.mktemp("state")
    with FakeDms() as dms, WebhookServer() as webhooks, pytest.MonkeyPatch.context() as environment:
        yield Site(dms, webhooks, environment, folder)


@pytest.fixture
def site(_deployed: Site) -> Site:
    """A function that is deployed, with its configuration as it was at first."""
    _deployed.configure()
    return _deployed


def error_of(answer: Mapping[str, Any]) -> tuple[int, str]:
    """The status and the code of an answer that refuses in JSON."""
    error = json.loads(answer["body"])["error"]
    assert error.keys() == {"code", "message"}
    return answer["statusCode"], error["code"]


# What is seen ----------------------------------------------------------------------------------------------


def test_pages_show_what_the_last_look_has_seen(site: Site) -> None:
    """With the address of each change's own page, and whatever comes from elsewhere as text."""
    overview, change = (site.ask(path, accept=BROWSER)["body"] for path in PAGES)

    for text in ("orders &lt;&amp;&gt; 订单", "40"):
        assert text in overview
        assert text in change
    assert "over and done" in overview
    assert f'href="./changes/{RUNNING}"' in overview
    assert 'href="../../"' in change
    assert "<script" not in overview + change


def test_links_lead_where_the_status_page_is_configured_and_keep_what_was_asked_for(site: Site) -> None:
    """Behind a gateway there may be something before every path."""
    site.configure(links={"status_page": "https://example.com/headway"})
    overview = site.ask("/headway", query={"lang": "zh", "refresh": "off"})

    assert overview["statusCode"] == 200
    assert f'href="/headway/changes/{RUNNING}?lang=zh&amp;refresh=off"' in overview["body"]
    assert site.ask(f"/headway/changes/{RUNNING}")["statusCode"] == 200


def test_a_page_may_run_and_fetch_nothing_and_has_one_style(site: Site) -> None:
    """The browser itself sees to that; the style is known by what it holds."""
    for path in PAGES:
        answer = site.ask(path)
        (style,) = re.findall("<style>(.*?)</style>", answer["body"], re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

        assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
        assert answer["headers"]["content-security-policy"] == (
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none';"
            f" style-src 'sha256-{digest}'; img-src data:"
        )
        assert " style=" not in answer["body"]


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/", {}, "10"),
        ("/", {"refresh": "90"}, "90"),
        ("/", {"refresh": "off"}, None),
        (f"/changes/{RUNNING}", {}, "10"),
        (f"/changes/{OVER}", {}, None),
        (f"/changes/{OVER}", {"refresh": "5"}, "5"),
    ],
)
def test_a_page_refreshes_itself_as_long_as_there_is_something_to_see(
    site: Site, path: str, query: dict[str, str], expected: str | None
) -> None:
    """Or as its address says."""
    assert site.ask(path, query=query)["headers"].get("refresh") == expected


@pytest.mark.parametrize(
    ("configured", "wanted", "asked", "language"),
    [
        ("en", None, None, "en"),
        ("zh", None, None, "zh"),
        ("zh", "fr", None, "zh"),
        ("en", "zh-CN,zh;q=0.9,en;q=0.8", None, "zh"),
        ("zh", "en-GB,en;q=0.9", None, "en"),
        ("en", "zh-CN", "en", "en"),
        ("en", "en", "zh", "zh"),
    ],
)
def test_a_page_is_in_the_language_asked_for_or_preferred_or_configured(
    site: Site, configured: str, wanted: str | None, asked: str | None, language: str
) -> None:
    """In this order; whoever keeps copies is told that there are several."""
    site.configure(language=configured)
    answer = site.ask("/", query={"lang": asked} if asked else {}, accept_language=wanted or "")

    assert answer["headers"]["content-language"] == language
    assert answer["headers"]["vary"] == "accept-language"
    assert ("容量变更" in answer["body"] or "变更" in answer["body"]) is (language == "zh")


def test_the_api_lists_what_is_followed_and_then_what_is_over(site: Site) -> None:
    """In parts, if it is wanted so."""
    whole = site.read("/api/changes")
    first = site.read("/api/changes", limit="1")
    second = site.read("/api/changes", limit="1", cursor=first["next_cursor"])

    assert [(change["id"], change["name"], change["percent"]) for change in whole["changes"]] == [
        (str(RUNNING), "orders <&> 订单", 40),
        (str(OVER), "over and done", 100),
    ]
    assert whole["next_cursor"] is None
    assert (first["changes"], second["changes"]) == (whole["changes"][:1], whole["changes"][1:])
    assert second["next_cursor"] is None
    for group, change in (("active", RUNNING), ("ended", OVER)):
        assert [one["id"] for one in site.read("/api/changes", group=group)["changes"]] == [str(change)]


def test_the_api_tells_all_of_a_change(site: Site) -> None:
    """What its list says is a part of it."""
    detail = site.read(f"/api/changes/{OVER}")

    assert (detail["phase"], detail["is_active"]) == ("completed", False)
    assert [alert["kind"] for alert in detail["alerts"]][-1] == "completed"
    assert [channel["name"] for channel in detail["channels"]] == ["ops"]
    assert detail.items() >= site.read("/api/changes", group="ended")["changes"][0].items()


def test_metrics_tell_of_what_is_followed(site: Site) -> None:
    """As Prometheus reads them."""
    answer = site.ask("/metrics")
    samples = [
        sample
        for family in text_string_to_metric_families(answer["body"])
        for sample in family.samples
        if sample.labels.get("instance_id")
    ]

    assert answer["headers"]["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert {sample.labels["instance_id"] for sample in samples} == {RUNNING.instance_id}
    assert 40 in {sample.value for sample in samples}


def test_the_api_describes_itself(site: Site) -> None:
    """With every path that there is."""
    assert site.read("/api/openapi.json")["openapi"] == "3.1.0"


@pytest.mark.parametrize(("status", "path"), [(404, "/changes/inst/other"), (404, "/api/changes/other/task")])
def test_a_change_that_nobody_knows_is_not_found(site: Site, status: int, path: str) -> None:
    """Nothing is kept of it, and it is not followed."""
    assert error_of(site.ask(path)) == (status, "not_found")


@pytest.mark.parametrize(
    ("path", "query", "key"),
    [
        ("/", {"lang": "fr"}, "lang"),
        (f"/changes/{RUNNING}", {"refresh": "0"}, "refresh"),
        ("/api/changes", {"group": "running"}, "group"),
        ("/api/changes", {"limit": "101"}, "limit"),
        ("/api/changes", {"cursor": "nonsense"}, "cursor"),
        ("/api/changes", {"cursor": ""}, "cursor"),
        ("/api/changes", {"group": "ended", "cursor": f"active:{RUNNING}"}, "cursor"),
    ],
)
def test_a_query_that_cannot_be_understood_is_told_by_its_key(
    site: Site, path: str, query: dict[str, str], key: str
) -> None:
    """As everywhere."""
    answer = site.ask(path, query=query)

    assert error_of(answer) == (400, "bad_request")
    assert f"`{key}`" in json.loads(answer["body"])["error"]["message"]


# A refused key ---------------------------------------------------------------------------------------------

KEY_REFUSED: Final = Answer.of_error(401, "APIGW.0301")
REFUSED_METRIC: Final = "headway_access_key_refused_timestamp_seconds"


class Discovering:
    """A function that finds its changes itself, with one that runs; all clocks are one."""

    def __init__(self, dms: FakeDms, clock: FakeClock, folder: Path) -> None:
        """Deploy it."""
        self._clock = clock
        dms.hold_instances(an_instance(RUNNING.instance_id, "orders", "EXTENDING"))
        dms.hold_tasks(RUNNING.instance_id, a_task(RUNNING.task_id))
        dms.script_progress(RUNNING, Answer.of_progress(40, ("expand", "IN_PROGRESS")))
        cloud = {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint}
        token = {"token": TOKEN}
        configuration = {
            "huaweicloud": cloud,
            "state": f"file:{folder}",
            "discover": True,
            "http": token,
        }
        self.environ = {
            "HEADWAY_CONFIG": json.dumps(configuration, indent=1),
            "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
            "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
        }

    def invoke(self, event: object) -> Outcome:
        """Let an event wake it, in a process of its own."""
        application = Application(
            self.environ,
            Workshop(self._clock),
            self._clock,
            config_path="not-there",
            log_file=io.StringIO(),
        )
        return application.invoke(event, None)

    def read(self, path: str) -> str:
        """What somebody reads there."""
        response = self.invoke(apig_request("GET", path, authorization=BEARER)).response
        assert response
        assert response.status == 200, response
        return response.body

    def refused_at(self) -> datetime | None:
        """When the key was refused by the page, the list and the metrics, which say the same."""
        told = json.loads(self.read("/api/changes"))["access_key_refused_at"]
        samples = [
            sample.value
            for family in text_string_to_metric_families(self.read("/metrics"))
            for sample in family.samples
            if sample.name == REFUSED_METRIC
        ]
        moment = datetime.fromisoformat(told.replace("Z", "+00:00")) if told else None
        assert samples == ([moment.timestamp()] if moment else [])
        assert ("access key" in self.read("/")) is (moment is not None)
        return moment


@pytest.fixture
def discovering(tmp_path: Path) -> Iterator[tuple[Discovering, FakeDms, FakeClock]]:
    """Deploy one, beside the API and the clock."""
    clock = FakeClock()
    with FakeDms(now=clock.now) as dms:
        yield Discovering(dms, clock, tmp_path), dms, clock


@pytest.mark.parametrize("is_news", [True, False])
def test_that_the_access_key_is_refused_is_seen_until_it_is_accepted(
    discovering: tuple[Discovering, FakeDms, FakeClock], *, is_news: bool
) -> None:
    """Whether changes are followed already or nothing was ever found: all would look fine without it."""
    function, dms, clock = discovering
    if is_news:
        dms.interrupt("instances", KEY_REFUSED)
    else:
        assert function.invoke(TIMER).report["ok"]
        assert function.refused_at() is None
        dms.script_progress(RUNNING, KEY_REFUSED, Answer.of_progress(41, ("expand", "IN_PROGRESS")))
    report = function.invoke(TIMER).report

    assert (report["ok"], report["error"]["kind"]) == (False, "unauthorised")
    assert function.refused_at() == START
    clock.advance(300)
    function.invoke(TIMER)
    assert function.refused_at() == START
    clock.advance(301)
    assert function.invoke(TIMER).report["ok"]
    assert function.refused_at() is None
    assert "orders" in function.read("/")


def test_that_a_key_was_refused_is_not_seen_with_another_or_without_any(
    discovering: tuple[Discovering, FakeDms, FakeClock],
) -> None:
    """The new one may be good; and whoever only looks needs none."""
    function, dms, _ = discovering
    dms.interrupt("instances", KEY_REFUSED)
    function.invoke(TIMER)
    assert function.refused_at() == START

    function.environ["HUAWEICLOUD_SDK_SK"] = "another-secret"
    assert function.refused_at() is None
    del function.environ["HUAWEICLOUD_SDK_SK"]
    assert function.refused_at() is None


# How it is seen --------------------------------------------------------------------------------------------


def test_to_look_asks_no_api_writes_nothing_and_shows_no_secret(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does a channel's address stand anywhere."""
    before, asked, heard = site.documents(), site.dms.counts, len(site.webhooks.received("/s3cr3t-path"))
    answers = [site.ask(path) for path in READ]
    told = json.dumps(answers) + capsys.readouterr().out

    assert [answer["statusCode"] for answer in answers] == [200] * len(READ)
    assert (site.documents(), site.dms.counts) == (before, asked)
    assert len(site.webhooks.received("/s3cr3t-path")) == heard
    for secret in ("s3cr3t", site.webhooks.location, TOKEN, CREDENTIALS.secret_key, CREDENTIALS.access_key):
        assert secret not in told


@pytest.mark.parametrize("path", [path for path in READ if path not in PAGES])
def test_what_was_read_need_not_be_read_again_until_it_changes(site: Site, path: str) -> None:
    """A HEAD tells the same without a body."""
    answer = site.ask(path)
    tag = answer["headers"]["etag"]
    again = site.ask(path, if_none_match=f"W/{tag}")
    head = site.ask(path, method="HEAD")

    assert answer["headers"]["cache-control"] == "private, no-cache"
    assert (again["statusCode"], again["body"], again["headers"]["etag"]) == (304, "", tag)
    assert head == {**answer, "body": ""}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_too_has_a_tag_and_a_head(site: Site, path: str) -> None:
    """Though it tells when it was made."""
    head = site.ask(path, method="HEAD")

    assert (head["statusCode"], head["body"]) == (200, "")
    assert site.ask(path, if_none_match="*")["statusCode"] == 304
    assert re.fullmatch('"[0-9a-f]{64}"', head["headers"]["etag"])


@pytest.mark.parametrize("path", READ)
def test_whoever_is_not_known_sees_nothing(site: Site, path: str) -> None:
    """A browser is asked for a password, whose token then shows it."""
    stranger = site.ask(path, authorization="Bearer wrong")

    assert error_of(stranger) == (401, "unauthorised")
    assert stranger["headers"]["www-authenticate"] == 'Basic realm="Headway", charset="UTF-8"'
    assert site.ask(path, authorization=BASIC)["statusCode"] == 200
    assert site.ask(path, authorization="", x_headway_token=TOKEN)["statusCode"] == 200


@pytest.mark.parametrize("name", ["lambda-url-get", "lambda-apigw-v1", "lambda-alb", "lambda-alb-multivalue"])
def test_lambdas_gateways_show_the_same(site: Site, name: str) -> None:
    """Whatever their events look like."""
    event = lambda_request(name, "GET", f"/api/changes/{OVER}", {"Authorization": BEARER})
    answer = handle(event, None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == site.read(f"/api/changes/{OVER}")


def test_what_can_be_asked_is_told(site: Site) -> None:
    """To whoever may ask."""
    answer = site.ask("/api/changes", method="OPTIONS")

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["allow"] == "GET, HEAD, OPTIONS"
    assert error_of(site.ask("/api/changes", method="DELETE")) == (405, "method_not_allowed")
    assert site.ask("/api/changes", method="OPTIONS", authorization="")["statusCode"] == 401


# Signing in by the form ------------------------------------------------------------------------------------

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": BROWSER}
JSON: Final = {"Content-Type": "application/json"}
APIG: Final = "functiongraph-apig"


def through(gateway: str, method: str, path: str, headers: Mapping[str, str], body: str = "") -> HttpAnswer:
    """Ask through a gateway, and read the answer as it does."""
    if gateway == APIG:
        event = apig_request(method, path, body.encode())
        event["headers"] |= {name.lower(): text for name, text in headers.items()}
        result = json.dumps(handle(event, None))
        return passed_on(functiongraph.Answer(result, None, 0.0, is_killed=False))
    event = lambda_request(gateway, method, path, headers, body)
    return lambda_response(lambda_runtime_api.Answer(handle(event, None)), event)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "gateway", ["lambda-url-get", "lambda-apigw-v1", "lambda-alb", "lambda-alb-multivalue", APIG]
)
def test_a_browser_signs_in_by_the_form_and_then_reads_and_does_no_more(
    gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through every gateway; neither the token nor what is kept of it is logged."""
    wrong = through(gateway, "POST", "/", FORM, "user=headway&token=n0t-the-t0ken")
    right = through(gateway, "POST", "/", FORM, f"user=headway&token={TOKEN}")
    cookie, _, rules = right.headers["set-cookie"].partition("; ")
    kept = {"Cookie": f"a=b; {cookie}"}
    read = [through(gateway, "GET", path, kept).status for path in READ]
    refused = [
        through(gateway, "POST", path, {**kept, **headers}, "{}").status
        for path in ("/api/check", "/api/test-alert", "/api/watches")
        for headers in (JSON, FORM)
    ]
    stale = through(gateway, "GET", "/", {"Cookie": f"{COOKIE}=stale"})
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]

    # The samples of a load balancer have a query.
    location = "?dry_run=1" if "alb" in gateway else "?"
    assert (right.status, right.headers["location"], right.body) == (303, location, b"")
    assert rules == "Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"
    assert (wrong.status, "set-cookie" in wrong.headers, stale.status) == (401, False, 401)
    assert (read, refused) == ([200] * len(READ), [401] * 6)
    assert [(line["request"], line["caller"]) for line in lines] == [
        ("POST /", "wrong_token"),
        ("POST /", "token"),
        *((f"GET {path}", "cookie") for path in READ),
        *((line["request"], "nobody") for line in lines[2 + len(READ) : -1]),
        ("GET /", "wrong_token"),
    ]
    for secret in (TOKEN, cookie.partition("=")[2], "n0t-the-t0ken"):
        assert secret not in out + wrong.body.decode()


def test_the_page_for_signing_in_has_the_form_and_may_send_it(site: Site) -> None:
    """In the language asked for; with another token configured one signs in anew."""
    asked = site.ask("/", authorization="", accept=BROWSER)
    form = {"content_type": FORM["Content-Type"], "authorization": "", "accept": BROWSER}
    wrong = site.ask("/", "POST", {"lang": "zh"}, b"token=wrong", **form)
    right = site.ask(f"/changes/{RUNNING}", "POST", {"lang": "zh"}, f"token={TOKEN}".encode(), **form)
    kept = {"cookie": right["headers"]["set-cookie"].partition(";")[0], "authorization": ""}

    assert (shown_error(asked), shown_error(wrong, "zh")) == (401, 401)
    for answer in (asked, wrong):
        assert '<form method="post">' in answer["body"]
        assert "form-action 'self';" in answer["headers"]["content-security-policy"]
    assert ("aria-invalid" in asked["body"], "aria-invalid" in wrong["body"]) == (False, True)
    assert (right["statusCode"], right["headers"]["location"]) == (303, "?lang=zh")
    assert "<form" not in site.ask("/nothing", accept=BROWSER)["body"]
    assert site.ask("/", **kept)["statusCode"] == 200
    site.configure(http={"token": f"{TOKEN}-2"})
    assert site.ask("/", **kept)["statusCode"] == 401
    site.configure(http={})
    closed = site.ask("/", "POST", {}, f"token={TOKEN}".encode(), **form)
    assert (shown_error(closed), "<form" in closed["body"]) == (401, False)
    assert "form-action 'none'" in closed["headers"]["content-security-policy"]


# What goes wrong -------------------------------------------------------------------------------------------


def shown_error(answer: Mapping[str, Any], language: str = "en") -> int:
    """The status of an error that is shown on a page, with all that such a page has."""
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert answer["headers"]["content-language"] == language
    assert answer["headers"]["cache-control"] == "no-store"
    assert "style-src 'sha256-" in answer["headers"]["content-security-policy"]
    assert answer["body"].startswith("<!doctype html>")
    status = answer["statusCode"]
    assert isinstance(status, int)
    assert str(status) in answer["body"]
    return status


def test_a_browser_reads_on_a_page_why_there_is_none(site: Site) -> None:
    """In its language; programs' paths answer it as they answer programs."""
    stranger = site.ask("/", authorization="", accept=BROWSER, accept_language="zh-CN")

    assert shown_error(stranger, "zh") == 401
    assert stranger["headers"]["www-authenticate"] == 'Basic realm="Headway", charset="UTF-8"'
    assert shown_error(site.ask("/changes/inst/other", accept=BROWSER)) == 404
    assert shown_error(site.ask("/nothing", query={"lang": "zh"}, accept=BROWSER), "zh") == 404
    assert shown_error(site.ask("/", query={"lang": "fr"}, accept=BROWSER)) == 400
    head = site.ask("/nothing", method="HEAD", accept=BROWSER)
    assert (head["statusCode"], head["headers"]["content-type"]) == (404, "text/html; charset=utf-8")
    assert head["body"] == ""
    for path in ("/api/changes/inst/other", "/api", "/metrics/"):
        assert error_of(site.ask(path, accept=BROWSER if "api" in path else "")) == (404, "not_found")
    assert error_of(site.ask("/", method="DELETE", accept=BROWSER)) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("path", "query", "authorization", "status"),
    [
        ("/", {}, "", 401),
        ("/", {"refresh": "10"}, "", 401),
        ("/changes/inst/other", {"refresh": "10"}, BEARER, 404),
        ("/", {"lang": "fr"}, BEARER, 400),
    ],
)
def test_a_page_that_there_is_not_does_not_refresh_itself(
    site: Site, path: str, query: Mapping[str, str], authorization: str, status: int
) -> None:
    """Waiting mends nothing there, and what somebody is typing in would be gone."""
    answer = site.ask(path, query=query, authorization=authorization, accept=BROWSER)

    assert (shown_error(answer), "refresh" in answer["headers"]) == (status, False)


@pytest.mark.parametrize("prefix", ["/prod", "/api", "/changes"])
def test_a_client_of_the_description_asks_rightly_behind_a_stage(site: Site, prefix: str) -> None:
    """It joins the address of the server and a path, be it with one slash or with two."""
    assert site.folder.exists()
    document_at = f"https://h.example{prefix}/api/openapi.json"

    def ask(path: str) -> Any:  # noqa: ANN401 - any JSON
        event = lambda_request("lambda-url-get", "GET", path, {"authorization": BEARER})
        event["requestContext"]["stage"] = prefix.removeprefix("/")
        return json.loads(handle(event, None)["body"])

    (server,) = ask(f"{prefix}/api/openapi.json")["servers"]
    base = urlsplit(urljoin(document_at, server["url"])).path
    assert [ask(f"{base}/api/changes")["changes"][0]["task_id"] for base in (base, base.rstrip("/"))] == [
        RUNNING.task_id
    ] * 2


@pytest.mark.parametrize("path", [path for path in READ if path != "/api/openapi.json"])
def test_a_store_that_is_down_is_told_as_such(
    site: Site, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the log too; a page asks again by and by, for somebody may be waiting in front of it."""
    endless = tmp_path / "endless"
    endless.symlink_to(endless)
    site.configure(state=f"file:{endless}")
    answer = site.ask(path)
    line = json.loads(capsys.readouterr().out.splitlines()[-1])

    assert error_of(answer) == (503, "state_unavailable")
    assert (line["ok"], line["error"]["kind"], line["status"]) == (False, "state_unavailable", 503)
    if path in PAGES:
        page = site.ask(path, accept=BROWSER)
        assert (shown_error(page), page["headers"]["refresh"]) == (503, "60")
        assert "refresh" not in site.ask(path, query={"refresh": "off"}, accept=BROWSER)["headers"]


def test_a_store_whose_keys_are_missing_is_misconfigured(site: Site) -> None:
    """A known caller reads which."""
    site.configure(state="s3://bucket/p?region=eu-west-1")
    answer = site.ask("/api/changes")

    assert error_of(answer) == (500, "misconfigured")
    assert "AWS" in json.loads(answer["body"])["error"]["message"]
    assert shown_error(site.ask("/", accept=BROWSER)) == 500


def test_a_configuration_that_cannot_be_used_is_told_on_a_page_that_tells_nothing_of_it(site: Site) -> None:
    """Nobody can be known then, so nobody learns why."""
    site.configure(watches="s3cr3t")
    answer = site.ask("/", accept=BROWSER, accept_language="zh")

    assert shown_error(answer, "zh") == 500
    assert answer["headers"]["refresh"] == "60"
    assert "watches" not in answer["body"]
    assert "s3cr3t" not in answer["body"]


def test_a_defect_is_told_on_a_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """To programs in JSON."""
    monkeypatch.setattr("sys.stdout", BrokenPipe())

    assert shown_error(site.ask("/", accept=BROWSER)) == 500
    assert error_of(site.ask("/")) == (500, "internal")


def test_where_no_page_can_be_made_at_all_a_browser_too_is_told_in_json(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a zip that lacks a library."""
    monkeypatch.setitem(sys.modules, "handler.web.pages", None)

    assert error_of(site.ask("/", accept=BROWSER)) == (500, "internal")
    assert site.ask("/api/changes")["statusCode"] == 200


# Trials ----------------------------------------------------------------------------------------------------


def tried(channel: str, outcome: str = "sent", code: str | None = None) -> dict[str, object]:
    """What came of a channel's trial."""
    return {"channel": channel, "service": "json", "outcome": outcome, "code": code, "remarks": []}


@pytest.fixture
def channels(site: Site) -> Callable[..., None]:
    """Configure channels by their paths at the webhook."""

    def configure(**paths: str) -> None:
        urls = {name: {"url": f"json://{site.webhooks.location}/{path}"} for name, path in paths.items()}
        site.configure(channels=urls)

    return configure


def test_channels_are_sent_a_test_message(site: Site, channels: Callable[..., None]) -> None:
    """All of them, or those that are named; whether each took it is the answer, and not the status."""
    channels(ops="s3cr3t-ops", boss="s3cr3t-boss")
    site.webhooks.script("/s3cr3t-boss", WebhookAnswer(status=404))
    all_of_them = site.ask("/api/test-alert", "POST")
    ops = site.ask("/api/test-alert", "POST", body=b'{"channels": ["ops"]}')

    assert all_of_them["statusCode"] == ops["statusCode"] == 200
    refused = tried("boss", "refused", "404")
    assert json.loads(all_of_them["body"]) == {"ok": False, "trials": [refused, tried("ops")]}
    assert json.loads(ops["body"]) == {"ok": True, "trials": [tried("ops")]}
    assert len(site.webhooks.received("/s3cr3t-ops")) == 2
    assert "s3cr3t" not in all_of_them["body"] + ops["body"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"channels": ["ops", "nobody"]}', "`channels`: There is no channel nobody; there are ops."),
        (b'{"channel": "ops"}', "`channel` is no key here; what there is: channels."),
    ],
)
def test_a_channel_that_there_is_not_is_told_by_its_name(
    site: Site, channels: Callable[..., None], body: bytes, message: str
) -> None:
    """And nothing is sent to the others."""
    channels(ops="ops")
    answer = site.ask("/api/test-alert", "POST", body=body)

    assert error_of(answer) == (400, "bad_request")
    assert json.loads(answer["body"])["error"]["message"] == message
    assert site.webhooks.received("/ops") == []


def test_without_any_channel_there_is_nothing_to_try(site: Site, channels: Callable[..., None]) -> None:
    """Whoever asked has made no mistake; the configuration lacks them."""
    channels()

    assert error_of(site.ask("/api/test-alert", "POST")) == (409, "conflict")


def test_the_log_tells_what_came_of_trials(
    site: Site, channels: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of each channel, though without remarks; of anything else that was asked it says nothing of them."""
    channels(ops="s3cr3t-ops", boss="s3cr3t-boss")
    site.webhooks.script("/s3cr3t-boss", WebhookAnswer(status=404))
    site.ask("/api/test-alert", "POST")
    site.ask("/api/changes")
    site.ask("/api/test-alert", "POST", body=b'{"channels": ["nobody"]}')
    tried_line, *others = map(json.loads, capsys.readouterr().out.splitlines())

    assert tried_line["trials"] == [
        {"channel": "boss", "outcome": "refused", "code": "404"},
        {"channel": "ops", "outcome": "sent", "code": None},
    ]
    assert (tried_line["request"], tried_line["status"]) == ("POST /api/test-alert", 200)
    assert not any("trials" in line for line in others)


def test_a_name_that_is_none_is_not_sent_back_whole(
    site: Site, channels: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does the log hold it."""
    channels(ops="ops")
    answer = site.ask("/api/test-alert", "POST", body=json.dumps({"channels": ["x" * 100_000]}).encode())

    assert error_of(answer) == (400, "bad_request")
    assert len(answer["body"]) < 250
    assert len(capsys.readouterr().out) < 2_000


def test_a_channel_that_cannot_be_used_is_told_without_its_address(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with it stands in the remarks, and not in the log."""
    site.configure(channels={"ops": {"url": "slack://s3cr3t-but-no-token"}})
    answer = site.ask("/api/test-alert", "POST")
    (trial,) = json.loads(answer["body"])["trials"]
    line = json.loads(capsys.readouterr().out)

    assert line["trials"] == [{"channel": "ops", "outcome": "refused", "code": "misconfigured"}]
    assert trial["remarks"][0] not in json.dumps(line)

    assert (answer["statusCode"], trial["outcome"], trial["code"]) == (200, "refused", "misconfigured")
    assert trial["remarks"]
    assert "s3cr3t" not in answer["body"]


# How much there is to see ----------------------------------------------------------------------------------

NOW: Final = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)


def longest(number: int) -> Record:
    """What is kept of a change of which everything that is listed is as long as it can be."""
    change = ChangeId(f"{number:064}", "t" * 64)
    seen = Observation(
        phase=Phase.RUNNING,
        percent=100,
        remaining_seconds=86_400,
        steps=(Step("步" * 200, StepState.RUNNING, started_at=NOW),),
        date=NOW,
    )
    refused = {f"channel-{'x' * 50}": ChannelState(0, refused_since=NOW)}
    ledger = Ledger(
        change=str(change),
        created_at=NOW - timedelta(days=9),
        name="订" * 100,
        looked_at=NOW,
        observation=seen,
        channels=refused,
        length=1,
    )
    return Record(change, ledger, is_active=True)


def test_the_longest_answers_are_passed_on_by_all_gateways() -> None:
    """A list that the API gives at once, and an overview of as many changes as it shows."""
    records = [longest(number) for number in range(ACTIVE_MAX + ENDED_MAX)]
    visitor = Visitor(Reader(LANGUAGES[max(LANGUAGES, key=lambda code: code.value)]), NOW)
    listed = finish(Request("GET", "/"), copy_of(list_of(records[:LIMIT_MAX])))
    shown = finish(Request("GET", "/"), page(overview_page(records, 0, visitor), "''", "zh"))

    assert (listed.status, shown.status) == (200, 200)
    assert len(json.dumps(listed.body)) < BODY_BYTES_MAX / 4
    assert len(json.dumps(shown.body)) < BODY_BYTES_MAX
