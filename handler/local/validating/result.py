"""What validating a configuration has found, as lines and as JSON; none of it shows a value."""

from __future__ import annotations

from typing import Any, NamedTuple

from handler.local.printing.counting import counted
from handler.settings.tree import Mistake


class PlacedMistake(NamedTuple):
    """What is wrong or odd at one place, and what would be right; and where that place is.

    The `file` is as people call it, or the variable that holds the text. Where variables make the whole
    configuration there is none, and `variable` is the one that it is about; then `line` is a line of that.
    """

    mistake: Mistake
    key: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    variable: str | None = None

    def __str__(self) -> str:
        """Write it in one line, which begins as editors and CI expect it: `FILE:LINE: `."""
        return self.write()

    def write(self, kind: str = "") -> str:
        """Write it in one line, with a word for what kind of finding it is."""
        parts = (self._place(), kind, self._key(), f"{self.mistake._replace(mark=None).reason}.")
        return ": ".join(filter(None, parts))

    def _place(self) -> str:
        lines = (self.file, self.line) if self.file is not None else ()
        return ":".join(str(part) for part in lines if part is not None)

    def _key(self) -> str:
        if self.variable is None:
            return self.key
        line = f", line {self.line}" if self.line else ""
        key = f" ({self.key})" if self.key else ""
        return f"{self.variable}{line}{key}"

    @property
    def rank(self) -> int:
        """Where it stands among others in a file; those about variables keep their order."""
        return self.line or 0 if self.file is not None else 0

    def fields(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "variable": self.variable,
            "key": self.key or None,
            "problem": self.mistake.problem,
            "expected": self.mistake.expected or None,
            "suggestions": [*self.mistake.meant],
        }


class Review(NamedTuple):
    """All that is to be said of a configuration.

    Mistakes keep it from being used, remarks do not. `elsewhere` are the values that are not set here, as
    `NAME`, `ssm:NAME` and `secret:NAME`; `summary` is what the configuration comes to, without its mistakes.
    """

    name: str
    mistakes: tuple[PlacedMistake, ...]
    remarks: tuple[PlacedMistake, ...]
    elsewhere: tuple[str, ...]
    summary: str

    @property
    def is_fine(self) -> bool:
        """True when it can be used as far as that can be known here."""
        return not self.mistakes

    def lines(self) -> list[str]:
        """All of it, a line each: mistakes and remarks in the order of the file, and how it stands."""
        found = [(each, "") for each in self.mistakes] + [(each, "remark") for each in self.remarks]
        found.sort(key=lambda pair: pair[0].rank)
        lines = [each.write(kind) for each, kind in found]
        if self.elsewhere:
            names = ", ".join(self.elsewhere)
            lines.append(f"Not set here, so not looked at: {names}.")
        return [*lines, self._conclusion()]

    def fields(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "ok": self.is_fine,
            "configuration": self.name,
            "summary": self.summary if self.is_fine else None,
            "mistakes": [each.fields() for each in self.mistakes],
            "remarks": [each.fields() for each in self.remarks],
            "elsewhere": [*self.elsewhere],
        }

    def _conclusion(self) -> str:
        if self.is_fine:
            word = "can be used" if self.remarks else "is fine"
            return f"{self.name} {word}: {self.summary}."
        return f"{self.name} cannot be used: {counted(len(self.mistakes), 'mistake')}."
