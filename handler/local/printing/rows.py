"""Rows of a table: beneath each other in columns, of which the last one takes the room that is left."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_GAP = 2
_INDENT = 4
_ROOM_MIN = 24
"""Into fewer cells a sentence is not broken: it stands on a line of its own then."""


def print_rows(rows: Sequence[Sequence[str]], console: Console, indent: int = 0) -> None:
    """Print rows of as many cells; a terminal breaks the last one between words, a file takes it whole.

    In a narrow terminal the last cell stands below the others.
    """
    if not rows:
        return
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    if not console.is_interactive:
        for row in rows:
            console.print(Text(f"{' ' * indent}{_joined(row, widths)}"), soft_wrap=True)
    elif console.width - indent - sum(widths[:-1]) - _GAP * len(widths[:-1]) >= min(_ROOM_MIN, widths[-1]):
        _print_table(rows, console, indent)
    else:
        for row in rows:
            console.print(Padding(Text(_joined(row[:-1], widths)), (0, 0, 0, indent)))
            if row[-1]:
                console.print(Padding(Text(row[-1]), (0, 0, 0, indent + _INDENT)))


def _print_table(rows: Sequence[Sequence[str]], console: Console, indent: int) -> None:
    table = Table.grid(padding=(0, _GAP, 0, 0))
    for _ in rows[0][:-1]:
        table.add_column(no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(Padding(table, (0, 0, 0, indent)))


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return (" " * _GAP).join(map(set_cell_size, cells, widths)).rstrip()
