"""What there is to say beside the changes: what is in the way, who could not be told, that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Final

from handler.local.exits import Say, say
from handler.local.printing.counting import counted
from handler.local.printing.hearing import in_brackets, who_refuses
from handler.local.printing.reader import local_reader
from handler.outcome import Outcome
from notifiers import verdicts
from notifiers.saying import one_line
from notifiers.verdicts import MISCONFIGURED, Verdict

NO_CHANNEL: Final = "No channel is configured: nobody is told."
NO_OTHER_CHANNEL: Final = "No channel is configured: nobody is told but you."

_LENGTH_MAX: Final = 500

_UNSENT: Final = {
    verdicts.Outcome.RETRY: "not sent{code}, tried again later",
    verdicts.Outcome.REFUSED: "not sent{code}, tried again once an hour",
    verdicts.Outcome.UNKNOWN: "perhaps not sent{code}",
}


class Remarks:
    """Says each in a line, and says it again only after another word.

    A send that did not go out is told once for each channel and code, until the channel takes a message. What
    is wrong with the configuration, and yet no reason to stop, is told once, and so is at first who has
    refused messages before, and is not tried just now.
    """

    def __init__(self, mention: Say, warn: Say = say, no_channel: str | None = NO_CHANNEL) -> None:
        """Begin with nothing said.

        Args:
            mention: Says what is no more than it should be.
            warn: Says what somebody should see to.
            no_channel: What to say where no channel is configured, if that is anything to speak of.
        """
        self._mention = mention
        self._warn = warn
        self._no_channel = no_channel
        self._said: str | None = None
        self._unsent: set[tuple[str, str | None]] = set()
        self._known: set[str] = set()
        self._is_first = True

    def tell(self, outcome: Outcome) -> None:
        """Say what is new of a tick."""
        for blemish in blemishes(outcome, self._no_channel):
            if blemish not in self._known:
                self._known.add(blemish)
                self._warn(one_line(blemish, _LENGTH_MAX))
        if self._is_first:
            self._is_first = False
            for refusal in who_refuses(outcome.ticks, datetime.now(timezone.utc), local_reader()):
                self._warn(refusal)
        self._tell_unsent(outcome)
        trouble = trouble_of(outcome)
        text = trouble or (None if outcome.ticks else nothing(outcome))
        if text and text != self._said:
            (self._warn if trouble else self._mention)(one_line(text, _LENGTH_MAX))
        self._said = text

    def _tell_unsent(self, outcome: Outcome) -> None:
        for channel, verdict in (sent for tick in outcome.ticks for sent in tick.verdicts.items()):
            # Of one that cannot be used as it is configured the report says why, in a sentence.
            if verdict is None or verdict.code == MISCONFIGURED.code:
                continue
            if verdict.outcome is verdicts.Outcome.SENT:
                self._unsent = {known for known in self._unsent if known[0] != channel}
            elif (channel, verdict.code) not in self._unsent:
                self._unsent.add((channel, verdict.code))
                self._warn(_unsent(channel, verdict))


def blemishes(outcome: Outcome, no_channel: str | None = NO_CHANNEL) -> Iterator[str]:
    """What is not as whoever wrote the configuration may think, though no look fails for it."""
    if no_channel and outcome.channels == ():
        yield no_channel
    yield from outcome.remarks
    if outcome.beat and outcome.beat.is_lost:
        yield f"The heartbeat was not heard: {outcome.beat.note}."


def trouble_of(outcome: Outcome) -> str | None:
    """What was in the way of the whole, if no change says it."""
    report = outcome.report
    told = [change["error"]["message"] for change in report["changes"] if change["error"]]
    error = report["error"]
    return str(error["message"]) if error and error["message"] not in told else None


def nothing(outcome: Outcome) -> str:
    """Say that there is no change, and where one was looked for."""
    if outcome.discovery is None:
        return "No change is under way."
    instances, matching = (outcome.discovery[key] for key in ("instances", "matching"))
    return f"No change is under way; {counted(instances, 'instance')} found, {matching:,} watched."


def _unsent(channel: str, verdict: Verdict) -> str:
    return f"{channel}: {_UNSENT[verdict.outcome].format(code=in_brackets(verdict.code))}"
