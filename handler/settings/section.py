"""Sections of the configuration: which keys they have, how each is read, what each expects.

A section is a class whose fields are annotated with a `Key`. All that is wrong with a tree is found at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_origin

import msgspec

from handler.settings.spelling import MisspeltError
from handler.settings.tree import Mistake, Path, Place, Tree

MISSING: Final = "is missing"
UNKNOWN: Final = "is no key that Headway knows"


class Key(NamedTuple):
    """What a key expects, in the words of its errors, and how its value is read.

    Without `read` the field's type says what is below the key: a section, a tuple of sections, or a mapping
    of sections by names, which `check_name` looks at; `check` looks at all of it. Each raises a ValueError
    whose text says what is wrong and never repeats the value.
    """

    expects: str
    read: Callable[[object], object] | None = None
    check: Callable[[Any], object] | None = None
    check_name: Callable[[str], object] = str


class Field(NamedTuple):
    """A key of a section, the type of its value, and what it is worth where it is left out."""

    key: Key
    type: Any
    default: Any

    @property
    def is_required(self) -> bool:
        """True when it may not be left out."""
        return self.default is msgspec.NODEFAULT


class Section(msgspec.Struct, frozen=True):
    """Keys that belong together; nothing changes once it is read."""

    def check(self) -> None:
        """Look at all keys together.

        Raises:
            ValueError: They contradict each other; a second text says what is expected, if not the usual.
        """


AnySection = TypeVar("AnySection", bound=Section)


@cache
def fields_of(section: type[Section]) -> Mapping[str, Field]:
    """The fields of a section, in order; their annotations must not be texts."""
    names, defaults = section.__struct_fields__, section.__struct_defaults__
    required = (msgspec.NODEFAULT,) * (len(names) - len(defaults))
    return {
        name: Field(annotation.__metadata__[0], annotation.__origin__, default)
        for name, default in zip(names, (*required, *defaults), strict=True)
        for annotation in (section.__annotations__[name],)
    }


def each_field(section: type[Section], place: Place = ()) -> Iterator[tuple[Place, Field]]:
    """All fields of a section and of those below it, sections before what is in them."""
    for name, field in fields_of(section).items():
        yield (*place, name), field
        if field.key.read is None:
            star = () if get_origin(field.type) is None else ("*",)
            yield from each_field(section_below(field), (*place, name, *star))


def read_section(
    section: type[AnySection], tree: Tree, path: Path, expects: str, mistakes: list[Mistake]
) -> AnySection | None:
    """Read a section from its tree; None if anything is wrong, which is then among the mistakes."""
    if not isinstance(tree, dict):
        mistakes.append(Mistake(path, "is no section with keys", expects))
        return None
    fields, so_far = fields_of(section), len(mistakes)
    values = {}
    for name, field in fields.items():
        if name in tree:
            values[name] = _read_field(field, tree[name], (*path, name), mistakes)
        elif field.is_required:
            mistakes.append(Mistake((*path, name), MISSING, field.key.expects))
    mistakes += [Mistake((*path, name), UNKNOWN) for name in tree if name not in fields]
    if len(mistakes) > so_far:
        return None
    found = section(**values)
    try:
        found.check()
    except ValueError as error:
        problem, *expected = error.args
        mistakes.append(Mistake(path, problem, *(expected or [expects])))
        return None
    return found


def _read_field(field: Field, tree: Tree, path: Path, mistakes: list[Mistake]) -> object:
    key, so_far = field.key, len(mistakes)
    try:
        value = key.read(tree) if key.read else _read_below(field, tree, path, mistakes)
        if key.check and len(mistakes) == so_far:
            key.check(value)
    except ValueError as error:
        meant = error.meant if isinstance(error, MisspeltError) else ()
        mistakes.append(Mistake(path, str(error), key.expects, meant))
        return None
    return value


def _read_below(field: Field, tree: Tree, path: Path, mistakes: list[Mistake]) -> object:
    section, expects, kind = section_below(field), field.key.expects, get_origin(field.type)
    if kind is None:
        return read_section(section, tree, path, expects, mistakes)
    if kind is tuple and isinstance(tree, list):
        items = enumerate(tree)
        return tuple(read_section(section, item, (*path, at), expects, mistakes) for at, item in items)
    if kind is not tuple and isinstance(tree, dict):
        for name in tree:
            _check_name(field.key.check_name, name, path, mistakes)
        named = tree.items()
        return {name: read_section(section, below, (*path, name), expects, mistakes) for name, below in named}
    raise ValueError("is no list" if kind is tuple else "is no section with keys")


def _check_name(check: Callable[[str], object], name: str, path: Path, mistakes: list[Mistake]) -> None:
    try:
        check(name)
    except ValueError as error:
        mistakes.append(Mistake((*path, name), *error.args))


def section_below(field: Field) -> type[Section]:
    """The section that a key without a reader holds, or its entries do."""
    parts = (field.type, *get_args(field.type))
    return next(part for part in parts if isinstance(part, type) and issubclass(part, Section))
