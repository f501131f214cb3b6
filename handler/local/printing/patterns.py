"""Whose changes are discovered, by the patterns of instances' names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_ALL: Final = "*"


def say_discovered(patterns: Sequence[str], what: str) -> str:
    """Say where changes are discovered, and `what` there is to say of that."""
    if _ALL in patterns:
        return f"all instances of the project · {what}"
    return f"{', '.join(patterns)} · {what} there"
