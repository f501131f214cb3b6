"""What a browser says that it would rather have: pages, and in which language."""

from __future__ import annotations

import re
from typing import Final

from handler.gateways import Request
from handler.web.signing_in import is_form
from notifiers.language_code import LanguageCode

_ANY: Final = "*"
_LANGUAGE: Final = re.compile(r"(\*|[a-z]{1,8})(?:-[a-z0-9-]*)?")
_QUALITY: Final = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?")
_RANGES_MAX: Final = 20
_LENGTH_MAX: Final = 1000
"""So much is looked at, for strangers may send anything; what browsers send is far shorter."""

_WANTED: Final = "q=1"
_UNSAID: Final = (0.0, 0)
_UNWANTED: Final = (-1.0, 0)

Rank = tuple[float, int]
"""How much a language is wanted, and how far in front it stands among those that are wanted as much."""


def wants_page(request: Request) -> bool:
    """Tell whether it is a browser that asks, to show the answer to somebody."""
    may_be_shown = request.method in {"GET", "HEAD"} or is_form(request)
    return may_be_shown and "text/html" in request.headers.get("accept", "").lower()


def choose_language(request: Request, default: LanguageCode) -> LanguageCode:
    """Choose what the browser would rather read, or the default where it says nothing of any help."""
    ranks = _read_ranks(request.headers.get("accept-language", ""))
    unsaid = ranks.get(_ANY, _UNSAID)
    return max(LanguageCode, key=lambda code: (*ranks.get(code.value, unsaid), code is default))


def _read_ranks(header: str) -> dict[str, Rank]:
    """Read how much each language is wanted; a region or a script makes none of its own of it here."""
    ranks: dict[str, Rank] = {}
    for position, item in enumerate(_ranges(header)):
        tag, _, weight = item.partition(";")
        name, _, quality = (one.strip() for one in (weight or _WANTED).partition("="))
        match = _LANGUAGE.fullmatch(tag.strip())
        if match and name == "q" and _QUALITY.fullmatch(quality):
            rank = (float(quality), -position) if float(quality) else _UNWANTED
            ranks[match[1]] = max(rank, ranks.get(match[1], _UNWANTED))
    return ranks


def _ranges(header: str) -> list[str]:
    """The first of what is listed, without one of which only a half is looked at."""
    looked_at = header if len(header) <= _LENGTH_MAX else header[:_LENGTH_MAX].rpartition(",")[0]
    return looked_at.lower().split(",")[:_RANGES_MAX]
