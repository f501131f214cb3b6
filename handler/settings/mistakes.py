"""All mistakes in one error, each in a sentence that names the key and never the value."""

from __future__ import annotations

from collections.abc import Iterable

from handler.settings.models import Settings
from handler.settings.section import UNKNOWN, each_field
from handler.settings.tree import Mistake, matches


class SettingsError(ValueError):
    """The configuration cannot be used; its text has a line for each mistake."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the lines, which hold no secret."""
        self.lines = tuple(lines)
        super().__init__("\n".join(("The configuration cannot be used.", *self.lines)))


def explain(mistake: Mistake) -> Mistake:
    """Say more of a key that nobody knows: it may be misspelt."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is wrong

    path = mistake.path
    if mistake.reason != UNKNOWN:
        return mistake
    siblings = [place[-1] for place, _ in each_field(Settings) if matches(place[:-1], path[:-1])]
    close = get_close_matches(str(path[-1]), siblings, n=1)
    return Mistake(path, f"{UNKNOWN}; perhaps {close[0]} was meant" if close else UNKNOWN)
