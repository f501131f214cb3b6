"""The pings of a heartbeat, as Healthchecks wants them: where to, what is sent, and what an answer means.

A good one asks for the address as it is; a bad one posts why to the address with `/fail` behind its path.
Source: https://healthchecks.io/docs/http_api/ (read November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from handler.outcome import Beat
from handler.scope import Scope
from handler.transport import Request, Response, Send, TooLargeError, TransportError

PART: Final = "{shard}"
"""Stands in an address for the part of the changes that a timer looks at, such as `2-of-4`."""

SENT: Final = Beat("sent")

_QUALIFIED: Final = re.compile(rb"OK \(([a-z -]{1,40})\)\s*")
"""How Healthchecks.io says, with status 200, that it took no notice: `OK (not found)`, `OK (rate limited)`.

Source: https://github.com/bdd/runitor/issues/66.
"""

# A connection that is kept for a minute is as likely as not gone by then.
_HEADERS: Final = {"Connection": "close"}


def address_for(url: str, scope: Scope | None) -> str | None:
    """The address for a part of the changes, or for all of them; None where it is meant for the other.

    A part can only vouch for itself: with one address for all, the others would hide that one is dead.
    """
    number, parts = (scope and scope.shard) or (1, 1)
    part = f"{number}-of-{parts}" if parts > 1 else ""
    if (PART in url) is not bool(part):
        return None
    return url.partition("#")[0].replace(PART, part)


def good(url: str) -> Request:
    """All is fine."""
    return Request("GET", url, _HEADERS)


def bad(url: str, lines: Sequence[str]) -> Request:
    """Something is not, and why."""
    location, mark, query = url.partition("?")
    headers = {**_HEADERS, "Content-Type": "text/plain; charset=utf-8"}
    body = "\n".join(lines).encode("utf-8", "replace")
    return Request("POST", f"{location.rstrip('/')}/fail{mark}{query}", headers, body)


def attempt(send: Send, request: Request, seconds: float) -> Beat:
    """Send once, and say what became of it without naming the address; a host may be what is secret of it."""
    try:
        return judge(send(request, timeout_seconds=seconds))
    except TooLargeError as error:
        return judge(Response(error.status, error.headers, b""))
    except TransportError as error:
        host = urlsplit(request.url).hostname or ""
        message = re.sub(re.escape(host), "it", str(error), flags=re.IGNORECASE)
        return Beat(message.removesuffix("."), is_lost=True)
    except Exception as error:  # noqa: BLE001 - nothing depends on a ping; and the text could quote the address
        return Beat(f"it could not be sent ({type(error).__name__})", is_lost=True)


def judge(answer: Response) -> Beat:
    """Say what an answer means; a redirect is not followed."""
    if answer.status // 100 != 2:  # noqa: PLR2004 - the class of statuses that mean success
        return Beat(f"it answered {answer.status}", is_lost=True)
    qualified = _QUALIFIED.fullmatch(answer.body)
    return Beat(f"it answered: {qualified[1].decode()}", is_lost=True) if qualified else SENT
