"""What came of a check, and how it is shown: a line for people, fields for programs, an exit code for both.

Nothing of a channel's address but its host, and nothing of a key, may stand in a finding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

from rich.text import Text

from handler.local.exits import ExitCode
from handler.mishaps import caught
from notifiers.saying import begin, one_line

_LINE_LENGTH_MAX: Final = 600
_WORD_LENGTH: Final = 7
INDENT: Final = 2 + _WORD_LENGTH + 2
"""How wide mark, word and gap are, before the words of a check."""


class Outcome(Enum):
    """How a check ended; one is skipped that cannot be made, or has nothing to look at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


_MARKS: Final = {Outcome.OK: "✓", Outcome.WARNING: "!", Outcome.FAILED: "✗", Outcome.SKIPPED: "–"}  # noqa: RUF001 - a dash
_STYLES: Final = {
    Outcome.OK: "green",
    Outcome.WARNING: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.SKIPPED: "dim",
}


class Finding(NamedTuple):
    """How it is, and what to do about it; with `is_misconfigured` that is to correct the configuration."""

    outcome: Outcome
    detail: str
    advice: str | None = None
    is_misconfigured: bool = False


class Check(NamedTuple):
    """A check that was made; its finding may have several lines."""

    name: str
    finding: Finding
    seconds: float = 0.0

    def describe(self) -> dict[str, Any]:
        """Give the check as JSON shows it."""
        return {
            "name": self.name,
            "outcome": self.finding.outcome.value,
            "detail": self.finding.detail,
            "advice": self.finding.advice,
            "seconds": round(self.seconds, 3),
        }

    def show(self) -> Text:
        """Give the check as a terminal shows it; the word says the same as mark and colour."""
        outcome = self.finding.outcome
        first, *others = [one_line(line, _LINE_LENGTH_MAX) for line in _say(self.finding)]
        text = Text.assemble((f"{_MARKS[outcome]} {outcome.value:{_WORD_LENGTH}}", _STYLES[outcome]))
        text.append(f"  {self.name} · {first}")
        text.append("".join(f"\n{' ' * INDENT}{line}" for line in others))
        return text


def ok(detail: str) -> Finding:
    """All is as it should be."""
    return Finding(Outcome.OK, detail)


def warning(detail: str, advice: str | None = None) -> Finding:
    """Headway works, but somebody should know."""
    return Finding(Outcome.WARNING, detail, advice)


def failed(detail: str, advice: str | None = None, *, is_misconfigured: bool = False) -> Finding:
    """This keeps Headway from working."""
    return Finding(Outcome.FAILED, detail, advice, is_misconfigured)


def skipped(detail: str, advice: str | None = None) -> Finding:
    """There was nothing to look at, or no way to."""
    return Finding(Outcome.SKIPPED, detail, advice)


def needs(what: str) -> Finding:
    """An earlier check has failed without which this one cannot be made."""
    return skipped(f"needs {what}")


def made(name: str, find: Callable[[], Finding]) -> Check:
    """Make a check; whatever goes wrong in it is what it has found."""
    begun = time.monotonic()
    try:
        finding = find()
    except Exception as error:  # noqa: BLE001 - a defect in one check must not hide what the others find
        finding = failed(caught(error).message)
    return Check(name, finding, time.monotonic() - begun)


def is_fine(checks: Iterable[Check]) -> bool:
    """Tell whether nothing keeps Headway from working."""
    return all(check.finding.outcome is not Outcome.FAILED for check in checks)


def exit_code_of(checks: Iterable[Check]) -> ExitCode:
    """How the command ends: what only the configuration can mend comes before all else."""
    checks = [*checks]
    if any(check.finding.is_misconfigured for check in checks):
        return ExitCode.WRONG_USAGE
    return ExitCode.FINE if is_fine(checks) else ExitCode.NOT_FINE


def _say(finding: Finding) -> Iterator[str]:
    *above, last = finding.detail.splitlines() or [""]
    advice = finding.advice or ""
    if above and advice:
        # What to do about all of them.
        yield from (*above, last, begin(advice))
    else:
        yield from (*above, "; ".join(filter(None, (last.rstrip("."), advice))))
