"""What the overview shows: the changes that are followed, in groups, and those that ended last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from handler.core.observation import Phase
from handler.core.record import Record
from handler.web.pages.change_views import TONES, ChangeView, name_of, view_change
from handler.web.pages.endings import ended_at, how_ended
from handler.web.pages.visitor import Visitor
from notifiers.languages import Noun
from notifiers.saying import fill

_GROUPS: Final = ("running", "waiting", "over")


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
    """A change that is followed no more: how it ended, after how long, and when."""

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
    groups = _group([record for record in records if record.is_active], visitor)
    running = sum(len(group.rows) for group in groups if group.key == "running")
    troubled = sum(bool(row.change.troubles) for group in groups for row in group.rows)
    ended = [record for record in records if not record.is_active]
    return OverviewView(
        title=fill(words.running, changes=count(running, Noun.CHANGE)) if running else words.nothing_running,
        tone="warning" if troubled else "info" if running else "faint",
        in_trouble=fill(words.in_trouble, changes=count(troubled, Noun.CHANGE)) if troubled else "",
        groups=groups,
        left_out=fill(words.left_out, changes=count(left_out, Noun.CHANGE)) if left_out else "",
        ended=tuple(_view_ended(record, visitor) for record in sorted(ended, key=_age, reverse=True)),
    )


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
    phase = record.ledger.phase if record.ledger else Phase.UNKNOWN
    if phase.is_end:
        return "over"
    return "running" if phase is Phase.RUNNING else "waiting"


def _age(record: Record) -> float:
    return ended_at(record.ledger).timestamp() if record.ledger else 0.0


def _place(row: RowView) -> tuple[bool, str, str]:
    return not row.change.troubles, row.change.name.casefold(), row.link


def _view_ended(record: Record, visitor: Visitor) -> EndedView:
    ledger = record.ledger
    phase = ledger.phase if ledger else Phase.UNKNOWN
    return EndedView(
        link=visitor.change_link(record.change),
        name=name_of(record),
        state=phase.value,
        tone=TONES[phase] if phase.is_end else "faint",
        how=how_ended(ledger, visitor) if ledger and phase.is_end else visitor.words.not_followed,
        when=visitor.time(ended_at(ledger)) if ledger else "",
    )
