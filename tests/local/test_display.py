"""How changes look in a terminal, and in a file."""

from __future__ import annotations

from datetime import datetime, timezone
from io import StringIO

import pytest
from rich.console import Console

from handler.core.audience import Audience
from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Problem, ProblemKind
from handler.core.watch import Watch
from handler.local.display import board, line, showing, summary
from handler.outcome import Outcome
from handler.tick import Tick
from notifiers import verdicts
from notifiers.messages import Situation, StepLine

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
STEPS = (
    StepLine("pre_check", "completed", seconds=43),
    StepLine("disk_expansion", "running"),
    StepLine("odd", "unknown", "[/PAUSED]"),
    StepLine("worse", "failed"),
    StepLine("restart", "waiting"),
)


def drawn(situation: Situation, problem: str | None = None, width: int = 100) -> list[str]:
    """The lines of a board, without colours."""
    file = StringIO()
    Console(file=file, width=width).print(board(situation, problem))
    return [text.rstrip() for text in file.getvalue().splitlines()]


def tick(observation: Observation, *, alerts: int = 0, problem: Problem | None = None) -> Tick:
    """A tick that saw this and raised so many alerts."""
    before = Ledger("i/t", NOW)
    after = Ledger("i/t", NOW, observation=observation, length=alerts)
    return Tick(
        Watch(ChangeId("i", "t"), "orders"), before, after, after, Audience("orders", ()), problem=problem
    )


def test_a_board_has_a_bar_for_the_change_and_one_for_each_step() -> None:
    """With marks, the time a step took, and the API's own word where we do not know it."""
    bar = "━" * 40

    assert drawn(Situation("i/t", "orders", "running", 50, 1200, STEPS)) == [
        f"orders           {bar[:20]}{' ' * 20} running · 50% · about 20 minutes left",
        f"✓ Pre-check      {bar} 43 s",
        f"▶ Disk expansion {bar}",
        f"? odd            {' ' * 40} [/PAUSED]",
        f"✗ worse          {bar}",
        "· Restart",
    ]


@pytest.mark.parametrize("width", [50, 60, 80, 200])
def test_a_board_fits_any_terminal(width: int) -> None:
    """The bars give way first."""
    lines = drawn(Situation("i/t", "orders", "running", 50, 1200, STEPS), width=width)

    assert all(len(text) <= width for text in lines)
    assert any("Pre-check" in text for text in lines)
    assert any("running" in text for text in lines)


def test_of_many_steps_ten_are_drawn_and_the_rest_is_counted() -> None:
    """Those around the one that runs, and at both ends."""
    steps = tuple(
        StepLine(f"step_{number}", "completed" if number < 20 else "running") for number in range(25)
    )
    lines = drawn(Situation("i/t", "orders", "running", 50, None, steps))

    assert len([text for text in lines if "step_" in text]) == 10
    assert sum(int(text.split()[2]) for text in lines if text.startswith("…")) == 15
    assert {"✓ step_0", "▶ step_20", "▶ step_24"} <= {" ".join(text.split()[:2]) for text in lines}


def test_of_very_many_steps_only_counts_are_known() -> None:
    """They stand below the bar, as does what there is to say of the last look."""
    lines = drawn(
        Situation("i/t", "orders", "running", step_counts={"running": 3, "waiting": 150}), "No answer."
    )

    assert lines[1:] == ["3 steps running · 150 steps waiting", "No answer."]


def test_a_line_says_name_phase_percent_time_left_and_step() -> None:
    """What is unknown is said to be, and nothing is made up."""
    assert line(Situation("i/t", "orders", "running", 50, 1200, STEPS[:3])) == (
        "orders: running · 50% · about 20 minutes left · Disk expansion"
    )
    assert (
        line(Situation("i/t", "orders", "unknown"))
        == "orders: unknown · progress unknown · time left unknown"
    )
    assert line(Situation("i/t", "orders", "completed", 100)) == "orders: completed · 100%"


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
        show([tick(Observation(Phase.COMPLETED, 100), alerts=1)])
        show([tick(Observation(Phase.COMPLETED, 100))])

    assert file.getvalue().splitlines() == [
        "orders: running · 41% · about 4 minutes left · a",
        "orders: running · 52% · about 2 minutes left · a",
        "orders: running · 52% · about 2 minutes left · a: No answer.",
    ]


def test_a_terminal_gets_bars_that_stay_where_they_are() -> None:
    """What is printed meanwhile stands above them, and the last state stays to be seen."""
    file = StringIO()
    console = Console(file=file, force_terminal=True, width=100, _environ={"TERM": "xterm"})

    with showing(console) as show:
        show([tick(Observation(Phase.RUNNING, 41))])
        console.print("an alert")
        show([tick(Observation(Phase.COMPLETED, 100))])

    assert file.getvalue().index("an alert") < file.getvalue().index("completed · 100%")
    assert "\x1b[?25h" in file.getvalue()


def test_an_ended_change_that_somebody_has_not_heard_of_says_who() -> None:
    """So one knows what it is still waiting for."""
    file = StringIO()
    ended = tick(Observation(Phase.COMPLETED, 100), alerts=1)
    waiting = ended._replace(before=ended.after)
    waiting.after.channels["ops"] = ChannelState(offset=0)

    with showing(Console(file=file)) as show:
        show([waiting])

    assert file.getvalue() == "orders: completed · 100%: still to be told: ops\n"


def test_a_summary_says_how_changes_stand_who_was_told_and_what_was_in_the_way() -> None:
    """The same as the report, for people."""
    seen = tick(Observation(Phase.RUNNING, 41), alerts=2)
    seen.after.channels["ops"] = ChannelState(0, last_attempt=Attempt(verdicts.Outcome.RETRY, NOW))
    change = {
        "deliveries": [
            {"channel": "ops", "outcome": "retry", "alert_count": 2},
            {"channel": "mail", "outcome": "sent", "alert_count": 1},
        ],
        "error": {"kind": "timeout", "message": "The DMS API gave no answer."},
    }

    assert list(summary(Outcome({"changes": [change], "error": None}, [seen]))) == [
        "orders: running · 41% · time left unknown",
        "  ops: 2 alerts retry",
        "  mail: 1 alert sent",
        "  The DMS API gave no answer.",
        "  ops has not heard all yet",
    ]


def test_a_summary_of_nothing_says_why() -> None:
    """For instance a configuration that cannot be read."""
    error = {"kind": "misconfigured", "message": "The configuration cannot be used."}

    assert list(summary(Outcome({"changes": [], "error": error}, []))) == [
        "The configuration cannot be used."
    ]
