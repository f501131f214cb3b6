"""Puts sentences that come in English into another language, by their English wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from notifiers.saying import fill

_PLACE: Final = re.compile(r"\\\{(\w+)\\\}")


def translate(sentence: str, sentences: Mapping[str, str]) -> str:
    """Translate a sentence, and within it what stands in its places; one that is not known stays as it is.

    Args:
        sentence: In English.
        sentences: Translations by their English wording; what stands in braces there may be anything. Of
            several that fit, the first is taken.
    """
    for english, parts in _matches(sentence, sentences):
        return fill(sentences[english], **{name: translate(part, sentences) for name, part in parts.items()})
    return sentence


def _matches(sentence: str, sentences: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for english in sentences:
        # Most are ruled out by how they begin, and reading a pattern takes longer than that.
        if sentence.startswith(english.partition("{")[0]):
            match = _pattern(english).fullmatch(sentence)
            if match is not None:
                yield english, match.groupdict()


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(english)), re.DOTALL)
