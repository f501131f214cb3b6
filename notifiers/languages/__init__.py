"""The languages that messages are written in, each complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from notifiers.language_code import LanguageCode
from notifiers.languages.chinese import CHINESE
from notifiers.languages.english import ENGLISH
from notifiers.languages.language import Action, Fact, Fault, Language, Noun

__all__ = ["CHINESE", "ENGLISH", "LANGUAGES", "Action", "Fact", "Fault", "Language", "LanguageCode", "Noun"]

LANGUAGES: Final[Mapping[LanguageCode, Language]] = {
    language.code: language for language in (ENGLISH, CHINESE)
}
