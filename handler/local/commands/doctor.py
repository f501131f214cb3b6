"""`headway doctor`: finds out what keeps Headway from working, and says what to do about it."""

from __future__ import annotations

import json
import os
from contextlib import closing

import typer

from handler.local import options
from handler.local.configuration import of_file
from handler.local.doctor.check import INDENT, Check, exit_code_of, is_fine
from handler.local.doctor.examination import examine
from handler.local.exits import ExitCode
from handler.local.printing.folding import fold
from handler.local.printing.screen import Screen


def doctor(*, config: options.Config = None, as_json: options.AsJson = False) -> None:
    """Find out what keeps Headway from working.

    Tries one after the other the configuration, the API and what the access key may do there, the store and
    whether it keeps its promises, the channels' hosts, and whether the function's timer wakes it. Nobody is
    told anything, and what is written to the store, under names of its own, is removed again. All of that is
    tried from this machine, with the keys that it has, and takes about a minute at most. Ends with 0 if
    nothing is in the way, warnings or not, 1 if something is, 2 if the configuration has to be corrected: it
    cannot be read, lacks keys, or names a network, store or channel that can never work; 130 after Ctrl-C.
    """
    screen = Screen()
    checks: list[Check] = []
    try:
        with closing(examine(of_file(config, os.environ))) as examination:
            for check in examination:
                checks.append(check)
                if not as_json:
                    _show(check, screen)
    except KeyboardInterrupt as error:
        raise typer.Exit(ExitCode.INTERRUPTED) from error
    if as_json:
        shown = [check.describe() for check in checks]
        typer.echo(json.dumps({"ok": is_fine(checks), "checks": shown}, indent=2))
    raise typer.Exit(exit_code_of(checks))


def _show(check: Check, screen: Screen) -> None:
    """Print a check, folded where people read it."""
    for line in check.show().split():
        screen.print(*fold(line, screen, INDENT), sep="\n", soft_wrap=True)
