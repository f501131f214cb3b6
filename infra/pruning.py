"""What the dependencies bring that a function never reads, and why it can do without.

Licences and METADATA stay: the ones are owed, by the other libraries look up their versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

UNNEEDED: Final = {
    "apprise/i18n/*": "translations of its own error texts, which are logged in English",
    "apprise/assets/*": "icons for desktop notifications",
    "apprise/cli.py": "its command line",
    "apprise/plugins/twitter.py": "cannot work without the distributions that are left out for it",
    "bin/*": "command lines, with this machine's path to Python in their first line",
    "*/tests/*": "tests of the libraries",
    "*.pyi": "for type checkers",
    "*.pyx": "source of what is compiled already",
    "*.pxd": "source of what is compiled already",
    "*.c": "source of what is compiled already",
    "*.pyc": "compiled by whom? ours are made last, by the target's Python",
    "*.dist-info/RECORD": "for uninstalling",
    "*.dist-info/INSTALLER": "for uninstalling",
    "*.dist-info/REQUESTED": "for uninstalling",
    "*.dist-info/direct_url.json": "says where this machine had it from",
    "*.dist-info/uv_cache.json": "says when this machine had it",
    ".lock": "uv's own lock",
    "yaml/_yaml*.so": "the quick parser; configuration is small, and read by the other one",
    "charset_normalizer/*.so": "compiled twins of modules that are there as .py; they only guess encodings",
}
"""Each pattern of paths, with why; `*` also stands for slashes."""

UNNEEDED_DISTRIBUTIONS: Final = {
    "click": "apprise's command line",
    "oauthlib": "only apprise's service for Twitter",
    "requests_oauthlib": "only apprise's service for Twitter",
}
"""Each distribution, as its dist-info folder spells it, with who would need it."""


def prune(folder: Path, owners: Mapping[str, list[str]]) -> None:
    """Delete what is unneeded from a folder, given which distributions brought each of its files."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name = path.relative_to(folder).as_posix()
        is_dropped = not UNNEEDED_DISTRIBUTIONS.keys().isdisjoint(owners.get(name, ()))
        if is_dropped or any(fnmatchcase(name, pattern) for pattern in UNNEEDED):
            path.unlink()
