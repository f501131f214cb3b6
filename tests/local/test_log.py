"""`headway log`: what happened to a change, who heard of it, and how each send went."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from handler.core.ledger import Attempt, ChannelState, Claim
from handler.local.printing.explaining import meaning
from handler.local.printing.meanings import KEY
from handler.local.printing.rows import print_rows
from notifiers.alerts import Alert, Kind
from notifiers.verdicts import Outcome
from tests.local.commanding import run
from tests.local.kept_changes import HOUR, MINUTE, NOW, configure, ended, keep, mark, missed, running, written

UNREACHABLE = "No usable answer from Huawei Cloud for 10 minutes"
MENDED = "; mended? `headway resend inst/task team` has it told at the next look"
REFUSES = "has refused messages since TIME, tried again at TIME"


@pytest.fixture(autouse=True)
def _own_folder(own_folder: Path) -> None:  # noqa: ARG001 - where all is kept
    """Run in a folder with a configuration in it."""
    configure()


def shown(*arguments: str) -> list[str]:
    """The lines that it prints of a change, with DATE for dates and TIME for times; nothing is written."""
    before = written()
    told = run("log", "inst/task", *arguments)
    assert (told.exit_code, told.stderr) == (0, ""), told
    assert written() == before
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", told.stdout)
    return re.sub(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d", "TIME", text).splitlines()


def channel(state: ChannelState, *, name: str = "team") -> list[str]:
    """What it says of a channel of a change with four alerts."""
    alerts = tuple(Alert(number, Kind.STARTED, f"started:{number}", NOW) for number in range(1, 5))
    keep(running(length=4, alerts=alerts, channels={name: state}))
    lines = shown()
    return lines[lines.index("") + 1 :]


def test_the_log_of_a_change_is_told_in_order_with_who_heard_of_it() -> None:
    """Number, time, severity, kind, what was said; then each channel with its attempts and what it missed."""
    keep(missed(), is_marked=False)

    assert shown() == [
        "orders: completed · at TIME · inst/task",
        "  team may have missed 3 alerts; `headway resend` has it told again",
        "1  DATE  info     started    Capacity change started · given up on team",
        "2  DATE  info     milestone  50% done · 50% · given up on team",
        "3  DATE  success  completed  Capacity change completed · unknown whether heard by team",
        "",
        "team (slack): has heard all but 3",
        "  DATE  1-2  not taken (503)            the service is in trouble itself",
        "  DATE  3    outcome unknown (timeout)  the service did not answer in time",
        f"  DATE  3    outcome unknown (lapsed)   {meaning('slack', Outcome.UNKNOWN, 'lapsed')}",
        "  given up: 1-2",
        "  unknown whether heard: 3",
        "",
        "ops: has heard all",
    ]


def test_what_is_no_longer_kept_is_counted() -> None:
    """And a detail is told, but nothing that paints the terminal."""
    alert = Alert(9, Kind.UNREACHABLE, "unreachable", NOW, seconds=600, detail="\x1b[31mtimed out\nagain")
    keep(running(length=9, alerts=(alert,), channels={}))

    assert shown()[1:] == [
        "8 older ones are counted, but no longer kept.",
        f"9  DATE  warning  unreachable  {UNREACHABLE}: [31mtimed out again",
    ]


def test_a_change_of_which_nothing_was_told_yet_says_so() -> None:
    """It may only be registered."""
    mark("inst/task")

    assert shown() == ["inst/task: not looked at yet", "Nothing has been told yet."]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ChannelState(4), "has heard all"),
        (ChannelState(2), "has heard 2 of 4"),
        (
            ChannelState(0, heard_beyond=(2, 3), resent_at=NOW),
            "has heard 0 of 4 · and 2-3 already · to be told again since TIME",
        ),
        (ChannelState(1, absent_since=NOW), "has heard 1 of 4"),
        (ChannelState(1, refused_since=NOW), "has heard 1 of 4 · messages refused since TIME"),
        (
            ChannelState(1, claim=Claim("somebody", NOW + HOUR, 4, 1)),
            "has heard 1 of 4 · is being told by another run, until TIME at the latest",
        ),
        (
            ChannelState(1, not_before=NOW + 9 * HOUR),
            "has heard 1 of 4 · has not heard all yet, tried again at TIME",
        ),
    ],
)
def test_it_says_how_far_a_channel_has_heard_and_what_it_waits_for(state: ChannelState, said: str) -> None:
    """In words."""
    assert channel(state) == [f"team (slack): {said}"]


def test_it_says_since_when_a_channel_refuses_and_what_to_do() -> None:
    """By the service's own code."""
    attempts = (
        Attempt(Outcome.SENT, NOW - HOUR, None, 0, 1),
        Attempt(Outcome.RETRY, NOW - MINUTE, "504", 1, 4, is_shared=True),
        Attempt(Outcome.REFUSED, NOW, "token_revoked", 1, 4),
        Attempt(Outcome.REFUSED, NOW, "odd"),
    )
    state = ChannelState(1, not_before=NOW + 9 * HOUR, refused_since=NOW, attempts=attempts)

    assert channel(state) == [
        f"team (slack): has heard 1 of 4 · {REFUSES}{MENDED}",
        "  DATE  1    sent",
        "  DATE  2-4  not taken (504)          with other changes; the service is in trouble itself",
        f"  DATE  2-4  refused (token_revoked)  {KEY}",
        f"  DATE       refused (odd)            {meaning('slack', Outcome.REFUSED, 'odd')}",
    ]


