"""How texts from elsewhere, spans of time and moments are said to one reader."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from notifiers.languages import ENGLISH, Language, Noun

SEPARATOR: Final = " · "
NAME_LENGTH_MAX: Final = 80
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_SECONDS_MATTER_BELOW: Final = 10 * _MINUTE
_PLACE: Final = re.compile(r"\{(\w+)\}")
_CHINESE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


class Reader(NamedTuple):
    """For whom a message is written: in which language, and by the clocks of which time zone."""

    language: Language = ENGLISH
    timezone: tzinfo = ZoneInfo("UTC")


def one_line(text: str, length_max: int = NAME_LENGTH_MAX) -> str:
    """Make one short line of a text from elsewhere, without line breaks and invisible characters."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    line = " ".join(text.split())
    return line if len(line) <= length_max else f"{line[: length_max - 1].rstrip()}…"


def fill(sentence: str, /, **values: object) -> str:
    """Fill in the places of a sentence, with a blank where Chinese meets Latin letters or digits there."""
    pieces = _PLACE.split(sentence)
    pieces[1::2] = [str(values[name]) for name in pieces[1::2]]
    said = ""
    for piece in pieces:
        said += f" {piece}" if piece and said and _clash(said[-1], piece[0]) else piece
    return said


def begin(said: str) -> str:
    """Begin what is said like a sentence; what begins with a name has to stay as it is."""
    return f"{said[:1].upper()}{said[1:]}"


def span(seconds: int | None, language: Language) -> str:
    """Say how long in words, in the two largest units that matter; from ten minutes on, seconds do not."""
    if seconds is None:
        return language.some_time
    return " ".join(language.count(number, unit) for number, unit in _units(seconds))


def short_span(seconds: int, language: Language) -> str:
    """Say the same in abbreviated units, for lists."""
    return " ".join(fill(language.short_units[unit], number=number) for number, unit in _units(seconds))


def about(seconds: int, language: Language) -> str:
    """Say roughly how long: to ten seconds, from a minute on to a minute, from an hour on to five."""
    unit = 10 if seconds < _MINUTE else _MINUTE if seconds < _HOUR else 5 * _MINUTE
    return fill(language.about, span=span(max(1, round(seconds / unit)) * unit, language))


def clock_time(moment: datetime, reader: Reader, beside: datetime | None = None) -> str:
    """Say a time by the reader's clock; with its date where that is not the one of `beside`."""
    local = moment.astimezone(reader.timezone)
    is_same_day = beside is None or local.date() == beside.astimezone(reader.timezone).date()
    return f"{local:%H:%M}" if is_same_day else f"{local:%Y-%m-%d %H:%M}"


def date_and_time(moment: datetime, reader: Reader) -> str:
    """Say a date and a time by the reader's clock, and which clock that is."""
    local, zone = moment.astimezone(reader.timezone), reader.timezone
    return f"{local:%Y-%m-%d %H:%M} {zone.key if isinstance(zone, ZoneInfo) else local.tzname()}"


def _clash(left: str, right: str) -> bool:
    """Whether one is Chinese and the other is to stand apart from that; punctuation is not."""
    if _CHINESE.match(left):
        return right.isalnum() and not _CHINESE.match(right)
    return bool(_CHINESE.match(right)) and (left.isalnum() or left == "%")


def _units(seconds: int) -> list[tuple[int, Noun]]:
    if seconds >= _DAY:
        parts = [(seconds // _DAY, Noun.DAY), (seconds % _DAY // _HOUR, Noun.HOUR)]
    elif seconds >= _HOUR:
        parts = [(seconds // _HOUR, Noun.HOUR), (seconds % _HOUR // _MINUTE, Noun.MINUTE)]
    elif seconds >= _SECONDS_MATTER_BELOW:
        parts = [(seconds // _MINUTE, Noun.MINUTE)]
    else:
        parts = [(seconds // _MINUTE, Noun.MINUTE), (seconds % _MINUTE, Noun.SECOND)]
    return [part for part in parts if part[0]] or [(0, Noun.SECOND)]
