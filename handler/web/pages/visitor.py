"""Who looks at a page, and where its links lead: they keep what was asked for with the page itself."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from handler.core.change import ChangeId
from handler.web.pages.words import WORDS, Words
from notifiers.language_code import LanguageCode
from notifiers.saying import Reader, clock_time

NEVER: Final = 0
"""How often a page refreshes itself that does not."""


class Spot(Enum):
    """Where a page stands, by the way from there to the overview."""

    OVERVIEW = "./"
    CHANGE = "../../"


class SignIn(NamedTuple):
    """The form by which one signs in, perhaps after a try with something else than the token."""

    has_failed: bool


class Visitor(NamedTuple):
    """For whom a page is made, and when.

    `base_path` is what stands before every path, if that is configured. `refresh_seconds` is how often the
    page is to refresh itself (None: as often as it finds right, 0: never) and `language` the one that was
    asked for, if that was done. `console` is where the cloud's console is.
    """

    reader: Reader
    now: datetime
    base_path: str = ""
    refresh_seconds: int | None = None
    language: LanguageCode | None = None
    console: str | None = None

    @property
    def words(self) -> Words:
        """What pages say in the visitor's language."""
        return WORDS[self.reader.language.code]

    @property
    def zone(self) -> str:
        """By which clock moments are told."""
        zone = self.reader.timezone
        return zone.key if isinstance(zone, ZoneInfo) else str(zone.tzname(self.now))

    def time(self, moment: datetime) -> str:
        """A moment by the visitor's clock, with its date unless that is today's."""
        return clock_time(moment, self.reader, beside=self.now)

    def overview_link(self, spot: Spot) -> str:
        """The way to the overview."""
        return f"{self._root(spot)}{_query(self.language, self.refresh_seconds)}"

    def change_link(self, change: ChangeId) -> str:
        """The way from the overview to the page of a change."""
        return f"{self._root(Spot.OVERVIEW)}changes/{change}{_query(self.language, self.refresh_seconds)}"

    def language_link(self, language: LanguageCode) -> str:
        """The way to the same page in a language."""
        return _query(language, self.refresh_seconds)

    def refresh_link(self, *, is_to_rest: bool) -> str:
        """The way to the same page that refreshes itself no more, or as often as it finds right."""
        return _query(self.language, NEVER if is_to_rest else None) or "?"

    def _root(self, spot: Spot) -> str:
        return f"{self.base_path.rstrip('/')}/" if self.base_path.strip("/") else spot.value


def _query(language: LanguageCode | None, refresh_seconds: int | None) -> str:
    asked = {}
    if language is not None:
        asked["lang"] = language.value
    if refresh_seconds is not None:
        asked["refresh"] = str(refresh_seconds or "off")
    return f"?{urlencode(asked)}" if asked else ""
