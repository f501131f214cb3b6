"""A terminal's screen, as far as our commands move it: what stands where after all that was printed."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len

_PIECE: Final = re.compile(r"\x1b\[(?P<what>[0-9;?]*)(?P<how>[A-Za-z])|(?P<sign>.)", re.DOTALL)


class Screen:
    """Lines of a width, without end downwards.

    Attributes:
        lines: What stands there.
        wrapped: What was in a line that had no room for it.
        styles: All colours and other attributes that anything was printed in.
        moves: How often the cursor went where printing does not take it.
    """

    def __init__(self, printed: str, columns: int) -> None:
        """Print all of this."""
        self.lines: list[str] = [""]
        self.wrapped: list[str] = []
        self.styles: set[str] = set()
        self.moves = 0
        self._columns = columns
        self._row = self._column = 0
        for piece in _PIECE.finditer(printed.replace("\r\n", "\n")):
            if piece["sign"]:
                self._print(piece["sign"])
            else:
                self._control(piece["what"], piece["how"])
        assert "\x1b" not in "".join(self.lines)

    def _print(self, sign: str) -> None:
        if sign == "\n":
            self._row, self._column = self._row + 1, 0
            self.lines += [""] * (self._row + 1 - len(self.lines))
        elif sign == "\r":
            self._column = 0
        else:
            line = self.lines[self._row].ljust(self._column)
            self.lines[self._row] = line[: self._column] + sign + line[self._column + 1 :]
            self._column += 1
            if cell_len(self.lines[self._row]) > self._columns:
                self.wrapped.append(self.lines[self._row])

    def _control(self, what: str, how: str) -> None:
        if how == "m":
            self.styles.update(what.split(";"))
            return
        self.moves += 1
        if how == "A":
            self._row = max(0, self._row - int(what or 1))
        elif how == "K":
            assert what == "2"
            self.lines[self._row] = ""
        else:
            # The cursor is hidden, or shown again.
            assert (what, how) in {("?25", "l"), ("?25", "h")}
