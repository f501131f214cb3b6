"""Watches in front of a terminal: alerts stand there above the bars of the changes, or as lines."""

from __future__ import annotations

from threading import Event

import typer
from rich.console import Console

from handler.local.configuration import Configuration
from handler.local.display import showing
from handler.local.remarks import Remarks
from handler.local.terminal import CHANNEL_NAME, TerminalChannel
from handler.local.watching import ExitCode, FruitlessError, look_first, watch_on, watch_until_over
from handler.outcome import Outcome


class Attended:
    """An application for which the terminal is a channel beside the configured ones."""

    def __init__(self, configuration: Configuration) -> None:
        """Build it; nothing is read yet."""
        self._console = Console()
        self._remarks = Remarks(self._console)
        self._aim = configuration.aim
        self.application = configuration.application({CHANNEL_NAME: TerminalChannel(self._console)})

    def say(self, text: str) -> None:
        """Say a line above the bars."""
        self._remarks.say(text)

    def watch(self, every_seconds: float, interrupted: Event) -> ExitCode:
        """Watch until all that is meant is over, or somebody wants to stop."""
        try:
            with showing(self._console) as show:
                return watch_until_over(
                    self.application, show, self._remarks.tell, interrupted, every_seconds, self._aim
                )
        except FruitlessError as error:
            raise _given_up(error) from error

    def begin(self) -> Outcome:
        """Look for the first time; ends the command if the configuration cannot be used."""
        try:
            return look_first(self.application)
        except FruitlessError as error:
            raise _given_up(error) from error

    def watch_on(self, first: Outcome, every_seconds: float, interrupted: Event) -> ExitCode:
        """Watch after the first look until somebody wants to stop, whatever becomes of the changes."""
        with showing(self._console) as show:
            return watch_on(self.application, first, show, self._remarks.tell, interrupted, every_seconds)


def _given_up(error: FruitlessError) -> typer.Exit:
    typer.echo(f"headway: {error}", err=True)
    return typer.Exit(error.exit_code)
