"""What a browser says that it would rather have: pages, and in which language."""

from __future__ import annotations

import re
from typing import Final

from handler.gateways import Request
from handler.web.signing_in import is_form
from notifiers.language_code import LanguageCode

_ANY: Final = "*"
_LANGUAGE: Final = re.compile(r"\s*(\*|[A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([0-9.]*)\s*)?")
_QUALITY: Final = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?")
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
    for position, item in enumerate(header.split(",")):
        match = _LANGUAGE.fullmatch(item)
        if match and _QUALITY.fullmatch(match[2] or "1"):
            quality = float(match[2] or 1)
            rank = (quality, -position) if quality else _UNWANTED
            language = match[1].lower()
            ranks[language] = max(rank, ranks.get(language, _UNWANTED))
    return ranks
