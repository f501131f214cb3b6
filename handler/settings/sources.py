"""Where a configuration comes from: a YAML text, or variables that configure one change."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import PurePath
from typing import Final, NamedTuple

from handler.settings.tree import Lookup, Mark, Mistake, Path, Tree, dotted, variables_in
from handler.settings.variables import VARIABLES, read_variables

CONFIG_VARIABLE: Final = "HEADWAY_CONFIG"
CONFIG_FILE: Final = "headway.yaml"

_ADDRESS: Final = re.compile("(?:s3|obs)://.*", re.IGNORECASE)
_HARMLESS_PATH: Final = re.compile(r"[^\s:{}\[\]][^:{}\[\]]*")
"""No text in a single line, which may hold secrets."""

_LEAST_VARIABLES: Final = "HEADWAY_REGION, HEADWAY_PROJECT_ID and HEADWAY_INSTANCE_ID (or HEADWAY_DISCOVER)"
_LENGTH_MAX: Final = 1 << 20
"""As of an object in a bucket."""

ReadFile = Callable[[str], "str | None"]
"""Reads a file by its path, or an object by its address; None if there is none there.

An OSError or a UnicodeDecodeError says that it cannot be read, a LookupError why.
"""


class Source(NamedTuple):
    """A configuration as it was found: what people call its place, its tree, and what is wrong with it.

    There is no tree where that is all there is to say. The `text` is YAML; `path` is that of the file, or the
    address of the object, that it was read from.
    """

    name: str
    tree: Tree
    mistakes: list[Mistake]
    is_variables: bool = False
    text: str | None = None
    path: str | None = None

    def describe(self, mistake: Mistake) -> str:
        """Say what is wrong in one line, and where, in the words of who wrote it."""
        variable, place = self.variable_of(mistake.path), dotted(mistake.path) or self.name
        return f"{f'{variable} ({place})' if variable else place}: {mistake.reason}."

    def variable_of(self, path: Path) -> str | None:
        """The variable that a place was read from, or is to be; None where there is none."""
        if not self.is_variables or not path:
            return None
        return next((name for name, place in VARIABLES.items() if _overlap(place, path)), None)


def is_address(config: str) -> bool:
    """Whether it is the address of an object in a bucket, rather than a path."""
    return bool(_ADDRESS.fullmatch(config))


def place_in(config: str) -> str | None:
    """The path or the address that the variable names; None where a line break says that it is the text.

    What stands around an address comes from the file or the form that it was copied out of.
    """
    place = config.strip()
    return place if is_address(place) or "\n" not in config else None


def find_source(lookup: Lookup, read_file: ReadFile, default_path: str) -> Source:
    """Find the one source there must be."""
    source = _find_yaml(lookup, read_file, default_path)
    variables = {name: text for name in VARIABLES if (text := lookup(name))}
    if source:
        return _alone(source, variables)
    if variables:
        return Source("the variables", *read_variables(variables), is_variables=True)
    return _useless(_file_name(default_path), f"{_absent(default_path)}, or set {_LEAST_VARIABLES}")


def _absent(default_path: str) -> str:
    """Say that there is no file, and where one is looked for: a command's path begins in its folder."""
    if PurePath(default_path).is_absolute():
        return f"is not there; put it beside the code, name a file in {CONFIG_VARIABLE}"
    return f"is not in this folder; put it there, name another with --config or in {CONFIG_VARIABLE}"


def _alone(source: Source, variables: Collection[str]) -> Source:
    """Refuse a text beside variables that it takes no value from: one of the two would be ignored."""
    # Of a text that cannot be read nobody knows what it takes.
    if source.tree is None or not variables:
        return source
    taken = variables_in(source.tree)
    others = ", ".join(name for name in variables if name not in taken)
    problem = f"stands beside {others}; keep the one or the others (a file takes a value as ${{NAME}})"
    return source._replace(mistakes=[Mistake((), problem), *source.mistakes]) if others else source


def _useless(name: str, problem: str, mark: Mark | None = None) -> Source:
    return Source(name, None, [Mistake((), problem, mark=mark)])


def _find_yaml(lookup: Lookup, read_file: ReadFile, default_path: str) -> Source | None:
    config = lookup(CONFIG_VARIABLE)
    if not config:
        return _read_yaml_file(_file_name(default_path), default_path, read_file)
    place = place_in(config)
    if place is None:
        return _read_yaml(CONFIG_VARIABLE, config)
    source = _read_yaml_file(CONFIG_VARIABLE, place, read_file)
    return source or _useless(CONFIG_VARIABLE, f"names {_what(place)} that is not there")


def _what(place: str) -> str:
    """Say what was named, a path with itself."""
    if is_address(place):
        return "an object"
    from notifiers.saying import one_line  # noqa: PLC0415 - takes a moment, and most files are there

    return f"a file ({one_line(place)})" if _HARMLESS_PATH.fullmatch(place) else "a file"


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _read_yaml_file(name: str, path: str, read_file: ReadFile) -> Source | None:
    source = _try_to_read(name, path, read_file)
    return source and source._replace(path=path)


def _try_to_read(name: str, path: str, read_file: ReadFile) -> Source | None:
    try:
        text = read_file(path)
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        mark = Mark(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        return _useless(name, "is no text in UTF-8", mark)
    except OSError as error:
        return _useless(name, f"cannot be read ({error.strerror})" if error.strerror else "cannot be read")
    except LookupError as error:
        return _useless(name, str(error))
    return None if text is None else _read_yaml(name, text)


def _read_yaml(name: str, text: str) -> Source:
    if len(text) > _LENGTH_MAX:
        return _useless(name, "is larger than 1 MiB, which no configuration needs to be")
    from handler.settings.yaml_text import parse_yaml  # noqa: PLC0415 - variables do without YAML

    tree, mistakes = parse_yaml(text)
    if isinstance(tree, dict):
        return Source(name, tree, mistakes, text=text)
    return Source(name, None, mistakes or [Mistake((), "has no keys in it")], text=text)


def _overlap(path: Path, other: Path) -> bool:
    return all(part == other_part for part, other_part in zip(path, other, strict=False))
