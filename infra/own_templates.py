"""The templates of one's own for messages, which a configuration names and which are shipped beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from handler.settings.yaml_text import parse_yaml
from infra.targets import PackagingError

SUFFIX: Final = ".j2"


def read_templates(config: Path, content: bytes, reserved: frozenset[str]) -> dict[str, bytes]:
    """Read the templates in the folders that a configuration's channels name, by their path in the zip.

    A folder with an absolute path is left out: it lies in a mounted file system, where the function finds it.

    Args:
        config: Where the configuration lies; the folders are beside it.
        content: What it says, which has been found usable.
        reserved: Names that no folder may have, because others have them.

    Raises:
        PackagingError: A folder is not there, lies elsewhere, or cannot be read.
    """
    found: dict[str, bytes] = {}
    for channel, folder in _folders(content):
        place = f"{config}: channels.{channel}.templates"
        for path in _list_files(_find_folder(config, folder, reserved, place), place):
            found[path.relative_to(config.parent).as_posix()] = _read(path, place)
    return found


def _find_folder(config: Path, folder: str, reserved: frozenset[str], place: str) -> Path:
    """The folder, which lies below the configuration's own without any link on the way."""
    if "${" in folder:
        raise PackagingError(f"{place} is a variable's value; the folder to ship has to be written out.")
    parts = PurePosixPath(folder).parts
    if not parts or ".." in parts or parts[0] in reserved:
        raise PackagingError(f"{place} has to be a folder beside the configuration, of a name of its own.")
    top = config.parent / folder
    if not top.is_dir():
        raise PackagingError(f"{place} names a folder that is not there.")
    if top.resolve() != config.parent.resolve().joinpath(*parts):
        raise PackagingError(f"{place} names a link, or a folder below one, which may lead anywhere.")
    return top


def _list_files(top: Path, place: str) -> Iterator[Path]:
    """The templates below a folder; whatever else lies there is no link, either."""
    for path in sorted(top.rglob("*")):
        if path.is_symlink():
            raise PackagingError(f"{place} holds {path.name}, a link, which may lead anywhere.")
        if path.suffix == SUFFIX and not path.is_dir():
            yield path


def add_templates(templates: Mapping[str, bytes], folder: Path) -> None:
    """Put templates into the folder that becomes the zip.

    Raises:
        PackagingError: What they lie in has the name of something that is in there already.
    """
    taken = {path.name.casefold() for path in folder.iterdir()}
    for name in templates:
        top, _, _ = name.partition("/")
        if top.casefold() in taken:
            raise PackagingError(f"The zip has a {top} of its own: call the folder of {name} something else.")
    for name, content in templates.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _folders(content: bytes) -> Iterator[tuple[str, str]]:
    tree, _ = parse_yaml(content.decode())
    channels = tree.get("channels") if isinstance(tree, dict) else None
    for name, channel in channels.items() if isinstance(channels, dict) else ():
        folder = channel.get("templates") if isinstance(channel, dict) else None
        if isinstance(folder, str) and not folder.startswith("/"):
            yield str(name), folder


def _read(path: Path, place: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackagingError(f"{place} holds {path.name}, which cannot be read: {error.strerror}.") from error
