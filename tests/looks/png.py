"""PNG files of a page: small, for they have 256 colours, and with a note of what they are a picture of.

https://www.w3.org/TR/png-3/: chunks of length, type, content and checksum; lines of pixels, each filtered by
what stands left of it and above it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_COLOURS_MAX: Final = 256
_BYTES: Final = 3
"""For a pixel: red, green and blue."""
_HEADER: Final = b"\x08\x02\x00\x00\x00"
_PALETTE_HEADER: Final = b"\x08\x03\x00\x00\x00"
"""Depth, kind of colour, compression, filtering, no interlacing."""


class _Chunk(NamedTuple):
    kind: bytes
    content: bytes

    def written(self) -> bytes:
        whole = self.kind + self.content
        return len(self.content).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")


def shrink(picture: bytes, keyword: str, note: str) -> bytes:
    """Write a picture of true colours with its 256 most frequent ones, each other as the nearest of these.

    Args:
        picture: A PNG file as browsers make them.
        keyword: Under which the note is kept, as a text chunk.
        note: What is kept beside it.
    """
    chunks = list(_chunks(picture))
    (header,) = (chunk.content for chunk in chunks if chunk.kind == b"IHDR")
    assert header[8:] == _HEADER, "not of true colours"
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    filtered = zlib.decompress(b"".join(chunk.content for chunk in chunks if chunk.kind == b"IDAT"))
    lines = list(_unfiltered(filtered, width * _BYTES))
    pixels = [[line[at : at + _BYTES] for at in range(0, len(line), _BYTES)] for line in lines]
    places, palette = _palette(Counter(pixel for line in pixels for pixel in line))
    raw = b"".join(b"\0" + bytes(places[pixel] for pixel in line) for line in pixels)
    assert len(pixels) == height
    return _MAGIC + b"".join(
        chunk.written()
        for chunk in (
            _Chunk(b"IHDR", header[:8] + _PALETTE_HEADER),
            _Chunk(b"tEXt", f"{keyword}\0{note}".encode("latin-1")),
            _Chunk(b"PLTE", palette),
            _Chunk(b"IDAT", zlib.compress(raw, 9)),
            _Chunk(b"IEND", b""),
        )
    )


def note_of(picture: bytes, keyword: str) -> str | None:
    """The note that is kept in a PNG file under a keyword, if there is one."""
    for chunk in _chunks(picture):
        name, _, text = chunk.content.partition(b"\0")
        if chunk.kind == b"tEXt" and name == keyword.encode("latin-1"):
            return text.decode("latin-1")
    return None


def _chunks(picture: bytes) -> Iterator[_Chunk]:
    assert picture.startswith(_MAGIC)
    at = len(_MAGIC)
    while at < len(picture):
        length = int.from_bytes(picture[at : at + 4], "big")
        yield _Chunk(picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length])
        at += 12 + length


def _unfiltered(filtered: bytes, line_bytes: int) -> Iterator[bytes]:
    above = bytearray(line_bytes)
    for start in range(0, len(filtered), line_bytes + 1):
        line = bytearray(filtered[start + 1 : start + 1 + line_bytes])
        for at in range(line_bytes):
            left = line[at - _BYTES] if at >= _BYTES else 0
            corner = above[at - _BYTES] if at >= _BYTES else 0
            line[at] = (line[at] + _predicted(filtered[start], left, above[at], corner)) & 0xFF
        yield bytes(line)
        above = line


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    """What a filter of a kind expects of a byte by its neighbours."""
    if kind == 4:  # Paeth's: whichever neighbour is nearest to the plane through all three
        plane = left + above - corner
        return min((left, above, corner), key=lambda one: abs(plane - one))
    return (0, left, above, (left + above) // 2)[kind]


def _palette(counts: Counter[bytes]) -> tuple[dict[bytes, int], bytes]:
    """The place of each colour in a palette, and the palette."""
    kept = [colour for colour, _ in counts.most_common(_COLOURS_MAX)]
    places = {colour: place for place, colour in enumerate(kept)}
    for colour in counts.keys() - places.keys():
        places[colour] = min(range(len(kept)), key=lambda place: _distance(kept[place], colour))
    return places, b"".join(kept)


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
