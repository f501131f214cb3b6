"""The page of a running change in a browser: it moves, asks who is looking, and runs nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from handler.local.configuration import of_simulator
from handler.local.hosting import Site
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import CHANGE, Simulator
from handler.settings.sources import CONFIG_VARIABLE
from tests.looks.browser import viewing

TOKEN: Final = "a-token-of-nobody-else"
CHANGE_PAGE: Final = f"changes/{CHANGE}"
_SPEED: Final = 30.0
"""The change takes ten seconds, its first step one and a half."""
_MOVE: Final = timedelta(seconds=1)
_PATIENCE_SECONDS: Final = 120


@contextmanager
def site_of(folder: Path, *, token: str | None = None) -> Iterator[tuple[Site, Callable[[], None]]]:
    """A site whose change has been looked at once, and what lets the change go on and be looked at again."""
    times = [datetime.now(timezone.utc)]
    with Simulator(find_script("good"), speed=_SPEED, now=lambda: times[-1]) as simulator:
        configuration = of_simulator(simulator, str(folder), _SPEED)
        settings = json.loads(configuration.environ[CONFIG_VARIABLE])
        settings["http"] = {"token": token} if token else {}
        text = json.dumps(settings, indent=1)
        application = configuration._replace(environ={CONFIG_VARIABLE: text}).application()
        application.invoke(None, None)

        def move() -> None:
            times.append(times[-1] + _MOVE)
            application.invoke(None, None)

        with Site(application) as site:
            yield site, move


def read(page: Page, is_enough: Callable[[list[str]], bool], move: Callable[[], None]) -> list[str]:
    """What a page says, each time it says something else, until that is enough; nothing is done to it.

    What it tells of goes on when the page has told the last of it, or has nothing more to tell of that.
    """
    texts: list[str] = []
    moved_at = time.monotonic()
    until = moved_at + _PATIENCE_SECONDS
    while not is_enough(texts):
        assert time.monotonic() < until, texts
        text = page.locator("main").inner_text()
        is_new = text not in texts[-1:]
        if is_new:
            texts.append(text)
        if is_new or time.monotonic() > moved_at + 2:
            move()
            moved_at = time.monotonic()
        page.wait_for_timeout(100)
    return texts


def percents(texts: list[str]) -> list[int]:
    """How far the change was by each text."""
    return [int(found[1]) for text in texts if (found := re.search(r"(\d+)%", text))]


def states(texts: list[str], step: str) -> list[str]:
    """How the step stood by each text."""
    return [found[1] for text in texts if (found := re.search(rf"{step}\s+(\w+)", text))]


def test_the_page_of_a_running_change_moves_by_itself(browser: Browser, tmp_path: Path) -> None:
    """Nobody reloads it: the percent grows, a step is completed, and it stays where it was scrolled to."""

    def is_enough(texts: list[str]) -> bool:
        return len({*percents(texts)}) >= 3 and states(texts, "Pre-check")[-1:] == ["completed"]

    with (
        site_of(tmp_path) as (site, move),
        viewing(browser, site.url, viewport={"width": 360, "height": 480}) as viewer,
    ):
        page = viewer.page
        page.goto(f"{site.url}{CHANGE_PAGE}?refresh=1")
        page.evaluate("window.isTheSame = true; scrollTo(0, 300)")
        texts = read(page, is_enough, move)

        assert percents(texts) == sorted(percents(texts))
        assert [*dict.fromkeys(states(texts, "Pre-check"))] == ["running", "completed"]
        page.wait_for_function("!window.isTheSame && scrollY === 300", timeout=_PATIENCE_SECONDS * 1000)
        assert (viewer.requests, viewer.complaints) == ([], [])


@pytest.mark.parametrize(("locale", "query"), [("zh-CN", "?"), ("en-GB", "?lang=zh&")])
def test_the_overview_moves_in_the_language_of_the_browser_or_as_asked_for(
    browser: Browser, tmp_path: Path, locale: str, query: str
) -> None:
    """And so does the page that its link leads to; even the icon asks for nothing."""
    with site_of(tmp_path) as (site, move), viewing(browser, site.url, locale=locale) as viewer:
        page = viewer.page
        page.goto(f"{site.url}{query}refresh=1")
        texts = read(page, lambda texts: len({*percents(texts)}) >= 2, move)
        page.get_by_role("link", name="demo").click()
        expect(page.get_by_role("rowheader", name="磁盘扩容")).to_be_visible()

        assert all("进行中" in text for text in texts)
        assert percents(texts) == sorted(percents(texts))
        assert page.url.endswith(f"{CHANGE_PAGE}{query}refresh=1")
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        icon = page.locator("link[rel=icon]").get_attribute("href") or ""
        assert icon.startswith("data:image/svg+xml,")
        assert (viewer.requests, viewer.complaints) == ([], [])


def test_whoever_looks_at_the_demo_sees_how_it_ended(browser: Browser) -> None:
    """Here not well; the page asks once more after the end, and then no longer: nobody would answer."""
    command = [sys.executable, "-c", "from handler.local.main import main; main()"]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, "demo", "--script", "fails", "--speed", "60"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "KEEP": ""},
        text=True,
    ) as demo:
        assert demo.stdout is not None
        url = demo.stdout.readline().removeprefix("See it at ").strip()
        with viewing(browser, url) as viewer:
            viewer.page.goto(url)
            read(viewer.page, lambda _: demo.poll() is not None, lambda: None)
            # Longer than the page waits between two looks.
            viewer.page.wait_for_timeout(2500)

            assert demo.returncode == 1
            assert "Failed" in viewer.page.locator("main").inner_text()
            assert (viewer.requests, viewer.complaints) == ([], [])


def test_whoever_signs_in_by_the_browsers_own_dialog_sees_it_all(browser: Browser, tmp_path: Path) -> None:
    """Any name will do; the browser shows the token again at each link."""
    credentials = {"username": "anybody", "password": TOKEN}
    with (
        site_of(tmp_path, token=TOKEN) as (site, _),
        viewing(browser, site.url, http_credentials=credentials) as viewer,
    ):
        page = viewer.page
        answer = page.goto(site.url)
        page.get_by_role("link", name="demo").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("demo")

        assert answer is not None
        assert answer.status == 200
        assert TOKEN not in page.content()
        assert (viewer.requests, viewer.complaints) == ([], [])


def test_whoever_gives_up_signing_in_gets_a_page_that_says_so(browser: Browser, tmp_path: Path) -> None:
    """In the language of the browser, which had asked again; of the changes there is not a word on it."""
    credentials = {"username": "anybody", "password": "a-token-of-nobody"}
    with (
        site_of(tmp_path, token=TOKEN) as (site, _),
        viewing(browser, site.url, locale="zh-CN", http_credentials=credentials) as viewer,
    ):
        answer = viewer.page.goto(f"{site.url}{CHANGE_PAGE}")

        assert answer is not None
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="Headway", charset="UTF-8"'
        assert viewer.page.locator("html").get_attribute("lang") == "zh-CN"
        assert viewer.page.get_by_role("heading", level=1).is_visible()
        assert "demo" not in viewer.page.content()
        assert viewer.requests == []


def test_whatever_gets_into_a_page_the_browser_runs_nothing_and_asks_for_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    """The page's policy forbids it; here somebody has put it there, which Headway prevents, too."""
    evil = (
        "<script>window.hurt = 1</script>"
        "<img src='//evil.example/a.png' onerror='window.hurt = 2'>"
        "<img src='/metrics'><link rel=stylesheet href='/style.css'><script src='/script.js'></script>"
        "<iframe src='/healthz'></iframe><style>body { display: none }</style>"
        "<p style='position: fixed'>evil</p>"
    )

    asked: list[str] = []

    def spoil(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{evil}</main>"))

    with site_of(tmp_path) as (site, _), viewing(browser, site.url) as viewer:
        page = viewer.page
        page.route("**/*", spoil)
        page.goto(site.url)

        assert page.evaluate("window.hurt") is None
        assert page.get_by_text("evil").evaluate("it => getComputedStyle(it).position") == "static"
        assert page.locator("body").is_visible()
        assert asked == [site.url]
        assert len(viewer.complaints) >= 7
