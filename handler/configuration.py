"""Reads the configuration from where it lies; paths in it are taken from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from handler.settings import Lookup, Settings, SettingsError, read_settings
from handler.settings.sources import CONFIG_VARIABLE, ReadFile, is_address, place_in


class UnavailableError(SettingsError):
    """The bucket in which the configuration lies cannot be reached, or refuses."""


class Outside(Protocol):
    """Where a configuration is had from that does not lie on this machine."""

    def read(self, address: str) -> str | None:
        """Read an object in a bucket, see `ReadFile`; may raise an UnavailableError."""
        ...

    def fetch(self, references: Collection[str]) -> Mapping[str, str | LookupError]:
        """Fetch values kept in AWS; see `Fetch`."""
        ...


def read_configuration(lookup: Lookup, outside: Outside, default_path: str) -> Settings:
    """Read the whole configuration.

    Args:
        lookup: Finds a variable of the platform's by its name.
        outside: Reads what does not lie on this machine.
        default_path: The file beside the code, which need not be there.

    Raises:
        SettingsError: There is none, or something is wrong with it.
        UnavailableError: It cannot be read now, or not by us.
    """
    settings = read_settings(
        lookup, fetch=outside.fetch, read_file=reader(outside), default_path=default_path
    )
    return with_paths_from(config_folder(lookup, default_path), settings)


def reader(outside: Outside) -> ReadFile:
    """What reads a configuration, be it a file or an object in a bucket."""
    return lambda place: outside.read(place) if is_address(place) else _read_file(place)


def config_folder(lookup: Lookup, default_path: str) -> Path:
    """Where the configuration lies; one that is no file stands for the one beside the code."""
    config = lookup(CONFIG_VARIABLE)
    place = place_in(config) if config else default_path
    return Path(default_path if place is None or is_address(place) else place).parent


def with_paths_from(folder: Path, settings: Settings) -> Settings:
    """Take relative paths of templates from a folder on."""
    channels = {
        name: replace(channel, templates=str(folder / channel.templates)) if channel.templates else channel
        for name, channel in settings.channels.items()
    }
    return replace(settings, channels=channels)


def _read_file(path: str) -> str | None:
    """Read a file of text; None if there is none.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
