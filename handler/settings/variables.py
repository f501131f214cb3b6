"""Variables that configure one change: each stands for a key, read as if it stood in a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any, Final

from handler.settings.tree import Mark, Mistake, Path, Tree

CHANNELS_VARIABLE: Final = "HEADWAY_CHANNELS"
HEARTBEAT_VARIABLE: Final = "HEADWAY_HEARTBEAT"

VARIABLES: Final[Mapping[str, Path]] = {
    "HEADWAY_REGION": ("huaweicloud", "region"),
    "HEADWAY_PROJECT_ID": ("huaweicloud", "project_id"),
    "HEADWAY_ENDPOINT": ("huaweicloud", "endpoint"),
    "HEADWAY_STATE": ("state",),
    "HEADWAY_INSTANCE_ID": ("watches", 0, "instance_id"),
    "HEADWAY_TASK_ID": ("watches", 0, "task_id"),
    "HEADWAY_NAME": ("watches", 0, "name"),
    "HEADWAY_DISCOVER": ("discover",),
    CHANNELS_VARIABLE: ("channels",),
    "HEADWAY_LANGUAGE": ("language",),
    "HEADWAY_TIMEZONE": ("timezone",),
    "HEADWAY_STATUS_PAGE": ("links", "status_page"),
    "HEADWAY_HTTP_TOKEN": ("http", "token"),
    HEARTBEAT_VARIABLE: ("heartbeat", "url"),
}
"""Each with the key that it stands for."""

_PATTERN: Final = re.compile(r"[,*?[]")
_NAMED_LINE: Final = re.compile(r"([a-z0-9_-]+)=(.*)")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


def read_variables(variables: Mapping[str, str]) -> tuple[Tree, list[Mistake]]:
    """Make a tree of those variables that are set, and say what is wrong with how they are written."""
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
    return tree, mistakes


def _read_discover(text: str) -> Tree:
    """Read a word, or patterns with commas between them; a single name is most likely a misspelt word."""
    is_word = not _PATTERN.search(text)
    return text.strip() if is_word else [pattern.strip() for pattern in text.split(",") if pattern.strip()]


def _read_channels(text: str) -> tuple[Tree, list[Mistake]]:
    """Read one channel a line: `name=url`, or `url`, which is then called by its scheme."""
    channels: dict[str, Tree] = {}
    mistakes: list[Mistake] = []
    for name, url, mark in _channel_lines(text):
        if name is None:
            mistakes.append(Mistake(("channels",), "has a line with neither name= nor scheme://", mark=mark))
        elif name in channels:
            mistakes.append(Mistake(("channels", name), "stands there twice", mark=mark))
        else:
            channels[name] = {"url": url}
    return channels, mistakes


def channel_marks(text: str) -> Mapping[Path, Mark]:
    """Where in the variable each channel stands; one that stands there twice, where it does so last."""
    return {("channels", name): mark for name, _, mark in _channel_lines(text) if name}


def _channel_lines(text: str) -> Iterator[tuple[str | None, str, Mark]]:
    """Name, URL and place of each channel; the name is None where a line has none and no scheme either."""
    lines = [
        (*_split_line(line.strip()), Mark(number, 1)) for number, line in enumerate(text.splitlines(), 1)
    ]
    taken = {name for name, _, _ in lines if name}
    for given_name, url, mark in lines:
        if given_name or url:
            name = given_name or _free_name(url, taken)
            taken |= {name} if name else set()
            yield name, url, mark


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
