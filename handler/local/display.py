"""How changes stand, on the screen: bars that move where it can show them, plain lines where not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from handler.local.board import Board, entry, standing
from handler.local.hearing import refuses, unheard, why_unheard
from handler.local.remarks import nothing
from handler.outcome import Outcome
from handler.situation import NOWHERE, situation_of
from handler.tick import Tick
from notifiers import wording
from notifiers.messages import Situation
from notifiers.saying import SEPARATOR, Reader, one_line

Show = Callable[[Sequence[Tick]], None]
"""Shows how changes stand now, in place of what it showed before."""

LEAVE: Final = (
    "Ctrl-C loses nothing: the next look at this state tells the rest, also the deployed function's."
)
"""For whoever only waits for channels to hear how it ended."""


@contextmanager
def showing(console: Console) -> Iterator[Show]:
    """Show changes as long as the block runs; what others print meanwhile stands above the bars."""
    if not console.is_interactive:
        yield _Lines(console).show
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield lambda ticks: live.update(_board_of(ticks))


def line(situation: Situation) -> str:
    """Say in one line how a change stands."""
    reader = local_reader()
    current = [step.name for step in situation.steps if step.state in {"failed", "running"}][:1]
    names = [wording.step_name(name, reader.language) for name in current]
    return f"{one_line(situation.name)}: {SEPARATOR.join([standing(situation, reader), *names])}"


def board(situation: Situation, remark: str | None = None) -> Board:
    """Draw one change: a bar for the whole of it and one for each step, ten at most.

    Args:
        situation: How it stands.
        remark: What else there is to say of it.
    """
    return Board([entry(situation, remark, local_reader())])


def local_reader() -> Reader:
    """Whoever sits in front of this machine: by its clock, in English as all that the command says.

    The configured `language` and `timezone` are for the channels' readers, who may be anywhere. Here help and
    errors are English, and times are compared with the clock in the corner of the same screen.
    """
    return Reader(timezone=datetime.now().astimezone().tzinfo or timezone.utc)


def summary(outcome: Outcome) -> Iterator[str]:
    """Say in lines how an invocation went: how each change stands, and who was told, or why not."""
    for tick, change in zip(outcome.ticks, outcome.report["changes"], strict=True):
        yield line(_situation_now(tick))
        yield from told(change)
        yield from (f"  {why}" for why in _whys(tick))
    if not outcome.ticks and not outcome.report["error"]:
        yield nothing(outcome)


def told(change: Mapping[str, Any]) -> Iterator[str]:
    """Say of a change in a report who was told, and what was in the way."""
    for delivery in change["deliveries"]:
        yield f"  {delivery['channel']}: {_count(delivery['alert_count'])} {delivery['outcome']}"
    if change["error"]:
        yield f"  {change['error']['message']}"


def waits(ticks: Sequence[Tick]) -> bool:
    """True when all changes have ended, and only channels that have yet to hear of it are waited for."""
    waiting = [state for tick in ticks for state in unheard(tick).values()]
    return all(tick.after.phase.is_end for tick in ticks) and not all(map(refuses, waiting))


def _situation_now(tick: Tick) -> Situation:
    """How the change stands after the tick, in the words of messages."""
    return situation_of(tick.current, tick.watch.title, NOWHERE)


def _remark(tick: Tick) -> str | None:
    """Why the last look saw nothing, or why a change that has ended is not over."""
    if tick.problem is not None:
        return tick.problem.explanation
    return SEPARATOR.join(_whys(tick)) or None if tick.after.phase.is_end else None


def _whys(tick: Tick) -> Iterator[str]:
    return why_unheard(tick, datetime.now(timezone.utc), local_reader())


def _count(alerts: int) -> str:
    return "1 alert" if alerts == 1 else f"{alerts} alerts"


def _board_of(ticks: Sequence[Tick]) -> Board:
    entries = [entry(_situation_now(tick), _remark(tick), local_reader()) for tick in ticks]
    return Board(entries, LEAVE if waits(ticks) else None, is_bounded=True)


class _Lines:
    """Prints a line when a change has come to another phase, step, tenth of its way, or problem."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, object] = {}

    def show(self, ticks: Iterable[Tick]) -> None:
        """Print of each change what is new, unless an alert has just said it."""
        for tick in ticks:
            situation, remark = _situation_now(tick), _remark(tick)
            has_alerts = tick.after.length > tick.before.length
            # What an alert has not said is left for the next look.
            if self._is_new(situation, None if has_alerts else remark) and not has_alerts:
                text = ": ".join(filter(None, [line(situation), remark]))
                self._console.print(Text(text), soft_wrap=True)

    def _is_new(self, situation: Situation, remark: str | None) -> bool:
        tenth = None if situation.percent is None else situation.percent // 10
        gist = (situation.phase, [step.state for step in situation.steps], tenth, remark)
        is_new = self._shown.get(situation.change_id) != gist
        self._shown[situation.change_id] = gist
        return is_new
