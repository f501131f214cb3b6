"""How many of something there are, in English. Pure."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Say how many; `noun` is in the singular."""
    ending = "es" if noun.endswith("ch") else "s"
    return f"{number:,} {noun}{'' if number == 1 else ending}"
