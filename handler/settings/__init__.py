"""The configuration: read whole or refused whole, with all its mistakes in one error.

It reads no environment, no file and no clock: the caller hands in the ways to look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from handler.settings.channel import ChannelSettings
from handler.settings.mistakes import SettingsError, explain
from handler.settings.models import AlertSettings, Settings, WatchSettings
from handler.settings.secret import Secret
from handler.settings.section import UNKNOWN, each_field, read_section
from handler.settings.sources import ReadFile, Source, find_source
from handler.settings.state import FolderState, ObsState, S3State
from handler.settings.tree import MALFORMED, Fetch, Lookup, Mistake, Path, Tree, fill, kept_in, matches

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
    "find_mistakes",
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
    settings, mistakes, _ = _read(source, lookup, fetch)
    if settings is None or mistakes:
        raise SettingsError(_tell(source, mistakes))
    return settings


def find_mistakes(text: str, name: str) -> list[str]:
    """All that is wrong with the text of a configuration file, as far as it does not come from elsewhere."""
    source = find_source(_nothing, lambda _: text, name)
    _, mistakes, unfilled = _read(source, _nothing, _nothing_kept)
    return _tell(source, _without_open(mistakes, [one for one in unfilled if one.reason != MALFORMED]))


def _read(
    source: Source, lookup: Lookup, fetch: Fetch
) -> tuple[Settings | None, list[Mistake], list[Mistake]]:
    """The settings, all that is wrong, and which of that is about values from elsewhere."""
    if source.tree is None:
        return None, source.mistakes, []
    references = kept_in(source.tree)
    kept = fetch(references) if references else {}
    tree, unfilled = fill(source.tree, lookup, lambda reference: _taken(kept[reference]))
    mistakes = [*source.mistakes, *unfilled]
    settings = read_section(Settings, _whole(tree), (), "", mistakes)
    return settings, mistakes, unfilled


def _tell(source: Source, mistakes: list[Mistake]) -> list[str]:
    return [source.describe(explain(mistake)) for mistake in _first_of_each_path(mistakes)]


def _without_open(mistakes: list[Mistake], unfilled: list[Mistake]) -> list[Mistake]:
    """Leave out what a value from elsewhere may yet mend; no value makes a key known, or is a section."""
    needing = {mistake.path for mistake in unfilled}
    needing |= {path[:-1] for path in needing if isinstance(path[-1], int)}
    sections = {place[:end] for place, _ in each_field(Settings) for end in range(1, len(place))}
    return [
        mistake
        for mistake in mistakes
        if mistake not in unfilled
        and (
            mistake.path not in needing
            or mistake.reason in {UNKNOWN, MALFORMED}
            or any(matches(place, mistake.path) for place in sections)
        )
    ]


def _nothing(name: str) -> None:  # noqa: ARG001 - a `Lookup`
    return None


def _nothing_kept(references: Collection[str]) -> Mapping[str, LookupError]:
    return {reference: LookupError(f"needs {reference}") for reference in references}


def _taken(value: str | LookupError) -> str:
    if isinstance(value, LookupError):
        raise value
    return value


def _whole(tree: Tree) -> Tree:
    """Without the one section that has to be there, what is missing would be the section, not its keys.

    What is discovered, or registered over HTTP, need not be watched besides.
    """
    if not isinstance(tree, dict):
        return tree
    discovers = str(tree.get("discover", False)).lower() != "false"
    http = tree.get("http")
    has_token = isinstance(http, dict) and "token" in http
    return {"huaweicloud": {}, **({"watches": []} if discovers or has_token else {}), **tree}


def _first_of_each_path(mistakes: list[Mistake]) -> list[Mistake]:
    """A text that could not be filled is not also blamed for what it then looks like."""
    firsts: dict[Path, Mistake] = {}
    for mistake in mistakes:
        firsts.setdefault(mistake.path, mistake)
    return list(firsts.values())
