"""What ends a command before its time: a sentence, and an exit code that says whose matter it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from handler.configuration import UnavailableError
from handler.credentials import ConfigurationError
from handler.local.configuration import Configuration
from handler.local.watching import ExitCode
from handler.registry import Registry, RegistryError
from handler.settings import SettingsError
from handler.stores.port import StateUnavailableError


def registry_of(configuration: Configuration) -> Registry:
    """Open the list; ends the command if the configuration cannot be used."""
    with telling():
        return configuration.application().registry()


@contextmanager
def telling() -> Iterator[None]:
    """End the command with a sentence where something is in the way."""
    try:
        yield
    except (UnavailableError, RegistryError, StateUnavailableError) as error:
        typer.echo(f"headway: {error}", err=True)
        raise typer.Exit(ExitCode.NOT_FINE) from error
    except (SettingsError, ConfigurationError) as error:
        typer.echo(f"headway: {error}", err=True)
        raise typer.Exit(ExitCode.WRONG_USAGE) from error
