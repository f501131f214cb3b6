"""How changes are drawn: a bar for the whole of each and one for each step, in whatever room there is.

A bar is to be read without colours too, on a light ground as on a dark one: what is done is a heavy line, the
rest a thin one. Colours are the terminal's own, which its theme makes readable, on signs and bars only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.text import Text

from handler.local.printing.standing import standing
from notifiers.messages import Situation
from notifiers.saying import SEPARATOR, Reader, one_line
from notifiers.steps import ROWS_MAX, StepView, steps_of

FAINT: Final = "dim"
"""For what matters less. Grey would not do: on some terminals it is the ground's colour."""

_STYLES: Final = {
    "completed": "green",
    "failed": "red",
    "lost": "red",
    "running": "cyan",
    "unknown": "yellow",
}
_FULL: Final = 100
_BAR_WIDTH_MIN: Final = 8
_NAME_WIDTH_MIN: Final = 16
_PULSE_CELLS_PER_SECOND: Final = 8


class _Bar(NamedTuple):
    """A bar that is so full; None, of what runs without saying how far it is, is a piece that wanders."""

    state: str
    percent: int | None

    def draw(self, width: int, *, is_plain: bool) -> Text:
        done, rest = ("=", "-") if is_plain else ("━", "─")
        start, length = self._piece(width)
        return Text.assemble(
            (rest * start, FAINT),
            (done * length, _STYLES.get(self.state, FAINT)),
            (rest * (width - start - length), FAINT),
        )

    def _piece(self, width: int) -> tuple[int, int]:
        """Where what is done begins, and how long it is; full is only what is done whole."""
        if self.percent is not None:
            return 0, min(round(width * self.percent / _FULL), width - (self.percent < _FULL))
        if self.state != "running":
            return 0, 0
        length = width // 4
        place = int(time.monotonic() * _PULSE_CELLS_PER_SECOND) % (2 * (width - length))
        return min(place, 2 * (width - length) - place), length


class _Row(NamedTuple):
    """A name, how far it is, and what there is to say of it; what has no bar is a mere line."""

    name: Text
    bar: _Bar | None = None
    note: str = ""


class Entry(NamedTuple):
    """A change as it is drawn: its own row, its steps', and what else there is to say of it."""

    row: _Row
    steps: tuple[_Row, ...] = ()
    remark: str | None = None


class Board:
    """Changes below each other, each bar as long as all others."""

    def __init__(
        self, entries: Sequence[Entry], footer: str | None = None, *, is_bounded: bool = False
    ) -> None:
        """Take what to draw; where it `is_bounded` it leaves out what the terminal is too low for."""
        self._entries = entries
        self._footer = footer
        self._is_bounded = is_bounded

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Draw it for a terminal."""
        drawing = _Drawing(console, options.max_width, is_plain=options.ascii_only)
        footer = drawing.fold(self._footer)
        room = max(1, console.height - 1 - len(footer)) if self._is_bounded else None
        yield from drawing.draw(self._entries, room)
        yield from footer


def entry(situation: Situation, remark: str | None, reader: Reader, *, is_seen: bool = True) -> Entry:
    """Word a change: of its steps ten at most.

    Args:
        situation: How it stands.
        remark: What else there is to say of it.
        reader: To whom.
        is_seen: Whether it was seen just now; else no time is promised.
    """
    name, bar = Text(one_line(situation.name), "bold"), _Bar(situation.phase, situation.percent)
    return Entry(
        _Row(name, bar, standing(situation, reader, is_seen=is_seen)),
        tuple(map(_step_row, steps_of(situation, ROWS_MAX, reader))),
        remark,
    )


def name_room(width: int) -> int:
    """How many cells a name has at most on a board of such a width; a longer one is cut."""
    return max(_NAME_WIDTH_MIN, width // 3)


def _step_row(step: StepView) -> _Row:
    """A step with a bar of its own, or what stands for others."""
    if not step.state:
        return _Row(Text(step.name, FAINT))
    style = _STYLES.get(step.state, FAINT)
    name = Text.assemble((step.mark, style), " ", (step.name, FAINT if style == FAINT else ""))
    done = {"completed": _FULL, "failed": _FULL, "running": None}.get(step.state, 0)
    return _Row(name, _Bar(step.state, done), step.note)


class _Drawing(NamedTuple):
    """Draws lines of such a width, of which none is longer."""

    console: Console
    width: int
    is_plain: bool

    def draw(self, entries: Sequence[Entry], lines_max: int | None) -> Iterator[Text]:
        """Draw all changes; if that is too long without steps, and if need be only the first of them."""
        drawn = self._draw(entries)
        if lines_max is None or len(drawn) <= lines_max:
            yield from drawn
            return
        drawn = self._draw([one._replace(steps=()) for one in entries])
        if len(drawn) <= lines_max:
            yield from drawn
            return
        shown = [one._replace(steps=(), remark=None) for one in entries[: lines_max - 1]]
        yield from self._draw(shown)
        if len(entries) > len(shown):
            yield Text(f"… {len(entries) - len(shown)} more", FAINT)

    def fold(self, text: str | None) -> list[Text]:
        """Break a text into lines, between words where that can be."""
        return [*Text(text, FAINT).wrap(self.console, self.width)] if text else []

    def _draw(self, entries: Sequence[Entry]) -> list[Text]:
        widths = self._widths([row for one in entries for row in (one.row, *one.steps) if row.bar])
        return [
            line
            for one in entries
            for line in (*(self._row(row, widths) for row in (one.row, *one.steps)), *self.fold(one.remark))
        ]

    def _widths(self, rows: Sequence[_Row]) -> tuple[int, int, int]:
        """How wide names, bars and notes are: the bars take what the others leave, but some at least."""
        longest = max((cell_len(row.name.plain) for row in rows), default=0)
        name = min(longest, name_room(self.width))
        room = max(0, self.width - name - 2 - max(_BAR_WIDTH_MIN, self.width // 5))
        note = max((cell_len(_shorten(row.note, room)) for row in rows), default=0)
        return name, max(0, self.width - name - 2 - note), note

    def _row(self, row: _Row, widths: tuple[int, int, int]) -> Text:
        name_width, bar_width, note_width = widths
        line = row.name.copy()
        if row.bar is None:
            line.truncate(self.width, overflow="ellipsis")
            return line
        line.truncate(name_width, overflow="ellipsis", pad=True)
        note = _shorten(row.note, note_width)
        return Text(" ").join([line, row.bar.draw(bar_width, is_plain=self.is_plain), Text(note)])


def _shorten(note: str, width: int) -> str:
    """Leave out the last of what is said until it fits; what is said first matters most."""
    said = note.split(SEPARATOR)
    while len(said) > 1 and cell_len(SEPARATOR.join(said)) > width:
        said.pop()
    text = Text(SEPARATOR.join(said))
    text.truncate(width, overflow="ellipsis")
    return text.plain
