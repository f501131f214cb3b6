"""`headway check`: looks once, as the deployed function does at each tick."""

from __future__ import annotations

import json
import os

import typer

from handler.local import options
from handler.local.configuration import of_file
from handler.local.display import summary
from handler.local.watching import ExitCode, exit_code_of, interruptible


def check(*, config: options.Config = None, as_json: options.AsJson = False) -> None:
    """Look once and tell every channel what is new.

    Ends with 0 if all is fine, 1 if not, 2 if something is wrong with the configuration.
    """
    with interruptible() as interrupted:
        outcome = of_file(config, os.environ).application().invoke(None, None)
    if as_json:
        typer.echo(json.dumps(outcome.report, indent=2))
    else:
        typer.echo("\n".join(summary(outcome)))
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted.is_set() else exit_code_of(outcome.report))
