"""What a form shows of a message or a digest, in a reader's words; templates get exactly this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from notifiers import digests, titles, wording
from notifiers.alerts import Severity
from notifiers.markup import Url, safe_url
from notifiers.messages import Content, Digest, Link, Message, Place
from notifiers.saying import SEPARATOR, Reader, begin
from notifiers.steps import StepView, all_steps

__all__ = [
    "COLOURS",
    "FactView",
    "LineView",
    "LinkView",
    "View",
    "title_of",
    "whole_view",
]

_BAR_LENGTH: Final = 10
COLOURS: Final = {
    Severity.INFO: "#2563eb",
    Severity.SUCCESS: "#15803d",
    Severity.WARNING: "#b45309",
    Severity.FAILURE: "#b91c1c",
}


class LinkView(NamedTuple):
    """A link with its label."""

    label: str
    url: Url


class FactView(NamedTuple):
    """A labelled value."""

    label: str
    value: str


class LineView(NamedTuple):
    """One change in a digest: its name, what is told of it, how grave that is, and where to read on.

    `told` goes on after the name, `sentence` is the same on a line of its own.
    """

    name: str
    told: str
    severity: str
    colour: str
    page: Url | None
    sentence: str


class View(NamedTuple):
    """What templates see of a message or a digest; every text is one line, every part may be empty.

    `title` fits the service, and `full_title` is the whole of it where that is more; `lead` is which change
    and what happened, `more` the rest, in full as well. `bar` draws the percentage. `happenings`, `facts`,
    `steps` and `standing` are a message's, `lines` and `rest` a digest's. `is_brief` is a message on the way,
    to be kept short. `note` is what the reader has to know of the form itself. `colon` stands between a label
    and its value. `data` is the whole in fields, as machines get it (`message.schema.json`).
    """

    language: str
    colon: str
    title: str
    lead: str
    more: tuple[str, ...]
    severity: str
    colour: str
    links: tuple[LinkView, ...]
    data: Mapping[str, Any]
    full_title: str = ""
    is_digest: bool = False
    is_brief: bool = False
    percent: int | None = None
    bar: str = ""
    standing: str = ""
    happenings: tuple[str, ...] = ()
    facts: tuple[FactView, ...] = ()
    steps: tuple[StepView, ...] = ()
    seen_at: str = ""
    lines: tuple[LineView, ...] = ()
    rest: str = ""
    note: str = ""

    @property
    def page(self) -> Url | None:
        """Where to read on first of all."""
        return self.links[0].url if self.links else None


def title_of(content: Content, reader: Reader, length_max: int = 1000) -> str:
    """Say it all in one line of at most so many characters."""
    if isinstance(content, Digest):
        return digests.title(content, reader, length_max)
    return titles.title(content, reader, length_max)


def whole_view(content: Content, reader: Reader, title: str, data: Mapping[str, Any], note: str = "") -> View:
    """Word all of a message, or all of a digest that anybody would read.

    Args:
        content: What is told.
        reader: To whom.
        title: What `title_of` says.
        data: The whole in fields.
        note: What the reader has to know of the form itself.
    """
    lead, *more = _title_parts(content, reader)
    whole = SEPARATOR.join([lead, *more])
    common = View(
        language=reader.language.html_code,
        colon=reader.language.colon,
        title=title,
        full_title="" if title == whole else whole,
        lead=lead,
        more=tuple(more),
        severity=content.severity.value,
        colour=COLOURS[content.severity],
        links=(),
        data=data,
        note=note,
    )
    if isinstance(content, Digest):
        lines = tuple(_line(one, content.links, reader) for one in content.messages[: digests.ROWS_MAX])
        return common._replace(links=_links(content.links, reader), is_digest=True, lines=lines)
    return _message_view(content, reader, common)


def _title_parts(content: Content, reader: Reader) -> tuple[str, ...]:
    if isinstance(content, Digest):
        return digests.title_parts(content, reader)
    return titles.title_parts(content, reader)


def _message_view(message: Message, reader: Reader, common: View) -> View:
    situation = message.situation
    is_estimate_good = wording.is_estimate_good(message)
    return common._replace(
        links=_links(_ordered(message), reader),
        is_brief=message.is_brief,
        percent=situation.percent,
        bar=_bar(situation.percent),
        standing=begin(wording.standing(situation, reader, is_estimate_good=is_estimate_good)),
        happenings=tuple(wording.happenings(message, reader)),
        facts=tuple(FactView(label, value) for label, value in wording.facts(message, reader)),
        steps=all_steps(situation, reader),
        seen_at=begin(wording.seen_at(situation, reader)),
    )


def _line(message: Message, common: tuple[Link, ...], reader: Reader) -> LineView:
    own = (safe_url(link.url) for link in message.situation.links if link not in common)
    name, told = digests.line(message, reader)
    sentence = titles.told(message, reader, is_own_line=True)
    return LineView(name, told, message.severity.value, COLOURS[message.severity], next(own, None), sentence)


def _ordered(message: Message) -> tuple[Link, ...]:
    """The links, the console's first where something has failed: only there its cause can be seen."""
    links = message.situation.links
    if not wording.is_alarm(message.headline):
        return links
    return tuple(sorted(links, key=lambda link: link.place is not Place.CONSOLE))


def _links(links: tuple[Link, ...], reader: Reader) -> tuple[LinkView, ...]:
    return tuple(LinkView(reader.language.places[link.place], safe_url(link.url)) for link in links)


def _bar(percent: int | None) -> str:
    if percent is None:
        return ""
    filled = percent * _BAR_LENGTH // 100
    return "█" * filled + "░" * (_BAR_LENGTH - filled)
