"""Reads the configuration from where it lies; paths in it are taken from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from handler.settings import Lookup, Settings, SettingsError, read_settings
from handler.settings.sources import CONFIG_VARIABLE, is_address
from handler.stores.port import StateUnavailableError


class UnavailableError(SettingsError):
    """The bucket in which the configuration lies cannot be reached, or refuses."""


class Outside(Protocol):
    """Where a configuration is had from that does not lie on this machine."""

    def read(self, address: str) -> str | None:
        """Read an object in a bucket, see `ReadFile`; may raise a StateUnavailableError."""
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

    def read(path: str) -> str | None:
        return outside.read(path) if is_address(path) else read_file(path)

    try:
        settings = read_settings(lookup, fetch=outside.fetch, read_file=read, default_path=default_path)
    except StateUnavailableError as error:
        raise UnavailableError([str(error)]) from error
    return with_paths_from(config_folder(lookup, default_path), settings)


def config_folder(lookup: Lookup, default_path: str) -> Path:
    """Where the configuration lies; one that is no file stands for the one beside the code."""
    config = lookup(CONFIG_VARIABLE) or default_path
    return Path(default_path if "\n" in config or is_address(config) else config).parent


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
        LookupError: It is no file.
    """
    if is_address(path):
        raise LookupError("names an object in a bucket, which is not read for this; name a file")
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
