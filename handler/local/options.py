"""The options and arguments that commands have in common."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from handler.local.completing import (
    complete_changes,
    complete_channels,
    complete_instances,
    complete_kinds,
    complete_tasks,
    one_of,
)
from handler.local.serving import LOOPBACK
from handler.local.simulation.script import script_names, script_summaries
from handler.settings.sources import CONFIG_FILE
from notifiers.forms import FAMILIES
from notifiers.language_code import LanguageCode


def _between(low: float, high: float, read: Callable[[str], float] = float) -> Callable[[str], float]:
    """Read a number; typer's own bounds show in the help as a formula."""

    def read_number(text: str) -> float:
        try:
            number = read(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            kind = "whole number" if read is int else "number"
            raise typer.BadParameter(f"{text} is no {kind} from {low:g} to {high:g}.")
        return number

    return read_number


def _read_file_name(text: str) -> Path:
    """Read the name of a file that is there; a shell that only completes leaves a `~` as it is."""
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - the other one raises where there is no such user
    with suppress(OSError):
        if path.is_dir():
            raise typer.BadParameter(f"file '{text}' is a directory.")
        if path.exists():
            return path
    raise typer.BadParameter(f"file '{text}' does not exist.")


def no_port(port: int, error: OSError) -> typer.BadParameter:
    """Say that a port cannot be used, and by which option another is taken."""
    sentence = f"Port {port} of {LOOPBACK} cannot be used: {error.strerror}."
    return typer.BadParameter(sentence, param_hint="--port")


def _explain_scripts() -> str:
    """A line for each, which the mark at the beginning keeps apart."""
    lines = [f"{name}: {summary}" for name, summary in script_summaries().items()]
    own = ["PATH: a file of your own, in the format that", "handler/settings/README.md shows."]
    return "\b\n" + "\n".join(["What happens:", *lines, *own])


ScriptName = Annotated[
    str,
    typer.Option(
        "--script",
        metavar="NAME|PATH",
        help=_explain_scripts(),
        autocompletion=one_of(script_names()),
    ),
]
Speed = Annotated[
    float, typer.Option(metavar="N", help="How much faster than written.", parser=_between(0.01, 10_000))
]
Port = Annotated[
    int,
    typer.Option(
        metavar="PORT", help=f"Where to listen on {LOOPBACK}; 0 takes any.", parser=_between(0, 65535, int)
    ),
]
_EVERY_SECONDS_MAX: Final = 1500
"""Who looks less often would tell each time that nobody had looked: see `UNWATCHED_AFTER`."""

Every = Annotated[
    float,
    typer.Option(metavar="SECONDS", help="How often to look.", parser=_between(1, _EVERY_SECONDS_MAX)),
]
NoTicks = Annotated[
    bool,
    typer.Option("--no-ticks", help="Only show what is kept: ask nothing, send nothing, write nothing."),
]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", parser=_read_file_name, help=f"Instead of {CONFIG_FILE} in this folder."),
]
Instance = Annotated[
    str | None,
    typer.Argument(metavar="INSTANCE", help="The id of an instance …", autocompletion=complete_instances),
]
Task = Annotated[
    str | None,
    typer.Argument(metavar="TASK", help="… and of the task that changes it.", autocompletion=complete_tasks),
]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="What people call the change.")]
Stop = Annotated[bool, typer.Option("--stop", help="Have it followed no longer.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")]
ReportsAsJson = Annotated[
    bool, typer.Option("--json", help="Print each look's report as JSON, one a line, and nothing else.")
]
VariablesAsJson = Annotated[bool, typer.Option("--json", help="Print the variables as JSON.")]
ListAsJson = Annotated[bool, typer.Option("--json", help="Print what is followed as JSON.")]
PagesAsJson = Annotated[bool, typer.Option("--json", help="Print the messages as JSON.")]
ConfigFile = Annotated[
    str | None, typer.Argument(metavar="FILE", help="The file to look at; else what other commands use.")
]
ReviewAsJson = Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")]
AsSchema = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the file, for editors.")]
TrialsAsJson = Annotated[bool, typer.Option("--json", help="Print what came of it as JSON.")]
Channels = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CHANNEL", help="Only these; else all that are configured.", autocompletion=complete_channels
    ),
]
Family = Annotated[
    str | None,
    typer.Argument(metavar="FAMILY", help=f"One of {', '.join(FAMILIES)}.", autocompletion=one_of(FAMILIES)),
]
Language = Annotated[LanguageCode | None, typer.Option(metavar="en|zh", help="In which language.")]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only these kinds of alert, or digest, or test.",
        autocompletion=complete_kinds,
    ),
]
Timezone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="By which clocks, such as Asia/Shanghai; else UTC.")
]
Templates = Annotated[
    Path | None,
    typer.Option(metavar="DIR", exists=True, file_okay=False, help="A folder with templates of your own."),
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", file_okay=False, help="Write files there instead of printing.")
]
ChannelName = Annotated[
    str | None,
    typer.Option(
        "--channel",
        metavar="NAME",
        help="As this configured channel would get it.",
        autocompletion=complete_channels,
    ),
]
InvokeTarget = Annotated[str, typer.Argument(metavar="TARGET", help="The function's URN or ARN.")]
TriedChannels = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CHANNEL", help="With --test-alert only these; else all.", autocompletion=complete_channels
    ),
]
TestAlert = Annotated[bool, typer.Option("--test-alert", help="Have it send a test message.")]
Event = Annotated[str | None, typer.Option(metavar="JSON", help="Invoke it with an event of your own.")]
Wait = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", help="Try again for so long, until all is fine.", parser=_between(0, 3600)
    ),
]
Endpoint = Annotated[str | None, typer.Option(metavar="URL", help="Where to ask, instead of in its region.")]
AnswerAsJson = Annotated[bool, typer.Option("--json", help="Print what it answered as JSON.")]
OneChange = Annotated[
    str | None,
    typer.Argument(metavar="INSTANCE/TASK", help="Only this change.", autocompletion=complete_changes),
]
Change = Annotated[
    str, typer.Argument(metavar="INSTANCE/TASK", help="Which change.", autocompletion=complete_changes)
]
Channel = Annotated[
    str | None,
    typer.Argument(metavar="CHANNEL", help="Only this one; else all.", autocompletion=complete_channels),
]
KeptAsJson = Annotated[
    bool, typer.Option("--json", help="Print it as JSON: as the HTTP API does, with ok and troubles.")
]
LogAsJson = Annotated[bool, typer.Option("--json", help="Print the log as JSON.")]
Everything = Annotated[
    bool, typer.Option("--all", help="All that is kept, also what was heard, as a possible repeat.")
]
ResentAsJson = Annotated[bool, typer.Option("--json", help="Print what will be told as JSON.")]
