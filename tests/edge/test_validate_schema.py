"""The JSON Schema of a configuration: made of the code, it takes what can be used and refuses other forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from handler.settings import Settings
from handler.settings.schema import make_schema
from handler.settings.section import each_field
from tests.edge.configurations import mistakes_in
from tests.edge.pages import blocks, pages
from tests.edge.test_settings import WHOLE
from tests.edge.validated import CLOUD, GOOD, WATCHES, read_cases

FILE: Final = Path("handler/settings/headway.schema.json")
EXAMPLES: Final = [
    path for path in sorted(Path("infra").rglob("headway.yaml")) if ".terraform" not in path.parts
]
BLOCKS: Final = [
    block for page in pages().values() for block in blocks(page, "yaml") if "huaweicloud:" in block
]
VALIDATOR: Final = Draft202012Validator(make_schema())
ODD: Final = read_cases("odd_configurations.txt")


def complaints(text: str) -> list[str]:
    """What the schema says of a text, as an editor reads it."""
    return [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def property_at(place: tuple[str, ...]) -> dict[str, Any]:
    """What the schema says of a key."""
    found = make_schema()
    for part in place:
        is_list = part == "*" and "items" in found
        found = (
            found["items"]
            if is_list
            else found["additionalProperties"]
            if part == "*"
            else found["properties"][part]
        )
    return found


def test_the_file_is_what_the_command_prints() -> None:
    """`headway validate --schema > handler/settings/headway.schema.json` makes it so."""
    assert json.loads(FILE.read_text(encoding="utf-8")) == make_schema()
    assert FILE.read_text(encoding="utf-8") == json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"


def test_it_is_a_schema() -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(make_schema())


@pytest.mark.parametrize("place", [place for place, _ in each_field(Settings)], ids=".".join)
def test_every_key_is_described_by_what_it_expects(place: tuple[str, ...]) -> None:
    """And no other key is allowed beside it."""
    field = dict(each_field(Settings))[place]
    above = property_at(place[:-1])

    assert property_at(place)["description"] == field.key.expects
    assert above.get("additionalProperties") is False
    assert (place[-1] in above["required"]) is (field.is_required and place != ("watches",))


def test_defaults_are_those_of_the_code() -> None:
    """As one would write them; what is nothing by default has none."""
    told = {".".join(place): property_at(place).get("default") for place, _ in each_field(Settings)}

    assert {key: value for key, value in told.items() if value is not None} == {
        "huaweicloud.remaining_time_unit": "seconds",
        "huaweicloud.connections": 64,
        "huaweicloud.rate_per_second": 50,
        "state": "file:.headway",
        "discover": False,
        "channels.*.min_severity": "info",
        "alerts.milestones": [25, 50, 75],
        "alerts.stalled_after": "30m",
        "alerts.delayed_by": "1.5x",
        "alerts.unreachable_after": "10m",
        "language": "en",
        "timezone": "UTC",
    }


def test_there_are_examples() -> None:
    """Of README and of both clouds."""
    assert len(BLOCKS) >= 1
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("text", [*BLOCKS, *(path.read_text(encoding="utf-8") for path in EXAMPLES), WHOLE])
def test_examples_are_as_the_schema_wants_them(text: str) -> None:
    """None of them is marked in an editor."""
    assert complaints(text) == []


@pytest.mark.parametrize("name", ODD)
def test_what_can_be_used_is_as_the_schema_wants_it(name: str) -> None:
    """Also what is odd."""
    assert complaints(ODD[name][0]) == []


@pytest.mark.parametrize(
    "text",
    [
        "huaweicloud: {region: a-b, project_id: 1234, connections: 8, rate_per_second: '9'}\ndiscover: true",
        f"{GOOD}discover: 'true'",
        f"{GOOD}discover: [on, 1, orders-*]",
        f"{GOOD}discover: ${{WORD}}",
        f"{GOOD}network:\nlinks: {{console: }}\nchannels: ~\nalerts: {{milestones: }}\nhttp:",
        f"{CLOUD}watches: [{{instance_id: 1, name: on}}]",
        f"{GOOD}channels: {{a-1: {{url: '${{U}}', alerts: [end, '${{A}}'], quiet: '${{Q}}'}}}}",
        f"{GOOD}channels: {{b: {{url: json://h, min_severity: '${{S}}', language: '${{L}}'}}}}",
        f"{GOOD}alerts: {{milestones: [], stalled_after: '${{S}}', delayed_by: 2x}}",
        f"{GOOD}alerts: {{milestones: [5, '7', '${{M}}']}}",
    ],
)
def test_whatever_headway_reads_is_right(text: str) -> None:
    """Numbers for texts, texts for numbers, values from elsewhere, and keys without a value."""
    assert complaints(text) == []
    assert mistakes_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- huaweicloud",
        CLOUD,
        WATCHES,
        f"{GOOD}chanels: {{}}",
        "huaweicloud: {region: a-b}\n" + WATCHES,
        "huaweicloud:\n" + WATCHES,
        "huaweicloud: {region: a-b, project_id: p, access_key: x}\n" + WATCHES,
        "huaweicloud: {region: a-b, project_id: p, connections: 257}\n" + WATCHES,
        "huaweicloud: {region: a-b, project_id: ../x}\n" + WATCHES,
        f"{CLOUD}watches: [{{name: orders}}]",
        f"{CLOUD}watches: {{instance_id: i}}",
        f"{GOOD}state: oss://bucket",
        f"{GOOD}discover: ture",
        f"{GOOD}discover: []",
        f"{GOOD}links: none",
        f"{GOOD}channels: {{team: {{}}}}",
        f"{GOOD}channels: {{team: {{url: A/B/C}}}}",
        f"{GOOD}channels: {{Team: {{url: 'json://h'}}}}",
        f"{GOOD}channels: [{{url: 'json://h'}}]",
        *(
            f"{GOOD}channels: {{team: {{url: 'json://h', {line}}}}}"
            for line in (
                "alert: [end]",
                "alerts: end",
                "alerts: []",
                "alerts: [ended]",
                "min_severity: fatal",
                "language: de",
                "quiet: 22-07",
                "quiet: 24:00-07:00",
                "remind_every: 60",
                "changes: orders-*",
            )
        ),
        f"{GOOD}alerts: {{stalled_after: 30}}",
        f"{GOOD}alerts: {{stalled_after: ''}}",
        f"{GOOD}alerts: {{delayed_by: 1.5}}",
        f"{GOOD}alerts: {{milestones: [0]}}",
        f"{GOOD}alerts: {{milestones: 50}}",
        f"{GOOD}http: {{token: short}}",
        f"{GOOD}network: {{proxy: 'socks5://h'}}",
        f"{GOOD}heartbeat: {{url: hc-ping.com/x}}",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    """An editor marks them while they are typed, and Headway refuses them."""
    assert complaints(text) != []
    assert mistakes_in(text) != []


@pytest.mark.parametrize("place", [place for place, _ in each_field(Settings)], ids=".".join)
def test_what_is_left_empty_is_taken_or_refused_as_headway_does(place: tuple[str, ...]) -> None:
    """A key without a value is as good as none, in a text with every other key."""
    tree = yaml.safe_load(WHOLE)
    del tree["watches"][1:]
    above = tree
    for part in place[:-1]:
        any_key = 0 if isinstance(above, list) else next(iter(above))
        above = above[any_key] if part == "*" else above.setdefault(part, {})
    above[place[-1]] = None
    text = yaml.safe_dump(tree)

    assert bool(complaints(text)) is bool(mistakes_in(text)), (complaints(text), mistakes_in(text))


@pytest.mark.parametrize("follows", ["discover: true", "http: {token: 0123456789abcdef}", "watches: []"])
@pytest.mark.parametrize(
    "empty", ["watches:", "discover:", "discover: false", "http:", "http: {token: }", ""]
)
def test_something_has_to_be_followed(follows: str, empty: str) -> None:
    """What is left empty follows nothing, whatever else there is."""
    is_twice = bool(empty) and follows.partition(":")[0] == empty.partition(":")[0]

    assert complaints(f"{CLOUD}{empty}") != []
    assert mistakes_in(f"{CLOUD}{empty}") != []
    if not is_twice:
        assert complaints(f"{CLOUD}{empty}\n{follows}") == []
        assert mistakes_in(f"{CLOUD}{empty}\n{follows}") == []


@given(st.sampled_from(sorted(ODD)), st.data())
def test_a_key_that_nobody_knows_is_refused_anywhere(name: str, data: st.DataObject) -> None:
    """In each section of what could be used without it."""
    tree = yaml.safe_load(ODD[name][0])
    sections = [
        tree,
        *[tree[key] for key in ("huaweicloud", "links", "http") if isinstance(tree.get(key), dict)],
    ]
    data.draw(st.sampled_from(sections))["nobody_knows_it"] = 1

    assert not VALIDATOR.is_valid(tree)
