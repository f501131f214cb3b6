"""Watches in front of a terminal: alerts stand there above the bars of the changes, or as lines."""

from __future__ import annotations

import json

import typer
from rich.text import Text

from handler.local.configuration import Configuration
from handler.local.exits import ExitCode, say
from handler.local.interrupting import Wish
from handler.local.printing.display import LEAVE, showing, waits
from handler.local.printing.hearing import TERMINAL
from handler.local.printing.remarks import NO_OTHER_CHANNEL, Remarks
from handler.local.printing.reports import report_as_json
from handler.local.printing.screen import Screen
from handler.local.printing.terminal import TerminalChannel
from handler.local.watching import look_first, watch_on, watch_until_over
from handler.outcome import Outcome


class Attended:
    """An application for which the terminal is a channel beside the configured ones."""

    def __init__(self, configuration: Configuration, *, no_channel: str | None = NO_OTHER_CHANNEL) -> None:
        """Build it; nothing is read yet.

        Args:
            configuration: What is configured.
            no_channel: What to say where no channel is.
        """
        self._screen = Screen()
        self._remarks = Remarks(self._mention, no_channel=no_channel)
        self._aim = configuration.aim
        self._has_let_go = False
        self.application = configuration.application({TERMINAL: TerminalChannel(self._screen)})

    def begin(self) -> Outcome:
        """Look for the first time; ends the command if the configuration cannot be used."""
        return look_first(self.application)

    def watch(self, every_seconds: float, interrupted: Wish) -> ExitCode:
        """Watch until all that is meant is over, or somebody wants to stop."""
        with showing(self._screen) as show:
            return watch_until_over(self.application, show, self._tell, interrupted, every_seconds, self._aim)

    def watch_on(self, first: Outcome, every_seconds: float, interrupted: Wish) -> ExitCode:
        """Watch after the first look until somebody wants to stop, whatever becomes of the changes."""
        with showing(self._screen) as show:
            return watch_on(self.application, first, show, self._tell, interrupted, every_seconds)

    def _mention(self, text: str) -> None:
        self._screen.print(Text(text), soft_wrap=True)

    def _tell(self, outcome: Outcome) -> None:
        self._remarks.tell(outcome)
        if not self._screen.is_interactive and not self._has_let_go and waits(outcome.ticks):
            self._has_let_go = True
            say(LEAVE)
        if self._screen.failure:
            raise self._screen.failure


def watch_for_programs(configuration: Configuration, every_seconds: float, interrupted: Wish) -> ExitCode:
    """Watch the same, but print the report of each tick as JSON, one a line."""
    remarks, application = Remarks(lambda _: None), configuration.application()

    def tell(outcome: Outcome) -> None:
        typer.echo(json.dumps(report_as_json(outcome, application)))
        remarks.tell(outcome)

    return watch_until_over(application, lambda _: None, tell, interrupted, every_seconds, configuration.aim)
