"""How sentences that come in English are put into another language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.languages import CHINESE, ENGLISH
from notifiers.translating import translate

SENTENCES = {
    "{sentence} (request id {id})": "{sentence}（{id}）",
    "It asks for {count} of {whole}.": "要{whole}中的{count}",
    "It says: {said}": "说：{said}",
    "no": "不",
    "a (b) [c].*": "点",
    "It asks for nothing.": "无",
}


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("no", "不"),
        ("It asks for 3 of 4.", "要 4 中的 3"),
        ("It says: no", "说：不"),
        ("It says: It says: no", "说：说：不"),
        ("It says: yes", "说：yes"),
        ("no (request id 4f)", "不（4f）"),
        ("It says: no (request id a b)", "说：不（a b）"),
        ("a (b) [c].*", "点"),
        ("a (b) [c]..", "a (b) [c].."),
        ("It asks for nothing.", "无"),
        ("no\n", "no\n"),
        ("No", "No"),
        ("", ""),
        ("It says: {count}", "说：{count}"),
        ("It says: a\nb", "说：a\nb"),
    ],
)
def test_a_sentence_is_known_by_its_wording(sentence: str, said: str) -> None:
    """What stands in its places is translated as well; what is not known stays as it is."""
    assert translate(sentence, SENTENCES) == said


@given(st.text(max_size=300))
def test_any_text_can_be_asked_for(text: str) -> None:
    """Whatever a service or a gateway says, and whatever a sentence quotes."""
    assert translate(text, {}) == text
    translate(text, CHINESE.details)
    assert text in translate(f"The DMS API gave no answer: {text}x", {"{before}: {said}x": "说{said}"})


def test_our_own_codes_are_said_in_words() -> None:
    """In English too, for they are no words of a service's."""
    assert translate("Its service answered nothing-sent.", ENGLISH.details) != (
        "Its service answered nothing-sent."
    )
    assert translate("Its service answered invalid_token.", ENGLISH.details) == (
        "Its service answered invalid_token."
    )