def test_quiet_hours_are_said_to_hold_it_back() -> None:
    """Where the channel is configured."""
    configure(channels={"team": {"url": "slack://${TEAM_TOKENS}", "quiet": "00:00-23:59"}})

    (line,) = channel(ChannelState(3))
    assert line == "team (slack): has heard 3 of 4 · hears the rest at TIME, after its quiet hours"


def test_quiet_hours_hold_back_nothing_that_cannot_wait() -> None:
    """It is told at the next look, with all that comes before it."""
    configure(channels={"team": {"url": "slack://${TEAM_TOKENS}", "quiet": "00:00-23:59"}})
    alerts = (Alert(1, Kind.STARTED, "started", NOW), Alert(2, Kind.STEP_FAILED, "step_failed:a", NOW))
    keep(running(length=2, alerts=alerts, channels={"team": ChannelState(0)}))

    assert "team (slack): has heard 0 of 2" in shown()


def test_where_no_channel_is_configured_nobody_is_said_to_be_gone() -> None:
    """As in a shell without the variables of the function that keeps the ledger."""
    configure(channels={})
    refused = ChannelState(1, refused_since=NOW, attempts=(Attempt(Outcome.REFUSED, NOW, "401", 1, 4),))

    assert channel(refused)[0].startswith("team: has heard 1 of 4 · has refused messages since TIME; mended?")
    assert json.loads(run("log", "inst/task", "--json").stdout)["ok"] is False
    assert run("status").exit_code == 1


def test_a_channel_that_is_in_no_configuration_is_told_too() -> None:
    """Its service is not known; a terminal is called what it is, and nobody waits for it.

    That it is gone the ledger knows, and since when, or not yet; what was wrong with it matters no more.
    """
    refused = Attempt(Outcome.REFUSED, NOW, "401", 1, 4)
    gone = ChannelState(1, refused_since=NOW, resent_at=NOW, attempts=(refused,))
    assert channel(ChannelState(4), name="other") == ["other: has heard all · no longer configured"]
    assert channel(gone, name="other")[0] == "other: has heard 1 of 4 · no longer configured"
    assert channel(replace(gone, absent_since=NOW), name="other")[0] == (
        "other: has heard 1 of 4 · not in the configuration since TIME"
    )
    assert channel(ChannelState(3, absent_since=NOW), name="(terminal)") == [
        "a terminal where `headway watch` ran: has heard 3 of 4"
    ]


def test_for_scripts_there_is_json() -> None:
    """As the API has it, with what else there is to know."""
    keep(missed(), is_marked=False)
    told: dict[str, Any] = json.loads(run("log", "inst/task", "--json").stdout)

    assert told["ok"] is False
    assert [*told] == [
        "ok",
        "id",
        "instance_id",
        "task_id",
        "name",
        "phase",
        "alert_count",
        "alerts",
        "channels",
    ]
    assert [alert["said"] for alert in told["alerts"]][1] == "50% done · 50% · given up on team"
    team, ops = told["channels"]
    assert (team["name"], team["service"], team["heard_upto"], team["heard_beyond"]) == (
        "team",
        "slack",
        3,
        [],
    )
    assert (team["given_up"], team["unknown"], team["resent_at"]) == ([1, 2], [3], None)
    assert team["attempts"][0] == {
        "ended_at": f"{NOW - 28 * HOUR:%Y-%m-%dT%H:%M:%SZ}",
        "after": 0,
        "upto": 2,
        "outcome": "retry",
        "code": "503",
        "is_shared": False,
        "meaning": "the service is in trouble itself",
    }
    assert (ops["service"], ops["attempts"]) == (None, [])


