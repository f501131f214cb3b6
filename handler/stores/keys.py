"""Which keys a store takes: such as mean the same in a URL, in a folder and in a signature."""

from __future__ import annotations

import re
from typing import Final

ACTIVE: Final = "active/"
"""Beneath it stand markers: of changes that are followed, and what else invocations leave each other."""

CHANGES: Final = "changes/"
ASIDE: Final = "aside/"
"""Beneath these stand ledgers, and those that could not be read."""

LEASES: Final = "leases/"
"""Beneath it OBS has its announcements, by the key of the document."""

_ALPHABET = r"[A-Za-z0-9_.-]"
_PREFIX = re.compile(rf"(?:(?!\.\.?(?:/|$)){_ALPHABET}+/)*{_ALPHABET}*")


def check_key(key: str) -> str:
    """Return the key, if it is one.

    Raises:
        ValueError: It holds another character, an empty segment, or a segment `.` or `..`.
    """
    if key and not key.endswith("/") and is_prefix(f"{key}/"):
        return key
    raise ValueError(f"{key[:100]!r} is no key: it needs segments of letters, digits, '_', '.', '-'.")


def check_prefix(prefix: str) -> str:
    """Return the prefix, if keys can begin so.

    Raises:
        ValueError: None can.
    """
    if is_prefix(prefix):
        return prefix
    raise ValueError(f"No key can begin with {prefix[:100]!r}.")


def is_prefix(text: str) -> bool:
    """Whether keys can begin so; the last segment may be unfinished or empty."""
    return _PREFIX.fullmatch(text) is not None
