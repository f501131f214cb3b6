"""`headway follow`: puts a change on the list of what is followed, takes it off, and shows the list."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import typer

from handler.core.change import check_id, check_name
from handler.core.problem import ProblemKind
from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import CommandError
from handler.local.failing import failures_told
from handler.local.kept.keeping import open_kept
from handler.local.printing.patterns import say_discovered
from handler.registering import describe, describe_all
from handler.registry import Entry, Reason, Registry
from notifiers.saying import one_line

_SAYINGS: dict[Reason, Callable[[Entry], str]] = {
    Reason.CONFIGURED: lambda entry: (
        "stands in the configuration" if entry.task_id else "every change, says the configuration"
    ),
    Reason.FOLLOWED: lambda _: "followed until its end",
    Reason.EXPECTED: lambda _: "its next change is followed",
}


def follow(  # noqa: PLR0913 - its options
    *,
    instance: options.Instance = None,
    task: options.Task = None,
    name: options.Name = None,
    stop: options.Stop = False,
    config: options.Config = None,
    as_json: options.ListAsJson = False,
) -> None:
    """Have the deployed function follow a change until its end.

    It does from its next look on. With INSTANCE alone the next change there is followed, whichever it is;
    with neither, all that is followed is listed. Only the configuration and its state are used: the API is
    not asked, and no channel's secret is needed.

    Ends with 0 if that is done, 1 if it cannot be, 2 if something is wrong with the configuration.
    """
    _check_use(instance, task, name, stop=stop)
    registry = open_kept(of_file(config, os.environ)).registry
    if instance is None:
        _tell_entries(registry, as_json=as_json)
    elif stop:
        _drop(registry, instance, task, as_json=as_json)
    else:
        _tell_entry(_add(registry, instance, task, name), as_json=as_json)


def _check_use(instance: str | None, task: str | None, name: str | None, *, stop: bool) -> None:
    """Refuse options that would do nothing."""
    if stop and instance is None:
        raise typer.BadParameter("name the INSTANCE, or the INSTANCE and the TASK.", param_hint="--stop")
    if name is not None and stop:
        raise typer.BadParameter(
            "only what is to be followed gets a name: leave out either this or --stop.", param_hint="--name"
        )
    if name is not None and task is None:
        raise typer.BadParameter(f"--name needs {'a' if instance else 'an INSTANCE and a'} TASK.")


def _tell_entries(registry: Registry, *, as_json: bool) -> None:
    """Print all that is followed."""
    with failures_told():
        if as_json:
            typer.echo(json.dumps(describe_all(registry), indent=2))
            return
        lines = [_line(entry) for entry in registry.entries()]
    if registry.patterns:
        lines.append(say_discovered(registry.patterns, "every change that is found"))
    typer.echo("\n".join(lines) or "Nothing is followed.")


def _tell_entry(entry: Entry, *, as_json: bool) -> None:
    """Print one of them."""
    typer.echo(json.dumps(describe(entry), indent=2) if as_json else _line(entry))


def _add(registry: Registry, instance: str, task: str | None, name: str | None) -> Entry:
    """Put a change, or an instance's next one, on the list."""
    with failures_told():
        return registry.follow(*_ids(instance, task), _name(name))


def _drop(registry: Registry, instance: str, task: str | None, *, as_json: bool) -> None:
    """Take it off."""
    with failures_told():
        was_followed = registry.drop(*_ids(instance, task))
    if not was_followed:
        raise CommandError("Nothing of that name is followed.", ProblemKind.NOT_FOUND.value)
    if as_json:
        typer.echo(json.dumps({"dropped": {"instance_id": instance, "task_id": task}}, indent=2))
    else:
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
