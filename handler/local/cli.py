"""The command `headway`: your own machine as the third platform, on the same path as the other two."""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

try:
    import typer
except ModuleNotFoundError:
    sys.exit("headway: the command needs what comes with the extra `cli`; install headway[cli].")

from handler.core.change import check_id
from handler.local.attending import Attended
from handler.local.configuration import Configuration, of_file, of_simulator, of_watch
from handler.local.display import summary
from handler.local.following import add, check_use, drop, registry_of, tell_entries, tell_entry
from handler.local.hosting import Site
from handler.local.invoking import invoke
from handler.local.options import (
    AsJson,
    Config,
    Every,
    Instance,
    Name,
    Port,
    ScriptName,
    Speed,
    Stop,
    Task,
    no_port,
)
from handler.local.previewing import preview
from handler.local.script import find_script
from handler.local.simulator import Simulator
from handler.local.staying import serve
from handler.local.trying import try_out
from handler.local.watching import ExitCode, exit_code_of, interruptible

_DEMO_EVERY_SECONDS: Final = 1.0
_DEMO_REFRESH_SECONDS: Final = 2

app = typer.Typer(
    help="Watches Kafka capacity changes on Huawei Cloud. To see one: headway demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command(epilog="Example: headway demo --script stalls")
def demo(*, script: ScriptName = "good", speed: Speed = 10.0) -> None:
    """Watch a simulated change in half a minute, here and on its page.

    Ends with 0 if the change was completed, else with 1. With KEEP=1 in the environment the page and the
    simulated endpoint stay until Ctrl-C.
    """
    with (
        interruptible() as interrupted,
        _simulator(script, speed) as simulator,
        TemporaryDirectory(prefix="headway-") as folder,
    ):
        attended = Attended(of_simulator(simulator, folder, speed))
        with Site(attended.application, say=attended.say) as site:
            typer.echo(f"See it at {site.url}?refresh={_DEMO_REFRESH_SECONDS}")
            exit_code = attended.watch(_DEMO_EVERY_SECONDS, interrupted)
            if not interrupted.is_set():
                _stay(simulator, site, interrupted)
    if not interrupted.is_set():
        typer.echo("The page is gone; KEEP=1 keeps it.")
    raise typer.Exit(exit_code)


@app.command(epilog="Example: headway watch 5bb3e7f6-instance 9a2d10c4-task --every 30")
def watch(
    *, instance: Instance = None, task: Task = None, every: Every = 10.0, config: Config = None
) -> None:
    """Watch changes in the foreground until they have ended, and tell the channels of them.

    With INSTANCE no file is read: the variables HEADWAY_REGION, HEADWAY_PROJECT_ID, HUAWEICLOUD_SDK_AK and
    HUAWEICLOUD_SDK_SK are enough; without TASK every change there is watched, as soon as there is one. With
    neither, all that the configuration watches is. Ends with 0 if all changes were completed, 1 if not, 2
    if something is wrong with the configuration.
    """
    configuration = _chosen(instance, task, config)
    with interruptible() as interrupted:
        exit_code = Attended(configuration).watch(every, interrupted)
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


@app.command(epilog="Example: headway follow 5bb3e7f6-instance 9a2d10c4-task --name orders")
def follow(  # noqa: PLR0913 - its options
    *,
    instance: Instance = None,
    task: Task = None,
    name: Name = None,
    stop: Stop = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Have the deployed Headway follow a change from its next tick on, until the end.

    With INSTANCE alone the next change there is followed, whichever it is; with neither, all that is
    followed is listed. Only the configuration and its state are used, the API is not asked. Ends with 0 if
    that is done, 1 if it cannot be, 2 if something is wrong with the configuration.
    """
    check_use(instance, task, name, stop=stop)
    registry = registry_of(of_file(config, os.environ))
    if instance is None:
        tell_entries(registry, as_json=as_json)
    elif stop:
        drop(registry, instance, task)
    else:
        tell_entry(add(registry, instance, task, name), as_json=as_json)


@app.command(epilog="Example: headway simulate --script fails --speed 5 --port 8080")
def simulate(*, script: ScriptName = "good", speed: Speed = 1.0, port: Port = 0) -> None:
    """Play a change on an endpoint of this machine.

    Prints the variables that point Headway at it, and serves until Ctrl-C; the change begins at once.
    """
    with interruptible() as interrupted, _simulator(script, speed, port) as simulator:
        _tell_variables(simulator)
        interrupted.wait()
    raise typer.Exit(ExitCode.INTERRUPTED)


app.command(epilog="Example: headway invoke $FUNCTION_URN team --test-alert --wait 60")(invoke)
app.command(epilog="Example: headway preview slack --kind failed --language zh")(preview)
app.command(epilog="Example: headway serve --port 8080 --config production.yaml")(serve)
app.command("test-alert", epilog="Example: headway test-alert team on-call --config production.yaml")(try_out)


def main() -> None:
    """Run the command; what the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="headway")


def _chosen(instance: str | None, task: str | None, config: Path | None) -> Configuration:
    if instance is None:
        return of_file(config, os.environ)
    if config is not None:
        raise typer.BadParameter("goes without INSTANCE and TASK.", param_hint="--config")
    try:
        return of_watch(check_id(instance), None if task is None else check_id(task), os.environ)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="INSTANCE TASK") from error


def _simulator(script: str, speed: float, port: int = 0) -> Simulator:
    try:
        return Simulator(find_script(script), speed=speed, port=port)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--script") from error
    except OSError as error:
        raise no_port(port, error) from error


def _stay(simulator: Simulator, site: Site, interrupted: Event) -> None:
    """Serve on after the end: for as long as is wanted, or until pages show how it ended."""
    if os.environ.get("KEEP"):
        _tell_variables(simulator)
        typer.echo(f"The page stays at {site.url} until Ctrl-C.", err=True)
        interrupted.wait()
    elif site.end_refreshing(2 * _DEMO_REFRESH_SECONDS):
        interrupted.wait(1.5 * _DEMO_REFRESH_SECONDS)


def _tell_variables(simulator: Simulator) -> None:
    for name, value in simulator.environment().items():
        typer.echo(f"export {name}={value}")
    typer.echo(f"Serving at {simulator.url} until Ctrl-C.", err=True)
