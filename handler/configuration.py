"""Reads the configuration from where it lies; paths in it are taken from there."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from handler.settings import Fetch, Lookup, Settings, read_settings
from handler.settings.sources import CONFIG_VARIABLE


def read_configuration(lookup: Lookup, fetch: Fetch, default_path: str) -> Settings:
    """Read the whole configuration.

    Args:
        lookup: Finds a variable of the platform's by its name.
        fetch: Fetches a value that is kept in AWS.
        default_path: The file beside the code, which need not be there.

    Raises:
        SettingsError: There is none, or something is wrong with it.
    """
    settings = read_settings(lookup, fetch=fetch, read_file=read_file, default_path=default_path)
    return with_paths_from(config_folder(lookup, default_path), settings)


def config_folder(lookup: Lookup, default_path: str) -> Path:
    """Where the configuration lies; one that is no file stands for the one beside the code."""
    config = lookup(CONFIG_VARIABLE) or default_path
    return Path(default_path if "\n" in config else config).parent


def with_paths_from(folder: Path, settings: Settings) -> Settings:
    """Take relative paths of templates from a folder on."""
    channels = {
        name: replace(channel, templates=str(folder / channel.templates)) if channel.templates else channel
        for name, channel in settings.channels.items()
    }
    return replace(settings, channels=channels)


def read_file(path: str) -> str | None:
    """Read a file of text; None if there is none.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
