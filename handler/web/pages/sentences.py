"""How sentences of pages begin."""

from __future__ import annotations


def begin(said: str) -> str:
    """Begin what is said like a sentence."""
    return f"{said[:1].upper()}{said[1:]}"
