"""How changes stand, on the screen: bars that move where it can show them, plain lines where not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from handler.core.audience import refuses
from handler.local.printing.board import Board, entry
from handler.local.printing.counting import counted
from handler.local.printing.hearing import waited_for, why_unheard
from handler.local.printing.reader import local_reader
from handler.local.printing.remarks import nothing
from handler.local.printing.standing import standing
from handler.outcome import Outcome
from handler.situation import NOWHERE, situation_of
from handler.tick import Tick
from notifiers import wording
from notifiers.messages import Situation
from notifiers.saying import SEPARATOR, one_line

Show = Callable[[Sequence[Tick]], None]
"""Shows how changes stand now, in place of what it showed before."""

_SECONDS: Final = re.compile(r"(\b\d\d:\d\d):\d\d\b")

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
        yield lambda ticks: live.update(_board_of(ticks), refresh=True)


def line(situation: Situation, *, is_seen: bool = True) -> str:
    """Say in one line how a change stands; one that was not seen just now is promised no time."""
    reader = local_reader()
    current = [step.name for step in situation.steps if step.state in {"failed", "running"}][:1]
    names = [wording.step_name(name, reader.language) for name in current]
    said = SEPARATOR.join([standing(situation, reader, is_seen=is_seen), *names])
    return f"{one_line(situation.name)}: {said}"


def summary(outcome: Outcome) -> Iterator[str]:
    """Say in lines how an invocation went: how each change stands, and who was told, or why not."""
    for tick, change in zip(outcome.ticks, outcome.report["changes"], strict=True):
        yield line(_situation_now(tick), is_seen=_is_seen(tick))
        yield from told(change)
        yield from (f"  {why}" for why in _whys(tick))
    if not outcome.ticks and not outcome.report["error"]:
        yield nothing(outcome)


def told(change: Mapping[str, Any]) -> Iterator[str]:
    """Say of a change in a report who was told, and what was in the way."""
    for delivery in change["deliveries"]:
        alerts = counted(delivery["alert_count"], "alert")
        yield f"  {delivery['channel']}: {alerts} {said_of(delivery['outcome'])}"
    if change["error"]:
        yield f"  {change['error']['message']}"


def said_of(outcome: str) -> str:
    """Say what became of a send, in the words of the log; another version's word for it stays as it is."""
    # Imported here, because pages bring much along that others do without.
    from handler.web.pages.words import ENGLISH  # noqa: PLC0415

    return next((said for known, said in ENGLISH.outcomes.items() if known.value == outcome), outcome)


def waits(ticks: Sequence[Tick]) -> bool:
    """True when all changes have ended, and only channels that have yet to hear of it are waited for."""
    waiting = [state for tick in ticks for state in waited_for(tick).values()]
    return all(tick.after.phase.is_end for tick in ticks) and not all(map(refuses, waiting))


def _situation_now(tick: Tick) -> Situation:
    """How the change stands after the tick, in the words of messages."""
    return situation_of(tick.current, tick.watch.title, NOWHERE)


def _is_seen(tick: Tick) -> bool:
    """False where something kept the look from seeing the change."""
    return tick.problem is None or not tick.is_blind


def _remark(tick: Tick) -> str | None:
    """Why the last look saw nothing, or why a change that has ended is not over."""
    if tick.problem is not None:
        return tick.problem.explanation
    return SEPARATOR.join(_whys(tick)) or None if tick.after.phase.is_end else None


def _whys(tick: Tick) -> Iterator[str]:
    return why_unheard(tick, datetime.now(timezone.utc), local_reader())


def _board_of(ticks: Sequence[Tick]) -> Board:
    entries = [
        entry(_situation_now(tick), _remark(tick), local_reader(), is_seen=_is_seen(tick)) for tick in ticks
    ]
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
                said = line(situation, is_seen=_is_seen(tick))
                text = ": ".join(filter(None, [said, remark]))
                self._console.print(Text(text), soft_wrap=True)

    def _is_new(self, situation: Situation, remark: str | None) -> bool:
        tenth = None if situation.percent is None else situation.percent // 10
        # A moment that is told to the second as it comes near is no other one.
        told = remark and _SECONDS.sub(r"\1", remark)
        gist = (situation.phase, [step.state for step in situation.steps], tenth, told)
        is_new = self._shown.get(situation.change_id) != gist
        self._shown[situation.change_id] = gist
        return is_new
