"""The one home of YAML; imported only where there is some, because it is slow to load."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import yaml

from handler.settings.tree import Mistake, Path, Tree

_NULL: Final = "tag:yaml.org,2002:null"


@lru_cache(maxsize=1)
def parse_yaml(text: str) -> tuple[Tree, list[Mistake]]:
    """Read YAML as a tree; a key without a value is left out.

    A warm process reads the same text each time, and a long one takes longer than all its changes: the last
    one is remembered, so nobody may change what is returned.

    Returns:
        The tree, and what is wrong with it as YAML: nothing of the text itself is in that.
    """
    mistakes: list[Mistake] = []
    try:
        tree = _build(yaml.compose(text, Loader=yaml.SafeLoader), (), mistakes)
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_mistake(error.problem_mark)]
    except yaml.YAMLError:
        return None, [Mistake((), "holds a character that YAML does not allow")]
    except RecursionError:
        return None, [Mistake((), "is nested too deeply")]
    return tree, mistakes


def _syntax_mistake(mark: yaml.Mark | None) -> Mistake:
    where = f" in line {mark.line + 1}, column {mark.column + 1}, or just before" if mark else ""
    return Mistake((), f"is no YAML{where} (indentation? a value that wants quotes?)")


def _build(node: yaml.Node | None, path: Path, mistakes: list[Mistake]) -> Tree:
    if isinstance(node, yaml.SequenceNode):
        return [_build(inner, (*path, index), mistakes) for index, inner in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, path, mistakes)
    return node.value if isinstance(node, yaml.ScalarNode) and node.tag != _NULL else None


def _build_mapping(node: yaml.MappingNode, path: Path, mistakes: list[Mistake]) -> Tree:
    mapping: dict[str, Tree] = {}
    for key_node, value_node in node.value:
        # An escape can write half a character, which no message could show.
        key = str(key_node.value).encode(errors="replace").decode()
        if key in mapping:
            line = key_node.start_mark.line + 1
            mistakes.append(Mistake((*path, key), f"stands there twice, again in line {line}"))
        mapping[key] = _build(value_node, (*path, key), mistakes)
    return {key: inner for key, inner in mapping.items() if inner is not None}
