"""What a page of a bucket's listing says. Pure.

The listing is flat and machine-made, and our keys need no XML escape; an object whose name does is not
one of ours.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from html import unescape
from typing import NamedTuple

_OBJECT = re.compile(rb"<Contents>(.*?)</Contents>", re.DOTALL)
_NAME = re.compile(rb"<Key>([A-Za-z0-9/_.-]+)</Key>")
_MODIFIED = re.compile(rb"<LastModified>([0-9T:.Z-]{1,40})</LastModified>")
_TRUNCATED = re.compile(rb"<IsTruncated>\s*true\s*</IsTruncated>")


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


def _listed(text: bytes) -> Listed | None:
    name, modified = _NAME.search(text), _MODIFIED.search(text)
    return Listed(name[1].decode(), _moment(modified[1]) if modified else None) if name else None


def _moment(text: bytes) -> datetime | None:
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if b"." in text else "%Y-%m-%dT%H:%M:%SZ"
    try:
        return datetime.strptime(text.decode(), form).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
