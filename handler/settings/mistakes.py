"""All mistakes in one error, each in a sentence that names the key and never the value."""

from __future__ import annotations

from collections.abc import Iterable

from handler.settings.models import Settings
from handler.settings.section import UNKNOWN, each_field
from handler.settings.spelling import nearest
from handler.settings.tree import Mistake, Path, dotted, matches


class SettingsError(ValueError):
    """The configuration cannot be used; its text has a line for each mistake."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the lines, which hold no secret."""
        self.lines = tuple(lines)
        super().__init__("\n".join(("The configuration cannot be used.", *self.lines)))


def explain(mistake: Mistake) -> Mistake:
    """Say more of a key that nobody knows: it may be misspelt."""
    path = mistake.path
    if mistake.problem != UNKNOWN:
        return mistake
    close = _nearest_key(path)
    return mistake._replace(meant=(close,)) if close else mistake


def _nearest_key(path: Path) -> str | None:
    """The key beside it that it is spelt like, or the one of that very name in another section."""
    name, places = str(path[-1]), [place for place, _ in each_field(Settings)]
    close = nearest(name, [place[-1] for place in places if matches(place[:-1], path[:-1])])
    elsewhere = [place for place in places if place[-1] == name]
    return close or (dotted(elsewhere[0]) if len(elsewhere) == 1 and "*" not in elsewhere[0] else None)
