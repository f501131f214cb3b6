"""Opens what is kept of changes by a configuration, without those of its secrets that only telling takes."""

from __future__ import annotations

from typing import Final, NamedTuple

import typer

from handler.channels import policies
from handler.core.audience import only_configured
from handler.core.change import ChangeId
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.local.configuration import Configuration
from handler.local.exits import CommandError
from handler.local.failing import failures_told
from handler.local.lenient import STAND_IN, read_leniently
from handler.machine import SystemClock
from handler.records import Records
from handler.registry import Registry
from handler.resending import Resending
from handler.runtimes import read_runtime
from handler.settings import Settings
from handler.wiring import Workshop
from notifiers.channel import Channel
from notifiers.saying import one_line
from notifiers.schemas import schema_of

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
        url = configured.url.reveal() if configured else STAND_IN
        return "" if url == STAND_IN else schema_of(url)

    def channel(self, name: str) -> Channel | None:
        """What a channel wants to hear, and when, if it is configured."""
        return next((channel for channel in policies(self.settings) if channel.name == name), None)

    def heeding(self, record: Record) -> Record:
        """A record with those of its channels alone that are configured now.

        Where none is, as in a shell without production's variables, nobody knows which are, and all stay.
        """
        if record.ledger is None or not self.settings.channels:
            return record
        return record._replace(ledger=only_configured(record.ledger, self.settings.channels))

    def resending(self) -> Resending:
        """What has channels told once more."""
        return Resending(self.registry, self.records, tuple(policies(self.settings)))

    def find(self, change: ChangeId) -> Record:
        """What is kept of a change; ends the command if that is nothing, and says what there is."""
        with failures_told():
            record = self.records.find(change)
            if record is None:
                raise CommandError(
                    f"Nothing is kept of {change}{self._examples()}", ProblemKind.NOT_FOUND.value
                )
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
    with failures_told():
        settings = read_leniently(configuration, runtime, workshop.elsewhere(runtime)).settings
        return Keeping(settings, workshop.records(settings, runtime), workshop.registry(settings, runtime))


def _called(record: Record) -> str:
    name = one_line(record.ledger.name or "") if record.ledger else ""
    return f"{record.change} ({name})" if name else str(record.change)
