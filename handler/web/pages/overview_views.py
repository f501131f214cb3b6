"""What the overview shows: the changes that are followed, in groups, and the last that are so no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from handler.core.record import NOTHING, Record
from handler.web.drawing.sight import seen_until
from handler.web.pages.change_views import (
    TONES,
    ChangeView,
    name_of,
    phase_word,
    shown_phase,
    view_change,
)
from handler.web.pages.endings import how_ended
from handler.web.pages.visitor import Visitor
from notifiers.languages import Noun
from notifiers.saying import fill

_RUNNING: Final = "running"
_UNKNOWN: Final = "unknown"
_GROUPS: Final = (_RUNNING, _UNKNOWN, "waiting", "over", "reminded")


class RowView(NamedTuple):
    """A change that is followed, and the way to its page."""

    link: str
    change: ChangeView


class GroupView(NamedTuple):
    """Changes that stand alike: those in trouble first, then by their names."""

    key: str
    title: str
    rows: tuple[RowView, ...]


class EndedView(NamedTuple):
    """A change that is over, or followed no more: how it ended, after how long, and when."""

    link: str
    name: str
    state: str
    tone: str
    how: str
    when: str


class OverviewView(NamedTuple):
    """All that the overview shows; what does not apply is empty."""

    title: str
    tone: str
    in_trouble: str
    groups: tuple[GroupView, ...]
    left_out: str
    ended: tuple[EndedView, ...]


def view_overview(records: Sequence[Record], left_out: int, visitor: Visitor) -> OverviewView:
    """Word the overview.

    Args:
        records: Those that are followed, and those that ended last.
        left_out: How many more are followed.
        visitor: Who looks.
    """
    words, count = visitor.words, visitor.reader.language.count
    groups = _group([record for record in records if _is_followed(record)], visitor)
    running = sum(len(group.rows) for group in groups if group.key == _RUNNING)
    troubled = sum(bool(row.change.troubles) for group in groups for row in group.rows)
    ended = [record for record in records if not _is_followed(record)]
    is_all_known = not left_out and all(group.key != _UNKNOWN for group in groups)
    nothing = words.nothing_running if is_all_known else words.nothing_known
    return OverviewView(
        title=fill(words.running, changes=count(running, Noun.CHANGE)) if running else nothing,
        tone="warning" if troubled else "info" if running else "faint",
        in_trouble=fill(words.in_trouble, changes=count(troubled, Noun.CHANGE)) if troubled else "",
        groups=groups,
        left_out=fill(words.left_out, changes=count(left_out, Noun.CHANGE)) if left_out else "",
        ended=tuple(_view_ended(record, visitor) for record in _latest_first(ended, visitor)),
    )


def _is_followed(record: Record) -> bool:
    """False also of a change that is told to its end, and only waits to be taken from the list."""
    return record.is_active and not (record.ledger or NOTHING).is_told


def _group(records: Sequence[Record], visitor: Visitor) -> tuple[GroupView, ...]:
    rows: dict[str, list[RowView]] = {key: [] for key in _GROUPS}
    for record in records:
        view = RowView(visitor.change_link(record.change), view_change(record, visitor))
        rows[_group_key(record)].append(view)
    titles = visitor.words.groups
    return tuple(
        GroupView(key, titles[key], tuple(sorted(rows[key], key=_place))) for key in rows if rows[key]
    )


def _group_key(record: Record) -> str:
    """One that all have heard of to its end is still followed only where there is to be reminded of it."""
    ledger = record.ledger or NOTHING
    if ledger.phase.is_end:
        return "reminded" if ledger.is_heard else "over"
    return ledger.phase.value


def _latest_first(records: Sequence[Record], visitor: Visitor) -> list[Record]:
    return sorted(records, key=lambda record: seen_until(record, visitor.now), reverse=True)


def _place(row: RowView) -> tuple[bool, str, str]:
    return not row.change.troubles, row.change.name.casefold(), row.link


def _view_ended(record: Record, visitor: Visitor) -> EndedView:
    ledger, phase = record.ledger, shown_phase(record)
    return EndedView(
        link=visitor.change_link(record.change),
        name=name_of(record),
        state=phase.value,
        tone="warning" if record.trouble else TONES[phase],
        how=how_ended(ledger, visitor) if ledger and phase.is_end else phase_word(record, visitor),
        when=visitor.time(seen_until(record, visitor.now)) if ledger else "",
    )