def test_when_a_channel_was_set_back_stands_in_json_too() -> None:
    """In UTC."""
    keep(ended(channels={"team": ChannelState(1, resent_at=NOW)}))
    (team,) = json.loads(run("log", "inst/task", "--json").stdout)["channels"]

    assert team["resent_at"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        ([], 2, "Missing argument 'INSTANCE/TASK'."),
        (["inst"], 2, "INSTANCE/TASK: wants an instance's id and a task's with a slash between"),
        (
            ["inst/gone"],
            1,
            "Nothing is kept of inst/gone. There are inst/damaged; `headway",
        ),
        (["inst/damaged"], 1, "The ledger of inst/damaged cannot be read (Input data was truncated)."),
    ],
)
def test_it_is_said_what_cannot_be_shown(arguments: list[str], exit_code: int, sentence: str) -> None:
    """In a sentence."""
    keep(ended("inst/damaged"))
    Path("state/changes/inst/damaged.json").write_text("{", "utf-8")
    told = run("log", *arguments)

    assert (told.exit_code, told.stdout) == (exit_code, "")
    assert sentence in told.stderr


# Rows ------------------------------------------------------------------------------------------------------

LONG = "a text that is longer than there is room for in a narrow terminal"
ROWS = [("1", "很长", LONG), ("12", "b", "short")]


def printed(width: int, *, is_terminal: bool) -> list[str]:
    """The rows as they are printed."""
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=is_terminal, color_system=None)
    print_rows(ROWS, console, indent=2)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_in_a_file_each_row_is_a_line() -> None:
    """However long; columns begin beneath each other."""
    assert printed(20, is_terminal=False) == [
        f"  1   很长  {LONG}",
        "  12  b     short",
    ]


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_breaks_the_last_column_only(width: int) -> None:
    """Between words."""
    lines = printed(width, is_terminal=True)

    assert all(cell_len(line) <= width for line in lines)
    assert lines[0].startswith("  1   很长  a text that is")
    assert lines[-1] == "  12  b     short"
    assert " ".join(" ".join(lines[:-1]).split()) == f"1 很长 {LONG}"


ATTEMPT = ("2026-11-26 14:43:21", "1-2", "refused (token_revoked)", LONG)


@pytest.mark.parametrize(("rows", "width"), [([ATTEMPT], 40), ([ATTEMPT], 60), ([ATTEMPT], 80)])
def test_in_a_narrow_terminal_the_last_cell_stands_below_the_others(
    rows: list[tuple[str, ...]], width: int
) -> None:
    """Nothing is lost: neither where some cells are left for it, nor where the others have no room."""
    file = StringIO()
    print_rows([*rows, (*ATTEMPT[:-1], "")], Console(file=file, width=width, force_terminal=True), indent=2)
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    cells = " ".join(ATTEMPT)

    assert all(cell_len(line) <= width for line in lines)
    assert " ".join(" ".join(lines).split()) == f"{cells} {' '.join(ATTEMPT[:-1])}"
    if width != 40:
        assert sum(ATTEMPT[0] in line for line in lines) == 2
    below = next(number for number, line in enumerate(lines) if "a text" in line)
    assert lines[below].startswith("      a text") is (width < 80)


@pytest.mark.parametrize(
    ("state", "is_ok"),
    [(ChannelState(1), True), (ChannelState(0), False), (ChannelState(0, absent_since=NOW), False)],
)
def test_a_script_is_told_whether_all_is_heard(state: ChannelState, *, is_ok: bool) -> None:
    """By every channel that is configured; a terminal counts for nothing."""
    keep(running(channels={"team": state, "gone": ChannelState(0), "(terminal)": ChannelState(0)}))

    assert json.loads(run("log", "inst/task", "--json").stdout)["ok"] is is_ok


def test_no_rows_are_nothing() -> None:
    """Neither here nor there."""
    for is_terminal in (True, False):
        file = StringIO()
        print_rows([], Console(file=file, force_terminal=is_terminal))
        assert file.getvalue() == ""
