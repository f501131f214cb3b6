"""`headway serve`: the status page and ticks on your own machine, until somebody ends it."""

from __future__ import annotations

import os
from typing import Final, NoReturn

import typer

from handler.application import Application
from handler.local import options
from handler.local.attending import Attended
from handler.local.configuration import Configuration, of_file
from handler.local.exits import ExitCode, say
from handler.local.failing import failures_told
from handler.local.hosting import Site
from handler.local.interrupting import interruptible

_PORT: Final = 8321
"""Always the same, so that the page can be kept open; it means nothing else."""


def serve(
    *,
    port: options.Port = _PORT,
    every: options.Every = 10,
    no_ticks: options.NoTicks = False,
    config: options.Config = None,
) -> None:
    """Serve the status page to this machine, and watch.

    Changes are looked at and told as by `headway watch`, but it goes on until Ctrl-C, after they have ended
    and while there are none. With the configuration of production the API is really asked, and messages
    really go out; where the state is production's, too, nothing is told twice. With --no-ticks nothing of
    that happens. With an http.token in the configuration the page asks for it, as the deployed one does.

    Ends with 130, as it is interrupted, with 2 if something is wrong with the configuration or the port is
    taken, or with 1 if the configuration lies in a bucket that cannot be read.
    """
    configuration = of_file(config, os.environ)
    if no_ticks:
        _only_show(configuration, port)
    attended = Attended(configuration)
    who_may_look = _who_may_look(attended.application)
    with interruptible() as interrupted, _site(attended.application, port) as site:
        # What is wrong is to be said before anybody is sent to the page.
        first = attended.begin()
        typer.echo(f"See it at {site.url} until Ctrl-C. {who_may_look}")
        exit_code = attended.watch_on(first, every, interrupted)
    raise typer.Exit(exit_code)


def _only_show(configuration: Configuration, port: int) -> NoReturn:
    """Serve what is kept; the terminal is no channel, since nobody is told anything."""
    application = configuration.application()
    with failures_told():
        # To open the list is to find out whether the state can be used.
        application.registry()
    who_may_look = _who_may_look(application)
    with interruptible() as interrupted, _site(application, port, only_shows=True) as site:
        typer.echo(f"See what is kept at {site.url} until Ctrl-C. {who_may_look}")
        interrupted.wait()
    raise typer.Exit(ExitCode.INTERRUPTED)


def _who_may_look(application: Application) -> str:
    """Say it; ends the command if the configuration cannot be used."""
    with failures_told():
        token = application.settings().http.token
    if token is None:
        return "Anybody on this machine may look, because no http.token is configured."
    return "It asks for the http.token as a password; any name will do."


def _site(application: Application, port: int, *, only_shows: bool = False) -> Site:
    try:
        return Site(application, port, only_shows=only_shows, say=say)
    except OSError as error:
        raise options.no_port(port, error) from error
