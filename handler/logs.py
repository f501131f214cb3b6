"""The log: one canonical JSON line per invocation on stdout, with every secret struck out.

It goes past the standard library's loggers, because both platforms have put handlers of their own on
the root logger before our code runs; and it sets nothing global, so nothing lives on in a warm process.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Final, TextIO
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import structlog

STRUCK_OUT: Final = "***"

SECRET_LENGTH_MIN: Final = 6
"""Shorter ones stay: they occur by chance in any text, and hold little worth hiding."""

_DOMAIN: Final = re.compile(r"(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?")

Redact = Callable[[object], object]


def make_log(
    request_id: str | None, secrets: Iterable[str] = (), file: TextIO | None = None
) -> structlog.BoundLogger:
    """Make the log of one invocation.

    Args:
        request_id: The platform's, carried by each line.
        secrets: What must not be seen in any line; of a URL, neither must any secret part of it.
        file: Where to, instead of stdout.
    """
    redact = make_redact(secrets)

    def strike_out(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {key: redact(value) for key, value in event.items()}

    log: structlog.BoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            strike_out,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.BoundLogger,
        request_id=request_id,
    )
    return log


def log_invocation(log: structlog.BoundLogger, report: Mapping[str, Any], **more: object) -> None:
    """Write the canonical line: the report, with counts, and only the changes worth a look; and more."""
    changes = report["changes"]
    summary = {key: value for key, value in report.items() if key != "changes"}
    write = log.info if report["ok"] else log.error
    write(
        "invocation.finished",
        **summary,
        counts=_count(changes),
        changes=[change for change in changes if _is_notable(change)],
        **more,
    )


def make_redact(secrets: Iterable[str]) -> Redact:
    """Make the function that strikes secrets out of a value, however deep they are nested in it."""
    forms = {form for secret in secrets for form in _forms(secret)}
    # The longest first, or what begins alike would be struck out in part.
    words = sorted((form for form in forms if len(form) >= SECRET_LENGTH_MIN), key=len, reverse=True)
    # Services and libraries change the case of hosts and of percent-encodings.
    pattern = re.compile("|".join(map(re.escape, words)) or "(?!)", re.IGNORECASE)

    def redact(value: object) -> object:
        if isinstance(value, Mapping):
            return {key: redact(nested) for key, nested in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [redact(nested) for nested in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return pattern.sub(STRUCK_OUT, str(value))

    return redact


def _forms(secret: str) -> Iterator[str]:
    """A secret and its parts, as configuration, URLs, JSON and Python write them."""
    for part in _parts(secret):
        plain = unquote(part)
        yield from (part, plain, unquote_plus(part))
        yield from (quote(plain, errors="surrogatepass"), quote_plus(plain, errors="surrogatepass"))
        yield from (json.dumps(plain)[1:-1], repr(plain)[1:-1])


def _parts(secret: str) -> Iterator[str]:
    """The secret and, if it is a URL, whatever may be one in it: a channel's token can stand anywhere."""
    yield secret
    _, separator, rest = secret.partition("://")
    if not separator:
        return
    location, _, query = rest.partition("?")
    authority, *segments = re.split("[/#]", location)
    user_and_password, _, host = authority.rpartition("@")
    yield from (user_and_password, *user_and_password.split(":", 1), *segments)
    yield from (re.sub("^[^=]*=", "", option) for option in re.split("[&#]", query))
    if not _DOMAIN.fullmatch(host):
        yield from (host, *host.split(":"))


def _count(changes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    changes = list(changes)
    outcomes = (delivery["outcome"] for change in changes for delivery in change["deliveries"])
    return {
        "changes": len(changes),
        "alerts": sum(len(change["alerts"]) for change in changes),
        "deliveries": dict(Counter(outcomes)),
        "errors": sum(change["error"] is not None for change in changes),
    }


def _is_notable(change: Mapping[str, Any]) -> bool:
    return bool(change["alerts"] or change["deliveries"] or change["error"])
