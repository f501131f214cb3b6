"""`headway serve`: the status page and ticks on your own machine, until somebody ends it."""

from __future__ import annotations

import os
from typing import Final

import typer

from handler.application import Application
from handler.local import options
from handler.local.attending import Attended
from handler.local.configuration import of_file
from handler.local.hosting import Site
from handler.local.watching import ExitCode, interruptible
from handler.settings import SettingsError

_PORT: Final = 8321
"""Always the same, so that the page can be kept open; it means nothing else."""


def serve(*, port: options.Port = _PORT, every: options.Every = 10.0, config: options.Config = None) -> None:
    """Serve the status page to this machine, and watch, until Ctrl-C.

    Changes are looked at and told as by `headway watch`, but it goes on after they have ended, and while
    there are none. With an http.token in the configuration the page asks for it, as the deployed one does.
    Ends with 2 if something is wrong with the configuration.
    """
    attended = Attended(of_file(config, os.environ))
    who_may_look = _who_may_look(attended.application)
    with interruptible() as interrupted, _site(attended.application, port) as site:
        typer.echo(f"See it at {site.url} until Ctrl-C. {who_may_look}")
        exit_code = attended.watch_on(every, interrupted)
    raise typer.Exit(exit_code)


def _who_may_look(application: Application) -> str:
    """Say it; ends the command if the configuration cannot be used."""
    try:
        token = application.settings().http.token
    except SettingsError as error:
        typer.echo(f"headway: {error}", err=True)
        raise typer.Exit(ExitCode.WRONG_USAGE) from error
    if token is None:
        return "Anybody on this machine may look, because no http.token is configured."
    return "It asks for the http.token as a password; any name will do."


def _site(application: Application, port: int) -> Site:
    try:
        return Site(application, port)
    except OSError as error:
        raise options.no_port(port, error) from error
