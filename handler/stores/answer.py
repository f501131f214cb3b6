"""What an object store answered, and what can be read from it whatever was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")


class Answer(NamedTuple):
    """An answer whose body is None if it was more than 1 MiB; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def is_done(self) -> bool:
        """Whether what was asked has happened."""
        return self.status in range(200, 300)

    @property
    def is_failed(self) -> bool:
        """Whether the store itself is in trouble: what was asked may or may not have happened."""
        return self.status in range(500, 600)

    @property
    def is_passing(self) -> bool:
        """Whether the next attempt may well find another answer."""
        return self.is_failed or self.status == HTTPStatus.TOO_MANY_REQUESTS

    @property
    def code(self) -> str | None:
        """What the store calls the trouble, if it says so."""
        found = _CODE.search(self.body or b"")
        return found[1].decode() if found else None

    @property
    def date(self) -> datetime | None:
        """The store's own clock (UTC), if it is told."""
        try:
            date = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, OverflowError, TypeError):
            return None
        return date.replace(tzinfo=timezone.utc)
