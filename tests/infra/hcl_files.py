"""Terraform's files as they are written: what a module declares.

    module = read_module(REPOSITORY / "infra/aws")
    for function in module.resources("aws_lambda_function"):
        assert function.body["timeout"] == 60

A string is given without its quotes, an expression as `${…}`, a block as a list of dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import hcl2
from hcl2.utils import SerializationOptions

Body = Mapping[str, Any]

_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "locals": 0,
    "terraform": 0,
}
_ESCAPED: Final = "$.{"
_HEREDOC: Final = re.compile(r"<<-?(\w+)\n(.*)\n\s*\1", re.DOTALL)
_OPTIONS: Final = SerializationOptions(with_comments=False)


class Block(NamedTuple):
    """A block with its labels, such as those of a resource: its type and its name."""

    labels: tuple[str, ...]
    body: Body

    def __str__(self) -> str:
        """How it is called in a sentence: its address, if it has one."""
        return ".".join(self.labels) or "locals"


class Module(NamedTuple):
    """All the files of one folder, parsed."""

    folder: Path
    tree: Mapping[str, list[Any]]

    def blocks(self, kind: str, count: int) -> list[Block]:
        """The blocks of a kind that have so many labels."""
        found = [Block((), block) for block in self.tree.get(kind, ())]
        for _ in range(count):
            found = [
                Block((*labels, name), inner) for labels, body in found for name, inner in _members(body)
            ]
        return found

    def resources(self, kind: str | None = None) -> list[Block]:
        """The resources, of all types or of one."""
        return [block for block in self.blocks("resource", 2) if kind in {None, block.labels[0]}]

    @property
    def variables(self) -> dict[str, Body]:
        """The variables by name."""
        return {block.labels[0]: block.body for block in self.blocks("variable", 1)}

    @property
    def outputs(self) -> dict[str, Body]:
        """The outputs by name."""
        return {block.labels[0]: block.body for block in self.blocks("output", 1)}

    @property
    def locals(self) -> dict[str, Any]:
        """The local values by name."""
        return {name: value for block in self.blocks("locals", 0) for name, value in block.body.items()}

    @property
    def settings(self) -> Body:
        """What stands in `terraform {}`, wherever that is."""
        return {name: value for block in self.blocks("terraform", 0) for name, value in block.body.items()}

    @property
    def every(self) -> list[Block]:
        """All blocks that hold values."""
        return [block for kind, count in _LABELS.items() for block in self.blocks(kind, count)]


def read_module(folder: Path) -> Module:
    """Read every file of a folder, without those below it."""
    tree: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, blocks in parsed(path.read_text(encoding="utf-8")).items():
            tree.setdefault(kind, []).extend(blocks)
    assert tree, f"{folder} holds nothing"
    return Module(folder, tree)


def contents(body: Body, name: str) -> Iterator[Body]:
    """The blocks of a name within another, those made for each of something too."""
    yield from body.get(name, ())
    for dynamic in body.get("dynamic", ()):
        yield from dynamic.get(name, {}).get("content", ())


@cache
def parsed(text: str) -> Any:  # noqa: ANN401 - whatever it holds
    """Parse HCL."""
    # The parser does not know every `$${`, which stands for itself; nobody looks for one.
    return _plain(hcl2.loads(text.replace("$${", _ESCAPED), serialization_options=_OPTIONS))


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever the parser gives
    """The same without quotes, and without the parser's own marks."""
    if isinstance(value, dict):
        return {
            _unquoted(name): _plain(inner) for name, inner in value.items() if not name.startswith("__is_")
        }
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _unquoted(value) if isinstance(value, str) else value


def _unquoted(text: str) -> str:
    inner = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    heredoc = _HEREDOC.fullmatch(inner)
    return heredoc[2].strip() if heredoc else inner


def _members(body: Body) -> Iterator[tuple[str, Body]]:
    yield from ((name, inner) for name, inner in body.items() if isinstance(inner, dict))


def strings(value: object) -> Iterator[str]:
    """Every string and expression in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
