"""What channels have heard, read from the very messages that reached them, and held against the ledger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from handler.core.ledger import Ledger
from notifiers.alerts import Alert, Ending, Kind
from tests.fakes.smtp_server import Mail
from tests.fakes.webhook_server import Received

_REPEAT: Final = "possible repeat"
_CHANGE: Final = re.compile(r"([\w-]+/[\w-]+): ")
_PHRASE: Final = re.compile(
    r"[a-z]\d{3} (?:started|completed)|capacity change (?:started|completed)"
    r"|no usable answer|huawei cloud answers again|channel \w+ refuses"
)
_PHRASES: Final[Mapping[Kind, str]] = {
    Kind.STARTED: "capacity change started",
    Kind.COMPLETED: "capacity change completed",
    Kind.STEP_STARTED: "{step} started",
    Kind.STEP_COMPLETED: "{step} completed",
    Kind.UNREACHABLE: "no usable answer",
    Kind.RECOVERED: "huawei cloud answers again",
    Kind.CHANNEL_REFUSED: "channel {channel} refuses",
}
"""The words by which an alert is known wherever it is told, in small letters; what stands in no message is
no proof.

That a list of steps shows one as running or as completed does not count, and neither does "and 3 more".
"""


class Copy(NamedTuple):
    """An alert in a message: its phrase, whether it is marked as a possible repeat, its number if told."""

    phrase: str
    is_marked: bool
    number: int | None = None


class Told(NamedTuple):
    """A message as its reader understands it: of which change it is, and what it tells."""

    change: str
    copies: tuple[Copy, ...]


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
    return _words(alert.kind, alert.step, alert.channel)


def tally(ledger: Ledger, channel: str, messages: Iterable[Told]) -> Tally:
    """Count how the alerts of a ledger fared on a channel."""
    told = _copies(ledger, messages)
    heard = {copy.phrase for copy in told}
    unheard = [alert for alert in ledger.alerts if phrase(alert) not in heard]
    marked = sum(copy.is_marked for copy in told)
    return Tally(ledger.length, len(told), marked, sum(channel in alert.endings for alert in unheard))


def complaints(ledger: Ledger, channel: str, messages: Iterable[Told]) -> list[str]:
    """What a channel that wants everything can complain of, in words; nothing when the promise is kept."""
    told = _copies(ledger, messages)
    heard, unmarked = Counter(t.phrase for t in told), Counter(t.phrase for t in told if not t.is_marked)
    numbers = {phrase(alert): alert.number for alert in ledger.alerts}
    lost = [
        phrase(alert)
        for alert in ledger.alerts
        if not heard[phrase(alert)] and alert.endings.get(channel) is not Ending.UNKNOWN
    ]
    return [
        *(f"{channel} never heard of: {words}" for words in lost),
        *(f"{channel} heard unmarked {n} times: {words}" for words, n in unmarked.items() if n > 1),
        *(f"{channel} heard what is in no ledger: {words}" for words in heard if words not in numbers),
        *(
            f"{channel} heard by the number {copy.number}: {copy.phrase}"
            for copy in told
            if copy.number not in {None, numbers.get(copy.phrase, copy.number)}
        ),
        *_gaps(ledger),
    ]


def told_in_text(text: str) -> Told:
    """What a text tells whose first line is its title; both may tell the same, which is still one copy."""
    title, *_ = lines = text.splitlines()
    change = _CHANGE.search(title)
    found = [(words, line) for line in lines for words in _PHRASE.findall(line.casefold())]
    copies = (
        Copy(told, any(_REPEAT in line for words, line in found if words == told))
        for told in dict.fromkeys(words for words, _ in found)
    )
    return Told(change[1] if change else "", tuple(copies))


def told_in_json(request: Received) -> Told:
    """What a JSON webhook was told, in fields; what was left out of them has not been told."""
    fields = request.json["headway"]
    change = fields["change"]["id"]
    copies = (
        Copy(
            _words(Kind(alert["kind"]), alert["step"], alert["channel"]),
            alert["possible_repeat"],
            int(alert["alert_id"].removeprefix(f"{change}#")),
        )
        for alert in fields["alerts"]
    )
    return Told(change, tuple(copies))


def told_in_slack(request: Received) -> Told:
    """What Slack was told."""
    (attachment,) = request.json["attachments"]
    return told_in_text(f"{request.json['text']}\n{attachment['blocks'][0]['text']['text']}")


def told_in_wecom(request: Received) -> Told:
    """What WeCom was told."""
    return told_in_text(request.json["markdown"]["content"])


def told_in_mail(mail: Mail) -> Told:
    """What a mail says."""
    body = mail.message.get_body(("plain",))
    return told_in_text(f"{mail.message['Subject']}\n{body.get_content() if body else ''}")


def is_whole(request: Received) -> bool:
    """Whether all of a request came: one whose sender was killed meanwhile has said nothing."""
    return len(request.body) == int(request.headers.get("content-length", "0")) > 0


def _words(kind: Kind, step: str | None, channel: str | None) -> str:
    return _PHRASES[kind].format(step=step, channel=channel)


def _copies(ledger: Ledger, messages: Iterable[Told]) -> list[Copy]:
    return [copy for told in messages if told.change == ledger.change for copy in told.copies]


def _gaps(ledger: Ledger) -> Iterator[str]:
    known = [phrase(alert) for alert in ledger.alerts]
    numbers = [alert.number for alert in ledger.alerts]
    if numbers != list(range(1, ledger.length + 1)):
        yield f"the log has gaps: {numbers}"
    if len(set(known)) != len(known):
        yield f"the log tells something twice: {known}"
