"""`headway status`: how changes stand by what is kept of them; nothing is asked, sent or written."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
import typer

from handler.core.change import ChangeId
from handler.core.record import Record
from handler.local import options
from handler.local.configuration import of_file
from handler.local.display import local_reader
from handler.local.ending import ExitCode
from handler.local.health import are_fine, is_followed, is_troubled, went_wrong
from handler.local.keeping import Keeping, open_kept, read_change
from handler.local.overview import Overview
from handler.local.screen import Screen
from handler.local.telling import telling
from handler.machine import SystemClock
from handler.web.api.shapes import detail_of, list_of
from handler.web.pages.visitor import Visitor
from handler.web.readings import Group
from notifiers.languages import Noun
from notifiers.saying import SEPARATOR, fill, one_line

_ACTIVE_MAX: Final = 2000
_OTHERS_MAX: Final = 20
"""How many of those that ended last are shown; as JSON it is all of them."""


def status(
    change: options.OneChange = None,
    *,
    config: options.Config = None,
    as_json: options.KeptAsJson = False,
) -> None:
    """Show how changes stand, without asking anybody.

    Says of each change that is followed how far it is, when somebody looked last, and what is wrong; then how
    the last ones ended. It is what the state holds; nothing is sent or written, and secrets that channels are
    reached by may be missing. To look anew there is `headway check`.

    A change is in trouble if it stands still, a step has failed, the API has not answered for as long as
    unreachable_after says, nobody looks at it, or a channel refuses messages or takes none. It has gone
    wrong if it failed or was lost, and no other one of its instance was completed since, or if a channel may
    have missed some of it; that counts for a day, and for good of a change that is named.

    Ends with 0 if all is fine, 1 if a change is in trouble or has gone wrong, the access key is refused or
    the state cannot be read, 2 if something is wrong with the configuration.
    """
    wanted = None if change is None else read_change(change)
    keeping = open_kept(of_file(config, os.environ))
    visitor = Visitor(local_reader(), SystemClock().now())
    if wanted is None:
        is_fine = _tell_all(keeping, visitor, as_json=as_json)
    else:
        is_fine = _tell_one(keeping, wanted, visitor, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if is_fine else ExitCode.NOT_FINE)


def _tell_one(keeping: Keeping, change: ChangeId, visitor: Visitor, *, as_json: bool) -> bool:
    """Show one change, and say whether all is fine with it."""
    record = keeping.find(change)
    if as_json:
        _print_json(detail_of(record))
    else:
        Overview(visitor, Screen()).show_one(record)
    policy = keeping.settings.alerts.policy
    return not is_troubled(record, policy, visitor.now) and not went_wrong(record)


def _tell_all(keeping: Keeping, visitor: Visitor, *, as_json: bool) -> bool:
    """Show all changes, and say whether all is fine with them."""
    with telling():
        if as_json:
            part = keeping.records.part(Group.ALL, None, sys.maxsize)
            records, left_out, refused_at = part.records, 0, part.refused_at
            _print_json(list_of(records, None, refused_at))
        else:
            records, left_out, refused_at = keeping.records.overview(_ACTIVE_MAX, _OTHERS_MAX)
            _show(keeping, records, left_out, refused_at, visitor)
    return refused_at is None and are_fine(records, keeping.settings.alerts.policy, visitor.now)


def _show(
    keeping: Keeping,
    records: Sequence[Record],
    left_out: int,
    refused_at: datetime | None,
    visitor: Visitor,
) -> None:
    """Show what is followed, or might be, and then what is over."""
    overview, words = Overview(visitor, Screen()), visitor.words
    followed = [record for record in records if is_followed(record)]
    others = [record for record in records if not is_followed(record)]
    awaited = [*_awaited(keeping, records)]
    if refused_at:
        overview.say(fill(words.key_refused, time=visitor.time(refused_at)))
    overview.show_followed(followed)
    if left_out:
        overview.say(fill(words.left_out, changes=visitor.reader.language.count(left_out, Noun.CHANGE)))
    for text in awaited if followed or awaited else ["Nothing is followed."]:
        overview.say(text)
    if others:
        overview.say("")
        overview.show_others(others)


def _awaited(keeping: Keeping, records: Sequence[Record]) -> Iterator[str]:
    """What is followed besides: changes of which nothing is kept yet, and places where one may begin."""
    known = {record.change for record in records}
    for entry in keeping.registry.awaited():
        name = f"{one_line(entry.name)}: " if entry.name else ""
        if entry.task_id is None:
            yield f"{name}{entry.instance_id}{SEPARATOR}its changes are looked for"
        elif (change := ChangeId(entry.instance_id, entry.task_id)) not in known and not keeping.records.find(
            change
        ):
            yield f"{name}{change}{SEPARATOR}not looked at yet"
    if keeping.registry.patterns:
        yield f"{', '.join(keeping.registry.patterns)}{SEPARATOR}changes are looked for there"


def _print_json(answer: object) -> None:
    typer.echo(json.dumps(msgspec.to_builtins(answer), indent=2))
