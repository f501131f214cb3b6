"""How changes stand, by what is kept of them: with bars where these can be shown, else in lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from handler.core.change import ChangeId
from handler.core.observation import Phase
from handler.core.record import NOTHING, Record
from handler.local.kept.health import say_troubles
from handler.local.printing.board import Board, Entry, entry, name_room
from handler.situation import NOWHERE, situation_of
from handler.web.drawing.sight import seen_until
from handler.web.pages.change_views import name_of, view_change
from handler.web.pages.visitor import Visitor
from notifiers.messages import Situation
from notifiers.saying import SEPARATOR
from notifiers.steps import ROWS_MAX, steps_of

_STEPS_OF_MAX: Final = 3
"""Of so many changes at most the steps are drawn, too."""

_INDENT: Final = "  "


class Overview:
    """Shows changes to somebody who sits in front of a console."""

    def __init__(self, visitor: Visitor, console: Console) -> None:
        """Take who looks, and where it is shown."""
        self._visitor = visitor
        self._console = console

    def show_one(self, record: Record) -> None:
        """Show a change with its steps."""
        self.show_followed([record])
        if not self._console.is_interactive:
            for step in steps_of(_situation(record), ROWS_MAX, self._visitor.reader):
                name = " ".join(filter(None, [step.mark, step.name]))
                self.say(f"{_INDENT}{SEPARATOR.join(filter(None, [name, step.note]))}")

    def show_followed(self, records: Sequence[Record], troubled: Collection[ChangeId] = ()) -> None:
        """Show changes with their steps if they are few, those first that are in trouble."""
        records = sorted(records, key=lambda one: (one.change not in troubled, *self._place(one)))
        if self._console.is_interactive and records:
            entries = [self._entry(record) for record in records]
            if len(entries) > _STEPS_OF_MAX:
                entries = [drawn._replace(steps=()) for drawn in entries]
            self._console.print(Board(entries))
            return
        for record in records:
            self.say(f"{name_of(record)}: {self._standing(record)}")
            for text in self._remarks(record):
                self.say(f"{_INDENT}{text}")

    def show_others(self, records: Sequence[Record]) -> None:
        """Show changes in a line each, what ended last first; in columns if all of them have room."""
        records = sorted(records, key=lambda one: seen_until(one, self._visitor.now), reverse=True)
        rows = [(name_of(record), self._standing(record), _id_beside_name(record)) for record in records]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        has_room = self._has_room(sum(widths) + len(_INDENT) * (len(widths) - 1))
        for record, (name, standing, identity) in zip(records, rows, strict=True):
            if self._console.is_interactive and has_room:
                cells = map(set_cell_size, (name, standing, identity), widths)
                self.say(_INDENT.join(cells).rstrip())
            else:
                for text in self._joined(f"{name}: {standing}", identity):
                    self.say(text)
            for text in say_troubles(record, self._visitor):
                self.say(f"{_INDENT}{text}")

    def say(self, text: str) -> None:
        """Print a line; a terminal breaks one that is too long between words, a file takes it whole."""
        self._console.print(Text(text), soft_wrap=not self._console.is_interactive)

    def _entry(self, record: Record) -> Entry:
        is_cut = cell_len(name_of(record)) > name_room(self._console.width)
        remarks = "\n".join(self._remarks(record, is_name_cut=is_cut))
        drawn = entry(_situation(record), remarks or None, self._visitor.reader)
        return drawn._replace(row=drawn.row._replace(note=self._standing(record, beside_bar=True)))

    def _standing(self, record: Record, *, beside_bar: bool = False) -> str:
        """Say how far it is, how long it takes still and until when; or how it has ended, and when.

        A bar with steps below it tells by itself that a change runs, and where it is.
        """
        view = view_change(record, self._visitor)
        if record.trouble is None and (record.ledger or NOTHING).phase.is_end:
            said = [*view.left]
        elif beside_bar:
            said = [
                "" if view.state == Phase.RUNNING.value and view.share else view.phase,
                view.share,
                *view.left,
            ]
        else:
            said = [view.phase, view.share, *view.left, view.current]
        text = SEPARATOR.join(filter(None, said))
        return f"{text[:1].lower()}{text[1:]}"

    def _remarks(self, record: Record, *, is_name_cut: bool = False) -> Iterator[str]:
        """What else there is to say: what is wrong, when somebody looked, which change it is."""
        yield from say_troubles(record, self._visitor)
        identity = str(record.change) if is_name_cut else _id_beside_name(record)
        yield from self._joined(view_change(record, self._visitor).last_look, identity)

    def _joined(self, *texts: str) -> Iterator[str]:
        """The texts in one line, or where they have no room there in a line each."""
        said = [*filter(None, texts)]
        line = SEPARATOR.join(said)
        yield from [line] if line and self._has_room(cell_len(line)) else said

    def _has_room(self, width: int) -> bool:
        """True where a line of so many cells fits: anywhere but in a terminal that is narrower."""
        return not self._console.is_interactive or width <= self._console.width

    def _place(self, record: Record) -> tuple[int, str, str]:
        view = view_change(record, self._visitor)
        return -view.severity.rank, view.name.casefold(), str(record.change)


def _situation(record: Record) -> Situation:
    return situation_of(record.ledger or NOTHING, name_of(record), NOWHERE)


def _id_beside_name(record: Record) -> str:
    """The change's id, unless it goes by that already."""
    return "" if name_of(record) == str(record.change) else str(record.change)
