"""Where in a text each key and each entry of a list stands; only asked where people are told of mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from handler.settings.tree import Mark, Path
from handler.settings.yaml_text import compose, key_of, mark_of


def find_marks(text: str) -> Mapping[Path, Mark]:
    """Find where each path begins: at its key, or its entry; the empty path at the first key.

    What an alias repeats stands where it was written first. A text that `parse_yaml` cannot read has none.
    """
    try:
        return dict(_marks(compose(text), ()))
    except (yaml.YAMLError, RecursionError):
        return {}


def nearest_mark(marks: Mapping[Path, Mark], path: Path) -> Mark | None:
    """Where a path stands; of what is missing, where the section stands that it is missing in."""
    ends = range(len(path), -1, -1)
    return next((marks[path[:end]] for end in ends if path[:end] in marks), None)


def _marks(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, Mark]]:
    if node is None:
        return
    if path == () or isinstance(path[-1], int):
        yield path, mark_of(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        for index, inner in enumerate(node.value):
            yield from _marks(inner, (*path, index))
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            place = (*path, key_of(key_node))
            yield place, mark_of(key_node.start_mark)
            yield from _marks(value_node, place)
