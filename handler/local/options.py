"""The options and arguments that commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from handler.entry import CONFIG_FILE
from handler.local.script import script_names


def _between(low: float, high: float) -> Callable[[float], float]:
    def check_number(number: float) -> float:
        if not low <= number <= high:
            raise typer.BadParameter(f"{number:g} is not from {low:g} to {high:g}.")
        return number

    return check_number


ScriptName = Annotated[
    str,
    typer.Option(
        "--script", metavar="NAME|PATH", help=f"What happens: {', '.join(script_names())}, or your own file."
    ),
]
Speed = Annotated[
    float, typer.Option(metavar="N", help="How much faster than written.", callback=_between(0.01, 10_000))
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Where to listen on 127.0.0.1; 0 takes any.")]
Every = Annotated[
    float, typer.Option(metavar="SECONDS", help="How often to look.", callback=_between(1, 3600))
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
