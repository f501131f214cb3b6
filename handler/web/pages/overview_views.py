"""What the overview shows: the changes that are followed, in groups, and the last that are so no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handler.core.mending import find_completion, is_mended
from handler.core.observation import Phase
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
from handler.web.pages.troubles import Remark
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Severity
from notifiers.languages import Noun
from notifiers.saying import begin, fill
from notifiers.telling import action

_UNKNOWN: Final = "unknown"
_GROUPS: Final = ("running", "over", "reminded", _UNKNOWN, "waiting")
_TOLD: Final = (Phase.FAILED, Phase.LOST, Phase.CANCELLED, Phase.RUNNING)
"""Which changes the title counts: the failures first."""

_NEEDING: Final = (Severity.FAILURE, Severity.WARNING)
_LATELY: Final = timedelta(days=1)


class RowView(NamedTuple):
    """A change that is followed, and the way to its page."""

    link: str
    change: ChangeView


class GroupView(NamedTuple):
    """Changes that stand alike: those in the worst trouble first, then by their names."""

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
    """All that the overview shows; what does not apply is empty.

    `refused` says that the access key is, `needs` how many changes need somebody, and for what, also of those
    that failed lately and that all have heard of.
    """

    title: str
    tone: str
    refused: str
    needs: tuple[Remark, ...]
    groups: tuple[GroupView, ...]
    left_out: str
    ended: tuple[EndedView, ...]


def view_overview(
    records: Sequence[Record], left_out: int, visitor: Visitor, refused_at: datetime | None = None
) -> OverviewView:
    """Word the overview.

    Args:
        records: Those that are followed, and those that ended last.
        left_out: How many more are followed.
        visitor: Who looks.
        refused_at: When the access key was refused, if it has not been accepted since.
    """
    words, count = visitor.words, visitor.reader.language.count
    groups = _group([record for record in records if record.is_followed], visitor)
    changes = [row.change for group in groups for row in group.rows]
    ended = [record for record in records if not record.is_followed]
    is_all_known = not left_out and not refused_at and all(group.key != _UNKNOWN for group in groups)
    nothing = words.nothing_running if is_all_known else words.nothing_known
    return OverviewView(
        title=_tally(changes, visitor) or nothing,
        tone=_tone(changes, is_refused=refused_at is not None),
        refused=fill(words.key_refused, time=visitor.time(refused_at)) if refused_at else "",
        needs=(*_needs(changes, visitor), *_failed_lately(ended, visitor)),
        groups=groups,
        left_out=fill(words.left_out, changes=count(left_out, Noun.CHANGE)) if left_out else "",
        ended=tuple(_view_ended(record, visitor) for record in _latest_first(ended, visitor)),
    )


def _tally(changes: Sequence[ChangeView], visitor: Visitor) -> str:
    """Say how many have failed, and how many run; nothing where none does."""
    words, language = visitor.words, visitor.reader.language
    counts = Counter(change.state for change in changes)
    return language.comma.join(
        fill(words.tallies[phase], changes=language.count(counts[phase.value], Noun.CHANGE))
        for phase in _TOLD
        if counts[phase.value]
    )


def _needs(changes: Sequence[ChangeView], visitor: Visitor) -> Iterator[Remark]:
    language, counts = visitor.reader.language, Counter(change.severity for change in changes)
    for severity in _NEEDING:
        if counts[severity]:
            wanted, counted = action(severity, language), language.count(counts[severity], Noun.CHANGE)
            yield Remark(severity.value, f"{begin(wanted)}{language.colon}{counted}")


def _failed_lately(ended: Sequence[Record], visitor: Visitor) -> Iterator[Remark]:
    """Count what has failed within a day, and was not mended by another change of the instance."""
    completions = [find_completion(str(one.change), None, one.ledger) for one in ended]
    since, done = visitor.now - _LATELY, [*filter(None, completions)]
    failed = [
        record
        for record in ended
        if record.ledger is not None and record.ledger.phase in {Phase.FAILED, Phase.LOST}
        if seen_until(record, visitor.now) >= since and not is_mended(record.ledger, done)
    ]
    if failed:
        counted = visitor.reader.language.count(len(failed), Noun.CHANGE)
        yield Remark(Severity.FAILURE.value, fill(visitor.words.failed_lately, changes=counted))


def _tone(changes: Sequence[ChangeView], *, is_refused: bool) -> str:
    found = {change.severity for change in changes} | ({Severity.WARNING} if is_refused else set())
    worst = next((severity.value for severity in _NEEDING if severity in found), None)
    is_any_running = any(change.state == Phase.RUNNING.value for change in changes)
    return worst or ("info" if is_any_running else "faint")


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


def _place(row: RowView) -> tuple[int, str, str]:
    return -row.change.severity.rank, row.change.name.casefold(), row.link


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
