"""`headway simulate`: plays a change on an endpoint of this machine, to point anything at."""

from __future__ import annotations

import typer

from handler.local import options
from handler.local.script import find_script
from handler.local.simulator import Simulator
from handler.local.watching import ExitCode, interruptible


def simulate(
    *, script: options.ScriptName = "good", speed: options.Speed = 1.0, port: options.Port = 0
) -> None:
    """Play a change on an endpoint of this machine.

    Prints the variables that point Headway at it, and serves until Ctrl-C; the change begins at once.
    """
    with interruptible() as interrupted, open_simulator(script, speed, port) as simulator:
        tell_variables(simulator)
        interrupted.wait()
    raise typer.Exit(ExitCode.INTERRUPTED)


def open_simulator(script: str, speed: float, port: int = 0) -> Simulator:
    """Open an endpoint that plays a script; ends the command if there is no such script or port."""
    try:
        return Simulator(find_script(script), speed=speed, port=port)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--script") from error
    except OSError as error:
        raise options.no_port(port, error) from error


def tell_variables(simulator: Simulator) -> None:
    """Print the variables that point Headway at it."""
    for name, value in simulator.environment().items():
        typer.echo(f"export {name}={value}")
    typer.echo(f"Serving at {simulator.url} until Ctrl-C.", err=True)
