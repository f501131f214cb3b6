"""Opens what is kept of changes, by the configuration, without those of its secrets that only telling takes.

Whoever looks after the state need not hold the channels' addresses: where one is not there something else
stands for it, and nothing is ever sent to that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import typer

from handler.channels import policies
from handler.configuration import Outside, read_configuration, reader
from handler.core.change import ChangeId
from handler.core.record import Record
from handler.local.configuration import Configuration
from handler.local.ending import CommandError
from handler.local.telling import telling
from handler.machine import SystemClock
from handler.records import Records
from handler.registry import Registry
from handler.resending import Resending
from handler.runtimes import Runtime, read_runtime
from handler.settings import Settings
from handler.settings.sources import find_source
from handler.settings.tree import Path, Place, Tree, kept_in, matches, variables_in
from handler.wiring import Workshop
from notifiers.channel import Channel
from notifiers.saying import one_line
from notifiers.schemas import schema_of

NOT_FOUND: Final = "not_found"
"""The kind of an error where there is no such change, as over HTTP."""

_SECRETS: Final[tuple[Place, ...]] = (("channels", "*", "url"), ("http", "token"), ("heartbeat", "url"))
"""What is not needed to look."""

_STAND_IN: Final = "https://not-known.invalid/"
"""Stands for a value of theirs that is not there: each of them may look like that."""

_EXAMPLES_MAX: Final = 5


def read_change(text: str) -> ChangeId:
    """Read which change is meant.

    Raises:
        BadParameter: It is not `INSTANCE/TASK`.
    """
    try:
        return ChangeId.parse(text)
    except ValueError as error:
        reason = "wants an instance's id and a task's with a slash between; `headway status` lists them."
        raise typer.BadParameter(reason, param_hint="INSTANCE/TASK") from error


class Keeping(NamedTuple):
    """The configuration, what is kept, and what is followed."""

    settings: Settings
    records: Records
    registry: Registry

    def service_of(self, channel: str) -> str:
        """By which schema a channel's URL begins; empty if that is not known here."""
        configured = self.settings.channels.get(channel)
        url = configured.url.reveal() if configured else _STAND_IN
        return "" if url == _STAND_IN else schema_of(url)

    def channel(self, name: str) -> Channel | None:
        """What a channel wants to hear, and when, if it is configured."""
        return next((channel for channel in policies(self.settings) if channel.name == name), None)

    def resending(self) -> Resending:
        """What has channels told once more."""
        return Resending(self.registry, self.records, tuple(policies(self.settings)))

    def find(self, change: ChangeId) -> Record:
        """What is kept of a change; ends the command if that is nothing, and says what there is."""
        with telling():
            record = self.records.find(change)
            if record is None:
                raise CommandError(f"Nothing is kept of {change}{self._examples()}", NOT_FOUND)
        return record

    def _examples(self) -> str:
        overview = self.records.overview(_EXAMPLES_MAX, _EXAMPLES_MAX)
        names = [_called(record) for record in overview.records]
        if not names:
            return ", nor of any other change."
        return f". There are {', '.join(names[:_EXAMPLES_MAX])}; `headway status` shows all."


def open_kept(configuration: Configuration) -> Keeping:
    """Open it; nothing is read yet. Ends the command if the configuration cannot be used."""
    clock = SystemClock()
    workshop = Workshop(clock)
    runtime = read_runtime(None, configuration.environ, clock.monotonic())
    with telling():
        settings = _read(configuration, runtime, workshop.elsewhere(runtime))
        return Keeping(settings, workshop.records(settings, runtime), workshop.registry(settings, runtime))


class _Lenient:
    """An `Outside` that is asked only for values that are needed."""

    def __init__(self, outside: Outside, needed: Collection[str]) -> None:
        self._outside = outside
        self._needed = needed

    def read(self, address: str) -> str | None:
        return self._outside.read(address)

    def fetch(self, references: Collection[str]) -> Mapping[str, str | LookupError]:
        needed = [reference for reference in references if reference in self._needed]
        fetched = self._outside.fetch(needed) if needed else {}
        return {**dict.fromkeys(references, _STAND_IN), **fetched}


def _read(configuration: Configuration, runtime: Runtime, outside: Outside) -> Settings:
    """Read the configuration; see the module."""
    tree = find_source(runtime.lookup, reader(outside), configuration.path).tree
    needed = _without_secrets(tree)
    spare = variables_in(tree) - variables_in(needed)

    def lookup(name: str) -> str | None:
        return runtime.lookup(name) or (_STAND_IN if name in spare else None)

    return read_configuration(lookup, _Lenient(outside, kept_in(needed)), configuration.path)


def _without_secrets(tree: Tree, path: Path = ()) -> Tree:
    if isinstance(tree, dict):
        return {key: _without_secrets(below, (*path, key)) for key, below in tree.items()}
    return None if any(matches(place, path) for place in _SECRETS) else tree


def _called(record: Record) -> str:
    name = one_line(record.ledger.name or "") if record.ledger else ""
    return f"{record.change} ({name})" if name else str(record.change)
