"""How changes look in a terminal: bars that move where it can show them, plain lines where not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from handler.local.remarks import remark
from handler.local.watching import Show, unheard
from handler.outcome import Outcome
from handler.situation import NOWHERE, situation_of
from handler.tick import Tick
from notifiers import wording
from notifiers.messages import Situation
from notifiers.saying import SEPARATOR, Reader, one_line
from notifiers.views import ROWS_MAX, StepView, steps_of

_BAR_WIDTH: Final = 40
_FULL: Final = 100
_STYLES: Final = {"completed": "green", "failed": "red", "running": "cyan"}
_DIM: Final = "bright_black"


@contextmanager
def showing(console: Console) -> Iterator[Show]:
    """Show changes as long as the block runs; what others print meanwhile stands above the bars."""
    if not console.is_interactive:
        yield _Lines(console).show
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield lambda ticks: live.update(Group(*map(_board_of, ticks)))


def line(situation: Situation) -> str:
    """Say in one line how a change stands."""
    reader = local_reader()
    current = [step.name for step in situation.steps if step.state in {"failed", "running"}][:1]
    names = [wording.step_name(name, reader.language) for name in current]
    parts = [situation.phase, wording.standing(situation, reader), *names]
    return f"{one_line(situation.name)}: {SEPARATOR.join(filter(None, parts))}"


def board(situation: Situation, problem: str | None = None) -> RenderableType:
    """Draw a change: a bar for the whole of it and one for each step, ten at most.

    Args:
        situation: How it stands.
        problem: What else there is to say of it.
    """
    reader = local_reader()
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, max_width=_BAR_WIDTH)
    grid.add_column(max_width=_BAR_WIDTH)
    grid.add_column(no_wrap=True)
    grid.add_row(
        Text(one_line(situation.name), "bold"),
        _bar(situation.phase, situation.percent),
        Text(SEPARATOR.join(filter(None, [situation.phase, wording.standing(situation, reader)]))),
    )
    for step in steps_of(situation, ROWS_MAX, reader):
        grid.add_row(*_step_row(step))
    return Group(grid, *([Text(problem, _DIM)] if problem else []))


def local_reader() -> Reader:
    """Whoever sits in front of this machine: by its clock, in English as all that it says."""
    return Reader(timezone=datetime.now().astimezone().tzinfo or timezone.utc)


def summary(outcome: Outcome) -> Iterator[str]:
    """Say in lines how an invocation went: how each change stands, who was told, what was in the way."""
    report = outcome.report
    for tick, change in zip(outcome.ticks, report["changes"], strict=True):
        yield line(_situation_now(tick))
        yield from told(change)
        yield from (f"  {name} has not heard all yet" for name in unheard(tick))
    yield from filter(None, [remark(outcome)])


def told(change: Mapping[str, Any]) -> Iterator[str]:
    """Say of a change in a report who was told, and what was in the way."""
    for delivery in change["deliveries"]:
        yield f"  {delivery['channel']}: {_count(delivery['alert_count'])} {delivery['outcome']}"
    if change["error"]:
        yield f"  {change['error']['message']}"


def _situation_now(tick: Tick) -> Situation:
    """How the change stands after the tick, in the words of messages."""
    return situation_of(tick.current, tick.watch.title, NOWHERE)


def _problem(tick: Tick) -> str | None:
    """Why the last look saw nothing, or why a change that has ended is not over."""
    if tick.problem is not None:
        return tick.problem.explanation
    waiting = ", ".join(unheard(tick)) if tick.after.phase.is_end else ""
    return f"still to be told: {waiting}" if waiting else None


def _count(alerts: int) -> str:
    return "1 alert" if alerts == 1 else f"{alerts} alerts"


def _board_of(tick: Tick) -> RenderableType:
    return board(_situation_now(tick), _problem(tick))


def _step_row(step: StepView) -> tuple[RenderableType, ...]:
    """A step with a bar of its own, or what stands for others."""
    style = _STYLES.get(step.state, _DIM)
    if not step.state:
        return Text(step.name, style), "", ""
    done = {"completed": _FULL, "failed": _FULL, "running": None}.get(step.state, 0)
    return Text(f"{step.mark} {step.name}", style), _bar(step.state, done), Text(step.note)


def _bar(state: str, percent: int | None) -> ProgressBar:
    """A bar that is so full; of what runs without saying how far it is, one that pulses."""
    style = _STYLES.get(state, _DIM)
    return ProgressBar(
        total=_FULL,
        completed=percent or 0,
        pulse=percent is None and state == "running",
        complete_style=style,
        finished_style=style,
        pulse_style=style,
    )


class _Lines:
    """Prints a line when a change has come to another phase, step, tenth of its way, or problem."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, object] = {}

    def show(self, ticks: Iterable[Tick]) -> None:
        """Print of each change what is new, unless an alert has just said it."""
        for tick in ticks:
            situation, problem = _situation_now(tick), _problem(tick)
            has_alerts = tick.after.length > tick.before.length
            # What an alert has not said is left for the next look.
            if self._is_new(situation, None if has_alerts else problem) and not has_alerts:
                text = ": ".join(filter(None, [line(situation), problem]))
                self._console.print(Text(text), soft_wrap=True)

    def _is_new(self, situation: Situation, problem: str | None) -> bool:
        tenth = None if situation.percent is None else situation.percent // 10
        gist = (situation.phase, [step.state for step in situation.steps], tenth, problem)
        is_new = self._shown.get(situation.change_id) != gist
        self._shown[situation.change_id] = gist
        return is_new
