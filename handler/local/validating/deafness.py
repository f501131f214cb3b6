"""Whether anybody hears of anything: channels that there are not, or that let nothing through."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path as FilePath

from handler.local.validating.draft import Draft
from handler.settings.tree import Mistake
from notifiers.alerts import Kind
from notifiers.schemas import schema_of


def find_deaf_channels(draft: Draft, folder: FilePath) -> Iterator[Mistake]:
    """Find channels that hear less than they were meant to; `folder` is where paths begin."""
    if not draft.sections("channels"):
        yield Mistake(("channels",), "are none, so nobody is told of anything", "at least one")
    names = _names_of_changes(draft)
    urls = dict(draft.texts("channels", "*", "url"))
    for name, channel in draft.channels():
        path = ("channels", name)
        heard = {kind for kind in channel.alerts - {Kind.REMINDER} if channel.is_grave(kind)}
        if not heard:
            yield Mistake(path, "hears of nothing", "alerts that its min_severity lets through")
        elif names is not None and channel.changes and not _fits_any(channel.changes, names):
            yield Mistake((*path, "changes"), "fits none of the changes that are followed", "one that does")
        elif schema_of(urls.get((*path, "url"), "")) == "pagerduty" and Kind.COMPLETED not in heard:
            yield Mistake(
                path,
                "never hears that a change is completed, so its incidents stay open",
                "no min_severity, and alerts such as [trouble, end]",
            )
        if channel.templates and not (folder / channel.templates).is_dir():
            yield Mistake(
                (*path, "templates"), "names a folder that is not there", "one beside the configuration"
            )


def _names_of_changes(draft: Draft) -> list[str] | None:
    """What all the changes are called; None where there may be others, or one with an unknown name."""
    watches, http = draft.written("watches"), draft.written("http")
    discover = str(draft.written("discover") or "false").lower()
    is_closed = discover == "false" and not (isinstance(http, dict) and "token" in http)
    if not is_closed or not isinstance(watches, list):
        return None
    names: list[str] = []
    for watch in watches:
        if not isinstance(watch, dict) or not {"instance_id", "task_id"} <= watch.keys():
            return None
        change = f"{watch['instance_id']}/{watch['task_id']}"
        names += [change, str(watch.get("name", change))]
    return None if any("${" in name for name in names) or not names else names


def _fits_any(patterns: tuple[str, ...], names: list[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for name in names for pattern in patterns)
