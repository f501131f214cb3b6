"""`headway invoke`: has the deployed function look now, or send a test message, and says what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from handler.chosen import read_channels
from handler.local import options
from handler.local.invoke_apis import ANSWER_SECONDS_MAX, Invoke, opened
from handler.local.persisting import Look, Trials, persist
from handler.local.setbacks import SetbackError, Sort
from handler.local.targets import find_endpoint, read_target
from handler.local.watching import ExitCode
from handler.machine import SystemClock, sleep
from handler.settings.addresses import read_endpoint
from handler.transport import Transport


def invoke(  # noqa: PLR0913 - its options
    target: options.InvokeTarget,
    channels: options.TriedChannels = None,
    *,
    test_alert: options.TestAlert = False,
    event: options.Event = None,
    wait: options.Wait = 0.0,
    endpoint: options.Endpoint = None,
    as_json: options.AnswerAsJson = False,
) -> None:
    """Have the deployed function look at once, or send a test message to its channels.

    TARGET is its FunctionGraph URN or its Lambda ARN. FunctionGraph is asked with the access key in
    HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN, which needs the permission
    functiongraph:function:invoke; Lambda with the one in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
    AWS_SESSION_TOKEN, which needs lambda:InvokeFunction. A busy function is asked again for a minute; with
    --wait it is asked again after whatever else may pass, but no channel that has taken a test message gets
    another. Ends with 0 if all is fine, 1 if not, 2 if it is used wrongly or there is no access key.
    """
    wanted = _wanted(channels or (), event, test_alert=test_alert)
    call = _function(target, endpoint)
    said = []
    try:
        for lack in persist(call, wanted, wait, SystemClock(), sleep):
            _say(lack)
        exit_code = ExitCode.FINE if wanted.is_fine else ExitCode.NOT_FINE
    except SetbackError as error:
        exit_code = ExitCode.INTERRUPTED if error.sort is Sort.STOPPED else ExitCode.NOT_FINE
        said.append(str(error))
        if test_alert and error.sort in {Sort.STOPPED, Sort.UNCERTAIN}:
            said.append("A test message may have gone out.")
    except KeyboardInterrupt:
        exit_code = ExitCode.INTERRUPTED
    _tell(wanted, as_json=as_json)
    if said:
        _say("\n".join(said))
    raise typer.Exit(exit_code)


def _wanted(channels: Sequence[str], event: str | None, *, test_alert: bool) -> Look | Trials:
    if channels and not test_alert:
        raise typer.BadParameter("goes with --test-alert.", param_hint="CHANNEL")
    if event is None:
        return _trials(channels) if test_alert else Look()
    if test_alert:
        raise typer.BadParameter("goes without --test-alert.", param_hint="--event")
    try:
        return Look(msgspec.json.decode(event))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter("is no JSON.", param_hint="--event") from error


def _trials(channels: Sequence[str]) -> Trials:
    try:
        return Trials(
            read_channels([*channels], "CHANNEL", else_all="name none").channels if channels else ()
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _function(name: str, endpoint: str | None) -> Invoke:
    try:
        target = read_target(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="TARGET") from error
    try:
        place = read_endpoint(endpoint) if endpoint is not None else None
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--endpoint") from error
    send = Transport(connections=1, answer_seconds_max=ANSWER_SECONDS_MAX)
    try:
        return opened(target, place or find_endpoint(target, os.environ), os.environ, SystemClock(), send)
    except LookupError as error:
        _say(f"An access key is needed: {error}.")
    except ValueError as error:
        _say(str(error))
    raise typer.Exit(ExitCode.WRONG_USAGE)


def _say(text: str) -> None:
    typer.echo(f"headway: {_printable(text)}", err=True)


def _tell(wanted: Look | Trials, *, as_json: bool) -> None:
    console = Console(highlight=False)
    for line in wanted.tell(as_json=as_json):
        if as_json:
            typer.echo(line)
            continue
        text = Text(line) if isinstance(line, str) else line
        text.plain = _printable(text.plain)
        console.print(text, soft_wrap=True)


def _printable(text: str) -> str:
    """Replace what would move or colour a terminal; sign by sign, so that our own colours stay in place."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
