"""`headway follow`: puts a change on the list of what is followed, takes it off, and shows the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from handler.configuration import UnavailableError
from handler.core.change import check_id, check_name
from handler.credentials import ConfigurationError
from handler.local.configuration import Configuration
from handler.local.watching import ExitCode
from handler.registering import describe, describe_all
from handler.registry import Entry, Reason, Registry, RegistryError
from handler.settings import SettingsError
from handler.stores.port import StateUnavailableError
from notifiers.saying import one_line

_SAYINGS: dict[Reason, Callable[[Entry], str]] = {
    Reason.CONFIGURED: lambda entry: (
        "stands in the configuration" if entry.task_id else "every change, says the configuration"
    ),
    Reason.FOLLOWED: lambda _: "followed until its end",
    Reason.EXPECTED: lambda _: "its next change is followed",
}


def check_use(instance: str | None, task: str | None, name: str | None, *, stop: bool) -> None:
    """Refuse options that would do nothing."""
    if stop and instance is None:
        raise typer.BadParameter("wants INSTANCE, and perhaps TASK.", param_hint="--stop")
    if name is not None and (task is None or stop):
        raise typer.BadParameter("goes with INSTANCE and TASK, and without --stop.", param_hint="--name")


def registry_of(configuration: Configuration) -> Registry:
    """Open the list; ends the command if the configuration cannot be used."""
    with telling():
        return configuration.application().registry()


def tell_entries(registry: Registry, *, as_json: bool) -> None:
    """Print all that is followed."""
    with telling():
        if as_json:
            typer.echo(json.dumps(describe_all(registry), indent=2))
            return
        lines = [_line(entry) for entry in registry.entries()]
    if registry.patterns:
        lines.append(f"{', '.join(registry.patterns)} · every change that is found there")
    typer.echo("\n".join(lines) or "Nothing is followed.")


def tell_entry(entry: Entry, *, as_json: bool) -> None:
    """Print one of them."""
    typer.echo(json.dumps(describe(entry), indent=2) if as_json else _line(entry))


def add(registry: Registry, instance: str, task: str | None, name: str | None) -> Entry:
    """Put a change, or an instance's next one, on the list."""
    with telling():
        return registry.follow(*_ids(instance, task), _name(name))


def drop(registry: Registry, instance: str, task: str | None) -> None:
    """Take it off."""
    with telling():
        if not registry.drop(*_ids(instance, task)):
            raise RegistryError("Nothing of that name is followed.")
    typer.echo(f"{'/'.join(filter(None, [instance, task]))} · followed no longer")


def _ids(instance: str, task: str | None) -> tuple[str, str | None]:
    return _id(instance, "INSTANCE"), None if task is None else _id(task, "TASK")


def _id(text: str, what: str) -> str:
    if not text:
        raise typer.BadParameter("is empty; perhaps a variable that is not set?", param_hint=what)
    try:
        return check_id(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint=what) from error


def _name(name: str | None) -> str | None:
    try:
        return None if name is None else check_name(name)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--name") from error


def _line(entry: Entry) -> str:
    place = "/".join(filter(None, [entry.instance_id, entry.task_id]))
    called = f"{one_line(entry.name)}: " if entry.name else ""
    return f"{called}{place} · {_SAYINGS[entry.reason](entry)}"


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
