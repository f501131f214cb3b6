"""`headway status`: how changes stand by what is kept of them; nothing is asked, sent or written."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import typer

from handler.core.change import ChangeId
from handler.core.record import Record
from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import ExitCode
from handler.local.failing import failures_told
from handler.local.kept.health import find_unwell, is_troubled, went_wrong
from handler.local.kept.keeping import Keeping, open_kept, read_change
from handler.local.kept.kept_json import all_as_json, one_as_json
from handler.local.kept.overview import Overview
from handler.local.printing.patterns import say_discovered
from handler.local.printing.reader import local_reader
from handler.local.printing.screen import Screen
from handler.machine import SystemClock
from handler.records import Overview as KeptOverview
from handler.settings.state import FolderState
from handler.web.pages.visitor import Visitor
from handler.web.readings import Group
from notifiers.languages import Noun
from notifiers.saying import SEPARATOR, fill, one_line

_ACTIVE_MAX: Final = 2000
_OTHERS_MAX: Final = 20
"""How many of those that ended last are shown; as JSON it is all of them."""

_SUMMED_FROM: Final = 10
"""How many changes need a word about all of them, for they fill a screen."""

_OTHER_REFUSED_FOR: Final = timedelta(hours=2)
"""So long a refusal of another key counts: one that is in use is tried every ten minutes, by the last of many
parts perhaps every hour or two, and nobody notes that a function has got another one."""


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
    unreachable_after says, it refuses the access key, nobody looks at the change, or a channel refuses
    messages or takes none. It has gone wrong if it failed or was lost, and no other one of its instance was
    completed since, or if a channel may have missed some of it; that counts for a day, and for good of a
    change that is named.

    Ends with 0 if all is fine, 1 if a change is in trouble or has gone wrong, an access key is refused or the
    state cannot be read, 2 if something is wrong with the configuration.
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
    record, policy = keeping.find(change), keeping.settings.alerts.policy
    heeded = keeping.heeding(record)
    is_fine = not is_troubled(heeded, policy, visitor.now) and not went_wrong(heeded)
    if as_json:
        _print_json(one_as_json(record, heeded, visitor, is_fine=is_fine))
    else:
        Overview(visitor, Screen()).show_one(heeded)
    return is_fine


def _tell_all(keeping: Keeping, visitor: Visitor, *, as_json: bool) -> bool:
    """Show all changes, and say whether all is fine with them."""
    with failures_told():
        if as_json:
            part = keeping.records.part(Group.ALL, None, sys.maxsize)
            kept = KeptOverview(part.records, 0, part.refused_at, part.other_refused_at)
        else:
            kept = keeping.records.overview(_ACTIVE_MAX, _OTHERS_MAX)
        heeded = tuple(map(keeping.heeding, kept.records))
        unwell = find_unwell(heeded, keeping.settings.alerts.policy, visitor.now)
        refusals = [*_say_refusals(kept, visitor)]
        if as_json:
            _print_json(all_as_json(kept, heeded, unwell, refusals, visitor))
        else:
            _show(keeping, kept._replace(records=heeded), unwell, refusals, visitor)
    return not refusals and not unwell


def _say_refusals(kept: KeptOverview, visitor: Visitor) -> Iterator[str]:
    """Say when the API refused access keys, as whoever discovers changes has noted it."""
    if kept.refused_at:
        yield fill(visitor.words.key_refused, time=visitor.time(kept.refused_at))
    if kept.other_refused_at and visitor.now - kept.other_refused_at < _OTHER_REFUSED_FOR:
        time = visitor.time(kept.other_refused_at)
        yield f"An access key (not the one here) was refused at {time}: please check the deployed function's."


def _show(
    keeping: Keeping,
    kept: KeptOverview,
    unwell: Sequence[Record],
    refusals: Sequence[str],
    visitor: Visitor,
) -> None:
    """Show what is followed, or might be, and then what is over."""
    overview, troubled = Overview(visitor, Screen()), {record.change for record in unwell}
    followed = [record for record in kept.records if record.is_followed]
    others = [record for record in kept.records if not record.is_followed]
    for text in refusals:
        overview.say(text)
    overview.show_followed(followed, troubled)
    if kept.left_out:
        changes = visitor.reader.language.count(kept.left_out, Noun.CHANGE)
        overview.say(fill(visitor.words.left_out, changes=changes))
    awaited = [*_awaited(keeping, kept.records)]
    nothing = [] if followed or awaited else ["Nothing is followed."]
    for text in [*(_say_unbegun(keeping) or nothing), *awaited]:
        overview.say(text)
    if others:
        overview.say("")
        overview.show_others(others)
    if len(followed) >= _SUMMED_FROM:
        count = sum(record.change in troubled for record in followed)
        overview.say(f"{len(followed):,} followed, {f'{count:,}' if count else 'none'} of them in trouble")


def _say_unbegun(keeping: Keeping) -> list[str]:
    """Say that the folder of the state is not there: nobody has looked, or it is another one's name."""
    state = keeping.settings.state
    if isinstance(state, FolderState) and not Path(state.directory).is_dir():
        return [f"Nothing is kept yet in file:{state.directory}."]
    return []


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
        yield say_discovered(keeping.registry.patterns, "changes are looked for")


def _print_json(answer: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(answer, indent=2))
