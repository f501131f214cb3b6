"""What callers may want to read: pages, the same as JSON, metrics, and what the API is like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple, TypeVar

from handler.core.change import ChangeId
from handler.web.answers import BadRequestError
from notifiers.language_code import LanguageCode

LIMIT_MAX: Final = 100
"""How many changes an answer of the API lists at most."""

REFRESH_SECONDS_MAX: Final = 3600
"""How long a page that refreshes itself may wait at most."""

_NUMBER: Final = re.compile("[0-9]{1,9}")


class Resource(Enum):
    """What there is to read."""

    OVERVIEW = "overview"
    CHANGE_PAGE = "change_page"
    CHANGES = "changes"
    CHANGE = "change"
    METRICS = "metrics"
    OPENAPI = "openapi"


class Group(Enum):
    """Which changes: those that are followed, those that are over, or all of them."""

    ACTIVE = "active"
    ENDED = "ended"
    ALL = "all"


class Reading(NamedTuple):
    """What a caller wants to read.

    `change` is the one it is about, if it is about one. Pages are written in `language` (None: the one that
    the browser prefers, or else the configured one) and refresh themselves every `refresh_seconds` (None: as
    often as they find right, 0: never). A list has up to `limit` changes of a `group`, those after `cursor`,
    which the part before gave.
    """

    resource: Resource
    change: ChangeId | None = None
    language: LanguageCode | None = None
    refresh_seconds: int | None = None
    group: Group = Group.ALL
    cursor: str | None = None
    limit: int = LIMIT_MAX


PAGES: Final = frozenset({Resource.OVERVIEW, Resource.CHANGE_PAGE})
"""What people look at."""

Choice = TypeVar("Choice", bound=Enum)


def read_reading(resource: Resource, change: ChangeId | None, query: Mapping[str, str]) -> Reading:
    """Read how it is wanted; of a query's keys those that are none of ours say nothing.

    Raises:
        BadRequestError: It cannot be understood.
    """
    reading = Reading(resource, change)
    if resource in PAGES:
        return reading._replace(
            language=_read_choice("lang", query.get("lang"), LanguageCode),
            refresh_seconds=_read_refresh(query.get("refresh")),
        )
    if resource is Resource.CHANGES:
        return reading._replace(
            group=_read_choice("group", query.get("group"), Group) or Group.ALL,
            cursor=query.get("cursor"),
            limit=_read_number("limit", query.get("limit", str(LIMIT_MAX)), LIMIT_MAX, "a number"),
        )
    return reading


def _read_choice(key: str, text: str | None, choices: type[Choice]) -> Choice | None:
    if text is None:
        return None
    try:
        return choices(text)
    except ValueError:
        *others, last = (choice.value for choice in choices)
        raise BadRequestError(f"`{key}` wants {', '.join(others)} or {last}.") from None


def _read_refresh(text: str | None) -> int | None:
    if text is None:
        return None
    return 0 if text == "off" else _read_number("refresh", text, REFRESH_SECONDS_MAX, "off, or seconds")


def _read_number(key: str, text: str, maximum: int, what: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= maximum:
        raise BadRequestError(f"`{key}` wants {what} from 1 to {maximum}.")
    return int(text)
