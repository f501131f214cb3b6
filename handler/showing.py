"""Shows people pages: in their language, by the configured clock, with links that lead to the right place.

The pages are imported with the first that is shown, for every cold start pays for the rest.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from handler.core.record import Record
from handler.gateways import Request, Response
from handler.senders import links_of
from handler.settings import Settings
from handler.web.accepting import choose_language
from handler.web.answers import BadRequestError, page
from handler.web.readings import Reading, Resource, read_reading
from handler.web.routes import find_resource
from handler.web.signing_in import is_form
from notifiers.language_code import LanguageCode

if TYPE_CHECKING:
    from handler.records import Overview
    from handler.web.pages.visitor import SignIn, Spot, Visitor

_RETRY_SECONDS: Final = 60
"""After how long a page that could not be made is asked for again: nobody need be sitting in front of it."""

_UNAUTHORISED: Final = 401
_SERVER_ERROR: Final = 500
_CHALLENGE: Final = "www-authenticate"


class Guest(NamedTuple):
    """Who looks, with which request, and when; without usable settings in a way that fits all."""

    request: Request
    settings: Settings | None
    now: datetime


def base_path_of(settings: Settings | None) -> str:
    """What stands before every path by the configuration."""
    address = settings.links.status_page if settings else None
    return urlsplit(address).path if address else ""


def show_overview(overview: Overview, reading: Reading, guest: Guest) -> Response:
    """Show how all changes stand."""
    from handler.web.pages import overview_pace, overview_page, refresh_seconds_of  # noqa: PLC0415

    records, left_out, refused_at, _ = overview
    visitor = _visitor(guest, reading)
    pace = refresh_seconds_of(overview_pace(records), visitor)
    return _page(overview_page(records, left_out, visitor, refused_at), visitor, pace)


def show_change(record: Record, reading: Reading, guest: Guest) -> Response:
    """Show how a change stands."""
    from handler.web.pages import change_pace, change_page, refresh_seconds_of  # noqa: PLC0415

    visitor = _visitor(guest, reading)
    pace = refresh_seconds_of(change_pace(record), visitor)
    return _page(change_page(record, visitor), visitor, pace)


def show_error(response: Response, guest: Guest) -> Response:
    """Show why there is no such page, with the challenge of the answer for programs."""
    from handler.web.pages import error_page  # noqa: PLC0415

    visitor = _visitor(guest, _read_wishes(guest.request))
    # Who leaves a page open wants to see it again once the trouble is over.
    pace = _RETRY_SECONDS if visitor.refresh_seconds is None else visitor.refresh_seconds
    sign_in = _sign_in(response, guest)
    document = error_page(response.status, visitor, _spot(guest), sign_in)
    pace_of_errors = pace if response.status >= _SERVER_ERROR else None
    shown = _page(document, visitor, pace_of_errors, response.status, has_form=sign_in is not None)
    kept = {name: value for name, value in response.headers.items() if name == _CHALLENGE}
    return shown._replace(headers={**shown.headers, **kept})


def _page(
    document: str,
    visitor: Visitor,
    refresh_seconds: int | None,
    status: int = 200,
    *,
    has_form: bool = False,
) -> Response:
    from handler.web.pages import style_source  # noqa: PLC0415

    language = visitor.reader.language.code.value
    return page(
        document,
        style_source(),
        language,
        status=status,
        refresh_seconds=refresh_seconds,
        has_form=has_form,
    )


def _sign_in(response: Response, guest: Guest) -> SignIn | None:
    """The form to sign in by, where there is a token to do that with."""
    from handler.web.pages.visitor import SignIn  # noqa: PLC0415

    if response.status != _UNAUTHORISED or not guest.settings or not guest.settings.http.token:
        return None
    return SignIn(has_failed=is_form(guest.request))


def _spot(guest: Guest) -> Spot:
    from handler.web.pages.visitor import Spot  # noqa: PLC0415

    resource = find_resource(guest.request, base_path_of(guest.settings))
    return Spot.CHANGE if resource is Resource.CHANGE_PAGE else Spot.OVERVIEW


def _read_wishes(request: Request) -> Reading:
    """What is wished for with a page that there is not, if that can be understood."""
    try:
        return read_reading(Resource.OVERVIEW, None, request.query)
    except BadRequestError:
        return Reading(Resource.OVERVIEW)


def _visitor(guest: Guest, reading: Reading) -> Visitor:
    from handler.web.pages.visitor import Visitor  # noqa: PLC0415
    from notifiers.languages import LANGUAGES  # noqa: PLC0415
    from notifiers.saying import Reader  # noqa: PLC0415

    settings = guest.settings
    default = settings.language if settings else LanguageCode.EN
    language = LANGUAGES[reading.language or choose_language(guest.request, default)]
    return Visitor(
        reader=Reader(language, settings.timezone) if settings else Reader(language),
        now=guest.now,
        base_path=base_path_of(settings),
        refresh_seconds=reading.refresh_seconds,
        language=reading.language,
        console=links_of(settings).console if settings else None,
    )
