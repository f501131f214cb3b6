"""Pages say the same in each language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import asdict

import handler
import notifiers
from handler.core.observation import Phase, StepState
from handler.core.pausing import LAPSED
from handler.core.problem import ProblemKind
from handler.web.pages.words import CHINESE, ENGLISH, WORDS, Matter, Words
from notifiers.language_code import LanguageCode
from notifiers.verdicts import Outcome

TABLES: Final[Mapping[str, type[Enum]]] = {
    "phases": Phase,
    "states": StepState,
    "problems": ProblemKind,
    "outcomes": Outcome,
    "troubles": Matter,
}


def sentences(words: Words) -> Iterator[tuple[str, str]]:
    """Every sentence of a language, by its place."""
    for name, value in asdict(words).items():
        if isinstance(value, str):
            yield name, value
        else:
            for key, inner in value.items():
                for number, text in enumerate(inner if isinstance(inner, tuple) else (inner,)):
                    yield f"{name} {key} {number}", text


def test_each_language_has_its_words() -> None:
    """Whatever can be configured or asked for."""
    assert set(WORDS) == set(LanguageCode)
    assert [WORDS[code].own_name for code in LanguageCode] == ["English", "中文"]


def test_languages_say_the_same() -> None:
    """The same sentences, about the same things, and none is missing."""
    english, chinese = dict(sentences(ENGLISH)), dict(sentences(CHINESE))

    assert english.keys() == chinese.keys()
    assert all(text.strip() == text and text for text in (*english.values(), *chinese.values()))
    for place, text in english.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", chinese[place])), place


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=lambda words: words.own_name)
def test_a_table_leaves_nothing_out(words: Words, table: str) -> None:
    """There is a word for whatever can be; what cannot be read comes with a sentence of its own."""
    assert set(getattr(words, table)) == set(TABLES[table]) - {Matter.UNREADABLE}


def codes_of_our_own() -> Iterator[str]:
    """The codes that our own verdicts have, by the source of all of them."""
    for package in (handler, notifiers):
        for path in Path(package.__path__[0]).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if "Verdict(" in text else ():
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Verdict":
                    yield from re.findall(r"'([\w-]+)'", ast.unparse(node))


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=lambda words: words.own_name)
def test_there_are_words_for_each_code_of_our_own(words: Words) -> None:
    """A new one is found here."""
    assert set(words.codes) == {*codes_of_our_own(), LAPSED}


def test_chinese_is_chinese() -> None:
    """No sentence was left untranslated."""
    untranslated = [place for place, text in sentences(CHINESE) if not re.search(r"[\u4e00-\u9fff]", text)]

    assert untranslated == ["heard", "last_attempt"]
