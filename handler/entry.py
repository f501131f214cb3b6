"""What both platforms call: `handle` takes a raw event and returns what its trigger wants back."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from handler.application import Application
from handler.gateways import Request, is_request, write_response
from handler.logs import make_log
from handler.machine import SystemClock
from handler.mishaps import crash_of
from handler.runtimes import read_runtime
from handler.settings.sources import CONFIG_FILE
from handler.triggers import TriggerKind, read_trigger
from handler.wiring import Workshop

_RAISING: Final = frozenset({TriggerKind.TIMER.value, TriggerKind.MANUAL.value})


class InvocationFailedError(Exception):
    """The job could not be done at all; raised so that the platform's own alarm goes off."""


def handle(event: object, context: object) -> dict[str, Any]:
    """Run one invocation; the entry that FunctionGraph and Lambda call.

    Args:
        event: The event of a timer, a gateway or another trigger, or any JSON object by hand.
        context: The platform's context object.

    Returns:
        The report, or what came of test messages; for an HTTP request the answer, in the shape that its
        gateway wants.

    Raises:
        InvocationFailedError: Configuration, credentials or state kept the whole job from being done, and a
            timer or a person wanted it.
    """
    request = Request("", "/") if is_request(event) else None
    try:
        trigger = read_trigger(event)
        request = trigger.request
        outcome = _APPLICATION.serve(trigger, context)
    except Exception as error:  # noqa: BLE001 - a gateway makes something else of any exception
        return _fail(error, request, context)
    if request and outcome.response:
        return write_response(outcome.response, request)
    report = outcome.report
    if outcome.has_failed and report["trigger"] in _RAISING:
        raise InvocationFailedError(report["error"]["message"])
    return outcome.answer or report


def _fail(error: Exception, request: Request | None, context: object) -> dict[str, Any]:
    """Log where a defect of ours showed, though not its text, which may quote a secret; and tell of it."""
    crash = crash_of(error)
    with suppress(Exception):
        request_id = read_runtime(context, os.environ, 0).request_id
        make_log(request_id).error("invocation.crashed", **crash._asdict())
    if request is None:
        raise InvocationFailedError(f"A defect of Headway's: {crash.error}; the log says where.") from None
    from handler.answering import apologise  # noqa: PLC0415 - a tick answers nobody

    return write_response(apologise(request, _CLOCK.now()), request)


_CLOCK: Final = SystemClock()
_APPLICATION: Final = Application(
    os.environ,
    Workshop(_CLOCK),
    _CLOCK,
    config_path=str(Path(__file__).parent.parent / CONFIG_FILE),
)
