"""The configuration: read whole or refused whole, with all its mistakes in one error.

It reads no environment, no file and no clock: the caller hands in the ways to look.
"""

from __future__ import annotations

from handler.settings.channel import ChannelSettings
from handler.settings.examination import examine
from handler.settings.mistakes import SettingsError, explain
from handler.settings.models import AlertSettings, Settings
from handler.settings.secret import Secret
from handler.settings.sources import ReadFile, Source, find_source
from handler.settings.state import FolderState, ObsState, S3State
from handler.settings.tree import Fetch, Lookup, Mistake

__all__ = [
    "AlertSettings",
    "ChannelSettings",
    "Fetch",
    "FolderState",
    "Lookup",
    "ObsState",
    "S3State",
    "Secret",
    "Settings",
    "SettingsError",
    "read_settings",
]


def read_settings(lookup: Lookup, *, fetch: Fetch, read_file: ReadFile, default_path: str) -> Settings:
    """Read the configuration from the one YAML text there is, or else from variables.

    Args:
        lookup: Finds a variable of the platform's by its name.
        fetch: Fetches the values that are kept in AWS; not called where there are none.
        read_file: Reads a file, or an object in a bucket; whatever else it raises is passed on.
        default_path: The file beside the code, which need not be there.

    Raises:
        SettingsError: There is none, or something is wrong with it.
    """
    source = find_source(lookup, read_file, default_path)
    found = examine(source, lookup, fetch)
    if found.settings is None:
        raise SettingsError(_tell(source, found.mistakes))
    return found.settings


def _tell(source: Source, mistakes: list[Mistake]) -> list[str]:
    return [source.describe(explain(mistake)) for mistake in mistakes]
