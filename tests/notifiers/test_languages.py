"""Every language is complete, says the same as the others, and says it in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

import msgspec
import pytest

from handler.core.observation import StepState
from handler.local.simulation.script import find_script, script_names
from notifiers.alerts import Kind
from notifiers.languages import (
    CHINESE,
    ENGLISH,
    LANGUAGES,
    Action,
    Fact,
    Fault,
    Language,
    LanguageCode,
    Noun,
)
from notifiers.messages import Place

MEMBERS: Final[Mapping[str, type[Enum]]] = {
    "told": Kind,
    "news": Kind,
    "actions": Action,
    "facts": Fact,
    "own_form_faults": Fault,
    "places": Place,
}
"""Tables that have a line for each member."""

SPANS: Final = {Noun.SECOND, Noun.MINUTE, Noun.HOUR, Noun.DAY}
CHINESE_CHARACTER: Final = re.compile(r"[\u4e00-\u9fff]")
each_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.code.value)


def sentences(language: Language) -> Iterator[tuple[str, str]]:
    """Every sentence of a language with where it stands; details are another's, in translation."""
    for field in msgspec.structs.fields(Language):
        value = getattr(language, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, Mapping) and field.name != "details":
            yield from ((f"{field.name}.{key}", text) for key, text in value.items())


def places(sentence: str) -> list[str]:
    """What is to be filled in."""
    return sorted(set(re.findall(r"\{(\w*)\}", sentence)))


def test_every_language_that_can_be_set_is_there() -> None:
    """By the code that the configuration names it by."""
    assert set(LANGUAGES) == set(LanguageCode)
    assert all(LANGUAGES[code].code is code for code in LanguageCode)


@each_language
@pytest.mark.parametrize(("field", "members"), MEMBERS.items())
def test_a_table_has_a_sentence_for_every_member(language: Language, field: str, members: type[Enum]) -> None:
    """Also for one that is new."""
    assert set(getattr(language, field)) == set(members)


@each_language
def test_a_table_by_words_has_the_words_that_there_are(language: Language) -> None:
    """Those of steps are the API's and ours, those of time are units."""
    assert set(language.states) == {state.value for state in StepState}
    assert set(language.short_units) == SPANS


def test_no_table_but_those_of_members_and_words_is_forgotten() -> None:
    """Whoever adds a table says here what it has to hold."""
    tables = {name for name, _ in sentences(ENGLISH)} | {name for name, _ in sentences(CHINESE)}
    known = {*MEMBERS, "states", "short_units", "steps", "reminders", "failed"}

    assert {name.partition(".")[0] for name in tables if "." in name} == known


@pytest.mark.parametrize("field", ["reminders", "failed", "steps", "states", "short_units", *MEMBERS])
def test_tables_have_the_same_keys_in_every_language(field: str) -> None:
    """Nothing is said in one language only."""
    assert getattr(ENGLISH, field).keys() == getattr(CHINESE, field).keys()


@each_language
def test_no_sentence_is_empty(language: Language) -> None:
    """Or ends with a blank, which only what stands between others does."""
    for name, sentence in sentences(language):
        assert sentence.strip()
        assert sentence == sentence.strip() or name in {"comma", "colon", "brackets"}


def test_every_sentence_has_the_same_places_in_every_language() -> None:
    """What is known is told to everybody."""
    chinese = dict(sentences(CHINESE))
    differing = [name for name, sentence in sentences(ENGLISH) if places(sentence) != places(chinese[name])]

    assert differing == []


def test_every_sentence_differs_from_the_other_languages() -> None:
    """Nothing has been left in English; figures alone are the same."""
    chinese = dict(sentences(CHINESE))
    same = {name for name, sentence in sentences(ENGLISH) if sentence == chinese[name]}

    assert same == {"percent"}


def test_chinese_is_chinese() -> None:
    """In its own characters and marks, with no blank beside those marks."""
    for name, sentence in sentences(CHINESE):
        if name in {"html_code", "percent", "comma", "colon", "brackets", "headline"}:
            continue
        assert CHINESE_CHARACTER.search(sentence), name
        assert not re.search(r"[\u4e00-\u9fff][,:;()!?]|[,;()!?][\u4e00-\u9fff]", sentence), name
        assert not re.search(r"\s[，：；（）。]|[，：；（）。]\s", sentence), name
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", sentence), name


@each_language
@pytest.mark.parametrize("noun", Noun)
def test_everything_can_be_counted(language: Language, noun: Noun) -> None:
    """One is not many, where a language knows the difference."""
    one, many = language.count(1, noun), language.count(12, noun)

    assert "1" in one
    assert "12" in many
    assert language is CHINESE or many == f"12 {noun.value}s"
    assert language is CHINESE or one == f"1 {noun.value}"


@each_language
def test_failures_begin_with_the_word(language: Language) -> None:
    """In titles of messages and of digests."""
    word = "FAILED" if language is ENGLISH else "失败"
    failures = {Kind.FAILED, Kind.STEP_FAILED}

    assert set(language.failed) == failures
    assert all(sentence.startswith(word) for sentence in language.failed.values())
    assert all(language.news[kind].startswith(word) for kind in failures)


@each_language
def test_the_steps_that_are_known_have_readable_names(language: Language) -> None:
    """Those of the vendor's samples and those of our own simulator."""
    simulated = {step.name for name in script_names() for step in find_script(name).steps}

    assert {"pre_check", "disk_expansion", "rolling_scaling"} | simulated <= language.steps.keys()
    assert not any("_" in name for name in language.steps.values())
    assert len(set(language.steps.values())) >= len(language.steps) - 1


def test_details_say_in_chinese_what_they_say_in_english() -> None:
    """With what stands in their places; of others' words some are left out, for they are English."""
    others = {"text", "more"}
    for english, chinese in CHINESE.details.items():
        assert set(places(chinese)) <= set(places(english)), english
        assert set(places(english)) - set(places(chinese)) <= others, english
        assert CHINESE_CHARACTER.search(chinese) or english.startswith("{sentence}"), english


def test_what_english_rewords_chinese_rewords_as_well() -> None:
    """Codes of our own are no words for people."""
    assert ENGLISH.details.keys() <= CHINESE.details.keys()
