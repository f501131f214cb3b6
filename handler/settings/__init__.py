"""The configuration: read whole or refused whole, with all its mistakes in one error.

It reads no environment, no file and no clock: the caller hands in the ways to look.
"""

from __future__ import annotations

from handler.settings.later import drop_truisms
from handler.settings.mistakes import SettingsError, explain
from handler.settings.models import AlertSettings, ChannelSettings, Settings, WatchSettings
from handler.settings.secret import Secret
from handler.settings.section import read_section
from handler.settings.sources import ReadFile, find_source
from handler.settings.state import FolderState, ObsState, S3State
from handler.settings.tree import Fetch, Lookup, Mistake, Path, Tree, fill

__all__ = [
    "AlertSettings",
    "ChannelSettings",
    "Fetch",
    "FolderState",
    "Lookup",
    "ObsState",
    "ReadFile",
    "S3State",
    "Secret",
    "Settings",
    "SettingsError",
    "WatchSettings",
    "read_settings",
]


def read_settings(lookup: Lookup, *, fetch: Fetch, read_file: ReadFile, default_path: str) -> Settings:
    """Read the configuration from the one YAML text there is, or else from variables.

    Args:
        lookup: Finds a variable of the platform's by its name.
        fetch: Fetches a value that is kept in AWS.
        read_file: Reads a file; None if there is none.
        default_path: The file beside the code, which need not be there.

    Raises:
        SettingsError: There is none, or something is wrong with it.
    """
    source = find_source(lookup, read_file, default_path)
    if source.tree is None:
        raise SettingsError(map(source.describe, source.mistakes))
    tree, unfilled = fill(source.tree, lookup, fetch)
    mistakes = [*source.mistakes, *unfilled]
    settings = read_section(Settings, _whole(drop_truisms(tree)), (), "", mistakes)
    if settings is None or mistakes:
        raise SettingsError(map(source.describe, map(explain, _first_of_each_path(mistakes))))
    return settings


def _whole(tree: Tree) -> Tree:
    """Without the one section that has to be there, what is missing would be the section, not its keys."""
    return {"huaweicloud": {}, **tree} if isinstance(tree, dict) else tree


def _first_of_each_path(mistakes: list[Mistake]) -> list[Mistake]:
    """A text that could not be filled is not also blamed for what it then looks like."""
    firsts: dict[Path, Mistake] = {}
    for mistake in mistakes:
        firsts.setdefault(mistake.path, mistake)
    return list(firsts.values())
