"""What pages say beside what messages say, in each language that there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handler.web.pages.words.chinese import CHINESE
from handler.web.pages.words.english import ENGLISH
from handler.web.pages.words.words import Apology, Matter, Words
from notifiers.language_code import LanguageCode

__all__ = ["CHINESE", "ENGLISH", "WORDS", "Apology", "Matter", "Words"]

WORDS: Final[Mapping[LanguageCode, Words]] = {LanguageCode.EN: ENGLISH, LanguageCode.ZH: CHINESE}
