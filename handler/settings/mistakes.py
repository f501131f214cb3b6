"""All mistakes in one error, each in a sentence that names the key and never the value."""

from __future__ import annotations

from collections.abc import Iterable

from handler.settings.models import Settings
from handler.settings.section import UNKNOWN, each_field
from handler.settings.spelling import nearest
from handler.settings.tree import Mistake, Path, Place, matches


class SettingsError(ValueError):
    """The configuration cannot be used; its text has a line for each mistake."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the lines, which hold no secret."""
        self.lines = tuple(lines)
        super().__init__("\n".join(("The configuration cannot be used.", *self.lines)))


def explain(mistake: Mistake) -> Mistake:
    """Say more of a key that nobody knows: it may be misspelt."""
    if mistake.problem != UNKNOWN:
        return mistake
    place = place_meant(mistake.path)
    if place is None:
        return mistake
    is_beside = len(place) == len(mistake.path) and matches(place[:-1], mistake.path[:-1])
    return mistake._replace(meant=(place[-1] if is_beside else _write(place),))


def place_meant(path: Path) -> Place | None:
    """Where a key that nobody knows was perhaps meant to stand.

    That is the place of the key beside it that it is spelt like, or the only one of that very name elsewhere.
    """
    name, places = str(path[-1]), [place for place, _ in each_field(Settings)]
    beside = {place[-1]: place for place in places if matches(place[:-1], path[:-1])}
    close = nearest(name, beside)
    elsewhere = [place for place in places if place[-1] == name]
    return beside[close] if close else elsewhere[0] if len(elsewhere) == 1 else None


def _write(place: Place) -> str:
    """Write a place as the README does, such as `channels.NAME.quiet` and `watches[].name`."""
    return ".".join(place).replace("channels.*", "channels.NAME").replace(".*", "[]")
