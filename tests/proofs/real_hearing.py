"""What channels have heard, read from the very texts that reached them, and held against the ledger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from handler.core.ledger import Ledger
from notifiers.alerts import Alert, Ending, Kind
from tests.fakes.smtp_server import Mail
from tests.fakes.webhook_server import Received

Text = str
"""A message as somebody reads it: its title, and below it the body."""

_REPEAT: Final = "possible repeat"
_PHRASE: Final = re.compile(
    r"[a-z]\d{3} (?:started|completed)|capacity change (?:started|completed)"
    r"|no usable answer|the API answers again|channel \w+ refuses"
)
_PHRASES: Final[Mapping[Kind, Callable[[Alert], str]]] = {
    Kind.STARTED: lambda _: "capacity change started",
    Kind.COMPLETED: lambda _: "capacity change completed",
    Kind.STEP_STARTED: lambda alert: f"{alert.step} started",
    Kind.STEP_COMPLETED: lambda alert: f"{alert.step} completed",
    Kind.UNREACHABLE: lambda _: "no usable answer",
    Kind.RECOVERED: lambda _: "the API answers again",
    Kind.CHANNEL_REFUSED: lambda alert: f"channel {alert.channel} refuses",
}
"""The words by which an alert is known wherever it is told; what stands in no message is no proof."""


class Copy(NamedTuple):
    """An alert in a message: its phrase, and whether it is marked as a possible repeat."""

    phrase: str
    is_marked: bool


class Tally(msgspec.Struct, frozen=True):
    """How the alerts of ledgers fared on channels: copies heard, those marked, and what ended unheard."""

    alerts: int = 0
    copies: int = 0
    marked: int = 0
    ended_unheard: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Add up."""
        return Tally(
            self.alerts + other.alerts,
            self.copies + other.copies,
            self.marked + other.marked,
            self.ended_unheard + other.ended_unheard,
        )

    @property
    def is_spotless(self) -> bool:
        """Whether everything was heard once, and nothing needed a mark."""
        return self == Tally(self.alerts, self.alerts)

    @property
    def repeats(self) -> int:
        """Copies beyond the first."""
        return self.copies - (self.alerts - self.ended_unheard)


def phrase(alert: Alert) -> str:
    """The words by which an alert is known in a message."""
    return _PHRASES[alert.kind](alert)


def copies(text: Text) -> Iterator[Copy]:
    """All that a message tells; title and body may both tell the same, which is still one copy."""
    lines = [(found, line) for line in text.splitlines() for found in _PHRASE.findall(line)]
    for told in dict.fromkeys(found for found, _ in lines):
        yield Copy(told, any(_REPEAT in line for found, line in lines if found == told))


def tally(ledger: Ledger, channel: str, texts: Sequence[Text]) -> Tally:
    """Count how the alerts of a ledger fared on a channel."""
    told = [copy for text in texts for copy in copies(text)]
    heard = {copy.phrase for copy in told}
    unheard = [alert for alert in ledger.alerts if phrase(alert) not in heard]
    marked = sum(copy.is_marked for copy in told)
    return Tally(ledger.length, len(told), marked, sum(channel in alert.endings for alert in unheard))


def complaints(ledger: Ledger, channel: str, texts: Sequence[Text]) -> list[str]:
    """What a channel that wants everything can complain of, in words; nothing when the promise is kept."""
    told = [copy for text in texts for copy in copies(text)]
    heard, unmarked = Counter(t.phrase for t in told), Counter(t.phrase for t in told if not t.is_marked)
    known = [phrase(alert) for alert in ledger.alerts]
    lost = [
        phrase(alert)
        for alert in ledger.alerts
        if not heard[phrase(alert)] and alert.endings.get(channel) is not Ending.UNKNOWN
    ]
    return [
        *(f"{channel} never heard of: {words}" for words in lost),
        *(f"{channel} heard unmarked {n} times: {words}" for words, n in unmarked.items() if n > 1),
        *(f"{channel} heard what is in no ledger: {words}" for words in heard if words not in known),
        *_gaps(ledger, known),
    ]


def json_text(request: Received) -> Text:
    """What a JSON webhook was told."""
    return f"{request.json['title']}\n{request.json['message']}"


def slack_text(request: Received) -> Text:
    """What Slack was told."""
    return f"{request.json['text']}\n{request.json['attachments'][0]['blocks'][0]['text']['text']}"


def wecom_text(request: Received) -> Text:
    """What WeCom was told."""
    return str(request.json["text"]["content"])


def mail_text(mail: Mail) -> Text:
    """What a mail says."""
    body = mail.message.get_body(("plain",))
    return f"{mail.message['Subject']}\n{body.get_content() if body else ''}"


def is_whole(request: Received) -> bool:
    """Whether all of a request came: one whose sender was killed meanwhile has said nothing."""
    return len(request.body) == int(request.headers.get("content-length", "0")) > 0


def _gaps(ledger: Ledger, known: Sequence[str]) -> Iterator[str]:
    numbers = [alert.number for alert in ledger.alerts]
    if numbers != list(range(1, ledger.length + 1)):
        yield f"the log has gaps: {numbers}"
    if len(set(known)) != len(known):
        yield f"the log tells something twice: {known}"
