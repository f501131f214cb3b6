"""What is wrong with a configuration, all of it at once, and what of it cannot be known here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from handler.settings.models import Settings
from handler.settings.section import UNKNOWN, each_field, read_section
from handler.settings.sources import Source
from handler.settings.tree import (
    NAMELESS,
    UNCLOSED,
    Fetch,
    Lookup,
    Mistake,
    Path,
    Tree,
    fill,
    kept_in,
    matches,
)
from handler.settings.values import NO_LIST

_NEVER_MENDED: Final = frozenset({NAMELESS, NO_LIST, UNCLOSED, UNKNOWN})


class Examination(NamedTuple):
    """The settings, where nothing is in their way; the tree with its values; all that was found.

    `missing` is what of that is about values from elsewhere which are not there.
    """

    settings: Settings | None
    tree: Tree
    found: list[Mistake]
    missing: list[Mistake]

    @property
    def mistakes(self) -> list[Mistake]:
        """What is wrong, one mistake a path."""
        return _first_of_each_path(self.found)

    def certain_mistakes(self) -> list[Mistake]:
        """Leave out what a value from elsewhere may yet mend; no value makes a key known, or is a section."""
        open_paths = {mistake.path for mistake in self.missing}
        open_paths |= {path[:-1] for path in open_paths if isinstance(path[-1], int)}
        sections = {place[:end] for place, _ in each_field(Settings) for end in range(1, len(place))}
        return _first_of_each_path(
            mistake
            for mistake in self.found
            if not mistake.needs
            and (
                mistake.path not in open_paths
                or mistake.problem in _NEVER_MENDED
                or any(matches(place, mistake.path) for place in sections)
            )
        )


def examine(source: Source, lookup: Lookup, fetch: Fetch) -> Examination:
    """Read a configuration and find all that is wrong with it."""
    if source.tree is None:
        return Examination(None, None, source.mistakes, [])
    references = kept_in(source.tree)
    kept = fetch(references) if references else {}
    tree, unfilled = fill(source.tree, lookup, lambda reference: _taken(kept[reference]))
    found = [*source.mistakes, *unfilled]
    settings = read_section(Settings, _whole(tree), (), "", found)
    missing = [mistake for mistake in unfilled if mistake.needs]
    return Examination(None if found else settings, tree, found, missing)


def _taken(value: str | LookupError) -> str:
    if isinstance(value, LookupError):
        raise value
    return value


def _whole(tree: Tree) -> Tree:
    """Without the one section that has to be there, what is missing would be the section, not its keys.

    What is discovered, or registered over HTTP, need not be watched besides.
    """
    if not isinstance(tree, dict):
        return tree
    discovers = str(tree.get("discover", False)).lower() != "false"
    http = tree.get("http")
    has_token = isinstance(http, dict) and "token" in http
    return {"huaweicloud": {}, **({"watches": []} if discovers or has_token else {}), **tree}


def _first_of_each_path(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """A text that could not be filled is not also blamed for what it then looks like."""
    firsts: dict[Path, Mistake] = {}
    for mistake in mistakes:
        firsts.setdefault(mistake.path, mistake)
    return list(firsts.values())
