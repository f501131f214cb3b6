"""Rows of a table: beneath each other in columns, of which the last one takes the room that is left."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_GAP = 2


def print_rows(rows: Sequence[Sequence[str]], console: Console, indent: int = 0) -> None:
    """Print rows of as many cells; a terminal breaks the last one between words, a file takes it whole."""
    if not console.is_interactive:
        _print_lines(rows, console, indent)
    elif rows:
        table = Table.grid(padding=(0, _GAP, 0, 0))
        for _ in rows[0][:-1]:
            table.add_column(no_wrap=True)
        table.add_column()
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(Padding(table, (0, 0, 0, indent)))


def _print_lines(rows: Sequence[Sequence[str]], console: Console, indent: int) -> None:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = (" " * _GAP).join(map(set_cell_size, row, widths)).rstrip()
        console.print(Text(f"{' ' * indent}{line}"), soft_wrap=True)
