"""`headway check`: looks once, as the deployed function does at each tick."""

from __future__ import annotations

import json
import os

import typer

from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import ExitCode, say
from handler.local.failing import lead_on_from
from handler.local.interrupting import interruptible
from handler.local.printing.display import summary
from handler.local.printing.remarks import blemishes, trouble_of
from handler.local.printing.reports import report_as_json
from handler.local.watching import exit_code_of


def check(*, config: options.Config = None, as_json: options.AsJson = False) -> None:
    """Look once, and tell every channel what is new.

    Says how each change stands, who was told, and of whoever has not heard all yet why that is.

    With --json that is the report, and its reasons say in sentences why it is not ok. ok is the heartbeat's:
    an API that is down for less than unreachable_after does not count. The exit code is stricter: an error of
    any kind, of a change or of the whole look, is not fine.

    Ends with 0 if all is fine, 1 if not, 2 if something is wrong with the configuration.
    """
    with interruptible() as interrupted:
        application = of_file(config, os.environ).application()
        outcome = application.invoke(None, None)
    if as_json:
        typer.echo(json.dumps(report_as_json(outcome, application), indent=2))
    else:
        for text in summary(outcome):
            typer.echo(text)
    for text in filter(None, [*blemishes(outcome), trouble_of(outcome), lead_on_from(outcome)]):
        say(text)
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted.is_set() else exit_code_of(outcome.report))
