"""How a digest reads: counts as its title, then a line a change, as its own message would be titled."""

from __future__ import annotations

from collections import Counter
from typing import Final

from notifiers.alerts import Kind
from notifiers.languages import Noun
from notifiers.messages import Digest, Message
from notifiers.saying import SEPARATOR, Reader, fill, one_line
from notifiers.telling import action
from notifiers.titles import told
from notifiers.wording import change_name

ROWS_MAX: Final = 300
_KINDS_MAX: Final = 4


def title(digest: Digest, reader: Reader, length_max: int = 1000) -> str:
    """Count in one line what has happened, and say what to do; what comes after the worst kinds is summed up.

    It is marked as a repeat only if all of it is one, for else the lines are.
    """
    said = ""
    for kinds in range(_KINDS_MAX, 0, -1):
        said = SEPARATOR.join(title_parts(digest, reader, kinds))
        if len(said) <= length_max:
            return said
    return one_line(said, length_max)


def line(message: Message, reader: Reader) -> tuple[str, str]:
    """Word one change: its name, and what is told of it."""
    return change_name(message.situation), f"{reader.language.colon}{told(message, reader)}"


def rest(digest: Digest, reader: Reader, rows: int) -> str:
    """Say that changes are left out after so many; what may be repeated among them is marked here instead."""
    left_out, language = digest.messages[rows:], reader.language
    if not left_out:
        return ""
    repeat = fill(language.brackets, text=language.repeat) if any(map(_is_repeat, left_out)) else ""
    return f"{fill(language.more, count=len(left_out))}{repeat}"


def title_parts(digest: Digest, reader: Reader, kinds_max: int = _KINDS_MAX) -> tuple[str, ...]:
    """What the title is made of: what has happened comes first."""
    language = reader.language
    counted = Counter(_kind(message) for message in digest.messages)
    kinds = [kind for kind in sorted(Kind, key=lambda kind: kind.traits.precedence) if kind in counted]
    others = sum(counted[kind] for kind in kinds[kinds_max:])
    news = [fill(language.news[kind], count=counted[kind]) for kind in kinds[:kinds_max]]
    news += [language.count(others, Noun.OTHER)] if others else []
    changes = language.count(len(digest.messages), Noun.CHANGE)
    repeat = (language.repeat,) if all(map(_is_repeat, digest.messages)) else ()
    counts = fill(language.digest, changes=changes, news=language.comma.join(news))
    return counts, action(digest.severity, language), *repeat


def _kind(message: Message) -> Kind:
    return message.headline.kind


def _is_repeat(message: Message) -> bool:
    return message.repeats(message.headline)
