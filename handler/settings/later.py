"""What the design has and this version has not yet: said so, rather than ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handler.settings.tree import Path, Place, Tree, matches

LATER: Final[Mapping[Place, str | None]] = {
    ("language",): "en",
    ("channels", "*", "language"): "en",
    ("channels", "*", "remind_every"): None,
    ("channels", "*", "templates"): None,
    ("heartbeat",): None,
}
"""Keys that the models do not know yet, each with the one value that already holds true."""

_NAMES: Final = frozenset(place[-1] for place in LATER)


def drop_truisms(tree: Tree, path: Path = ()) -> Tree:
    """Leave out keys of a later version where they say what holds anyway, such as `language: en`."""
    if not isinstance(tree, dict):
        return tree
    return {
        key: drop_truisms(inner, (*path, key))
        for key, inner in tree.items()
        if key not in _NAMES or not _is_truism((*path, key), inner)
    }


def _is_truism(path: Path, tree: Tree) -> bool:
    return any(matches(place, path) and str(tree).lower() == word for place, word in LATER.items())
