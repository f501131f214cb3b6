"""The provider's arguments, from facts in JSON to what Terraform wants to know of them.

https://developer.hashicorp.com/terraform/plugin/how-terraform-works (the protocol's `Schema`)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.infra.provider.wire import message

Spec = Mapping[str, Any]
Arguments = Mapping[str, Spec]

SCHEMA: Final = Path(__file__).parents[1] / "huaweicloud-schema.json"

_PRIMITIVES: Final = {"string": "string", "bool": "bool", "int": "number", "float": "number"}
_NESTING: Final = {"list": 2, "set": 3}
_ID: Final[Arguments] = {"id": {"type": "string", "optional": True, "computed": True}}


class Schemas:
    """What the provider's own block, its resources and its data sources take and give."""

    def __init__(self) -> None:
        """Read the facts."""
        facts = json.loads(SCHEMA.read_text(encoding="utf-8"))
        self.provider: Arguments = facts["provider"]
        self.resources = {name: with_id(facts["resources"][name]) for name in facts["resources"]}
        self.data_sources = {name: with_id(facts["data_sources"][name]) for name in facts["data_sources"]}


def with_id(kind: Spec) -> Arguments:
    """The arguments of a resource or data source, with the id that each has."""
    arguments: Arguments = kind["arguments"]
    return {**_ID, **arguments}


def encoded(arguments: Arguments) -> bytes:
    """The protocol's `Schema`."""
    return message((2, _block(arguments)))


def is_block(spec: Spec) -> bool:
    """Whether it is written as nested blocks, not with an equals sign."""
    return "nested" in spec


def _block(arguments: Arguments) -> bytes:
    attributes = [(2, _attribute(name, spec)) for name, spec in arguments.items() if not is_block(spec)]
    blocks = [(3, _nested(name, spec)) for name, spec in arguments.items() if is_block(spec)]
    return message(*attributes, *blocks)


def _attribute(name: str, spec: Spec) -> bytes:
    flags = {4: "required", 5: "optional", 6: "computed", 7: "sensitive", 9: "deprecated"}
    return message(
        (1, name),
        (2, json.dumps(_type(spec))),
        *((number, int(bool(spec.get(flag)))) for number, flag in flags.items()),
    )


def _nested(name: str, spec: Spec) -> bytes:
    return message(
        (1, name),
        (2, _block(spec["nested"])),
        (3, _NESTING[spec["type"]]),
        (4, int(bool(spec.get("required")))),
        (5, spec.get("max_items")),
    )


def _type(spec: Spec) -> object:
    kind = spec["type"]
    if kind in _PRIMITIVES:
        return _PRIMITIVES[kind]
    if "nested_attr" in spec:
        return [kind, ["object", {name: _type(each) for name, each in spec["nested_attr"].items()}]]
    return [kind, _PRIMITIVES[spec.get("elem", "string")]]
