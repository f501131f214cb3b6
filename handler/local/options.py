"""The options and arguments that commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from handler.entry import CONFIG_FILE
from handler.local.script import script_names
from handler.local.serving import LOOPBACK
from notifiers.forms import FAMILIES
from notifiers.language_code import LanguageCode


def _between(low: float, high: float) -> Callable[[float], float]:
    def check_number(number: float) -> float:
        if not low <= number <= high:
            raise typer.BadParameter(f"{number:g} is not from {low:g} to {high:g}.")
        return number

    return check_number


def no_port(port: int, error: OSError) -> typer.BadParameter:
    """Say that a port cannot be used, and by which option another is taken."""
    sentence = f"Port {port} of {LOOPBACK} cannot be used: {error.strerror}."
    return typer.BadParameter(sentence, param_hint="--port")


ScriptName = Annotated[
    str,
    typer.Option(
        "--script", metavar="NAME|PATH", help=f"What happens: {', '.join(script_names())}, or your own file."
    ),
]
Speed = Annotated[
    float, typer.Option(metavar="N", help="How much faster than written.", callback=_between(0.01, 10_000))
]
Port = Annotated[int, typer.Option(min=0, max=65535, help=f"Where to listen on {LOOPBACK}; 0 takes any.")]
Every = Annotated[
    float, typer.Option(metavar="SECONDS", help="How often to look.", callback=_between(1, 3600))
]
NoTicks = Annotated[
    bool,
    typer.Option("--no-ticks", help="Only show what is kept: ask nothing, send nothing, write nothing."),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help=f"Instead of {CONFIG_FILE} in this folder."
    ),
]
Instance = Annotated[str | None, typer.Argument(metavar="INSTANCE", help="The id of an instance …")]
Task = Annotated[str | None, typer.Argument(metavar="TASK", help="… and of the task that changes it.")]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="What people call the change.")]
Stop = Annotated[bool, typer.Option("--stop", help="Have it followed no longer.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole report.")]
Channels = Annotated[
    list[str] | None, typer.Argument(metavar="CHANNEL", help="Only these; else all that are configured.")
]
TrialsAsJson = Annotated[bool, typer.Option("--json", help="Print what came of it as JSON.")]
Family = Annotated[str | None, typer.Argument(metavar="FAMILY", help=f"One of {', '.join(FAMILIES)}.")]
Language = Annotated[LanguageCode | None, typer.Option(help="In which language.")]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="Only these kinds of alert, or digest, or test."),
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
    str | None, typer.Option("--channel", metavar="NAME", help="As this configured channel would get it.")
]
InvokeTarget = Annotated[str, typer.Argument(metavar="TARGET", help="The function's URN or ARN.")]
TriedChannels = Annotated[
    list[str] | None, typer.Argument(metavar="CHANNEL", help="With --test-alert only these; else all.")
]
TestAlert = Annotated[bool, typer.Option("--test-alert", help="Have it send a test message.")]
Event = Annotated[str | None, typer.Option(metavar="JSON", help="Invoke it with an event of your own.")]
Wait = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", help="Try again for so long, until all is fine.", callback=_between(0, 3600)
    ),
]
Endpoint = Annotated[str | None, typer.Option(metavar="URL", help="Where to ask, instead of in its region.")]
AnswerAsJson = Annotated[bool, typer.Option("--json", help="Print what it answered.")]
