"""What came of a message, and what to do then, in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handler.local.printing.meanings import ADDRESS, GONE, KEY, MEANINGS, MESSAGE, TOO_LONG, TROUBLE, WAIT
from notifiers.verdicts import Outcome, Verdict

_OURS: Final[Mapping[str, str]] = {
    "misconfigured": "the channel cannot be used as it is configured",
    "no-time": "there was no time left to send it",
    "unreachable": (
        "there was no connection to the service; check the host in the channel's url, network.proxy and"
        " network.ca_file, and whether Headway may go there from where it runs"
    ),
    "timeout": "the service did not answer in time",
    "lapsed": "whoever was sending it was cut off, and did not record what became of it",
    "broken-off": "the connection broke before the service had answered",
    "unreadable": "the service answered, but not as it should",
    "failed": "the service could not be used, or did not say what became of it",
    "nothing-sent": "nothing was there to be sent to; check the channel's url",
    "unsendable": "an address or the password in the channel's url cannot be sent to a mail server",
    "unsupported": "the mail server does not know what the channel's url asks for; check its `mode`",
}
"""By our own codes, where there was no answer that could be understood."""

_REDIRECTED: Final = "the service has moved; put its new address into the channel's url"

_HTTP: Final[Mapping[str, str]] = {
    "400": MESSAGE,
    "401": KEY,
    "403": KEY,
    "404": ADDRESS,
    "405": ADDRESS,
    "407": "the proxy wants a user and a password; check network.proxy",
    "410": GONE,
    "413": TOO_LONG,
    "422": MESSAGE,
    "429": WAIT,
    **dict.fromkeys(("301", "302", "303", "307", "308"), _REDIRECTED),
}
"""By status: https://www.rfc-editor.org/rfc/rfc9110#section-15."""

_ELSE: Final[Mapping[Outcome, str]] = {
    Outcome.SENT: "",
    Outcome.RETRY: TROUBLE,
    Outcome.REFUSED: "the service turned the message away; its documentation says what the code means",
    Outcome.UNKNOWN: "the service did not say what became of it",
}

_CONSEQUENCES: Final[Mapping[Outcome, str]] = {
    Outcome.RETRY: "an alert would be tried again",
    Outcome.UNKNOWN: "see whether the message arrived",
}


def advice(service: str, verdict: Verdict) -> str:
    """Say what a verdict means and what to do; nothing where the message was sent.

    Args:
        service: The schema of the channel's URL.
        verdict: What became of the message.
    """
    said = [meaning(service, verdict.outcome, verdict.code), _CONSEQUENCES.get(verdict.outcome)]
    return "; ".join(filter(None, said))


def meaning(service: str, outcome: Outcome, code: str | None) -> str:
    """Say the same without what follows from it.

    Args:
        service: The schema of the channel's URL; empty if that is not known.
        outcome: What became of the message.
        code: The service's code, or ours.
    """
    tables = (MEANINGS.get(service, {}), _OURS, _HTTP)
    return next((table[code] for table in tables if code and code in table), _ELSE[outcome])
