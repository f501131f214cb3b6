"""What a shell may complete: names of channels from the configuration, and changes from a state in a folder.

Whoever presses Tab waits for it and wants no word about what is wrong: so nothing is looked up but in files
of this machine, and what cannot be read offers nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from handler.settings.tree import Tree

Complete = Callable[[typer.Context, str], list[str]]
"""Offers words that begin as what is typed does; typer looks at these very types."""

_FOLDER: Final = "file:"


def one_of(words: Iterable[str]) -> Complete:
    """Offer some of these."""
    return _offering(lambda _: words)


def _offering(find: Callable[[typer.Context], Iterable[str]]) -> Complete:
    def offer(context: typer.Context, incomplete: str) -> list[str]:
        try:
            return [word for word in find(context) if word.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - see above
            return []

    return offer


def _channels(context: typer.Context) -> Iterable[str]:
    channels = _configuration(context).get("channels")
    named = context.params.get("channels") or ()
    return [name for name in channels if name not in named] if isinstance(channels, dict) else ()


def _instances(context: typer.Context) -> Iterable[str]:
    return sorted({instance for instance, _ in _kept(context)})


def _tasks(context: typer.Context) -> Iterable[str]:
    return sorted(task for instance, task in _kept(context) if instance == context.params.get("instance"))


def _changes(context: typer.Context) -> Iterable[str]:
    return sorted(map("/".join, _kept(context)))


def _kinds(_: typer.Context) -> Iterable[str]:
    # Imported here as well, for it takes a moment.
    from handler.local.previewing.pages import KINDS  # noqa: PLC0415

    return KINDS


complete_kinds: Final = _offering(_kinds)
"""The kinds of messages that there are."""

complete_channels: Final = _offering(_channels)
"""Of the configured channels those that do not stand on the line already."""

complete_instances: Final = _offering(_instances)
"""The instances of which changes are kept."""

complete_tasks: Final = _offering(_tasks)
"""The kept changes of the instance that stands on the line."""

complete_changes: Final = _offering(_changes)
"""The kept changes, as INSTANCE/TASK."""


def _kept(context: typer.Context) -> Iterator[tuple[str, str]]:
    """Instance and task of each change in a state that is a folder."""
    from handler.settings.state import STATE_DEFAULT  # noqa: PLC0415 - see `_configuration`
    from handler.settings.tree import fill  # noqa: PLC0415

    state = str(fill(_configuration(context).get("state", STATE_DEFAULT), os.environ.get, _look_up)[0])
    if state.startswith(_FOLDER):
        for path in Path(state.removeprefix(_FOLDER), "changes").glob("*/*.json"):
            yield path.parent.name, path.stem


def _look_up(reference: str) -> str:
    raise LookupError(f"{reference} is not of this machine")


def _configuration(context: typer.Context) -> Mapping[str, Tree]:
    """The configuration as it is written, without values from elsewhere; nothing if there is none."""
    # Imported here, for most of what is completed needs none.
    from handler.local.configuration import of_file  # noqa: PLC0415
    from handler.settings.sources import find_source  # noqa: PLC0415

    named = context.params.get("config")
    source = context.get_parameter_source("config")
    if named is None and source is not None and source.name == "COMMANDLINE":
        # What stands in another file is not what is meant.
        raise LookupError("the file that is named is not there")
    configuration = of_file(Path(named) if named else None, os.environ)
    tree = find_source(configuration.environ.get, _read_here, configuration.path).tree
    return tree if isinstance(tree, dict) else {}


def _read_here(place: str) -> str | None:
    path = Path(place)
    return path.read_text("utf-8") if path.is_file() else None
