"""Watches in front of a terminal: alerts stand there above the bars of the changes, or as lines."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import typer
from rich.console import Console

from handler.local.configuration import Configuration
from handler.local.console import CHANNEL_NAME, ConsoleChannel
from handler.local.display import saying_once, showing
from handler.local.watching import ExitCode, FruitlessError, Show, watch_on, watch_until_over


class Attended:
    """An application for which the terminal is a channel beside the configured ones."""

    def __init__(self, configuration: Configuration) -> None:
        """Build it; nothing is read yet."""
        self._console = Console()
        self._aim = configuration.aim
        self.application = configuration.application({CHANNEL_NAME: ConsoleChannel(self._console)})

    def watch(self, every_seconds: float, interrupted: Event) -> ExitCode:
        """Watch until all that is meant is over, or somebody wants to stop."""
        tell_none = saying_once(self._console)
        return self._shown(
            lambda show: watch_until_over(
                self.application, show, interrupted, every_seconds, self._aim, tell_none=tell_none
            )
        )

    def watch_on(self, every_seconds: float, interrupted: Event) -> ExitCode:
        """Watch until somebody wants to stop, whatever becomes of the changes."""
        tell = saying_once(self._console)
        return self._shown(lambda show: watch_on(self.application, show, tell, interrupted, every_seconds))

    def _shown(self, watching: Callable[[Show], ExitCode]) -> ExitCode:
        try:
            with showing(self._console) as show:
                return watching(show)
        except FruitlessError as error:
            typer.echo(f"headway: {error}", err=True)
            return error.exit_code
