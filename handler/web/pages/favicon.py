"""The sign that a browser's tab shows: a ring that closes as a change gets on, in the colour of its state."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_COLOURS: Final = {
    "faint": "#6b7280",
    "info": "#2563eb",
    "success": "#15803d",
    "warning": "#d97706",
    "failure": "#dc2626",
}
_SIGNS: Final = {"success": "M10 16.5l4.5 4.5 8-9", "failure": "M11 11l10 10m0-10L11 21"}


def favicon(tone: str, percent: int | None = None) -> str:
    """Draw the sign as an address that holds all of it."""
    return f"data:image/svg+xml,{quote(_draw(_COLOURS[tone], percent, _SIGNS.get(tone)), safe='/:=,()')}"


def _draw(colour: str, percent: int | None, sign: str | None) -> str:
    ring = "<circle cx='16' cy='16' r='12' fill='none' stroke-width='6'"
    shape = f"{ring} stroke='{colour}'/>"
    if sign:
        shape = (
            f"<circle cx='16' cy='16' r='15' fill='{colour}'/>"
            f"<path d='{sign}' fill='none' stroke='#fff' stroke-width='4'/>"
        )
    elif percent is not None:
        shape = (
            f"{ring} stroke='#9ca3af' opacity='.5'/>{ring} stroke='{colour}' pathLength='100'"
            f" stroke-dasharray='{percent} 100' transform='rotate(-90 16 16)'/>"
        )
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>{shape}</svg>"
