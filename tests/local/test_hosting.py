"""The HTTP side on your own machine: who is answered, by which name, and side by side with ticks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests

from handler.local.configuration import Configuration, of_file, of_simulator
from handler.local.hosting import Site
from handler.local.serving import LOOPBACK
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from handler.settings.sources import CONFIG_VARIABLE

TOKEN = "a-token-of-nobody-else"
JSON = {"Content-Type": "application/json"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A change that begins."""
    with Simulator(find_script("good")) as simulator:
        yield simulator


@pytest.fixture
def configuration(simulator: Simulator, tmp_path: Path) -> Configuration:
    """One that has no token."""
    return of_simulator(simulator, str(tmp_path), 1)


def with_token(configuration: Configuration) -> Configuration:
    """The same with a token."""
    return with_settings(configuration, http={"token": TOKEN})


def with_settings(configuration: Configuration, **sections: object) -> Configuration:
    """The same with sections more."""
    settings = json.loads(configuration.environ[CONFIG_VARIABLE])
    text = json.dumps({**settings, **sections}, indent=1)
    return configuration._replace(environ={CONFIG_VARIABLE: text})


def get(site: Site, path: str, headers: Mapping[str, str] | None = None) -> requests.Response:
    """Ask for what is there."""
    return requests.get(site.url + path, headers=headers, timeout=10)


def check(site: Site, headers: Mapping[str, str] = JSON, body: object = None) -> requests.Response:
    """Have the changes looked at."""
    return requests.post(f"{site.url}api/check", headers=headers, data=json.dumps(body or {}), timeout=10)


def test_a_request_is_answered_as_the_function_answers_it(
    configuration: Configuration, simulator: Simulator
) -> None:
    """With its method, path, headers and body; what it asks for is done."""
    with Site(configuration.application()) as site:
        health = get(site, "healthz")
        looked = check(site, body={"only": [str(simulator.change)]})
        nowhere = get(site, "nowhere?a=b")
        unwanted = requests.put(f"{site.url}healthz", timeout=10)

    assert (health.status_code, health.json()) == (200, {"ok": True})
    assert "date" in health.headers
    report: dict[str, Any] = looked.json()
    assert (looked.status_code, report["trigger"]) == (200, "http")
    assert [change["id"] for change in report["changes"]] == [str(simulator.change)]
    assert simulator.counts["progress"] == 1
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "not_found")
    assert (unwanted.status_code, "GET" in unwanted.headers["allow"]) == (405, True)


def test_an_answer_to_head_is_one_without_a_body(configuration: Configuration) -> None:
    """And the connection is as good as before."""
    with Site(configuration.application()) as site, requests.Session() as session:
        answer = session.head(f"{site.url}api/watches", timeout=10)
        listed = session.get(f"{site.url}api/watches", timeout=10)

    assert (answer.status_code, answer.content) == (200, b"")
    assert (listed.status_code, listed.json()["watches"][0]["name"]) == (200, "demo")


def test_without_a_token_whoever_is_on_this_machine_may_look(configuration: Configuration) -> None:
    """Here the deployed function would answer nobody."""
    with Site(configuration.application()) as site:
        assert get(site, "api/watches").status_code == 200


@pytest.mark.parametrize("base", ["", "headway/"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/check"),
        ("POST", "api/test-alert"),
        ("POST", "api/watches"),
        ("DELETE", "api/watches/i/t"),
    ],
)
def test_where_it_only_shows_nothing_is_done_for_anybody(  # noqa: PLR0913, PLR0917 - fixtures and cases
    configuration: Configuration, simulator: Simulator, tmp_path: Path, method: str, path: str, base: str
) -> None:
    """Whatever is shown, also in the guise of a form, and wherever the pages stand."""
    linked = with_settings(configuration, links={"status_page": "https://example.com/headway"})
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Headway-Token": TOKEN}
    with Site(with_token(linked).application(), only_shows=True) as site:
        answers = [
            requests.request(method, f"{site.url}{base}{path}", headers=headers, data=body, timeout=10)
            for headers, body in [(form, ""), ({**JSON, **BEARER}, '{"instance_id": "i"}')]
        ]

    assert [answer.json()["error"]["code"] for answer in answers] == ["only_shows"] * 2
    assert (simulator.counts, [*tmp_path.iterdir()]) == ({}, [])


