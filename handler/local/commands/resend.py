"""`headway resend`: has channels told once more, at the next look, what may not have reached them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import typer

from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import USAGE, CommandError, ExitCode
from handler.local.failing import CONFLICT, failures_told
from handler.local.interrupting import interruptible
from handler.local.kept.keeping import Keeping, open_kept, read_change
from handler.local.printing.counting import counted
from handler.local.printing.hearing import next_time, what_is_left
from handler.local.printing.reader import local_reader
from handler.machine import SystemClock
from handler.resending import Hindrance, NoSuchChannelError, ResendingError, Resent
from handler.web.api.scalars import in_utc_if_any

_BEING_TOLD = "is being told just now, and was left as it is; try again in a minute"


def resend(
    change: options.Change,
    channel: options.Channel = None,
    *,
    everything: options.Everything = False,
    config: options.Config = None,
    as_json: options.ResentAsJson = False,
) -> None:
    """Have channels told again what may not have reached them.

    That is what was given up after a day, what was cut off twice on its way, and what still waits for another
    try. The next look tells it in one message; what may have been heard before is marked as a possible
    repeat, and so is all that comes before that. What a channel has heard for sure it does not hear again,
    unless you say --all. Quiet hours stay as they are, and reminders that have ended are not told again, for
    they would be out of date. Only the configuration and its state are used, and secrets that channels are
    reached by may be missing.

    Ends with 0 if that is done, or there is nothing to tell, 1 if it cannot be done, as while the channel is
    being told, 2 if there is no such channel, or something is wrong with the configuration.
    """
    wanted = read_change(change)
    with interruptible() as interrupted:
        keeping = open_kept(of_file(config, os.environ))
        ledger = _read(keeping.find(wanted))
        resents = _resend(keeping, wanted, channel, everything=everything)
    is_done = all(one.hindrance is not Hindrance.BEING_TOLD for one in resents)
    if as_json:
        channels = [_fields(one) for one in resents]
        typer.echo(json.dumps({"ok": is_done, "change": str(wanted), "channels": channels}, indent=2))
    else:
        typer.echo("\n".join(_lines(resents, ledger, everything=everything)))
    if interrupted.is_set():
        raise typer.Exit(ExitCode.INTERRUPTED)
    raise typer.Exit(ExitCode.FINE if is_done else ExitCode.NOT_FINE)


def _read(record: Record) -> Ledger:
    """Give the ledger of a change, or end the command if there is none, or it cannot be read."""
    if record.trouble is not None:
        raise CommandError(record.trouble, ProblemKind.STATE_UNAVAILABLE.value)
    if record.ledger is None:
        raise CommandError(f"Nobody has looked at {record.change} yet: there is nothing to tell.", CONFLICT)
    return record.ledger


def _resend(keeping: Keeping, change: ChangeId, name: str | None, *, everything: bool) -> list[Resent]:
    """Do it, or end the command with why not."""
    try:
        with failures_told():
            resents = keeping.resending().resend(change, name, everything=everything)
    except NoSuchChannelError as error:
        raise CommandError(str(error), USAGE, ExitCode.WRONG_USAGE) from error
    except ResendingError as error:
        raise CommandError(str(error), CONFLICT) from error
    if name is not None and resents[0].hindrance is Hindrance.BEING_TOLD:
        raise CommandError(f"{name} {_BEING_TOLD}.", CONFLICT)
    return resents


def _lines(resents: Sequence[Resent], ledger: Ledger, *, everything: bool) -> Iterator[str]:
    """Say what will come of it."""
    for one in resents:
        yield f"{one.channel}: {_say(one, ledger, everything=everything)}"
    if any((one.alerts or one.hears_anyway) and one.hindrance is None for one in resents):
        yield "`headway check` looks at once."


def _say(resent: Resent, ledger: Ledger, *, everything: bool) -> str:
    when, why = _when(resent)
    if resent.hindrance is Hindrance.BEING_TOLD:
        return _BEING_TOLD
    if resent.hears_anyway:
        return f"hears {what_is_left(ledger.channels[resent.channel])} {when} anyway{why}"
    if not resent.alerts:
        return (
            "nothing that it wants is kept" if everything else "nothing is lost; --all tells all that is kept"
        )
    count, repeats = len(resent.alerts), len(resent.repeats)
    some = "" if repeats == count else f"{repeats} of them "
    marked = f", {some}marked as {'a possible repeat' if repeats == 1 else 'possible repeats'}"
    told = f"{counted(count, 'alert')} {'is' if count == 1 else 'are'} told again"
    return f"{told} {when}{why}{marked if repeats else ''}"


def _when(resent: Resent) -> tuple[str, str]:
    """Say when it is told, and what keeps it from that before."""
    if resent.hindrance is None or resent.until is None:
        return "at the next look", ""
    time = f"at {next_time(resent.until, local_reader(), SystemClock().now())}"
    if resent.hindrance is Hindrance.QUIET_HOURS:
        return time, ", after its quiet hours"
    return f"{time} or later", ", because it has failed with other changes"


def _fields(resent: Resent) -> dict[str, Any]:
    return {
        "channel": resent.channel,
        "alerts": [alert.number for alert in resent.alerts],
        "possible_repeats": [alert.number for alert in resent.repeats],
        "hindrance": resent.hindrance.value if resent.hindrance else None,
        "until": msgspec.to_builtins(in_utc_if_any(resent.until)),
    }
