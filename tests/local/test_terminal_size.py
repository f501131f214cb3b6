"""What a terminal gets to see, whatever its size is, and what one that can show less gets, or a file."""

from __future__ import annotations

import sys
from io import StringIO

import pytest

from handler.local.cli import run as run_headway
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from tests.local.commanding import on_terminal, run, variables
from tests.local.screens import Screen

pytestmark = pytest.mark.usefixtures("own_folder")

NAME = "a-name-that-is-longer-than-a-third-of-eighty-columns"
COLOURS = {"30", "31", "32", "36", "37", "41", "42", "43"}
"""Of the sixteen that a terminal's theme chooses; none is a shade of grey, which may be the ground's."""


class Terminal(StringIO):
    """A terminal in this process."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """So it says."""
        return True


def watched(monkeypatch: pytest.MonkeyPatch, columns: int = 80, lines: int = 24, **environ: str) -> Screen:
    """The screen of a terminal of this size when a change was watched from its beginning to its end."""
    terminal = Terminal()
    with Simulator(find_script("good"), speed=100) as simulator:
        given = variables(simulator, HEADWAY_NAME=NAME, COLUMNS=str(columns), LINES=str(lines))
        for name, text in {**given, "TERM": "xterm", **environ}.items():
            monkeypatch.setenv(name, text)
        monkeypatch.setattr(sys, "stdout", terminal)
        exit_code = run_headway(["watch", "--every", "1"])
        monkeypatch.undo()

    assert exit_code == 0
    return Screen(terminal.getvalue(), columns)


@pytest.mark.parametrize("columns", [80, 200])
def test_a_watch_fills_a_terminal_and_breaks_no_line(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Alerts stand above the bars, which are as long as there is room for, and below them nothing."""
    screen = watched(monkeypatch, columns)

    first, *steps, after = screen.lines[-5:]
    name = NAME if columns > 3 * len(NAME) else f"{NAME[: columns // 3 - 1]}…"
    assert screen.wrapped == []
    assert first.startswith(f"{name} ━")
    assert first.endswith("━ completed · 100%")
    assert len(first) == columns
    assert {first.count("━"), *(step.count("━") for step in steps)} == {first.count("━")}
    assert [step.partition(" ")[0] for step in steps] == ["✓"] * 3
    assert after == ""
    assert " ".join(" ".join(screen.lines).split()).count(f"{NAME}: capacity change completed") == 1
    assert screen.moves > 2
    assert screen.styles <= {"0", "1", "2", "", *COLOURS}
    assert screen.styles & COLOURS


def test_without_colours_the_bars_are_there_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR means colours: https://no-color.org."""
    screen = watched(monkeypatch, NO_COLOR="1")

    assert screen.lines[-5].endswith("━ completed · 100%")
    assert screen.styles <= {"0", "1", "2", ""}


def test_a_terminal_that_can_show_no_more_than_text_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as that of an editor; still none is broken."""
    screen = watched(monkeypatch, TERM="dumb")

    assert (screen.moves, screen.styles, screen.wrapped) == (0, set(), [])
    assert "━" not in "".join(screen.lines)
    assert "capacity change completed" in " ".join(" ".join(screen.lines).split())


def test_a_file_gets_no_bars_though_it_asks_for_colours(brief: Simulator) -> None:
    """FORCE_COLOR, which some build servers set, asks for no cursor that moves."""
    ended = run("watch", "--every", "1", environ=variables(brief, FORCE_COLOR="1", TERM="xterm"))
    screen = Screen(ended.stdout, 80)

    assert screen.moves == 0
    assert screen.styles & COLOURS
    assert "━" not in ended.stdout


def test_a_terminals_own_size_is_used(simulator: Simulator) -> None:
    """No variable says it; the demo's page is told above its bars."""
    printed = b""
    with on_terminal("watch", "--every", "1", columns=60, environ=variables(simulator)) as (watch, read):
        while piece := read():
            printed += piece
        watch.wait(60)
    screen = Screen(printed.decode(), 60)

    assert watch.returncode == 0
    assert screen.wrapped == []
    assert max(map(len, screen.lines)) == 60
    assert screen.lines[-5].endswith("━ completed · 100%")