def test_where_it_only_shows_one_can_still_sign_in_and_look(configuration: Configuration) -> None:
    """By the form, too: it writes nothing down."""
    with Site(with_token(configuration).application(), only_shows=True) as site:
        form = requests.post(site.url, data={"token": TOKEN}, allow_redirects=False, timeout=10)
        health = get(site, "healthz", BEARER)

    assert [answer.status_code for answer in (form, health)] == [303, 200]


def test_where_it_only_shows_a_configuration_that_cannot_be_used_lets_nobody_in() -> None:
    """It does not say where pages are."""
    with Site(Configuration({}, "none").application(), only_shows=True) as site:
        assert check(site).status_code == 403


def test_with_a_token_it_is_asked_for_as_by_the_deployed_function(configuration: Configuration) -> None:
    """Whoever shows it sees what their users will see."""
    with Site(with_token(configuration).application()) as site:
        refused = get(site, "api/watches")
        by_token = get(site, "api/watches", BEARER)
        by_password = requests.get(f"{site.url}api/watches", auth=("anybody", TOKEN), timeout=10)
        looked = check(site, {**JSON, **BEARER})

    assert refused.status_code == 401
    assert "Basic" in refused.headers["www-authenticate"]
    assert [answer.status_code for answer in (by_token, by_password, looked)] == [200, 200, 200]


def test_a_token_is_asked_for_as_soon_as_it_stands_in_the_file(
    configuration: Configuration, tmp_path: Path
) -> None:
    """And nobody is vouched for by a file that cannot be used."""
    path = tmp_path / "own.yaml"
    statuses = []
    texts = [one.environ[CONFIG_VARIABLE] for one in (configuration, with_token(configuration))]
    path.write_text(texts[0], "utf-8")
    with Site(of_file(path, {}).application()) as site:
        for text in [*texts, "nonsense", texts[0]]:
            path.write_text(text, "utf-8")
            statuses.append(get(site, "api/watches").status_code)

    assert statuses == [200, 401, 500, 200]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
def test_it_answers_to_the_names_of_this_machine(configuration: Configuration, name: str) -> None:
    """With its port."""
    with Site(configuration.application()) as site:
        assert get(site, "healthz", {"Host": f"{name}:{site.port}"}).status_code == 200
        assert get(site, "healthz", {"Host": name}).status_code == 421
        assert get(site, "healthz", {"Host": f"{name}:1"}).status_code == 421


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.", "0.0.0.0", "", "["])  # noqa: S104 - it is refused
def test_it_answers_to_no_other_name(configuration: Configuration, simulator: Simulator, name: str) -> None:
    """Whoever owns a name may have it mean this machine, and then read all that is served to it."""
    with Site(configuration.application()) as site:
        misled = check(site, {**JSON, "Host": f"{name}:{site.port}"})

    assert (misled.status_code, misled.json()["error"]["code"]) == (421, "misdirected")
    assert simulator.counts == {}


@pytest.mark.parametrize(("name", "status"), [("127.0.0.1", 200), ("LOCALHOST", 200), ("evil.example", 421)])
def test_a_target_may_name_the_host(configuration: Configuration, name: str, status: int) -> None:
    """As a proxy asks; it has to be one of this server's names there, too."""
    with (
        Site(configuration.application()) as site,
        closing(HTTPConnection(LOOPBACK, site.port)) as connection,
    ):
        own_name = f"{LOOPBACK}:{site.port}"
        connection.request("GET", f"http://{name}:{site.port}/healthz", headers={"Host": own_name})

        assert connection.getresponse().status == status


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "[", "?a=%zz&b", "%2e%2e/%00", "api/../healthz"])
def test_a_strange_path_is_nothing_special(configuration: Configuration, target: str) -> None:
    """Each is answered; none breaks anything."""
    with Site(configuration.application()) as site:
        request = requests.Request("GET", site.url).prepare()
        request.url = site.url + target
        with requests.Session() as session:
            assert session.send(request, timeout=10).status_code in {200, 404}


