"""The written form of a ledger: what comes back, what is refused, and its JSON Schema."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from types import GenericAlias
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from handler.core.document import (
    SCHEMA,
    UPGRADES,
    Document,
    NewerLedgerError,
    UnreadableLedgerError,
    decode,
    encode,
    nonce_of,
)
from handler.core.ledger import Attempt, ChannelState, Ledger, Sample
from handler.core.news import is_news
from tests.core.strategies import ledgers, samples

SCHEMA_FILE = Path("handler/core/ledger.schema.json")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
LEDGER = Ledger(change="i/t", created_at=NOW)
texts = st.text(max_size=20)


def schema() -> dict[str, object]:
    """The JSON Schema of a kept document, made from the very types."""
    made = msgspec.json.schema(Document[Ledger])
    for definition in made["$defs"].values():
        # Python 3.13 strips the indentation of docstrings, older ones do not: their first line is the same.
        definition["description"] = definition["description"].partition("\n")[0]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A ledger as Headway keeps it: PREFIX/changes/INSTANCE/TASK.json",
        **made,
    }


@given(ledgers, texts)
def test_what_is_written_is_read_again(ledger: Ledger, nonce: str) -> None:
    """Encoding and decoding lose nothing."""
    document = encode(ledger, nonce)

    assert decode(document) == ledger
    assert nonce_of(document) == nonce


@given(ledgers)
def test_every_document_is_valid_against_the_schema_in_the_repository(ledger: Ledger) -> None:
    """Others may read the kept documents by the published schema."""
    validator = Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))

    validator.validate(json.loads(encode(ledger, "n")))


def test_the_schema_in_the_repository_is_that_of_the_code() -> None:
    """Run with HEADWAY_UPDATE_SCHEMA=1 after adding a field; fields may be added, not changed."""
    current = json.dumps(schema(), indent=2, sort_keys=True) + "\n"
    if os.environ.get("HEADWAY_UPDATE_SCHEMA"):
        SCHEMA_FILE.write_text(current)

    assert SCHEMA_FILE.read_text() == current


def test_another_name_alone_is_not_worth_a_save() -> None:
    """Two configurations that call it differently would write by turns; to be dismissed is news."""
    named, dismissed = (
        msgspec.structs.replace(LEDGER, name="orders"),
        msgspec.structs.replace(LEDGER, is_dismissed=True),
    )

    assert not is_news(LEDGER, named, NOW)
    assert is_news(LEDGER, dismissed, NOW)


@given(ledgers, samples)
def test_samples_alone_are_not_worth_a_save(ledger: Ledger, taken: tuple[Sample, ...]) -> None:
    """The percentage that they follow is; an older Headway's ledgers get theirs with the next save."""
    sampled = msgspec.structs.replace(ledger, samples=taken)

    assert not is_news(ledger, sampled, NOW)


@given(st.binary(max_size=200))
def test_any_other_bytes_are_named_unreadable(document: bytes) -> None:
    """Nothing but a ledger is taken for one."""
    with pytest.raises(UnreadableLedgerError):
        decode(document)

    assert nonce_of(document) is None


@given(st.integers(1))
def test_half_a_document_is_unreadable(length: int) -> None:
    """A store that answers with a part of the document is found out."""
    document = encode(LEDGER, "n")

    with pytest.raises(UnreadableLedgerError):
        decode(document[: length % len(document)])


def test_a_document_changed_under_way_is_unreadable() -> None:
    """The checksum is that of the ledger's own bytes."""
    document = encode(LEDGER, "n").replace(b'"i/t"', b'"i/u"')

    with pytest.raises(UnreadableLedgerError, match="checksum"):
        decode(document)


def test_a_sound_envelope_around_something_else_is_unreadable() -> None:
    """A right checksum does not make a ledger."""
    whole = json.loads(encode(LEDGER, "n"))
    other = encode(msgspec.structs.replace(LEDGER, length="many"), "n")

    assert whole["schema"] == SCHEMA
    with pytest.raises(UnreadableLedgerError, match="length"):
        decode(other)


@pytest.mark.parametrize("rest", ["", ', "nonce": 1', ', "content": {}', ', "ledger": null, "sha256": ""'])
def test_a_newer_document_is_left_to_newer_versions(rest: str) -> None:
    """The error says both numbers, however else the newer document may be built."""
    document = f'{{"schema": {SCHEMA + 1}{rest}}}'.encode()

    with pytest.raises(NewerLedgerError, match=f"schema {SCHEMA + 1}, this Headway knows {SCHEMA}"):
        decode(document)


def written(schema: int, content: bytes) -> bytes:
    """A whole document of any schema."""
    return msgspec.json.encode(
        Document(schema, "n", hashlib.sha256(content).hexdigest(), msgspec.Raw(content))
    )


@given(ledgers, st.sampled_from([1, 2, 3]))
def test_a_ledger_of_an_earlier_schema_is_one_of_this(ledger: Ledger, schema: int) -> None:
    """What later ones added may be missing."""
    assert decode(written(schema, msgspec.json.encode(ledger))) == ledger


