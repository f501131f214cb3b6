"""`headway test-alert`: sends a test message to channels, and says what each service answered."""

from __future__ import annotations

import json
import os
from typing import Any

import typer

from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import ExitCode
from handler.local.failing import failures_told
from handler.local.printing.explaining import advice
from handler.local.printing.screen import Screen
from handler.local.printing.trials import line_of
from handler.trial import Trial, describe


def try_out(
    channels: options.Channels = None, *, config: options.Config = None, as_json: options.TrialsAsJson = False
) -> None:
    """Send a test message to channels.

    It is really sent, says that it is a test, and for each channel you are told what its service answered.
    What a channel wants to hear does not count, nor do quiet hours; no state is touched, and the API is not
    asked.

    Ends with 0 if each channel took it, 1 if not, 2 if something is wrong with the configuration.
    """
    screen, trials = Screen(), []
    with failures_told():
        for trial in of_file(config, os.environ).application().try_channels(channels or ()):
            trials.append(trial)
            if not as_json:
                screen.print(line_of(trial), soft_wrap=True)
    is_fine = all(trial.is_fine for trial in trials)
    if as_json:
        shown = sorted(map(_fields, trials), key=lambda fields: str(fields["channel"]))
        typer.echo(json.dumps({"ok": is_fine, "channels": shown}, indent=2))
    if any(trial.is_misconfigured for trial in trials):
        raise typer.Exit(ExitCode.WRONG_USAGE)
    raise typer.Exit(ExitCode.FINE if is_fine else ExitCode.NOT_FINE)


def _fields(trial: Trial) -> dict[str, Any]:
    """A trial as JSON shows it, with what to do."""
    return {**describe(trial), "advice": advice(trial.service, trial.verdict)}
