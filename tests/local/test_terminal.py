"""The terminal's channel: what one reads above the bars, and what it is called."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from io import StringIO

from rich.console import Console

from handler.local.printing.hearing import TERMINAL
from handler.local.printing.terminal import TerminalChannel
from notifiers.alerts import Alert, Kind
from notifiers.messages import Content, Situation, compose, digest
from notifiers.verdicts import Outcome

NOW = datetime(2026, 11, 24, 8, 0, 5, tzinfo=timezone.utc)
RUNNING = Situation("i/t", "orders", "running", 40, 1200)


def printed(alerts: tuple[Alert, ...], *, is_terminal: bool = False) -> str:
    """What the channel prints of these alerts."""
    return shown(compose(alerts, RUNNING, 0), is_terminal=is_terminal)


def shown(content: Content, *, is_terminal: bool = False, width: int = 40, **environ: str) -> str:
    """What the channel prints."""
    file = StringIO()
    environ = {"TERM": "xterm", **environ}
    console = Console(file=file, force_terminal=is_terminal, width=width, _environ=environ)

    assert TerminalChannel(console).send(content, 15.0).outcome is Outcome.SENT
    return file.getvalue()


def test_it_is_not_called_as_what_messages_and_pages_lead_to() -> None:
    """The console is Huawei Cloud's; and in brackets it is no name that a configuration can give."""
    assert TERMINAL == "(terminal)"


def test_an_alert_is_one_line_with_the_time_of_day() -> None:
    """In a file, however long it is: a line that is cut is a line that cannot be searched."""
    local = NOW.astimezone().time()

    assert printed((Alert(1, Kind.STARTED, "started", NOW, 40),)) == (
        f"{local:%H:%M:%S}  orders: capacity change started · 40% · about 20 minutes left"
        " · no action needed\n"
    )


def test_several_alerts_stand_indented_below_their_headline() -> None:
    """In the order in which they happened."""
    alerts = (
        Alert(1, Kind.STARTED, "started", NOW, 40),
        Alert(2, Kind.STEP_STARTED, "step_started:a#1", NOW, 40, step="a"),
    )

    assert printed(alerts).splitlines()[1:] == [
        "          Capacity change started",
        "          a started",
    ]


def test_names_from_elsewhere_are_neither_markup_nor_control_characters() -> None:
    """What the API calls a step is printed as it is."""
    alert = Alert(1, Kind.STEP_STARTED, "step_started:x", NOW, 40, step="[red]x[/red]\x1b[2J")

    assert "[red]x[/red] [2J started" in printed((alert,))


def test_the_time_has_a_ground_in_the_severitys_colour_and_the_title_none() -> None:
    """So both can be read whatever the terminal's own colours are; a file gets none, nor who wants none."""
    alert = Alert(1, Kind.FAILED, "failed", NOW, 40)
    content = compose((alert,), RUNNING, 0)
    local = NOW.astimezone().time()

    assert f"\x1b[37;41m{local:%H:%M:%S}\x1b[0m  FAILED" in shown(content, is_terminal=True, width=200)
    assert "\x1b[37;41m" not in shown(content, is_terminal=True, width=200, NO_COLOR="1")
    assert "\x1b" not in printed((alert,))


def test_a_terminal_gets_long_lines_folded_between_words_below_the_title() -> None:
    """None is longer than it is wide; a word that is would be broken."""
    alert = Alert(1, Kind.STEP_STARTED, "step_started:x", NOW, 40, step="x" * 45)
    lines = shown(compose((alert,), RUNNING, 0), is_terminal=True, NO_COLOR="1").splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", text) for text in lines]

    assert all(len(text.rstrip()) <= 40 for text in plain)
    assert all(text.startswith(" " * 10) for text in plain[1:])
    assert " ".join("".join(plain).split()).endswith("about 20 minutes left · no action needed")


def test_a_digest_is_a_line_a_change_below_its_title() -> None:
    """At the time of the latest, in the colour of the worst."""
    stalled = compose((Alert(1, Kind.STALLED, "stalled", NOW - timedelta(minutes=1)),), RUNNING, 0)
    done = compose((Alert(1, Kind.COMPLETED, "completed", NOW),), Situation("i/u", "[b]x", "completed"), 0)
    local = NOW.astimezone().time()

    assert shown(digest([done, stalled], ())).splitlines() == [
        f"{local:%H:%M:%S}  no progress: 1, completed: 1 (2 changes) · please check",
        "          orders: no progress for some time · 40% · please check",
        "          [b]x: capacity change completed",
    ]
    assert f"\x1b[30;43m{local:%H:%M:%S}\x1b[0m" in shown(digest([done, stalled], ()), is_terminal=True)
