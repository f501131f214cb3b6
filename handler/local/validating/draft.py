"""A configuration that may be full of mistakes: what is right in it can be looked at all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from handler.settings.channel import ChannelSettings
from handler.settings.examination import Examination
from handler.settings.section import read_section
from handler.settings.sources import Source
from handler.settings.tree import Lookup, Mistake, Path, Tree, matches

_STAND_IN: Final = "json://host"
"""Stands for a channel's URL, which does not matter for what the channel wants to hear."""


class Draft:
    """The tree as it was written, and with the values that are known here."""

    def __init__(
        self, source: Source, examined: Examination, mistakes: Iterable[Mistake], lookup: Lookup
    ) -> None:
        """Take a configuration, what was found in it, and how variables are looked up."""
        self.is_file = source.path is not None
        self._written = source.tree
        self._filled = examined.tree
        self._wrong = {mistake.path for mistake in mistakes}
        self._open = {mistake.path for mistake in examined.missing}
        self._lookup = lookup

    def written(self, *keys: str | int) -> Tree:
        """What stands below these keys and numbers, as it was written; None if nothing does."""
        return tree_at(self._written, keys)

    def filled(self, *keys: str | int) -> Tree:
        """The same with the values that are known here."""
        return tree_at(self._filled, keys)

    def known_texts(self, *place: str) -> Iterator[tuple[Path, str]]:
        """The texts at all paths that a place stands for; only the right ones, and whose values are known."""
        return ((path, text) for path, text in self.texts(*place) if path not in self._open)

    def texts(self, *place: str) -> Iterator[tuple[Path, str]]:
        """The same, and those with a value that is not known here: there its `${NAME}` stands."""
        found = ((path, text) for path, text in _texts(self._filled, ()) if matches(place, path))
        return ((path, text) for path, text in found if path not in self._wrong)

    def channels(self) -> Iterator[tuple[str, ChannelSettings]]:
        """The channels of which all but the URL is right and known here; their URL is none of theirs."""
        for name, tree in self.sections("channels"):
            url = ("channels", name, "url")
            if any(path[:2] == url[:2] and path != url for path in self._open):
                continue
            settings = read_section(ChannelSettings, {**tree, "url": _STAND_IN}, (), "", [])
            if settings is not None:
                yield name, settings

    def sections(self, key: str) -> list[tuple[str, dict[str, Tree]]]:
        """The named sections below a key, as far as they are sections."""
        below = tree_at(self._filled, (key,))
        named = below.items() if isinstance(below, dict) else ()
        return [(name, section) for name, section in named if isinstance(section, dict)]

    def is_open(self, *path: str | int) -> bool:
        """Whether a value there is not known here."""
        return path in self._open

    def value_of(self, variable: str) -> str:
        """The value of a variable; empty if it is not set."""
        return self._lookup(variable) or ""


def tree_at(tree: Tree, path: Path) -> Tree:
    """What stands at a path of a tree; None if nothing does."""
    for part in path:
        if isinstance(tree, dict):
            tree = tree.get(str(part))
        elif isinstance(tree, list) and isinstance(part, int):
            tree = tree[part]
        else:
            return None
    return tree


def _texts(tree: Tree, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict):
        for key, inner in tree.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(tree, list):
        for index, inner in enumerate(tree):
            yield from _texts(inner, (*path, index))
