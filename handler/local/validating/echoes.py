"""What is said of a place only because of a mistake that is told already; it would go with that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from handler.local.validating.draft import tree_at
from handler.settings.mistakes import place_meant
from handler.settings.section import MISSING, UNKNOWN
from handler.settings.tree import Mistake, Path, Place, Tree, matches
from handler.settings.yaml_text import MERGES

_HERE: Final = -1
_INSTEAD: Final[tuple[Place, ...]] = (("discover",), ("http", "token"))
"""Where one of these stands, `watches` need not: see `settings.examination`."""


def without_echoes(mistakes: list[Mistake], tree: Tree) -> list[Mistake]:
    """Leave out what is missing only because its key, or its section's, is misspelt, elsewhere or merged."""
    meant = [*_places_meant(mistakes)]
    meant += [("watches",) for place in _places_taken(mistakes, tree) if _is_meant(place, _INSTEAD)]
    merged = {mistake.path for mistake in mistakes if mistake.problem == MERGES}
    return [
        mistake
        for mistake in mistakes
        if mistake.problem != MISSING
        or not (_is_meant(mistake.path, meant) or _first_missing(mistake.path, tree)[:_HERE] in merged)
    ]


def is_echo(remark: Mistake, mistakes: list[Mistake]) -> bool:
    """Tell whether a remark is about a place that has a mistake at or beneath it, or is meant by one."""
    path = remark.path
    is_wrong = any(mistake.path[: len(path)] == path for mistake in mistakes)
    return is_wrong or _is_meant(path, _places_meant(mistakes))


def _places_taken(mistakes: Iterable[Mistake], tree: Tree) -> Iterable[Place]:
    """The same places, of keys that switch something on."""
    return _places_meant(each for each in mistakes if str(tree_at(tree, each.path)).lower() != "false")


def _places_meant(mistakes: Iterable[Mistake]) -> Iterable[Place]:
    places = (place_meant(mistake.path) for mistake in mistakes if mistake.problem == UNKNOWN)
    return (place for place in places if place)


def _is_meant(path: Path, meant: Iterable[Place]) -> bool:
    """Whether one of the places is at, above or beneath a path."""
    return any(matches(place[: len(path)], path[: len(place)]) for place in meant)


def _first_missing(path: Path, tree: Tree) -> Path:
    """The first part of a path at which nothing stands."""
    ends = range(1, len(path) + 1)
    return next((path[:end] for end in ends if tree_at(tree, path[:end]) is None), path)
