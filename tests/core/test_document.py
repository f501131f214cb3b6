"""The written form of a ledger: what comes back, what is refused, and its JSON Schema."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from handler.core.document import (
    SCHEMA,
    Document,
    NewerLedgerError,
    UnreadableLedgerError,
    decode,
    encode,
    nonce_of,
)
from handler.core.ledger import Attempt, ChannelState, Claim, Estimate, Ledger, Outage
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from notifiers.alerts import Alert, Ending, Kind
from notifiers.verdicts import Outcome

SCHEMA_FILE = Path("handler/core/ledger.schema.json")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
LEDGER = Ledger(change="i/t", created_at=NOW)

moments = st.integers(0, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds))
texts = st.text(max_size=20)
numbers = st.integers(0, 10**6)
percents = st.none() | st.integers(0, 100)
ledgers = st.builds(
    Ledger,
    change=texts,
    created_at=moments,
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


def test_a_newer_document_is_left_to_newer_versions() -> None:
    """The error says both numbers."""
    document = encode(LEDGER, "n").replace(b'"schema":1', b'"schema":2')

    with pytest.raises(NewerLedgerError, match="schema 2, this Headway knows 1"):
        decode(document)
