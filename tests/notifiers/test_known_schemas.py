"""Which services there are, and what their URLs are said to look like."""

from __future__ import annotations

import re
from typing import Final

import pytest

from notifiers.services.catalog import KNOWN, open_service
from notifiers.services.schemas import form_of, known_schemas

OWN: Final = sorted(schema for schema, place in KNOWN.items() if place.startswith("notifiers."))
HEX: Final = "0123456789abcdef" * 4

VALUES: Final = {
    "ADDRESS": "me@corp.test",
    "AT_TOKEN": "AT_abcdef123456",
    "BOT_TOKEN": "123456789:abcdefghijklmnopqrstuvwxyz123456789",
    "CHAT": "12345",
    "DOMAIN": "corp.test",
    "HOST": "corp.test",
    "SENDKEY": "SCT1234abcd",
    "TOKEN": HEX[:32],
    "TOKEN_A": "T1AAAAAAA",
    "TOKEN_B": "B1AAAAAAA",
    "TOKEN_C": "X" * 24,
    "UID": "UID_abcdef123456",
    "REGION": "cn-north-4",
}
"""What can stand for those words that not everything can stand for."""


@pytest.mark.parametrize("schema", [*OWN, "mailto", "mailtos"])
def test_what_a_url_looks_like_can_be_filled_in(schema: str) -> None:
    """With what the service hands out, it is a channel."""
    url = re.sub(r"(?<![a-z])[A-Z][A-Z_]+", lambda word: VALUES.get(word[0], "abcdef123456"), form_of(schema))

    assert open_service("team", url, lambda *_: {}).schema == schema


def test_every_service_is_known_with_its_form() -> None:
    """Apprise's 250 schemas and ours, without a brace left in any form."""
    known = known_schemas()
    forms = {schema: form_of(schema) for schema in known}

    assert known > KNOWN.keys() | {"gotify", "matrix", "twilio"}
    assert "wecomboot" not in known
    assert [form for schema, form in forms.items() if not form.startswith(f"{schema}://")] == []
    assert [form for form in forms.values() if re.search(r"[{}]", form)] == []
    assert forms["gotify"] == "gotify://HOST/TOKEN"
    assert forms["rocket"] == "rocket://USER:PASSWORD@HOST:PORT/TARGET"
