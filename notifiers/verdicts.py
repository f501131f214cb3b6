"""What became of a send: the four outcomes, the verdict that carries one, and how answers are judged.

Status codes are not enough: several services answer 200 and say in the body that they refused. The
services' own codes are at the addresses beside the table. Only codes are kept, never a service's text.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final

import msgspec

from notifiers.codes import CODES, MESSAGE_CODES, Codes, told_wait


class Outcome(Enum):
    """What became of one send to one channel.

    `RETRY` is transient and safe to repeat; `REFUSED` will not get better by itself; `UNKNOWN` was
    cut off, so that the message may or may not have arrived.
    """

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Verdict(msgspec.Struct, frozen=True):
    """An outcome with what the service said of it: its code and how long it asks us to wait.

    A retry that `may_have_arrived` is one where a gateway could not say what became of it. One that
    `is_shared` was made for several messages at once, and counts for another of them.
    """

    outcome: Outcome
    code: str | None = None
    retry_after_seconds: float | None = None
    may_have_arrived: bool = False
    is_shared: bool = False


MISCONFIGURED: Final = Verdict(Outcome.REFUSED, "misconfigured")
"""The channel cannot be used as it is configured: nothing was sent, nobody has answered."""
NO_TIME: Final = Verdict(Outcome.RETRY, "no-time")
NOTHING_SENT: Final = Verdict(Outcome.REFUSED, "nothing-sent")


class Reply(msgspec.Struct, frozen=True):
    """What a service answered over HTTP; header values as they came."""

    status: int
    retry_after: str | None = None
    date: str | None = None
    body: bytes = b""


_MESSAGE_STATUSES: Final = frozenset({"400", "413", "422", "552", "554"})
"""Malformed or too large: over HTTP (RFC 9110, 15.5) and SMTP (RFC 5321, 4.2.3). Other messages may pass."""

_STATUS_CLASSES: Final = {2: Outcome.SENT, 3: Outcome.REFUSED, 4: Outcome.REFUSED, 5: Outcome.RETRY}
_RETRY_STATUSES: Final = frozenset({408, 425, 429})
_GATEWAY_STATUSES: Final = frozenset({502, 504})
_SMTP_CLASSES: Final = {2: Outcome.SENT, 4: Outcome.RETRY, 5: Outcome.REFUSED}
_CODE: Final = re.compile(r"-?\w[\w.]{0,39}", re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,9}", re.ASCII)


def conclude(schema: str, last: Reply | Verdict | None, *, is_accepted: bool) -> Verdict:
    """Judge a send by the last answer to it and by what apprise made of it.

    Args:
        schema: The service, as its URL begins.
        last: The answer, or what it means that there was none; None when nothing was requested: the
            service gave up by itself, and will again.
        is_accepted: What apprise says, which knows rules of services that `CODES` does not.
    """
    if last is None:
        return NOTHING_SENT
    verdict = judge(schema, last) if isinstance(last, Reply) else last
    if verdict.outcome is Outcome.SENT and not is_accepted:
        return Verdict(Outcome.UNKNOWN, "unreadable")
    return verdict


def judge(schema: str, reply: Reply) -> Verdict:
    """Judge an answer over HTTP by its status and by the service's own code."""
    codes = CODES.get(schema)
    code = _code(codes, reply.body) if codes else None
    if codes and code in codes.refused:
        return Verdict(Outcome.REFUSED, code)
    outcome = _judge_status(reply.status)
    if codes and outcome is Outcome.SENT and code != codes.success:
        outcome = Outcome.UNKNOWN if code is None else Outcome.RETRY
    if outcome is Outcome.SENT:
        return Verdict(outcome)
    wait = _wait_seconds(schema, reply) if outcome is Outcome.RETRY else None
    return Verdict(outcome, code or str(reply.status), wait, reply.status in _GATEWAY_STATUSES)


def may_blame_message(code: str | None) -> bool:
    """Whether a refusal by this code may be about the one message rather than about the channel."""
    return code in _MESSAGE_STATUSES | MESSAGE_CODES


def judge_smtp(code: int) -> Verdict:
    """Judge the server's reply code to a mail, or to a step on the way to it."""
    outcome = _SMTP_CLASSES.get(code // 100, Outcome.UNKNOWN)
    return Verdict(outcome, None if outcome is Outcome.SENT else str(code))


def _judge_status(status: int) -> Outcome:
    """Judge a status; what a redirect points to is not asked, so the message has not arrived there."""
    if status in _RETRY_STATUSES:
        return Outcome.RETRY
    return _STATUS_CLASSES.get(status // 100, Outcome.UNKNOWN)


def _code(codes: Codes, body: bytes) -> str | None:
    """Read the service's own code; None where there is none that could be one."""
    code = codes.read(body)
    is_code = type(code) in {int, str} and _CODE.fullmatch(str(code))
    return str(code) if is_code else None


def _wait_seconds(schema: str, reply: Reply) -> float | None:
    """Read the body, or Retry-After: seconds, or a date, which is told by the service's own clock."""
    wait_seconds = told_wait(schema, reply.body)
    if wait_seconds is not None:
        return wait_seconds
    told = (reply.retry_after or "").strip()
    if _SECONDS.fullmatch(told):
        return float(told)
    try:
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(reply.date or "")
    except (OverflowError, TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())
