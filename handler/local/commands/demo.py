"""`headway demo`: a simulated change from its beginning to its end, here and on its page."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Final

import typer

from handler.local import options
from handler.local.attending import Attended
from handler.local.commands.simulate import open_simulator, tell_variables
from handler.local.configuration import of_simulator
from handler.local.exits import say
from handler.local.hosting import Site
from handler.local.interrupting import Wish, interruptible
from handler.local.simulation.simulator import Simulator

_EVERY_SECONDS: Final = 1.0
_REFRESH_SECONDS: Final = 2


def demo(*, script: options.ScriptName = "good", speed: options.Speed = 10) -> None:
    """Watch a simulated change in half a minute.

    Its alerts appear here, and its page at an address that is printed. With KEEP=1 in the environment the
    page and the simulated endpoint stay until Ctrl-C. No configuration is read, and nothing is sent.

    Ends with 0 if the change was completed, else with 1.
    """
    with (
        interruptible() as interrupted,
        open_simulator(script, speed) as simulator,
        TemporaryDirectory(prefix="headway-") as folder,
    ):
        attended = Attended(of_simulator(simulator, folder, speed), no_channel=None)
        with Site(attended.application, say=say) as site:
            typer.echo(f"See it at {site.url}?refresh={_REFRESH_SECONDS}")
            exit_code = attended.watch(_EVERY_SECONDS, interrupted)
            if not interrupted.is_set():
                _stay(simulator, site, interrupted)
    if not interrupted.is_set():
        typer.echo("The page is gone; KEEP=1 keeps it.")
    raise typer.Exit(exit_code)


def _stay(simulator: Simulator, site: Site, interrupted: Wish) -> None:
    """Serve on after the end: for as long as is wanted, or until pages show how it ended."""
    if os.environ.get("KEEP"):
        tell_variables(simulator)
        typer.echo(f"The page stays at {site.url} until Ctrl-C.", err=True)
        interrupted.wait()
    elif site.end_refreshing(2 * _REFRESH_SECONDS):
        interrupted.wait(1.5 * _REFRESH_SECONDS)
