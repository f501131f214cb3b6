"""`headway demo`: a whole change in half a minute, its alerts in order, and its page."""

from __future__ import annotations

import re

import pytest
import requests

from tests.local.commanding import Ended, Running, assert_gone, run, told

pytestmark = pytest.mark.usefixtures("own_folder")


def lines_of(demo: Ended) -> list[str]:
    """The alerts as they stand in lines of their own, which begin with a capital; behind a name none does."""
    return [f"{happening[:1].upper()}{happening[1:]}" for happening in told(demo.stdout)]


def test_the_demo_shows_a_whole_change_and_its_alerts_in_order() -> None:
    """It ends with 0 when the change was completed, and prints no control characters into a file."""
    ended = run("demo", "--speed", "50")
    happenings = [happening for happening in lines_of(ended) if not happening.endswith("% done")]
    steps = ["Pre-check", "Disk expansion", "Rolling restart"]
    expected = [f"{step} {end}" for step in steps for end in ("started", "completed")]

    assert (ended.exit_code, ended.stderr) == (0, ""), ended
    # A slow machine may look so late that a step is over by then.
    assert happenings[1:-1] == [happening for happening in expected if happening in happenings]
    assert happenings[:1] + happenings[-1:] == ["Capacity change started", "Capacity change completed"]
    assert re.match(r"See it at http://127\.0\.0\.1:\d+/\?refresh=2\n", ended.stdout)
    assert ended.stdout.endswith("\nThe page is gone; KEEP=1 keeps it.\n")
    assert all(char.isprintable() or char == "\n" for char in ended.stdout)


def test_the_demo_ends_with_1_when_the_change_failed() -> None:
    """And says at which step."""
    ended = run("demo", "--script", "fails", "--speed", "100")

    assert ended.exit_code == 1
    assert "FAILED: capacity change of demo at Disk expansion · step 2 of 3 · " in ended.stdout
    assert lines_of(ended)[-2:] == ["FAILED at Disk expansion", "Capacity change FAILED"]


def test_the_demo_tells_a_standstill_and_its_end_once_each() -> None:
    """Between them nothing, and the change is completed all the same."""
    ended = run("demo", "--script", "stalls", "--speed", "30")

    happenings = lines_of(ended)
    assert ended.exit_code == 0
    assert sum(happening.startswith("No progress for ") for happening in happenings) == 1
    assert sum(happening == "Moving again" for happening in happenings) == 1


def test_the_demo_keeps_page_and_endpoint_until_ctrl_c_if_that_is_wanted() -> None:
    """It says until when; the change was completed, so it is fine all the same."""
    seen = []

    def look_and_leave(demo: Running) -> None:
        url = demo.stderr.until("The page stays at ").removeprefix("The page stays at ").split()[0]
        seen.append((url, requests.get(f"{url}healthz", timeout=10).status_code))
        demo.interrupt()

    ended = run("demo", "--speed", "10000", environ={"KEEP": "1"}, meanwhile=look_and_leave)

    ((url, status),) = seen
    endpoint = re.search(r"^export HEADWAY_ENDPOINT=(http://127.0.0.1:\d+)$", ended.stdout, re.MULTILINE)
    assert (ended.exit_code, status) == (0, 200)
    assert endpoint is not None
    assert ended.stdout.startswith(f"See it at {url}?refresh=2\n")
    assert ended.stderr == (
        f"Serving at {endpoint[1]} until Ctrl-C.\nThe page stays at {url} until Ctrl-C.\n"
    )
    assert_gone(url)


@pytest.mark.parametrize("keep", ["", "1"])
def test_ctrl_c_in_the_middle_ends_the_demo_whether_its_page_was_to_be_kept_or_not(keep: str) -> None:
    """Nothing is said of what would stay: nothing does."""

    def leave(demo: Running) -> None:
        demo.stdout.until("capacity change started")
        demo.interrupt()

    ended = run("demo", "--speed", "1", environ={"KEEP": keep}, meanwhile=leave)

    address, _, *others = ended.stdout.splitlines()
    assert (ended.exit_code, ended.stderr) == (130, "")
    assert [text for text in others if not text.startswith((" ", "demo: "))] == []
    assert_gone(address.removeprefix("See it at "))
