"""The JSON Schema of a configuration file, for editors: made of the same sections and keys that read it.

It says how values are written and not what they mean together: that is for `headway validate` to say, the
only one to import this. See https://json-schema.org/draft/2020-12 (read November 2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final, get_args, get_origin
from zoneinfo import ZoneInfo

from handler.chosen import NAME_LENGTH_MAX, NAME_PATTERN
from handler.core.change import ID
from handler.settings import addresses, times, values
from handler.settings.models import HuaweiCloudSettings, Settings
from handler.settings.section import Field, Section, fields_of, section_below
from handler.settings.state import FolderState, read_state
from notifiers.alerts import Group, Kind
from notifiers.channel import QUIET

Schema = dict[str, Any]

_REFERENCE: Final = r"\$\{"
"""What takes a value from elsewhere may stand wherever a text does."""

_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"]}
"""What stands without quotes in YAML is a text to Headway: an id of digits, a name such as `true`."""


def _written_as(pattern: str, *types: str) -> Schema:
    return {"type": [*types, "string"], "pattern": rf"^(?:{pattern})$|{_REFERENCE}"}


def _text_written_as(pattern: str) -> Schema:
    return _written_as(pattern, "number", "boolean")


def _number(pattern: str, number_max: int) -> Schema:
    return {**_written_as(pattern, "integer"), "minimum": 1, "maximum": number_max}


def _one_of(words: Iterable[Enum]) -> Schema:
    return {"anyOf": [{"enum": [word.value for word in words]}, {"$ref": "#/$defs/reference"}]}


def _list_of(items: Schema, items_min: int = 1) -> Schema:
    return {"type": ["array"], "items": items, "minItems": items_min}


def _has(key: str, value: Schema | None = None) -> Schema:
    """Say that there is a key with a value: where that is nothing, the key might as well not be there."""
    return {"required": [key], "properties": {key: value or {"not": {"type": "null"}}}}


_DURATION: Final = _written_as(rf"(?=\d){times.DURATION.pattern}")
_LINK: Final = _written_as(addresses.LINK.pattern)
_PERCENT_MAX: Final = 99

_SHAPES: Final[Mapping[object, Schema]] = {
    addresses.read_base: _written_as(addresses.BASE.pattern),
    addresses.read_channel_url: _written_as(addresses.CHANNEL_URL.pattern),
    addresses.read_endpoint: _written_as(addresses.ENDPOINT.pattern),
    addresses.read_heartbeat: _LINK,
    addresses.read_link: _LINK,
    addresses.read_proxy: _written_as(addresses.PROXY.pattern),
    read_state: _written_as("(?:file:|s3://|obs://).+"),
    times.read_duration: _DURATION,
    times.read_factor: _written_as(times.FACTOR.pattern),
    times.read_period: _DURATION,
    times.read_quiet: _written_as(rf"\s*{QUIET.pattern}\s*"),
    times.read_timezone: {"type": ["string"], "examples": ["UTC", "Asia/Shanghai", "Europe/Paris"]},
    values.read_connections: _number(values.NUMBER.pattern, values.CONNECTIONS_MAX),
    values.read_discover: {**_written_as("true|false", "boolean", "array"), "items": _TEXT, "minItems": 1},
    values.read_id: _text_written_as(ID),
    values.read_kinds: _list_of(_one_of((*Group, *Kind))),
    values.read_milestones: _list_of(_number(values.PERCENT.pattern, _PERCENT_MAX), items_min=0),
    values.read_name: _text_written_as(values.NAME.pattern),
    values.read_patterns: _list_of(_TEXT),
    values.read_rate: _number(values.NUMBER.pattern, values.RATE_MAX),
    values.read_region: _written_as(values.REGION_PATTERN),
    values.read_secret: _TEXT,
    values.read_text: _TEXT,
    values.read_token: _text_written_as(values.TOKEN.pattern),
}
"""How what each reader reads is written; those of words are made by `reader_of`, and a type has the words."""

_BESIDES: Final[Mapping[type[Section], Schema]] = {
    HuaweiCloudSettings: {
        "allOf": [
            {"if": _has(key), "then": _has(other)}
            for key, other in (
                ("access_key", "secret_key"),
                ("secret_key", "access_key"),
                ("security_token", "access_key"),
            )
        ]
    },
    # What is discovered, or registered over HTTP, need not be watched besides.
    Settings: {
        "required": ["huaweicloud"],
        "anyOf": [
            _has("watches"),
            _has("discover", {"not": {"enum": [None, False, "false"]}}),
            _has("http", {"type": "object", **_has("token")}),
        ],
    },
}
"""What sections say of their keys together."""


def make_schema() -> Schema:
    """Make the schema of a whole configuration file."""
    description = "A value from elsewhere: ${NAME}, ${ssm:NAME} or ${secret:NAME}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The configuration of Headway: headway.yaml",
        **_section(Settings),
        "$defs": {"reference": {"description": description, "type": "string", "pattern": _REFERENCE}},
    }


def _section(section: type[Section]) -> Schema:
    fields, besides = fields_of(section), _BESIDES.get(section, {})
    required = [name for name, field in fields.items() if field.is_required]
    required = besides.get("required", required)
    return {
        "type": ["object"],
        "properties": {
            name: _property(field, is_required=name in required) for name, field in fields.items()
        },
        "required": required,
        "additionalProperties": False,
        **besides,
    }


def _property(field: Field, *, is_required: bool) -> Schema:
    """What stands at a key; it may be left empty where it may be left out."""
    shape = _shape(field) if field.key.read else _below(field)
    if not is_required:
        kinds = "type" if "type" in shape else "anyOf"
        shape = {**shape, kinds: [*shape[kinds], "null" if kinds == "type" else {"type": "null"}]}
    return {"description": field.key.expects, **_default(field), **shape}


def _below(field: Field) -> Schema:
    below, kind = _section(section_below(field)), get_origin(field.type)
    if kind is None:
        return below
    if kind is tuple:
        return {"type": ["array"], "items": below}
    names = {"pattern": NAME_PATTERN, "maxLength": NAME_LENGTH_MAX}
    return {"type": ["object"], "propertyNames": names, "additionalProperties": below}


def _shape(field: Field) -> Schema:
    if field.key.read in _SHAPES:
        return _SHAPES[field.key.read]
    parts = (field.type, *get_args(field.type))
    return _one_of(next(part for part in parts if isinstance(part, type) and issubclass(part, Enum)))


def _default(field: Field) -> Schema:
    """What a key is worth where it is left out, as it would be written; nothing where that is nothing."""
    if field.default == () and field.key.read is values.read_discover:
        return {"default": False}
    written = _write(field.default)
    return {"default": written} if written else {}


def _write(value: object) -> object:
    written: object = None
    match value:
        case Enum():
            written = value.value
        case timedelta():
            written = f"{value // timedelta(minutes=1)}m"
        case float():
            written = f"{value:g}x"
        case ZoneInfo():
            written = value.key
        case FolderState():
            written = f"file:{value.directory}"
        case int():
            written = value
        case tuple():
            written = [*value]
        case _:
            pass
    return written
