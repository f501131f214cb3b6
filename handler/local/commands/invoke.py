"""`headway invoke`: has the deployed function look now, or send a test message, and says what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import typer
from rich.text import Text

from handler.chosen import read_channels
from handler.core.problem import ProblemKind
from handler.local import options
from handler.local.exits import CommandError, ExitCode, printable, say
from handler.local.invoking.invoke_apis import ANSWER_SECONDS_MAX, Invoke, opened
from handler.local.invoking.persisting import Look, Trials, persist
from handler.local.invoking.setbacks import SetbackError, Sort
from handler.local.invoking.targets import find_endpoint, read_target
from handler.local.printing.screen import Screen
from handler.machine import SystemClock, sleep
from handler.settings.addresses import read_endpoint
from handler.transport import Transport

_KINDS: Final[Mapping[Sort, str]] = {
    Sort.BUSY: "busy",
    Sort.EARLY: "unavailable",
    Sort.FAILED: "failed",
    Sort.UNCERTAIN: "uncertain",
    Sort.STOPPED: "interrupted",
    Sort.FINAL: "refused",
}
"""What the error of a JSON document is called; after an `uncertain` one something may have been done."""


def invoke(  # noqa: PLR0913 - its options
    target: options.InvokeTarget,
    channels: options.TriedChannels = None,
    *,
    test_alert: options.TestAlert = False,
    event: options.Event = None,
    wait: options.Wait = 0,
    endpoint: options.Endpoint = None,
    as_json: options.AnswerAsJson = False,
) -> None:
    """Have the deployed function look now, or send a test message.

    TARGET is its FunctionGraph URN or its Lambda ARN. FunctionGraph is asked with the access key in
    HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN, which needs the permission
    functiongraph:function:invoke; Lambda with the one in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
    AWS_SESSION_TOKEN, which needs lambda:InvokeFunction. A busy function is asked again for a minute; with
    --wait it is asked again after whatever else may pass, but no channel that has taken a test message gets
    another.

    Ends with 0 if all is fine, 1 if not, 2 if it is used wrongly or there is no access key, 130 if
    interrupted.
    """
    wanted = _wanted(channels or (), event, test_alert=test_alert)
    call = _function(target, endpoint)
    try:
        for lack in persist(call, wanted, wait, SystemClock(), sleep):
            say(lack)
        exit_code = ExitCode.FINE if wanted.is_fine else ExitCode.NOT_FINE
    except SetbackError as error:
        if not as_json:
            _tell(wanted)
        raise _given_up(error, wanted, test_alert=test_alert) from error
    except KeyboardInterrupt:
        exit_code = ExitCode.INTERRUPTED
    _tell(wanted, as_json=as_json)
    raise typer.Exit(exit_code)


def _given_up(error: SetbackError, wanted: Look | Trials, *, test_alert: bool) -> CommandError:
    """Say why it was not done, and beside that what was answered all the same."""
    said = [str(error)]
    if test_alert and error.sort in {Sort.STOPPED, Sort.UNCERTAIN}:
        said.append("A test message may have gone out.")
    exit_code = ExitCode.INTERRUPTED if error.sort is Sort.STOPPED else ExitCode.NOT_FINE
    answers = [json.loads(str(text)) for text in wanted.tell(as_json=True)]
    beside = {"answer": answers[0]} if answers else {}
    return CommandError("\n".join(said), _KINDS[error.sort], exit_code, beside)


def _wanted(channels: Sequence[str], event: str | None, *, test_alert: bool) -> Look | Trials:
    if channels and not test_alert:
        raise typer.BadParameter(
            "channels are named for a test message only: add --test-alert.", param_hint="CHANNEL"
        )
    if event is None:
        return _trials(channels) if test_alert else Look()
    if test_alert:
        raise typer.BadParameter("leave out either this or --test-alert.", param_hint="--event")
    try:
        return Look(msgspec.json.decode(event))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter("this is no JSON.", param_hint="--event") from error


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
        sentence = f"An access key is needed: {error}."
        raise CommandError(sentence, ProblemKind.UNAUTHORISED.value, ExitCode.WRONG_USAGE) from error
    except ValueError as error:
        raise CommandError(str(error), ProblemKind.MISCONFIGURED.value, ExitCode.WRONG_USAGE) from error


def _tell(wanted: Look | Trials, *, as_json: bool = False) -> None:
    screen = Screen()
    for line in wanted.tell(as_json=as_json):
        if as_json:
            typer.echo(line)
            continue
        text = Text(line) if isinstance(line, str) else line
        text.plain = printable(text.plain)
        screen.print(text, soft_wrap=True)
