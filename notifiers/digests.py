"""How a digest reads and looks: counts as its title, then a line a change, as long as there is room.

A line is what the change's own message has as title. As there, whatever comes from outside is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Final, NamedTuple

from notifiers import forms, wording
from notifiers.alerts import Kind, Severity
from notifiers.messages import Digest, Link, Message

ROWS_MAX: Final = 300
_KINDS_MAX: Final = 4

_NEWS: Final = {
    Kind.STARTED: "started",
    Kind.STEP_STARTED: "with a step started",
    Kind.STEP_COMPLETED: "with a step completed",
    Kind.MILESTONE: "partly done",
    Kind.STEP_FAILED: "with a FAILED step",
    Kind.COMPLETED: "completed",
    Kind.FAILED: "FAILED",
    Kind.LOST: "gone",
    Kind.CANCELLED: "cancelled",
    Kind.STALLED: "stalled",
    Kind.RESUMED: "moving again",
    Kind.DELAYED: "delayed",
    Kind.UNREACHABLE: "unreachable",
    Kind.RECOVERED: "reachable again",
    Kind.CHANNEL_REFUSED: "with a refusing channel",
    Kind.LEDGER_RESET: "begun anew",
}
"""What a count of changes is followed by, for each kind of headline."""


class Line(NamedTuple):
    """One change as shown: its name, what is told of it, how grave that is, and where to read on."""

    name: str
    told: str
    severity: Severity
    page: str | None

    def __str__(self) -> str:
        """The line as text."""
        return f"{self.name}{self.told}"


def title(digest: Digest) -> str:
    """Count in one line what has happened, worst first; what comes after the four worst kinds is summed up.

    It is marked as a repeat only if all of it is one, for else the lines are.
    """
    counted = Counter(message.headline.kind for message in digest.messages)
    kinds = [kind for kind in sorted(Kind, key=lambda kind: kind.traits.precedence) if kind in counted]
    others = sum(counted[kind] for kind in kinds[_KINDS_MAX:])
    news = [f"{counted[kind]} {_NEWS[kind]}" for kind in kinds[:_KINDS_MAX]]
    news += [_plural(others, "other")] if others else []
    said = f"{_plural(len(digest.messages), 'change')}: {', '.join(news)}"
    is_repeat = all(_is_repeat(message) for message in digest.messages)
    return wording.SEPARATOR.join([said, wording.REPEAT]) if is_repeat else said


def lines(digest: Digest) -> list[Line]:
    """Word the changes, worst first, up to a number that no form exceeds."""
    return [_line(message, digest.links) for message in digest.messages[:ROWS_MAX]]


def rest(digest: Digest, rows: int = ROWS_MAX) -> str:
    """Say that changes are left out after so many; what may be repeated among them is marked here instead."""
    left_out = digest.messages[rows:]
    repeat = f" ({wording.REPEAT})" if any(map(_is_repeat, left_out)) else ""
    return f"{wording.more(len(left_out))}{repeat}" if left_out else ""


def plain(digest: Digest, length_max: int = forms.PLAIN_BYTES_MAX) -> str:
    """The body as plain text, with the title short enough to be sent; lines are left out to that end."""
    return _fit(digest, str, forms.plain_links(digest.links), forms.fits(title(digest), length_max))


def whole(digest: Digest) -> str:
    """The body as plain text for mail, where there is room."""
    return _join([*map(str, lines(digest)), rest(digest)], forms.plain_links(digest.links))


def slack(digest: Digest) -> str:
    """The body as Slack's mrkdwn, short enough for a section; a change's name leads to its page."""
    links = forms.slack_links(digest.links)
    return _fit(digest, _slack, links, lambda body: len(body) <= forms.SLACK_LENGTH_MAX)


def _fit(digest: Digest, write: Callable[[Line], str], links: str, is_short: Callable[[str], bool]) -> str:
    """Write as many lines as fit above the links; if none does, only those, beside a mark of repeats.

    Returns:
        A body that is never empty, because services refuse that: what has only a title is told twice.
    """
    written = [write(line) for line in lines(digest)]
    bodies = (_join([*written[:rows], rest(digest, rows)], links) for rows in range(len(written), 0, -1))
    mark = wording.REPEAT if any(map(_is_repeat, digest.messages)) else ""
    return next(filter(is_short, chain(bodies, [_join([mark], links), mark])), "") or title(digest)


def _slack(line: Line) -> str:
    name = forms.slack_link(Link(line.name, line.page)) if line.page else forms.slack_escape(line.name)
    return f"{name}{forms.slack_escape(line.told)}"


def _join(shown: list[str], links: str) -> str:
    return "\n\n".join(filter(None, ["\n".join(filter(None, shown)), links]))


def _line(message: Message, common: tuple[Link, ...]) -> Line:
    name = wording.change_name(message.situation)
    own = (link.url for link in message.situation.links if link not in common)
    told = wording.title(message).removeprefix(name)
    return Line(name, told, message.severity, next(own, None))


def _is_repeat(message: Message) -> bool:
    return message.repeats(message.headline)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
