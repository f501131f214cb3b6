"""The pages: how all changes stand, how one does, and why there is none; HTML that needs nothing else.

They run no script and fetch nothing. Whatever comes from elsewhere is put in as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from handler.core.observation import Phase
from handler.core.record import NOTHING, Record
from handler.web.drawing.course import Course, course_of
from handler.web.drawing.plot import draw_plot
from handler.web.drawing.timeline import draw_timeline
from handler.web.pages.axis_views import view_marks, view_plot
from handler.web.pages.change_views import ChangeView, view_change
from handler.web.pages.channel_views import view_channels
from handler.web.pages.detail_views import view_details
from handler.web.pages.favicon import favicon
from handler.web.pages.log_views import view_log
from handler.web.pages.overview_views import view_overview
from handler.web.pages.refreshing import change_pace, overview_pace, refresh_seconds_of
from handler.web.pages.rendering import render, style_source
from handler.web.pages.step_views import tell_counts, view_counts, view_steps
from handler.web.pages.visitor import NEVER, SignIn, Spot, Visitor
from handler.web.pages.words import WORDS
from notifiers.languages import LANGUAGES
from notifiers.saying import SEPARATOR, date_and_time, fill, short_span

__all__ = [
    "Spot",
    "Visitor",
    "change_pace",
    "change_page",
    "error_page",
    "overview_pace",
    "overview_page",
    "refresh_seconds_of",
    "style_source",
]

_NAME: Final = "Headway"
_SECONDS_MATTER_BELOW: Final = timedelta(minutes=10)
"""How long a change takes of which much happens in the same minute."""


class Choice(NamedTuple):
    """A language to read the page in; the one it is in has no link."""

    name: str
    html_code: str
    link: str


class Pace(NamedTuple):
    """How often the page refreshes itself, and how to change that: `shown` briefly, `change` in a word."""

    told: str
    change: str
    shown: str
    link: str
    is_resting: bool


def overview_page(
    records: Sequence[Record], left_out: int, visitor: Visitor, refused_at: datetime | None = None
) -> str:
    """Show all changes.

    Args:
        records: Those that are followed, and those that ended last.
        left_out: How many more are followed.
        visitor: For whom.
        refused_at: When the cloud refused the access key, if it has not accepted it since.
    """
    view = view_overview(records, left_out, visitor, refused_at)
    frame = _frame(visitor, visitor.overview_link(Spot.OVERVIEW), overview_pace(records))
    tab = SEPARATOR.join([f"{_alarm(view.refused or view.needs)}{view.title}", _NAME])
    return render("overview.j2", {**frame, "tab": tab, "icon": favicon(view.tone), "view": view})


def change_page(record: Record, visitor: Visitor) -> str:
    """Show one change."""
    change = view_change(record, visitor)
    ledger, course = record.ledger or NOTHING, _course(record, visitor)
    is_short = course is not None and course.until - course.began_at < _SECONDS_MATTER_BELOW
    values = {
        **_frame(visitor, visitor.overview_link(Spot.CHANGE), change_pace(record)),
        **_drawings(record, course, visitor),
        "tab": _tab(change, visitor),
        "icon": favicon(change.tone, change.percent),
        "change": change,
        "log": view_log(ledger, visitor, with_seconds=is_short),
        "channels": view_channels(ledger, visitor),
        "details": tuple(view_details(record, visitor)),
    }
    return render("change.j2", values)


def error_page(status: int, visitor: Visitor, spot: Spot = Spot.CHANGE, sign_in: SignIn | None = None) -> str:
    """Say why there is no such page as was asked for, and what to do about it.

    Args:
        status: The answer's.
        visitor: Who asked.
        spot: From where, for the link to the overview.
        sign_in: The form to sign in by, if one can.
    """
    apologies = visitor.words.apologies
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    other = HTTPStatus.INTERNAL_SERVER_ERROR if is_ours else HTTPStatus.BAD_REQUEST
    apology = apologies.get(status, apologies[other])
    home = "" if status == HTTPStatus.UNAUTHORIZED else visitor.overview_link(spot)
    frame = _frame(visitor, home, None)
    tab = SEPARATOR.join([apology.title, _NAME])
    values = {"tab": tab, "icon": favicon("faint"), "status": status, "apology": apology, "sign_in": sign_in}
    return render("error.j2", {**frame, **values})


def _frame(visitor: Visitor, home: str, pace: int | None) -> dict[str, Any]:
    """What every page gets."""
    language = visitor.reader.language
    as_of = fill(language.as_of, time=date_and_time(visitor.now, visitor.reader))
    return {
        "language": language,
        "words": visitor.words,
        "home": home,
        "console": visitor.console,
        "choices": tuple(
            Choice(
                WORDS[code].own_name, one.html_code, "" if one is language else visitor.language_link(code)
            )
            for code, one in LANGUAGES.items()
        ),
        "zone": fill(visitor.words.zone, zone=visitor.zone),
        "as_of": SEPARATOR.join([_NAME, as_of]),
        "pace": _pace(pace, visitor),
    }


def _pace(own: int | None, visitor: Visitor) -> Pace | None:
    words, seconds = visitor.words, own if visitor.refresh_seconds is None else visitor.refresh_seconds
    if own is None or seconds is None:
        return None
    if seconds == NEVER:
        link = visitor.refresh_link(is_to_rest=False)
        return Pace(words.paused, words.resume, words.resume, link, is_resting=True)
    span, link = short_span(seconds, visitor.reader.language), visitor.refresh_link(is_to_rest=True)
    return Pace(fill(words.refreshing, span=span), words.pause, span, link, is_resting=False)


def _drawings(record: Record, course: Course | None, visitor: Visitor) -> Mapping[str, Any]:
    """The steps and the progress."""
    ledger = record.ledger or NOTHING
    timeline = draw_timeline(course, visitor.now, visitor.reader.timezone) if course else None
    plot = draw_plot(ledger.samples, course) if course else None
    return {
        "marks": view_marks(timeline.marks, visitor) if timeline else (),
        "now": f"{timeline.now:.2f}" if timeline and timeline.now is not None else "",
        "steps": view_steps(timeline, record, visitor),
        "counts": view_counts(ledger),
        "counts_told": tell_counts(record, visitor),
        "plot": view_plot(plot, ledger.samples, visitor),
    }


def _course(record: Record, visitor: Visitor) -> Course | None:
    """The course of a change, if anything is known of it that can be drawn."""
    course, samples = course_of(record, visitor.now), (record.ledger or NOTHING).samples
    if course is None or course.seen.phase is Phase.WAITING or not (course.seen.counts() or samples):
        return None
    return course


def _tab(change: ChangeView, visitor: Visitor) -> str:
    """What a browser's tab says: how far it is first, for there is little room."""
    if change.state == Phase.RUNNING.value and change.share:
        told = f"{change.share} {change.name}"
    else:
        told = f"{change.phase}{visitor.reader.language.colon}{change.name}"
    return SEPARATOR.join([f"{_alarm(change.troubles)}{told}", _NAME])


def _alarm(troubles: object) -> str:
    return "! " if troubles else ""
