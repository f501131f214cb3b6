"""A message in fields, for machines: as the schema describes it, and never too much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from notifiers.alerts import Kind
from notifiers.messages import Content, Digest, Message, digest
from notifiers.operations import Order
from notifiers.structure import BYTES_MAX, structured
from notifiers.verdicts import Outcome
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, TOLD, largest
from tests.notifiers.examples import NOW, OVERVIEW, alert, situation, told_of
from tests.notifiers.letters import letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
REQUEST_BYTES_MAX: Final = 64 * 1024
SCHEMA: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "notifiers" / "message.schema.json").read_text(encoding="utf-8")
)


def closed(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """The schema with nothing allowed that it does not mention, so that nothing goes undescribed."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = (
        {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    )
    return {**{key: closed(value) for key, value in schema.items()}, **shut}


VALIDATOR: Final = Draft202012Validator(closed(SCHEMA), format_checker=Draft202012Validator.FORMAT_CHECKER)


def fields_of(content: Content, language: str = "en") -> dict[str, Any]:
    """What machines read, as it comes out of JSON."""
    fields: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(letter_for("json", content, language).data)
    )
    return fields


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def test_the_schema_is_one() -> None:
    """Of JSON Schema's draft 2020-12, and every part of it is used."""
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    used = {reference for reference in texts(SCHEMA) if reference.startswith("#/$defs/")}
    assert used == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    assert SCHEMA["$defs"]["kind"]["enum"] == [kind.value for kind in Kind]


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_as_the_schema_says(name: str, language: str) -> None:
    """Of every kind, one change and several, in both languages, and the largest there can be."""
    fields = fields_of(EXAMPLES[name], language)

    assert [error.message for error in VALIDATOR.iter_errors(fields)] == []
    assert fields["language"] == language
    assert fields["type"] == ("digest" if isinstance(EXAMPLES[name], Digest) else "change")
    assert len(msgspec.json.encode(fields)) <= BYTES_MAX


@given(content=CONTENTS)
def test_whatever_is_told_is_as_the_schema_says(content: Content) -> None:
    """Texts from elsewhere are one line, and their lengths are bounded."""
    fields = fields_of(content)

    assert [error.message for error in VALIDATOR.iter_errors(fields)] == []
    assert all(text.isprintable() for text in texts(fields))


def test_the_schema_finds_what_is_wrong() -> None:
    """The tests above could fail."""
    fields = fields_of(EXAMPLES["step"])

    assert not VALIDATOR.is_valid({**fields, "undescribed": 1})
    assert not VALIDATOR.is_valid({**fields, "severity": "grave"})
    assert not VALIDATOR.is_valid({**fields, "change": {**fields["change"], "done_at": "soon"}})
    assert not VALIDATOR.is_valid({key: value for key, value in fields.items() if key != "alert_id"})


def test_a_message_in_fields() -> None:
    """Numbers, names and moments instead of words."""
    fields = fields_of(EXAMPLES["mixed"])

    assert fields["alert_id"] == "INSTANCE/TASK#4"
    assert [one["alert_id"] for one in fields["alerts"]] == [f"INSTANCE/TASK#{n}" for n in range(1, 5)]
    assert [one["possible_repeat"] for one in fields["alerts"]] == [True, False, False, False]
    change = fields["change"]
    assert (change["instance_id"], change["task_id"], change["phase"]) == ("INSTANCE", "TASK", "failed")
    assert change["steps"][2] == {
        "name": "rolling_scaling",
        "state": "failed",
        "status": None,
        "seconds": 1910,
    }
    assert change["step_counts"] == {"completed": 2, "failed": 1, "waiting": 1}
    assert change["seen_at"] == "2026-11-24T08:03:00Z"
    assert fields["links"] == {link.place.value: link.url for link in examples.LINKS}


def test_the_same_news_has_the_same_id_in_whatever_company() -> None:
    """A repeat, a digest, another language: what it is known by stays."""
    message = told_of("orders", Kind.FAILED)
    repeated = told_of("orders", Kind.FAILED, is_repeat=True)
    together = digest([told_of("audit", Kind.COMPLETED), repeated], OVERVIEW)

    assert fields_of(message, "zh")["alert_id"] == fields_of(repeated)["alert_id"] == "INSTANCE/orders#1"
    assert fields_of(together)["alert_id"] == "INSTANCE/orders#1"
    assert fields_of(together)["changes"][0]["alert_id"] == "INSTANCE/orders#1"
    assert fields_of(together)["changes"][0]["alerts"][0]["possible_repeat"] is True


def test_of_too_much_the_steps_go_first_then_details_then_alerts() -> None:
    """Counts say what is missing, and the headline is never among that."""

    def of(alerts: int, steps: int, detail: str) -> dict[str, Any]:
        told = [alert(n, Kind.STEP_FAILED, step="x" * 80, detail=detail) for n in range(1, alerts + 1)]
        state = situation(steps=tuple(examples.many_steps(steps, 3)))
        return fields_of(Message(told[0], tuple(told), state))

    fitting, no_steps, no_details, few = (
        of(50, 50, "d" * 200),
        of(70, 100, "d" * 200),
        of(90, 100, "d" * 200),
        of(200, 100, "d" * 200),
    )
    assert len(fitting["change"]["steps"]) == 50
    assert (no_steps["change"]["steps"], no_steps["change"]["step_counts"]["waiting"]) == ([], 96)
    assert no_steps["alerts"][0]["detail"] == "d" * 200
    assert {one["detail"] for one in no_details["alerts"]} == {None}
    assert (len(no_details["alerts"]), no_details["alerts_left_out"]) == (90, 0)
    assert (len(few["alerts"]), few["alerts_left_out"]) == (10, 190)
    assert [one["alert_id"] for one in few["alerts"]][:2] == ["INSTANCE/TASK#1", "INSTANCE/TASK#192"]


def test_of_too_many_changes_the_last_go() -> None:
    """The worst come first, so what is left out is what matters least."""
    told = [told_of(f"change-{n}", Kind.COMPLETED, seconds=n) for n in range(500)]
    fields = fields_of(digest([*told, told_of("bad", Kind.FAILED)], OVERVIEW))

    assert fields["changes"][0]["change"]["name"] == "bad"
    assert len(fields["changes"]) + fields["left_out"] == 501
    assert 40 < len(fields["changes"]) < 300
    assert BYTES_MAX - 1000 < len(msgspec.json.encode(fields)) <= BYTES_MAX


def test_of_small_changes_three_hundred_are_the_most() -> None:
    """However little is said of each."""
    fields = structured(digest([told_of("x", Kind.STARTED, str(n)) for n in range(301)], ()), "", "en")

    assert fields["left_out"] + len(fields["changes"]) == 301
    assert len(fields["changes"]) <= 300


def test_what_was_ordered_is_one_line_each() -> None:
    """Names and values come from elsewhere too."""
    order = Order("mallory\n", NOW, tuple((f"name\r\n{n}", "value\x00" * 99) for n in range(99)))
    content = Message(alert(1, Kind.STARTED), (alert(1, Kind.STARTED),), situation(order=order))

    told = fields_of(content)["change"]["order"]
    assert (told["user"], len(told["parameters"])) == ("mallory", 20)
    assert told["parameters"][0]["name"] == "name 0"
    assert len(told["parameters"][0]["value"]) == 80


def test_a_link_of_any_length_is_not_carried_along() -> None:
    """Nobody could follow it."""
    assert set(fields_of(largest("x"))["links"]) == {"console"}
