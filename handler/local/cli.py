"""The command `headway`: your own machine as the third platform, on the same path as the other two."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Annotated, Final

try:
    import typer
except ModuleNotFoundError:
    sys.exit("headway: the command needs what comes with the extra `cli`; install headway[cli].")

from rich.console import Console

from handler.core.change import ChangeId
from handler.entry import CONFIG_FILE
from handler.local.configuration import Configuration, of_change, of_file, of_simulator
from handler.local.console import CHANNEL_NAME, ConsoleChannel
from handler.local.display import showing, summary
from handler.local.script import find_script, script_names
from handler.local.simulator import HOST, Simulator
from handler.local.watching import ExitCode, FruitlessError, exit_code_of, follow, interruptible

_DEMO_EVERY_SECONDS: Final = 1.0


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
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole report.")]

app = typer.Typer(
    help="Watches Kafka capacity changes on Huawei Cloud. To see one: headway demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command(epilog="Example: headway demo --script stalls")
def demo(*, script: ScriptName = "good", speed: Speed = 10.0) -> None:
    """Watch a simulated change in half a minute.

    Ends with 0 if the change was completed, else with 1. With KEEP=1 in the environment the simulated
    endpoint stays until Ctrl-C.
    """
    with (
        interruptible() as interrupted,
        _simulator(script, speed) as simulator,
        TemporaryDirectory(prefix="headway-") as folder,
    ):
        exit_code = _watch(of_simulator(simulator, folder, speed), _DEMO_EVERY_SECONDS, interrupted)
        if os.environ.get("KEEP"):
            _tell_variables(simulator)
            interrupted.wait()
    raise typer.Exit(exit_code)


@app.command(epilog="Example: headway watch 5bb3e7f6-instance 9a2d10c4-task --every 30")
def watch(
    *, instance: Instance = None, task: Task = None, every: Every = 10.0, config: Config = None
) -> None:
    """Watch changes in the foreground until they have ended.

    With INSTANCE and TASK no file is read: the variables HEADWAY_REGION, HEADWAY_PROJECT_ID,
    HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are enough. Without, all that the configuration watches is
    watched. Ends with 0 if all changes were completed, 1 if not, 2 if something is wrong with the
    configuration.
    """
    configuration = _chosen(instance, task, config)
    with interruptible() as interrupted:
        exit_code = _watch(configuration, every, interrupted)
    raise typer.Exit(exit_code)


@app.command(epilog="Example: headway check --config production.yaml --json")
def check(*, config: Config = None, as_json: AsJson = False) -> None:
    """Look once and tell every channel what is new.

    Ends with 0 if all is fine, 1 if not, 2 if something is wrong with the configuration.
    """
    with interruptible() as interrupted:
        outcome = of_file(config, os.environ).application().invoke(None, None)
    if as_json:
        typer.echo(json.dumps(outcome.report, indent=2))
    else:
        typer.echo("\n".join(summary(outcome)))
    raise typer.Exit(ExitCode.INTERRUPTED if interrupted.is_set() else exit_code_of(outcome.report))


@app.command(epilog="Example: headway simulate --script fails --speed 5 --port 8080")
def simulate(*, script: ScriptName = "good", speed: Speed = 1.0, port: Port = 0) -> None:
    """Play a change on an endpoint of this machine.

    Prints the variables that point Headway at it, and serves until Ctrl-C; the change begins at once.
    """
    with interruptible() as interrupted, _simulator(script, speed, port) as simulator:
        _tell_variables(simulator)
        interrupted.wait()
    raise typer.Exit(ExitCode.INTERRUPTED)


def main() -> None:
    """Run the command; what the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="headway")


def _chosen(instance: str | None, task: str | None, config: Path | None) -> Configuration:
    if instance is None:
        return of_file(config, os.environ)
    if task is None:
        raise typer.BadParameter("wants TASK behind it.", param_hint="INSTANCE")
    if config is not None:
        raise typer.BadParameter("goes without INSTANCE and TASK.", param_hint="--config")
    try:
        return of_change(ChangeId.parse(f"{instance}/{task}"), os.environ)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="INSTANCE TASK") from error


def _simulator(script: str, speed: float, port: int = 0) -> Simulator:
    try:
        return Simulator(find_script(script), speed=speed, port=port)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--script") from error
    except OSError as error:
        sentence = f"Port {port} of {HOST} cannot be used: {error.strerror}."
        raise typer.BadParameter(sentence, param_hint="--port") from error


def _tell_variables(simulator: Simulator) -> None:
    for name, value in simulator.environment().items():
        typer.echo(f"export {name}={value}")
    typer.echo(f"Serving at {simulator.url} until Ctrl-C.", err=True)


def _watch(configuration: Configuration, every_seconds: float, interrupted: Event) -> ExitCode:
    console = Console()
    application = configuration.application({CHANNEL_NAME: ConsoleChannel(console)})
    try:
        with showing(console) as show:
            return follow(application, show, interrupted, every_seconds)
    except FruitlessError as error:
        typer.echo(f"headway: {error}", err=True)
        return error.exit_code
