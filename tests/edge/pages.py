"""The pages of this repository: every README, where its links lead, and the commands that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_FOLDERS: Final = ("handler", "infra", "notifiers", "tests")
_FENCED: Final = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\((?!https?:)([^)\s]+)\)|<img src=\"(?!https?:)([^\"]+)\"")
_COMMENT: Final = re.compile(r"\s+# .*$")
_GOES_ON: Final = ("\\", "&&", "|")


@cache
def pages() -> dict[str, str]:
    """The text of each page, by its path."""
    found = [REPOSITORY / "README.md", *(path for top in _FOLDERS for path in _below(REPOSITORY / top))]
    return {path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8") for path in found}


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, without the indentation of the list that they stand in."""
    found = [match.groups() for match in _FENCED.finditer(text)]
    return [
        re.sub(rf"^ {{{len(indent)}}}", "", block, flags=re.MULTILINE)
        for indent, named, block in found
        if named == language
    ]


def links(page: str) -> Iterator[tuple[str, str]]:
    """Where a page leads within the repository: a path from its top, and an anchor there, if any."""
    bare = _FENCED.sub("", pages()[page])
    for one in _LINK.finditer(bare):
        path, _, anchor = (one[1] or one[2]).partition("#")
        target = (REPOSITORY / page).parent.joinpath(path).resolve() if path else REPOSITORY / page
        yield target.relative_to(REPOSITORY).as_posix(), anchor


def anchors(page: str) -> set[str]:
    """What the headings of a page are reached by, as GitHub names them."""
    bare = _FENCED.sub("", pages()[page])
    headings = re.findall(r"^#+ (.+)$", bare, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: str) -> list[str]:
    """Each command in a page's `sh` blocks, as it is typed, without comments; some take several lines."""
    return [command for block in blocks(pages()[page], "sh") for command in _commands(block)]


def _commands(block: str) -> Iterator[str]:
    begun: list[str] = []
    for line in block.splitlines():
        bare = _COMMENT.sub("", line).rstrip()
        if not bare:
            continue
        begun.append(bare)
        is_loop = begun[0].startswith("for ") and not any(each.startswith("done") for each in begun)
        if not bare.endswith(_GOES_ON) and not is_loop:
            yield "\n".join(begun)
            begun = []
    assert not begun, begun


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("README.md")):
        if not any(part.startswith(".") for part in path.relative_to(REPOSITORY).parts):
            yield path
