"""`headway simulate`: plays a change on an endpoint of this machine, to point anything at."""

from __future__ import annotations

import json

import typer

from handler.local import options
from handler.local.exits import ExitCode
from handler.local.interrupting import interruptible
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator


def simulate(
    *,
    script: options.ScriptName = "good",
    speed: options.Speed = 1,
    port: options.Port = 0,
    as_json: options.VariablesAsJson = False,
) -> None:
    """Play a change on an endpoint of this machine.

    Prints the variables that point Headway at it, for a shell or with --json for a program, and serves until
    Ctrl-C; the change begins at once.

    Ends with 130, as it is interrupted, or with 2 if the port is taken.
    """
    with interruptible() as interrupted, open_simulator(script, speed, port) as simulator:
        tell_variables(simulator, as_json=as_json)
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


def tell_variables(simulator: Simulator, *, as_json: bool = False) -> None:
    """Print the variables that point Headway at it."""
    variables = simulator.environment()
    if as_json:
        typer.echo(json.dumps(variables, indent=2))
    else:
        typer.echo("\n".join(f"export {name}={value}" for name, value in variables.items()))
    typer.echo(f"Serving at {simulator.url} until Ctrl-C.", err=True)
