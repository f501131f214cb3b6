"""How a command ends: its exit codes, and the errors that end it before its time. Light, for all of them.

With `--json` every error has a report's shape, `{"ok": false, "error": {"kind", "message"}}`: it stands
where the result would, and the sentence on stderr all the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Final

import typer

USAGE: Final = "usage"
"""The kind of an error of whoever typed the command; the others are those of a report's errors."""


Say = Callable[[str], None]
"""Says a line."""


class ExitCode(IntEnum):
    """How the command ends."""

    FINE = 0
    NOT_FINE = 1
    WRONG_USAGE = 2
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command: the message says why in sentences, `kind` is a word for it.

    `beside` is what a JSON document holds all the same, such as what was done before.
    """

    def __init__(
        self,
        message: str,
        kind: str,
        exit_code: ExitCode = ExitCode.NOT_FINE,
        beside: Mapping[str, Any] | None = None,
    ) -> None:
        """Take what there is to say."""
        super().__init__(message)
        self.kind = kind
        self.exit_code = exit_code
        self.beside = beside or {}


def tell_error(error: CommandError, *, as_json: bool) -> None:
    """Say why a command ends; the document is one line, as those of `headway watch --json` are."""
    if as_json:
        told = {"ok": False, "error": {"kind": error.kind, "message": str(error)}}
        typer.echo(json.dumps({**error.beside, **told}))
    say(str(error))


def say(text: str) -> None:
    """Say something beside the result, on stderr."""
    # Not by typer, which would pass by whoever has it stand above bars that move.
    sys.stderr.write(f"headway: {printable(text)}\n")
    sys.stderr.flush()


def printable(text: str) -> str:
    """Replace what would move or colour a terminal; sign by sign, so that styles of ours stay in place."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
