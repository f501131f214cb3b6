"""The written form of a ledger: what comes back, what is refused, and its JSON Schema."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
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
from handler.core.ledger import Attempt, ChannelState, Claim, Estimate, Ledger, Outage, is_news
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from notifiers.alerts import Alert, Ending, Kind
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome

SCHEMA_FILE = Path("handler/core/ledger.schema.json")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
LEDGER = Ledger(change="i/t", created_at=NOW)

moments = st.integers(0, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds))
texts = st.text(max_size=20)
numbers = st.integers(0, 10**6)
percents = st.none() | st.integers(0, 100)
specifications = st.builds(Specification, st.none() | texts, st.none() | numbers, st.none() | numbers)
ledgers = st.builds(
    Ledger,
    change=texts,
    created_at=moments,
    name=st.none() | texts,
    is_dismissed=st.booleans(),
    is_reminding=st.booleans(),
    order=st.none()
    | st.builds(
        Order,
        st.none() | texts,
        st.none() | moments,
        st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    ),
    specification=st.none() | specifications,
    specification_now=st.none() | specifications,
    looked_at=st.none() | moments,
    observation=st.none()
    | st.builds(
        Observation,
        st.sampled_from(Phase),
        percents,
        st.none() | numbers,
        st.lists(
            st.builds(Step, texts, st.sampled_from(StepState), status=st.none() | texts, started_at=moments)
        ).map(tuple),
        st.dictionaries(st.sampled_from(StepState), numbers),
        st.none() | moments,
    ),
    moved_at=st.none() | moments,
    percent_peak=percents,
    first_estimate=st.none() | st.builds(Estimate, moments, numbers),
    outage=st.none() | st.builds(Outage, moments, st.sampled_from(ProblemKind), st.none() | moments),
    follows_loss=st.booleans(),
    raised=st.lists(texts).map(tuple),
    length=numbers,
    alerts=st.lists(
        st.builds(
            Alert,
            numbers,
            st.sampled_from(Kind),
            texts,
            moments,
            percents,
            step=st.none() | texts,
            channel=st.none() | texts,
            reminds_of=st.none() | st.sampled_from(Kind),
            may_repeat=st.booleans(),
            endings=st.dictionaries(texts, st.sampled_from(Ending), max_size=2),
        ),
        max_size=5,
    ).map(tuple),
    channels=st.dictionaries(
        texts,
        st.builds(
            ChannelState,
            numbers,
            st.none() | st.builds(Claim, texts, moments, numbers, numbers),
            not_before=st.none() | moments,
            refused_since=st.none() | moments,
            last_attempt=st.none() | st.builds(Attempt, st.sampled_from(Outcome), moments, st.none() | texts),
        ),
        max_size=3,
    ),
)


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


@given(ledgers, st.sampled_from([1, 2]))
def test_a_ledger_of_an_earlier_schema_is_one_of_this(ledger: Ledger, schema: int) -> None:
    """What later ones added may be missing."""
    assert decode(written(schema, msgspec.json.encode(ledger))) == ledger


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
