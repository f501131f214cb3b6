"""How changes stand, in a terminal and in a file, and what a look at them comes to."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from handler.core.ledger import Attempt, ChannelState
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Problem, ProblemKind
from handler.local.printing.display import LEAVE, line, showing, summary, waits
from handler.outcome import Outcome
from notifiers import verdicts
from notifiers.messages import Situation, StepLine
from tests.local.ticking import NOW, tick

STEPS = (StepLine("pre_check", "completed", seconds=43), StepLine("disk_expansion", "running"))
DONE = Observation(Phase.COMPLETED, 100)


def test_a_line_says_name_phase_percent_time_left_and_step() -> None:
    """What is unknown is said to be, and nothing is made up."""
    assert line(Situation("i/t", "orders", "running", 50, 1200, STEPS)) == (
        "orders: running · 50% · about 20 minutes left · Disk expansion"
    )
    assert line(Situation("i/t", "orders", "unknown")) == "orders: unknown"
    assert line(Situation("i/t", "orders", "unknown", 50)) == "orders: unknown · 50%"
    assert line(Situation("i/t", "orders", "running")) == (
        "orders: running · progress unknown · time left unknown"
    )
    assert line(Situation("i/t", "orders", "completed", 100)) == "orders: completed · 100%"
    lost = "orders: no longer found, outcome unknown"
    assert line(Situation("i/t", "orders", "lost")) == lost
    assert line(Situation("i/t", "orders", "lost", 60)) == f"{lost} · last seen at 60%"


def test_a_file_gets_a_line_when_something_has_changed_and_no_alert_has_said_so() -> None:
    """Another phase, step, tenth of the way, or problem; the time left alone is no news."""
    problem = Problem(ProblemKind.TIMEOUT, "No answer.")
    first = Observation(Phase.RUNNING, 41, 240, (Step("a", StepState.RUNNING),))
    second = Observation(Phase.RUNNING, 52, 120, (Step("a", StepState.RUNNING),))
    file = StringIO()

    with showing(Console(file=file, width=20)) as show:
        show([tick(first)])
        show([tick(Observation(Phase.RUNNING, 49, 180, first.steps))])
        show([tick(second)])
        show([tick(second, problem=problem)])
        show([tick(DONE, alerts=1)])
        show([tick(DONE)])

    assert file.getvalue().splitlines() == [
        "orders: running · 41% · about 4 minutes left · a",
        "orders: running · 52% · about 2 minutes left · a",
        "orders: running · 52% · a: No answer.",
    ]


def test_a_terminal_gets_bars_that_stay_where_they_are() -> None:
    """What is printed meanwhile stands above them, and the last state stays to be seen."""
    file = StringIO()
    console = Console(file=file, force_terminal=True, width=100, _environ={"TERM": "xterm"})

    with showing(console) as show:
        show([tick(Observation(Phase.RUNNING, 41))])
        console.print("an alert")
        show([tick(DONE)])

    assert file.getvalue().index("an alert") < file.getvalue().index("completed · 100%")
    assert "\x1b[?25h" in file.getvalue()
    assert LEAVE not in file.getvalue()


def test_an_ended_change_that_somebody_has_not_heard_of_says_who_and_why() -> None:
    """So one knows what it is still waiting for, and in a terminal also that one may leave."""
    waiting = tick(DONE, states={"ops": ChannelState(0), "bad": ChannelState(0)}, alerts=1)
    waiting = waiting._replace(before=waiting.after)
    file, terminal = StringIO(), StringIO()

    with showing(Console(file=file)) as show:
        show([waiting])
    with showing(Console(file=terminal, force_terminal=True, width=100, _environ={"TERM": "xterm"})) as show:
        show([waiting])

    assert file.getvalue() == (
        "orders: completed · 100%: ops hears 1 alert at the next look · bad hears 1 alert at the next look\n"
    )
    assert "ops hears 1 alert at the next look · bad hears 1 alert at the next" in terminal.getvalue()
    assert LEAVE in terminal.getvalue()


def test_only_who_can_still_hear_of_what_has_ended_is_waited_for() -> None:
    """Not while something goes on, and not for one that refuses."""
    due = tick(DONE, states={"ops": ChannelState(0)}, alerts=1)
    refused = Attempt(verdicts.Outcome.REFUSED, NOW)
    bad = tick(DONE, states={"ops": ChannelState(0, attempts=(refused,))}, alerts=1)

    assert [
        waits(ticks) for ticks in ([due], [bad], [bad, due], [due, tick(Observation(Phase.RUNNING))])
    ] == [
        True,
        False,
        True,
        False,
    ]
    assert not waits([])


def test_a_summary_says_how_changes_stand_who_was_told_and_why_somebody_was_not() -> None:
    """And what was in the way; the same as the report, for people."""
    ops = ChannelState(
        0, attempts=(Attempt(verdicts.Outcome.RETRY, NOW, "503"),), not_before=NOW - timedelta(days=1)
    )
    seen = tick(Observation(Phase.RUNNING, 41), alerts=2, states={"ops": ops})
    change = {
        "deliveries": [
            {"channel": "ops", "outcome": "retry", "alert_count": 2},
            {"channel": "mail", "outcome": "sent", "alert_count": 1},
        ],
        "error": {"kind": "timeout", "message": "The DMS API gave no answer."},
    }

    assert list(summary(Outcome({"changes": [change], "error": None}, [seen]))) == [
        "orders: running · 41% · time left unknown",
        "  ops: 2 alerts not taken",
        "  mail: 1 alert sent",
        "  The DMS API gave no answer.",
        "  ops hears 2 alerts at the next look",
    ]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_where_a_look_has_seen_nothing_no_time_is_promised(*, is_terminal: bool) -> None:
    """Who saw the change all the same, says when it will be done; what is not known is said once."""
    problem = Problem(ProblemKind.TIMEOUT, "No answer.")
    seen = tick(Observation(Phase.RUNNING, 41, 240), problem=problem)
    file = StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=100, _environ={"TERM": "xterm"})

    with showing(console) as show:
        show([seen])
    assert "running · 41%" in file.getvalue()
    assert "left" not in file.getvalue()
    with showing(console) as show:
        show([seen._replace(is_blind=False)])
    assert "about 4 minutes left" in file.getvalue()
    with showing(console) as show:
        show([tick(Observation(Phase.UNKNOWN), problem=problem)])
    assert "progress unknown" not in file.getvalue()
    assert "left unknown" not in file.getvalue()
    if not is_terminal:
        assert file.getvalue().splitlines()[-1] == "orders: unknown: No answer."


def test_a_summary_of_nothing_says_so_unless_something_was_in_the_way() -> None:
    """That is said beside it."""
    error = {"kind": "misconfigured", "message": "The configuration cannot be used."}

    assert list(summary(Outcome({"changes": [], "error": error}, []))) == []
    assert list(summary(Outcome({"changes": [], "error": None}, []))) == ["No change is under way."]
