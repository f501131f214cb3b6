"""Signing in by the page's own form, where the browser does not ask, or somebody gave that up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from handler.entry import handle
from handler.local.configuration import of_simulator
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from handler.settings.sources import CONFIG_VARIABLE
from handler.web.signing_in import pass_of
from tests.entry.loopback_site import Asked, serve, through_function_url
from tests.looks.browser import Viewer, viewing
from tests.looks.test_live import CHANGE_PAGE, TOKEN, site_of
from tests.platforms.events import HttpAnswer

WRONG = "a-token-of-nobody"


def through_renaming_function_url(asked: Asked) -> HttpAnswer:
    """Answer as Lambda's function URLs do, which rename the header that has a browser ask by itself."""
    answer = through_function_url(asked)
    renamed = {
        name.replace("www-auth", "x-amzn-remapped-www-auth"): it for name, it in answer.headers.items()
    }
    return answer._replace(headers=renamed)


def sign_in(viewer: Viewer, address: str) -> None:
    """Try a wrong token, then the right one, and look around."""
    page = viewer.page
    page.goto(f"{address}{CHANGE_PAGE}?lang=en")
    expect(page.get_by_label("Token")).to_be_focused()
    page.keyboard.type(WRONG)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not the token.")
    assert page.context.cookies() == []

    page.get_by_label("Token").fill(f" {TOKEN}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("demo")
    assert page.url == f"{address}{CHANGE_PAGE}?lang=en"
    page.get_by_role("link", name="All changes").click()
    expect(page.get_by_role("link", name="demo")).to_be_visible()

    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["value"], cookie["path"]) == ("__Host-headway", pass_of(TOKEN), "/")
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    assert page.evaluate("document.cookie") == ""
    assert viewer.requests == []


def test_whoever_has_a_link_and_the_token_gets_in_by_the_form(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a function URL, where the browser asks nobody; once in one does not see the form again."""
    with Simulator(find_script("good")) as simulator:
        settings = json.loads(of_simulator(simulator, str(tmp_path), 1).environ[CONFIG_VARIABLE])
        monkeypatch.setenv(CONFIG_VARIABLE, json.dumps({**settings, "http": {"token": TOKEN}}, indent=1))
        handle({"trigger_type": "TIMER", "user_event": ""}, None)
        with serve(through_renaming_function_url) as origin, viewing(browser, origin) as viewer:
            sign_in(viewer, f"{origin}/")


def test_whoever_gave_up_the_browsers_own_dialog_gets_in_by_the_form(
    browser: Browser, tmp_path: Path
) -> None:
    """And is asked by no dialog again; on this machine the cookie needs no encryption."""
    credentials = {"username": "anybody", "password": WRONG}
    with (
        site_of(tmp_path, token=TOKEN) as (site, _),
        viewing(browser, site.url, http_credentials=credentials) as viewer,
    ):
        sign_in(viewer, site.url)
