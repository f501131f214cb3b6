"""The one home of YAML; imported only where there is some, because it is slow to load."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import yaml

from handler.settings.tree import Mark, Mistake, Path, Tree

_NULL: Final = "tag:yaml.org,2002:null"
_MERGE: Final = "tag:yaml.org,2002:merge"
MERGES: Final = "has a merge key (<<); its keys have to be written out"
_NODES_MAX: Final = 1_000_000
"""More than a whole file holds; only what is repeated by aliases of aliases comes to that."""


@lru_cache(maxsize=1)
def parse_yaml(text: str) -> tuple[Tree, list[Mistake]]:
    """Read YAML as a tree; a key without a value is left out.

    A warm process reads the same text each time, and a long one takes longer than all its changes: the last
    one is remembered, so nobody may change what is returned.

    Returns:
        The tree, and what is wrong with it as YAML: nothing of the text itself is in that.
    """
    builder = _Builder()
    try:
        tree = builder.build(compose(text), ())
    except yaml.YAMLError as error:
        from handler.settings.yaml_mistakes import explain_error  # noqa: PLC0415 - only where one is

        return None, [explain_error(error, text)]
    except RecursionError:
        return None, [Mistake((), "is nested too deeply")]
    except OverflowError:
        return None, [Mistake((), "unfolds to too much by its aliases (*)")]
    return tree, builder.mistakes


def compose(text: str) -> yaml.Node | None:
    """Parse one document into nodes, which know where they stand."""
    return yaml.compose(text, Loader=yaml.SafeLoader)


def key_of(node: yaml.Node) -> str:
    """The text of a key; an escape can write half a character, which no message could show."""
    return str(node.value).encode(errors="replace").decode()


def mark_of(mark: yaml.Mark) -> Mark:
    """Where something stands, as people count."""
    return Mark(mark.line + 1, mark.column + 1)


class _Builder:
    """Makes a tree of nodes, and notes what is wrong on the way."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._left = _NODES_MAX

    def build(self, node: yaml.Node | None, path: Path) -> Tree:
        self._left -= 1
        if not self._left:
            raise OverflowError
        if isinstance(node, yaml.SequenceNode):
            return [self.build(inner, (*path, index)) for index, inner in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._build_mapping(node, path)
        return self._build_scalar(node, path) if isinstance(node, yaml.ScalarNode) else None

    def _build_scalar(self, node: yaml.ScalarNode, path: Path) -> str | None:
        if node.tag.startswith("!"):
            self._note(path, "has a tag (a word with ! before it), of which Headway knows none", node)
        return None if node.tag == _NULL else str(node.value)

    def _build_mapping(self, node: yaml.MappingNode, path: Path) -> Tree:
        mapping: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                self._note(path, MERGES, key_node)
                continue
            key = key_of(key_node)
            if key in mapping:
                self._note((*path, key), "stands there twice", key_node)
            mapping[key] = self.build(value_node, (*path, key))
        return {key: inner for key, inner in mapping.items() if inner is not None}

    def _note(self, path: Path, problem: str, node: yaml.Node) -> None:
        self.mistakes.append(Mistake(path, problem, mark=mark_of(node.start_mark)))
