"""`headway serve`: the page and ticks on this machine, until Ctrl-C."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests

from handler.local.simulation.simulator import Simulator
from tests.local.commanding import Running, assert_gone, run, variables

pytestmark = pytest.mark.usefixtures("own_folder")

UNCONFIGURED = {"HEADWAY_REGION": "r-1", "HEADWAY_PROJECT_ID": "p", "HEADWAY_DISCOVER": "true"}
"""A configuration without keys."""


def address(running: Running) -> str:
    """Where it is served, as soon as that is said."""
    return next(word for word in running.stdout.until("until Ctrl-C.").split() if word.startswith("http"))


def kept() -> dict[Path, bytes]:
    """All that is in the state of this folder."""
    return {path: path.read_bytes() for path in Path(".headway").rglob("*") if path.is_file()}


def test_serve_serves_and_watches_until_ctrl_c_also_after_the_end(brief: Simulator) -> None:
    """Without a token anybody on this machine may look, and it says so; it ends as any other command."""
    seen: list[Any] = []

    def look_and_leave(serve: Running) -> None:
        url = address(serve)
        asked = brief.counts["progress"]
        time.sleep(1.5)
        seen.append((url, requests.get(f"{url}api/watches", timeout=10).status_code, asked))
        serve.interrupt()

    ended = run("serve", "--port", "0", "--every", "1", environ=variables(brief), meanwhile=look_and_leave)

    ((url, status, asked),) = seen
    told, _, note = ended.stdout.partition("See it at ")
    assert "capacity change completed" in told
    assert note.startswith(
        f"{url} until Ctrl-C. Anybody on this machine may look, because no http.token is configured.\n"
    )
    assert (status, asked, ended.exit_code) == (200, 1, 130)
    assert ended.stderr == "headway: No channel is configured: nobody is told but you.\n"
    assert_gone(url)


def test_serve_sends_nobody_to_a_page_with_a_configuration_that_its_first_look_finds_wrong(
    simulator: Simulator,
) -> None:
    """A channel's URL that leads nowhere, for one; a sentence says so."""
    ended = run("serve", "--port", "0", environ=variables(simulator, HEADWAY_CHANNELS="ops=slack://nonsense"))

    assert ended.exit_code == 2
    assert ended.stderr == "headway: Channel ops has a url that the service slack:// does not understand.\n"
    assert "See it at" not in ended.stdout


def test_serve_without_ticks_only_shows_what_is_kept(simulator: Simulator) -> None:
    """Nothing is asked, sent or written, whatever is asked of it; the terminal is no channel."""
    environ = variables(simulator)
    run("check", environ=environ)
    before, asked = kept(), dict(simulator.counts)
    seen: list[Any] = []

    def look_and_leave(serve: Running) -> None:
        url = address(serve)
        time.sleep(1.2)
        page = requests.get(f"{url}changes/{simulator.change}", timeout=10)
        looked = requests.post(f"{url}api/check", json={}, timeout=10)
        seen.append((url, page.status_code, looked.status_code))
        serve.interrupt()

    ended = run(
        "serve", "--no-ticks", "--port", "0", "--every", "1", environ=environ, meanwhile=look_and_leave
    )

    ((url, page, looked),) = seen
    assert (page, looked) == (200, 403)
    assert (ended.exit_code, ended.stderr) == (130, "")
    assert ended.stdout.startswith(
        f"See what is kept at {url} until Ctrl-C. Anybody on this machine may look"
    )
    assert (kept(), simulator.counts) == (before, asked)
    assert before
    assert_gone(url)


def test_serve_without_ticks_needs_no_key_but_a_configuration() -> None:
    """Nor does it make a folder where nothing is kept."""
    seen: list[Any] = []

    def look_and_leave(serve: Running) -> None:
        seen.append(requests.get(address(serve), timeout=10).status_code)
        serve.interrupt()

    run("serve", "--no-ticks", "--port", "0", environ=UNCONFIGURED, meanwhile=look_and_leave)
    nothing = run("serve", "--no-ticks")

    assert seen == [200]
    assert not Path(".headway").exists()
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert "HEADWAY_REGION" in nothing.stderr


def test_serve_asks_for_the_token_if_there_is_one_and_says_trouble_in_a_line(simulator: Simulator) -> None:
    """A key that is refused does not end it, and is told once and without a traceback."""
    token = "a-token-of-nobody-else"
    environ = variables(simulator, HUAWEICLOUD_SDK_SK="another secret", HEADWAY_HTTP_TOKEN=token)
    seen: list[Any] = []

    def look_and_leave(serve: Running) -> None:
        url = address(serve)
        serve.stdout.until("refused the access key")
        asked = [requests.get(f"{url}api/watches", auth=auth, timeout=10) for auth in (None, ("any", token))]
        seen.extend(answer.status_code for answer in asked)
        serve.interrupt()

    ended = run("serve", "--port", "0", "--every", "1", environ=environ, meanwhile=look_and_leave)

    note, trouble, *_ = ended.stdout.splitlines()
    assert note.endswith(" It asks for the http.token as a password; any name will do.")
    assert "refused the access key" in trouble
    assert (seen, ended.exit_code) == ([401, 200], 130)


def test_serve_without_any_configuration_says_what_to_set() -> None:
    """As every command; a key that is missing shows at the first look, before anybody is sent to a page."""
    nothing = run("serve")
    keyless = run("serve", "--port", "0", environ=UNCONFIGURED)

    assert [ended.exit_code for ended in (nothing, keyless)] == [2, 2]
    assert "HEADWAY_REGION" in nothing.stderr
    assert "HUAWEICLOUD_SDK_AK" in keyless.stderr
    assert (nothing.stdout, keyless.stdout) == ("", "")
