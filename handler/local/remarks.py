"""What there is to say beside the changes: what is in the way, who could not be told, that there is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from handler.outcome import Outcome
from handler.tick import Tick
from notifiers import verdicts
from notifiers.saying import one_line
from notifiers.verdicts import Verdict

_STYLE: Final = "bright_black"
_LENGTH_MAX: Final = 500
_MISCONFIGURED: Final = "misconfigured"
"""The code of a channel that cannot be used as it is configured: the report says why in a sentence."""

_UNSENT: Final = {
    verdicts.Outcome.RETRY: "not sent{code}, tried again later",
    verdicts.Outcome.REFUSED: "not sent{code}, tried again once an hour",
    verdicts.Outcome.UNKNOWN: "perhaps not sent{code}",
}


class Remarks:
    """Says each in a line, and says it again only after another word.

    A send that did not go out is told once for each channel and code, until the channel takes a message.
    """

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console
        self._said: str | None = None
        self._unsent: set[tuple[str, str | None]] = set()

    def tell(self, outcome: Outcome) -> None:
        """Say what is new of a tick."""
        self._tell_unsent(outcome.ticks)
        text = remark(outcome)
        if text and text != self._said:
            self._print(text)
        self._said = text

    def say(self, text: str) -> None:
        """Say something else, as often as it comes."""
        self._print(text)

    def _tell_unsent(self, ticks: Iterable[Tick]) -> None:
        for channel, verdict in (sent for tick in ticks for sent in tick.verdicts.items()):
            if verdict is None or verdict.code == _MISCONFIGURED:
                continue
            if verdict.outcome is verdicts.Outcome.SENT:
                self._unsent = {known for known in self._unsent if known[0] != channel}
            elif (channel, verdict.code) not in self._unsent:
                self._unsent.add((channel, verdict.code))
                self._print(_unsent(channel, verdict))

    def _print(self, text: str) -> None:
        self._console.print(Text(one_line(text, _LENGTH_MAX), _STYLE), soft_wrap=True)


def remark(outcome: Outcome) -> str | None:
    """What there is to say beside the changes: what was in the way, or that there are none."""
    report = outcome.report
    told = [change["error"]["message"] for change in report["changes"] if change["error"]]
    if report["error"] and report["error"]["message"] not in told:
        return str(report["error"]["message"])
    return None if outcome.ticks else nothing(outcome)


def nothing(outcome: Outcome) -> str:
    """Say that there is no change, and where one was looked for."""
    if outcome.report["error"]:
        return str(outcome.report["error"]["message"])
    if outcome.discovery is None:
        return "No change is under way."
    instances, matching = (outcome.discovery[key] for key in ("instances", "matching"))
    return f"No change is under way; of {instances} instances found {matching} are watched."


def _unsent(channel: str, verdict: Verdict) -> str:
    code = f" ({verdict.code})" if verdict.code else ""
    return f"{channel}: {_UNSENT[verdict.outcome].format(code=code)}"
