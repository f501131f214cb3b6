"""What a page of a bucket's listing says, and in which order it is to be read. Pure.

The listing is flat and machine-made, and our keys need no XML escape; an object whose name does is not
one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timezone
from html import unescape
from typing import Final, NamedTuple

_OBJECT = re.compile(rb"<Contents>(.*?)</Contents>", re.DOTALL)
_NAME = re.compile(rb"<Key>([A-Za-z0-9/_.-]+)</Key>")
_MODIFIED = re.compile(rb"<LastModified>(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z</LastModified>")
_TRUNCATED = re.compile(rb"<IsTruncated>\s*true\s*</IsTruncated>")
_LONG_AGO: Final = datetime.min.replace(tzinfo=timezone.utc)


class Listed(NamedTuple):
    """An object, and when it was last written by the store's clock (UTC), if that could be read."""

    name: str
    modified: datetime | None


class Page(NamedTuple):
    """A part of a listing; `next_marker` asks for the following one, None for the last."""

    objects: list[Listed]
    next_marker: str | None


def read_page(body: bytes, next_marker: re.Pattern[bytes]) -> Page:
    """Read a page.

    Raises:
        ValueError: It is not the last one, and does not say how to go on.
    """
    following = next_marker.search(body)
    if following is None and _TRUNCATED.search(body):
        raise ValueError("there is more, but no marker")
    marker = unescape(following[1].decode(errors="replace")) if following else None
    objects = (_listed(each) for each in _OBJECT.findall(body))
    return Page([each for each in objects if each], marker)


def latest_first(objects: Iterable[Listed]) -> list[str]:
    """Name objects, the last written first; those of one moment, and those of none at the end, by name."""
    named = sorted(objects, key=lambda each: each.name)
    return [each.name for each in sorted(named, key=lambda each: each.modified or _LONG_AGO, reverse=True)]


def _listed(text: bytes) -> Listed | None:
    name, modified = _NAME.search(text), _MODIFIED.search(text)
    return Listed(name[1].decode(), _moment(*modified.groups(b"")) if modified else None) if name else None


def _moment(seconds: bytes, fraction: bytes) -> datetime | None:
    # Of a thousand objects `strptime` would take longer than everything else.
    try:
        moment = datetime.fromisoformat(f"{seconds.decode()}+00:00")
    except ValueError:
        return None
    return moment.replace(microsecond=int(fraction.ljust(6, b"0")))
