"""Where a configuration comes from: a YAML text, or variables that configure one change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from itertools import count
from typing import Any, Final, NamedTuple

from handler.settings.tree import Lookup, Mistake, Path, Tree, dotted, variables_in

CONFIG_VARIABLE: Final = "HEADWAY_CONFIG"

VARIABLES: Final[Mapping[str, Path]] = {
    "HEADWAY_REGION": ("huaweicloud", "region"),
    "HEADWAY_PROJECT_ID": ("huaweicloud", "project_id"),
    "HEADWAY_ENDPOINT": ("huaweicloud", "endpoint"),
    "HEADWAY_STATE": ("state",),
    "HEADWAY_INSTANCE_ID": ("watches", 0, "instance_id"),
    "HEADWAY_TASK_ID": ("watches", 0, "task_id"),
    "HEADWAY_NAME": ("watches", 0, "name"),
    "HEADWAY_DISCOVER": ("discover",),
    "HEADWAY_CHANNELS": ("channels",),
    "HEADWAY_LANGUAGE": ("language",),
    "HEADWAY_TIMEZONE": ("timezone",),
    "HEADWAY_STATUS_PAGE": ("links", "status_page"),
    "HEADWAY_HTTP_TOKEN": ("http", "token"),
    "HEADWAY_HEARTBEAT": ("heartbeat", "url"),
}
"""Each with the key that it stands for."""

_PATTERN: Final = re.compile(r"[,*?[]")
_NAMED_LINE: Final = re.compile(r"([a-z0-9_-]+)=(.*)")
_ADDRESS: Final = re.compile("(?:s3|obs)://.*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")

ReadFile = Callable[[str], "str | None"]
"""Reads a file by its path, or an object by its address; None if there is none there.

An OSError or a UnicodeDecodeError says that it cannot be read, a LookupError why.
"""


class Source(NamedTuple):
    """A configuration as it was found: what people call its place, its tree, and what is wrong with it.

    There is no tree where that is all there is to say.
    """

    name: str
    tree: Tree
    mistakes: list[Mistake]
    is_variables: bool = False

    def describe(self, mistake: Mistake) -> str:
        """Say what is wrong in one line, and where, in the words of who wrote it."""
        place = dotted(mistake.path) or self.name
        if self.is_variables and mistake.path:
            variables = (name for name, path in VARIABLES.items() if _overlap(path, mistake.path))
            place = next((f"{name} ({place})" for name in variables), place)
        return f"{place}: {mistake.reason}."


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
        return _read_variables(variables)
    return _useless(
        _file_name(default_path),
        f"is not there; put it beside the code, name a file in {CONFIG_VARIABLE}, or set"
        " HEADWAY_REGION, HEADWAY_PROJECT_ID, HEADWAY_INSTANCE_ID, HEADWAY_TASK_ID and HEADWAY_CHANNELS",
    )


def _alone(source: Source, variables: Collection[str]) -> Source:
    """Refuse a text beside variables that it takes no value from: one of the two would be ignored."""
    # Of a text that cannot be read nobody knows what it takes.
    if source.tree is None or not variables:
        return source
    taken = variables_in(source.tree)
    others = ", ".join(name for name in variables if name not in taken)
    reason = f"stands beside {others}; keep the one or the others (a file takes a value as ${{NAME}})"
    return _useless(source.name, reason) if others else source


def _useless(name: str, reason: str) -> Source:
    return Source(name, None, [Mistake((), reason)])


def _find_yaml(lookup: Lookup, read_file: ReadFile, default_path: str) -> Source | None:
    config = lookup(CONFIG_VARIABLE)
    if not config:
        return _read_yaml_file(_file_name(default_path), default_path, read_file)
    place = place_in(config)
    if place is None:
        return _read_yaml(CONFIG_VARIABLE, config)
    source = _read_yaml_file(CONFIG_VARIABLE, place, read_file)
    what = "an object" if is_address(place) else "a file"
    return source or _useless(CONFIG_VARIABLE, f"names {what} that is not there")


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _read_yaml_file(name: str, path: str, read_file: ReadFile) -> Source | None:
    try:
        text = read_file(path)
    except (OSError, UnicodeDecodeError):
        return _useless(name, "cannot be read as a text file")
    except LookupError as error:
        return _useless(name, str(error))
    return None if text is None else _read_yaml(name, text)


def _read_yaml(name: str, text: str) -> Source:
    from handler.settings.yaml_text import parse_yaml  # noqa: PLC0415 - variables do without YAML

    tree, mistakes = parse_yaml(text)
    if not isinstance(tree, dict):
        return Source(name, None, mistakes or [Mistake((), "has no keys in it")])
    return Source(name, tree, mistakes)


def _read_variables(variables: Mapping[str, str]) -> Source:
    tree: dict[Any, Any] = {}
    for name, text in variables.items():
        *sections, key = VARIABLES[name]
        section = tree
        for part in sections:
            section = section.setdefault(part, {})
        section[key] = text
    channels, mistakes = _read_channels(tree.get("channels", ""))
    discovers = tree.get("discover", "false").strip().lower() != "false"
    watches = tree.get("watches", {} if discovers else {0: {}})
    tree.update(watches=list(watches.values()), channels=channels)
    if "discover" in tree:
        tree["discover"] = _read_discover(tree["discover"])
    return Source("the variables", tree, mistakes, is_variables=True)


def _read_discover(text: str) -> Tree:
    """Read a word, or patterns with commas between them; a single name is most likely a misspelt word."""
    is_word = not _PATTERN.search(text)
    return text.strip() if is_word else [pattern.strip() for pattern in text.split(",") if pattern.strip()]


def _read_channels(text: str) -> tuple[Tree, list[Mistake]]:
    """Read one channel a line: `name=url`, or `url`, which is then called by its scheme."""
    lines = [_split_line(line.strip()) for line in text.splitlines() if line.strip()]
    given = Counter(name for name, _ in lines if name)
    mistakes = [
        Mistake(("channels", name), "stands there twice") for name, times in given.items() if times > 1
    ]
    channels: dict[str, Tree] = {}
    for given_name, url in lines:
        name = given_name or _free_name(url, {*given, *channels})
        if name is None:
            mistakes.append(Mistake(("channels",), "has a line with neither name= nor scheme://"))
        else:
            channels[name] = {"url": url}
    return channels, mistakes


def _split_line(line: str) -> tuple[str | None, str]:
    match = _NAMED_LINE.fullmatch(line)
    return (match[1], match[2].strip()) if match else (None, line)


def _free_name(url: str, taken: Collection[str]) -> str | None:
    scheme, separator, _ = url.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        return None
    word = re.sub(r"[+.]", "-", scheme.lower())
    names = (word if number == 1 else f"{word}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def _overlap(path: Path, other: Path) -> bool:
    return all(part == other_part for part, other_part in zip(path, other, strict=False))