def as_schema_3(ledger: Ledger) -> bytes:
    """A ledger as schema 3 kept it: of each channel the last attempt, without what it told."""
    content = msgspec.to_builtins(ledger)
    for name, state in content.get("channels", {}).items():
        state.pop("attempts", None)
        last = ledger.channels[name].last_attempt
        if last is not None:
            state["last_attempt"] = {"outcome": last.outcome, "ended_at": last.ended_at, "code": last.code}
    return msgspec.json.encode(content)


@given(ledgers)
def test_the_last_attempt_that_schema_3_kept_is_the_first_of_all(ledger: Ledger) -> None:
    """What it told nobody knows any more; all else is as it was."""
    read = decode(written(3, as_schema_3(ledger)))

    for name, state in ledger.channels.items():
        last = state.last_attempt
        attempts = (Attempt(last.outcome, last.ended_at, last.code),) if last else ()
        assert read.channels[name] == msgspec.structs.replace(state, attempts=attempts)
    assert msgspec.structs.replace(read, channels=ledger.channels) == ledger


@pytest.mark.parametrize("channels", [b"[]", b'{"ops": 3}', b'{"ops": {"last_attempt": 3}}'])
def test_what_schema_3_never_kept_is_unreadable(channels: bytes) -> None:
    """An upgrade meets whatever a checksum fits."""
    with pytest.raises(UnreadableLedgerError):
        decode(written(3, b'{"channels": %b}' % channels))


def earlier(struct: type[msgspec.Struct], *added: str, **changed: Any) -> Any:  # noqa: ANN401 - made here
    """A struct as it was before fields were added to it, others being of another type."""
    fields = [field for field in msgspec.structs.fields(struct) if field.name not in added]
    defaults: list[dict[str, Any]] = [
        {"default": field.default, "default_factory": field.default_factory} for field in fields
    ]
    described = [
        (field.name, changed.get(field.name, field.type), msgspec.field(**default))
        for field, default in zip(fields, defaults, strict=True)
    ]
    return msgspec.defstruct(struct.__name__, described, omit_defaults=True)


@given(ledgers)
def test_an_earlier_headway_of_the_same_schema_reads_past_what_it_does_not_know(ledger: Ledger) -> None:
    """Fields that may be missing are added without a new schema: all others are as they were."""
    channel = earlier(ChannelState, "outcome_counts")
    known = earlier(Ledger, "samples", "outage_counts", channels=GenericAlias(dict, (str, channel)))
    content = msgspec.json.encode(ledger)
    added = {"samples", "outage_counts"}
    expected = {key: value for key, value in json.loads(content).items() if key not in added}
    for state in expected.get("channels", {}).values():
        state.pop("outcome_counts", None)

    assert json.loads(msgspec.json.encode(msgspec.json.decode(content, type=known))) == expected


def older(ledger: dict[str, Any]) -> dict[str, Any]:
    """A ledger as a made-up schema 0 kept it: the log under another name, numbered from 0."""
    log = [{**alert, "number": alert["number"] - 1} for alert in ledger.pop("alerts", [])]
    return {**ledger, "log": log}


def upgrade(ledger: dict[str, Any]) -> dict[str, Any]:
    """From schema 0 to schema 1."""
    log = ledger.pop("log")
    return {**ledger, "alerts": [{**alert, "number": alert["number"] + 1} for alert in log]}


@given(ledgers)
def test_an_older_schema_is_upgraded_step_by_step_and_loses_no_alert(ledger: Ledger) -> None:
    """From 0 by way of 1 to the present one: every alert, offset and claim is still there."""
    document = written(0, msgspec.json.encode(older(msgspec.to_builtins(ledger, enc_hook=str))))

    assert decode(document, {**UPGRADES, 0: upgrade}) == ledger
    assert {*UPGRADES} == set(range(1, SCHEMA))


@pytest.mark.parametrize("schema", [0, -1, -(10**12)])
def test_a_schema_that_never_was_is_unreadable(schema: int) -> None:
    """There is no way from it to the present one."""
    with pytest.raises(UnreadableLedgerError, match=f"schema {schema} is not known"):
        decode(written(schema, msgspec.json.encode(LEDGER)))


def test_an_upgrade_that_leads_nowhere_is_unreadable() -> None:
    """What comes out must be a ledger."""
    with pytest.raises(UnreadableLedgerError, match="change"):
        decode(written(1, b"{}"))


@given(ledgers, st.integers(1))
def test_a_nonce_is_read_of_whole_documents_only(ledger: Ledger, length: int) -> None:
    """Half of our own document is not taken for somebody else's."""
    document = encode(ledger, "n")

    assert nonce_of(document) == "n"
    assert nonce_of(document[: length % len(document)]) is None
    assert nonce_of(document.replace(b'"change":"', b'"change":"x')) is None
