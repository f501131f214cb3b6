"""Protocol buffers as Terraform and its providers exchange them, without a compiler of messages.

https://protobuf.dev/programming-guides/encoding/: of it what that protocol needs, numbers and bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

Value = bytes | str | int | None
Received = Mapping[int, Sequence[bytes | int]]
"""The values of a message's fields, by their numbers, in the order in which they came."""

_NUMBER: Final = 0
_EIGHT_BYTES: Final = 1
_BYTES: Final = 2
_FOUR_BYTES: Final = 5
_FIXED: Final = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}


def message(*fields: tuple[int, Value]) -> bytes:
    """Encode a message; what is None, empty or zero stays away, as it does in this encoding."""
    return b"".join(_field(number, value) for number, value in fields if value)


def entries(number: int, mapping: Mapping[str, bytes]) -> list[tuple[int, bytes]]:
    """A field that is a map."""
    return [(number, message((1, key), (2, value))) for key, value in mapping.items()]


def received(data: bytes) -> Received:
    """Decode a message."""
    fields: dict[int, list[bytes | int]] = {}
    for number, value in _read(data):
        fields.setdefault(number, []).append(value)
    return fields


def text(fields: Received, number: int) -> str:
    """A field that is text, once."""
    return content(fields, number).decode()


def content(fields: Received, number: int) -> bytes:
    """A field that is bytes or a message of its own, once; empty where it is not there."""
    values = fields.get(number, ())
    return values[-1] if values and isinstance(values[-1], bytes) else b""


def _field(number: int, value: bytes | str | int | None) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3 | _NUMBER) + _varint(value)
    data = value.encode() if isinstance(value, str) else value or b""
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    pieces = bytearray()
    while value > 0x7F:
        pieces.append(value & 0x7F | 0x80)
        value >>= 7
    pieces.append(value)
    return bytes(pieces)


def _read(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        kind = tag & 7
        if kind == _NUMBER:
            value, at = _number(data, at)
            yield tag >> 3, value
            continue
        size, at = (_FIXED[kind], at) if kind in _FIXED else _number(data, at)
        yield tag >> 3, data[at : at + size]
        at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        piece = data[at]
        at += 1
        value |= (piece & 0x7F) << shift
        shift += 7
        if not piece & 0x80:
            return value, at