class Broken(dict[str, str]):
    """An environment of which reading fails."""

    def get(self, key: str, default: object = None) -> str:
        """Fail, and quote a secret."""
        raise RuntimeError(TOKEN, key, default)


def test_a_defect_is_told_to_whoever_asked_and_where_it_is_to_whoever_sits_here() -> None:
    """In JSON, or on a page to browsers; neither says what the exception did, which may quote a secret."""
    said: list[str] = []
    with Site(Configuration(Broken(), "none").application(), say=said.append) as site:
        answer = get(site, "api/watches")
        page = get(site, "", {"Accept": "text/html", "Accept-Language": "zh"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert (page.status_code, page.headers["content-language"]) == (500, "zh")
    assert page.text.endswith("</html>")
    for line in said:
        assert re.fullmatch(
            r"A defect of Headway's own \(RuntimeError\): test_hosting\.py:\d+ get < .* _respond; please"
            r" report it\.",
            line,
        )
    assert len(said) == 2
    assert TOKEN not in answer.text + page.text + str(said)


def test_a_defect_is_told_beside_what_the_command_prints(capfd: pytest.CaptureFixture[str]) -> None:
    """In one line."""
    with Site(Configuration(Broken(), "none").application()) as site:
        get(site, "api/watches")
    out, err = capfd.readouterr()

    assert (out, err.count("\n"), err.startswith("headway: A defect of Headway's own (")) == ("", 1, True)


def test_many_are_answered_while_ticks_go_on(configuration: Configuration, simulator: Simulator) -> None:
    """All by one application; each look is done and recorded."""
    application = configuration.application()

    def look(_: int) -> bool:
        return bool(application.invoke(None, None).report["ok"])

    def ask(number: int) -> int:
        return (check(site) if number % 5 == 0 else get(site, "api/watches")).status_code

    with Site(application) as site, ThreadPoolExecutor(8) as pool:
        asked = pool.map(ask, range(40))
        looks = [*map(look, range(8))]

        assert {*asked} == {200}
    assert all(looks)
    assert simulator.counts["progress"] == 16


def test_a_port_that_is_taken_is_not_shared(configuration: Configuration) -> None:
    """And is free when the block is over."""
    with Site(configuration.application()) as site, pytest.raises(OSError, match="in use"):
        Site(configuration.application(), site.port)
    with Site(configuration.application(), site.port) as again:
        assert again.url == site.url == f"http://127.0.0.1:{site.port}/"


def test_at_the_end_pages_are_told_to_refresh_themselves_no_more(configuration: Configuration) -> None:
    """Nobody would answer them; the end waits for those that do so by themselves, if there are any."""
    with Site(configuration.application()) as site:
        get(site, "")
        is_awaited = [site.end_refreshing(60)]
        get(site, "?refresh=2")
        is_awaited += [site.end_refreshing(60), site.end_refreshing(0)]
        last = get(site, "?refresh=2")
    with Site(configuration.application()) as site:
        refreshes = get(site, "?refresh=2").headers["refresh"]

    assert (is_awaited, refreshes) == ([False, True, False], "2")
    assert (last.status_code, "refresh" in last.headers) == (200, False)


def test_a_page_comes_as_it_was_asked_for(configuration: Configuration) -> None:
    """In the language of the browser's header or the query's; and what the caller has does not come twice."""
    with Site(configuration.application()) as site:
        by_browser = get(site, "", {"Accept-Language": "zh-CN,zh;q=0.9"})
        by_query = get(site, "?a=b&lang=zh", {"Accept-Language": "en"})
        description = get(site, "api/openapi.json")
        again = get(site, "api/openapi.json", {"If-None-Match": description.headers["etag"]})

    assert [page.headers["content-language"][:2] for page in (by_browser, by_query)] == ["zh", "zh"]
    assert by_browser.text.endswith("</html>")
    assert (description.status_code, again.status_code, again.content) == (200, 304, b"")
