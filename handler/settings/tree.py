"""A configuration before it has meaning: text, lists and mappings, and what is wrong at which place.

What a text means is for the models to say. So an id of digits stays what it is, a channel may be
called `on`, and files and variables are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, NamedTuple

from handler.settings.spelling import MisspeltError, nearest

Tree = None | str | list["Tree"] | dict[str, "Tree"]

Path = tuple["str | int", ...]
"""The place of a value: keys, and numbers in lists."""

Place = tuple[str, ...]
"""The place of a key in any configuration: `*` stands for every channel's name and every number."""

Lookup = Callable[[str], "str | None"]
"""Finds a variable by its name."""

Take = Callable[[str], str]
"""Takes a value kept in AWS, by `ssm:NAME` or `secret:NAME`; a LookupError says why it cannot be had."""

Fetch = Callable[[Collection[str]], Mapping[str, "str | LookupError"]]
"""Fetches all those values at once: to each name its value, or why it cannot be had."""

UNCLOSED: Final = "has a ${ that no } closes"
NAMELESS: Final = "has a ${…} with no name in it that Headway knows"
_REFERENCES: Final = "${NAME}, ${ssm:NAME} or ${secret:NAME}; a literal ${ is written $${"
_STORES: Final = ("ssm:", "secret:")

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{(?:([^{}]*)\})?")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AWS_NAME: Final = re.compile(r"(?:ssm|secret):[A-Za-z0-9/_+=.@:-]+")
_HARMLESS_KEY: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class Mark(NamedTuple):
    """Where something stands in a text: line and column, from 1."""

    line: int
    column: int


class Mistake(NamedTuple):
    """What is wrong at one place; the empty path is the whole configuration.

    None of it repeats a value. `expected` is what would be right, `meant` are the words that were perhaps
    misspelt, `needs` is the value from elsewhere that is not there, as `NAME` or `ssm:NAME`; `mark` is
    known where it is about YAML itself.
    """

    path: Path
    problem: str
    expected: str = ""
    meant: tuple[str, ...] = ()
    needs: str = ""
    mark: Mark | None = None

    @property
    def reason(self) -> str:
        """All of it as a sentence without its subject and its full stop."""
        parts = [self.problem]
        if self.meant:
            verb = "was" if len(self.meant) == 1 else "were"
            parts.append(f"perhaps {' and '.join(self.meant)} {verb} meant")
        if self.expected:
            parts.append(f"expected {self.expected}")
        place = f" (line {self.mark.line}, column {self.mark.column})" if self.mark else ""
        return "; ".join(parts) + place


def matches(place: Place, path: Path) -> bool:
    """True when the path is one of those that the place stands for."""
    return len(place) == len(path) and all(key in ("*", part) for key, part in zip(place, path, strict=True))


def dotted(path: Path) -> str:
    """Write a path as people do, such as `watches[0].name`; an odd key may be a secret gone astray."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if _HARMLESS_KEY.fullmatch(part) else ".(an odd key)"
    return text.removeprefix(".")


def variables_in(tree: Tree) -> frozenset[str]:
    """The variables that values are taken from, by their names."""
    return frozenset(filter(_VARIABLE.fullmatch, _names_in(tree)))


def kept_in(tree: Tree) -> frozenset[str]:
    """What of AWS values are taken from, as `ssm:NAME` and `secret:NAME`."""
    return frozenset(filter(_AWS_NAME.fullmatch, _names_in(tree)))


def _names_in(tree: Tree) -> Iterator[str]:
    """All that stands between `${` and `}`."""
    if isinstance(tree, dict):
        tree = [*tree.values()]
    if isinstance(tree, list):
        for inner in tree:
            yield from _names_in(inner)
        return
    # Most texts hold none, and to look for a mark takes no time.
    if tree and "${" in tree:
        yield from (match[1] for match in _REFERENCE.finditer(tree) if match[1])


def fill(tree: Tree, lookup: Lookup, take: Take) -> tuple[Tree, list[Mistake]]:
    """Put values in the place of every `${NAME}`, `${ssm:NAME}`, `${secret:NAME}`; `$${` becomes `${`.

    Returns:
        The filled tree, and a mistake for each value that could not be found.
    """
    mistakes: list[Mistake] = []

    def fill_in(part: Tree, path: Path) -> Tree:
        if isinstance(part, dict):
            return {key: fill_in(inner, (*path, key)) for key, inner in part.items()}
        if isinstance(part, list):
            return [fill_in(inner, (*path, index)) for index, inner in enumerate(part)]
        return part and _REFERENCE.sub(lambda reference: replace(reference, path), part)

    def replace(reference: re.Match[str], path: Path) -> str:
        try:
            return _replacement(reference, lookup, take)
        except MisspeltError as error:
            mistakes.append(Mistake(path, str(error), _REFERENCES, error.meant))
        except LookupError as error:
            mistakes.append(Mistake(path, error.args[0], needs=reference[1]))
        return reference[0]

    return fill_in(tree, ()), mistakes


def _replacement(reference: re.Match[str], lookup: Lookup, take: Take) -> str:
    if reference[0].startswith("$$"):
        return "${"
    name = reference[1]
    if name is None:
        raise MisspeltError(UNCLOSED)
    if _AWS_NAME.fullmatch(name):
        return take(name)
    if not _VARIABLE.fullmatch(name):
        store = "".join(name.partition(":")[:2])
        is_misspelt = store.endswith(":") and store not in _STORES
        raise MisspeltError(NAMELESS, [nearest(store, _STORES)] if is_misspelt else ())
    value = lookup(name)
    if not value:
        raise LookupError(f"needs the variable {name}, which is not set")
    return value
