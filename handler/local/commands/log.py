"""`headway log`: what has happened to a change, what each channel has heard of it, and how each send went."""

from __future__ import annotations

import json
import os

import typer

from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import CommandError
from handler.local.kept.keeping import Keeping, open_kept, read_change
from handler.local.kept.logbook import Listener, Logbook
from handler.local.kept.overview import Overview
from handler.local.printing.hearing import TERMINAL
from handler.local.printing.reader import local_reader
from handler.local.printing.rows import print_rows
from handler.local.printing.screen import Screen
from handler.machine import SystemClock
from handler.web.pages.visitor import Visitor

_INDENT = 2


def log(change: options.Change, *, config: options.Config = None, as_json: options.LogAsJson = False) -> None:
    """Show what happened to a change, and who heard of it.

    First come its alerts in their order. Then for each channel how far it has heard and what it waits for;
    each attempt that is kept, with the range of alerts that it covered, the service's answer and what that
    means; and which alerts it missed, or may have. It is what the state holds: nothing is asked, sent or
    written, and secrets that channels are reached by may be missing. With --json it is ok if all channels
    that are configured have heard all.

    Ends with 0 if it is shown, 1 if nothing is kept of the change or it cannot be read, 2 if something is
    wrong with the configuration.
    """
    wanted = read_change(change)
    keeping = open_kept(of_file(config, os.environ))
    record = keeping.find(wanted)
    if record.trouble is not None:
        raise CommandError(record.trouble, ProblemKind.STATE_UNAVAILABLE.value)
    visitor = Visitor(local_reader(), SystemClock().now())
    logbook, heeded = Logbook(record, _listeners(keeping, record), visitor), keeping.heeding(record)
    if as_json:
        typer.echo(json.dumps(logbook.as_json(heeded), indent=2))
    else:
        _show(logbook, heeded, visitor)


def _listeners(keeping: Keeping, record: Record) -> list[Listener]:
    channels, configured = record.ledger.channels if record.ledger else {}, keeping.settings.channels
    return [
        Listener(
            name,
            keeping.service_of(name),
            keeping.channel(name),
            is_gone=name not in {*configured, TERMINAL}
            and (bool(configured) or state.absent_since is not None),
        )
        for name, state in channels.items()
    ]


def _show(logbook: Logbook, record: Record, visitor: Visitor) -> None:
    screen = Screen()
    overview = Overview(visitor, screen)
    overview.show_others([record])
    if logbook.older():
        overview.say(logbook.older())
    rows = [*logbook.alert_rows()]
    print_rows(rows, screen)
    if not rows:
        overview.say(visitor.words.no_log)
    for listener in logbook.listeners:
        overview.say("")
        overview.say(logbook.hearing(listener))
        print_rows([*logbook.attempt_rows(listener)], screen, _INDENT)
        for text in logbook.endings(listener):
            overview.say(f"{' ' * _INDENT}{text}")
