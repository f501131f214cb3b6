"""Breaks what is too long for a terminal between words, and indents what follows."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text


def fold(text: Text, console: Console, indent: int) -> Iterator[Text]:
    """Break one line of more than `indent` columns; in a file it stays one, to be searched."""
    if not console.is_terminal or text.cell_len <= console.width:
        yield text
        return
    head, rest = text.divide([indent])
    for number, part in enumerate(rest.wrap(console, max(1, console.width - indent))):
        yield Text(" " * indent).append_text(part) if number else head.append_text(part)
