"""Names of the languages that messages are written in, apart from their tables: settings need no more."""

from __future__ import annotations

from enum import Enum


class LanguageCode(Enum):
    """A language as the configuration names it."""

    EN = "en"
    ZH = "zh"
