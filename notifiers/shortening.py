"""Makes a view shorter, in steps, and says how much is left out; what may be a repeat stays marked as one.

What has happened is worth more than where to read on: links go before the last news does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from notifiers import digests, views
from notifiers.alerts import Alert, Kind
from notifiers.messages import Content, Digest, Message
from notifiers.saying import SEPARATOR, Reader, begin, fill
from notifiers.steps import ROWS_MAX, choose_steps, chosen_steps
from notifiers.titles import step_number
from notifiers.views import View

_TITLE_LENGTH_MIN: Final = 16
_TITLE_LENGTH_STEP: Final = 6

_Lines = Sequence[tuple[Alert, str]]
"""Alerts with what is said of each."""

_SHOWN_AS: Final = {
    Kind.STEP_STARTED: frozenset({"running", "completed", "failed"}),
    Kind.STEP_COMPLETED: frozenset({"completed"}),
}
"""The states of a step which tell as well that such a thing has happened to it."""


def versions(whole: View, message: Message, reader: Reader) -> Iterator[View]:
    """A message from the longest to the shortest; each tells of every alert, or counts it.

    Steps are left out first, from the middle, and earlier news with them; then facts, then what the title
    tells as well, and links at last. In a message on the way each alert is told, by the title, by a step that
    is shown, or in words.
    """
    yield shortened(whole, message, reader, ROWS_MAX)
    rows = range(min(ROWS_MAX, max(len(whole.steps), len(whole.happenings))), -1, -1)
    without_links = whole._replace(links=(), note="")
    if whole.is_brief:
        for view in (whole, without_links):
            yield from (_once(view, message, reader, count) for count in rows)
        return
    yield from (shortened(whole, message, reader, count) for count in rows)
    few = whole._replace(facts=(), steps=())
    yield shortened(few, message, reader, 1)
    for view in (few, without_links._replace(facts=(), steps=())):
        yield _once(view, message, reader, 0)


def shortened(whole: View, message: Message, reader: Reader, rows: int) -> View:
    """Show so many steps at most, and so many of the latest happenings, and say how much is left out."""
    advice = whole.happenings[len(message.alerts) :]
    lines = list(zip(message.alerts, whole.happenings, strict=False))
    return whole._replace(
        happenings=(*_latest(lines, message, rows, reader), *advice),
        steps=chosen_steps(whole.steps, rows, reader),
    )


def shortened_digest(whole: View, digest: Digest, reader: Reader, rows: int) -> View:
    """Show so many changes, and count the others."""
    return whole._replace(lines=whole.lines[:rows], rest=digests.rest(digest, reader, rows))


def scraps(whole: View, content: Content, reader: Reader, title_length_max: int) -> Iterator[View]:
    """What is left where there is hardly any room: no links, then a title that is cut, at last it alone."""
    few = whole._replace(links=(), note="")
    for view in (whole, few):
        yield counted(view, content, reader)
    lengths = range(title_length_max, _TITLE_LENGTH_MIN, -_TITLE_LENGTH_STEP)
    cut = [_cut(few, content, reader, length) for length in (*lengths, _TITLE_LENGTH_MIN)]
    for view in cut:
        yield view
        yield view._replace(bar="", standing="")
    yield from (view._replace(bar="", standing="", happenings=(), rest="") for view in cut)


def counted(view: View, content: Content, reader: Reader) -> View:
    """Leave out all but title, standing and links, and count what the title does not tell."""
    language = reader.language
    few = view._replace(facts=(), steps=(), happenings=(), lines=(), rest="")
    is_marked = (view.full_title or view.title).endswith(f"{SEPARATOR}{language.repeat}")
    repeat = language.repeat if content.possible_repeat and not is_marked else ""
    if isinstance(content, Digest):
        return few._replace(rest=begin(repeat))
    others = len(content.alerts) - 1
    line = f"{fill(language.more, count=others)}{_in_brackets(repeat, reader)}" if others else begin(repeat)
    return few._replace(happenings=(line,) if line else ())


def _cut(view: View, content: Content, reader: Reader, title_length: int) -> View:
    """Cut the title, and say little else but what it has lost."""
    title = views.title_of(content, reader, title_length)
    few = view._replace(title=title, lead=title, more=(), full_title="", seen_at="")
    return counted(few, content, reader)


def _once(whole: View, message: Message, reader: Reader, rows: int) -> View:
    """Show so many steps at most, and of the happenings those that neither they nor the title tell."""
    states = tuple(step.state for step in message.situation.steps)
    places = choose_steps(states, rows)
    lines = [
        (alert, line)
        for alert, line in zip(message.alerts, whole.happenings, strict=False)
        if not _is_told(alert, message, places)
    ]
    return whole._replace(
        happenings=_latest(lines, message, 1, reader), steps=chosen_steps(whole.steps, rows, reader)
    )


def _is_told(alert: Alert, message: Message, places: Sequence[int]) -> bool:
    """Whether an alert is told by the title, or by the steps at these places."""
    situation, headline = message.situation, message.headline
    if alert is headline:
        return not alert.detail
    if not message.is_brief or message.repeats(alert) > message.repeats(headline):
        return False
    if alert.kind is Kind.MILESTONE:
        return situation.percent is not None
    place = (step_number(alert, situation) or 0) - 1
    return place in places and situation.steps[place].state in _SHOWN_AS[alert.kind]


def _latest(lines: _Lines, message: Message, rows: int, reader: Reader) -> tuple[str, ...]:
    """The last of the happenings, at least one; what may be a repeat among the others is marked there."""
    hidden = max(0, len(lines) - max(rows, 1))
    shown = tuple(line for _, line in lines[hidden:])
    if not hidden:
        return shown
    language = reader.language
    repeat = language.repeat if any(message.repeats(alert) for alert, _ in lines[:hidden]) else ""
    return f"{fill(language.more, count=hidden)}{_in_brackets(repeat, reader)}", *shown


def _in_brackets(repeat: str, reader: Reader) -> str:
    return fill(reader.language.brackets, text=repeat) if repeat else ""
