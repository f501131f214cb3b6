"""Which form a service gets, and in which units it is bounded."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from apprise.manager_plugins import NotificationManager
from hypothesis import given
from hypothesis import strategies as st

from notifiers import forms
from notifiers.forms import FAMILIES, PLAIN, Form, form_for

each_form = pytest.mark.parametrize("form", FAMILIES.values(), ids=FAMILIES)


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ("mailto", forms.MAIL),
        ("mailtos", forms.MAIL),
        ("slack", forms.SLACK),
        ("wecombot", forms.WECOM),
        ("dingtalk", forms.DINGTALK),
        ("feishu", forms.FEISHU),
        ("lark", forms.FEISHU),
        ("tgram", forms.TELEGRAM),
        ("workflows", forms.TEAMS),
        ("discord", forms.DISCORD),
        ("ntfys", forms.NTFY),
        ("schan", forms.SERVERCHAN),
        ("pushplus", forms.MARKDOWN),
        ("wxpusher", forms.MARKDOWN),
        ("smn", forms.SMN),
        ("pagerduty", forms.PAGERDUTY),
        ("jsons", forms.JSON),
        ("barks", PLAIN),
        ("zulip", PLAIN._replace(title_length_max=60)),
        ("unheard-of", PLAIN),
    ],
)
def test_a_service_gets_the_form_of_its_family(schema: str, form: Form) -> None:
    """What nothing is known of gets plain text."""
    assert form_for(schema) == form


@each_form
def test_a_form_has_a_template_for_a_message_and_one_for_a_digest(form: Form) -> None:
    """In its folder, under the names that a user's own have as well."""
    folder = files("notifiers") / "templates" / form.folder

    assert (folder / "message.j2").is_file()
    assert (folder / "digest.j2").is_file()


def test_no_title_is_longer_than_apprise_leaves_it() -> None:
    """It would cut them, and nobody would be told what is lost."""
    plugins = NotificationManager()  # type: ignore[no-untyped-call]
    lengths = {schema: plugins[schema].title_maxlen for schema in plugins.schemas()}  # type: ignore[no-untyped-call]
    # Some have one that depends on the URL; where there is none, the title stands in the text.
    longest = {schema: length for schema, length in lengths.items() if isinstance(length, int) and length}
    plain = {schema: form_for(schema) for schema in longest if form_for(schema).folder == "plain"}

    assert len(plain) > 50
    assert [schema for schema, form in plain.items() if form.title_length_max > longest[schema]] == []


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "json"])
def test_to_people_no_form_shows_a_text_that_becomes_a_link(name: str) -> None:
    """Whatever service it is for; only to programs texts come as they are."""
    form = FAMILIES[name]
    shown = form.escape("https://evil.example www.evil.example")

    assert form.is_card or not re.search(r"://|www\.", shown)
    assert FAMILIES["json"].escape("https://evil.example") == "https://evil.example"


@each_form
def test_a_form_has_room_for_a_title_and_as_much_again(form: Form) -> None:
    """However its characters are counted, so that no title is cut where it could be shortened."""
    assert form.size("🙂" * form.title_length_max) * 2 <= form.size_max
    assert form.title_length_max >= 32


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_services_count_in_different_units(text: str) -> None:
    """Code points, bytes, halves of pairs, or bytes within JSON."""
    assert forms.characters(text) == len(text)
    assert forms.octets(text) == len(text.encode())
    assert forms.utf16_units(text) == sum(2 if ord(char) > 0xFFFF else 1 for char in text)
    assert forms.octets_in_json(text) == len(json.dumps(text, ensure_ascii=False).encode())
