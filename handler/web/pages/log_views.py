"""The log of alerts as a page shows it: the latest first, by days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from handler.core.ledger import Ledger
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Alert, Ending
from notifiers.saying import fill, one_line
from notifiers.telling import as_sentence, share
from notifiers.translating import translate

LINES_MAX: Final = 200
_DETAIL_LENGTH_MAX: Final = 250
_CHANNELS_LENGTH_MAX: Final = 160


class LineView(NamedTuple):
    """An alert: when it was raised, how grave it is, what it tells; `notes` say where it may not be heard."""

    time: str
    tone: str
    said: str
    detail: str
    share: str
    notes: tuple[str, ...]


class DayView(NamedTuple):
    """The alerts of a day, by the visitor's calendar."""

    date: str
    lines: tuple[LineView, ...]


class LogView(NamedTuple):
    """The latest alerts, and what to say of older ones."""

    days: tuple[DayView, ...]
    older: str


def view_log(ledger: Ledger, visitor: Visitor, *, with_seconds: bool = False) -> LogView:
    """Word the log.

    Args:
        ledger: Holds it.
        visitor: For whom.
        with_seconds: Whether minutes alone would not tell its moments apart.
    """
    form = "%H:%M:%S" if with_seconds else "%H:%M"
    alerts = ledger.alerts[::-1][:LINES_MAX]
    older = ledger.length - len(alerts)
    return LogView(
        days=tuple(_days(alerts, visitor, form)),
        older=fill(visitor.words.older, count=older) if older > 0 else "",
    )


def _days(alerts: Iterable[Alert], visitor: Visitor, form: str) -> Iterator[DayView]:
    def date(alert: Alert) -> str:
        return f"{alert.raised_at.astimezone(visitor.reader.timezone):%Y-%m-%d}"

    for day, told in groupby(alerts, key=date):
        yield DayView(day, tuple(_line(alert, visitor, form) for alert in told))


def _line(alert: Alert, visitor: Visitor, form: str) -> LineView:
    language = visitor.reader.language
    return LineView(
        time=f"{alert.raised_at.astimezone(visitor.reader.timezone):{form}}",
        tone=alert.severity.value,
        said=as_sentence(alert, language),
        detail=translate(one_line(alert.detail or "", _DETAIL_LENGTH_MAX), language.details),
        share="" if alert.percent is None else share(alert.percent, language),
        notes=tuple(notes_of(alert, visitor)),
    )


def notes_of(alert: Alert, visitor: Visitor) -> Iterator[str]:
    """Say where an alert may have been told before, or may not have been heard."""
    words, language = visitor.words, visitor.reader.language
    if alert.may_repeat:
        yield language.repeat
    for ending, sentence in ((Ending.GIVEN_UP, words.given_up), (Ending.UNKNOWN, words.in_doubt)):
        names = [one_line(name) for name, ended in alert.endings.items() if ended is ending]
        if names:
            yield fill(sentence, channels=one_line(language.comma.join(names), _CHANNELS_LENGTH_MAX))
