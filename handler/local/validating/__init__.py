"""Finds all that is wrong or odd in a configuration, offline: no bucket, no vault and no service is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from pathlib import Path as FilePath

from handler.configuration import config_folder, reader
from handler.local.configuration import Configuration
from handler.local.validating.deafness import find_deaf_channels
from handler.local.validating.doubts import find_doubts
from handler.local.validating.draft import Draft
from handler.local.validating.echoes import is_echo, without_echoes
from handler.local.validating.result import PlacedMistake, Review
from handler.local.validating.secrecy import find_bare_secrets
from handler.local.validating.strays import find_stray_variables
from handler.local.validating.summary import summarise
from handler.settings.examination import examine
from handler.settings.lines import find_marks, nearest_mark
from handler.settings.mistakes import explain
from handler.settings.sources import CONFIG_VARIABLE, Source, find_source
from handler.settings.tree import Lookup, Mark, Mistake, Path, dotted
from handler.settings.variables import CHANNELS_VARIABLE, channel_marks


class OfflineError(Exception):
    """The configuration lies where it is not looked for; the text is a sentence."""


def review(configuration: Configuration) -> Review:
    """Look at the configuration that a command would run with.

    Raises:
        OfflineError: It lies in a bucket.
    """
    source = find_source(configuration.lookup, reader(_Offline()), configuration.path)
    folder = config_folder(configuration.lookup, configuration.path)
    return _review(source, configuration, folder)


def review_file(path: FilePath) -> Review:
    """Look at a file by itself, of which all values from elsewhere are set where it will be used."""
    return review(Configuration({}, str(path)))


class _Offline:
    """Nothing outside of this machine."""

    def read(self, address: str) -> str | None:  # noqa: ARG002 - an `Outside`
        raise OfflineError(
            f"{CONFIG_VARIABLE} names an object in a bucket, and no bucket is asked here:"
            " give a copy of it, as `headway validate FILE`."
        )

    def fetch(self, references: Collection[str]) -> Mapping[str, LookupError]:
        return {reference: LookupError(f"needs {reference}") for reference in references}


def _review(source: Source, configuration: Configuration, folder: FilePath) -> Review:
    lookup = configuration.lookup
    examined = examine(source, lookup, _Offline().fetch)
    mistakes = without_echoes([explain(mistake) for mistake in examined.certain_mistakes()], source.tree)
    strays = tuple(find_stray_variables(configuration.environ, source.tree))
    name, marks = source.path or source.name, _marks_in(source, lookup)
    if source.tree is None:
        return Review(name, _placed(source, mistakes, marks), strays, (), "")
    draft = Draft(source, examined, mistakes, lookup)
    mistakes = _with_urls(mistakes, draft)
    doubts = chain(find_deaf_channels(draft, folder), find_doubts(draft), find_bare_secrets(draft))
    remarks = [doubt for doubt in doubts if not is_echo(doubt, mistakes)]
    return Review(
        name=name,
        mistakes=_placed(source, mistakes, marks),
        remarks=(*strays, *_placed(source, remarks, marks)),
        elsewhere=tuple(sorted({mistake.needs for mistake in examined.missing})),
        summary=summarise(draft),
    )


def _with_urls(mistakes: list[Mistake], draft: Draft) -> list[Mistake]:
    """Add what the services behind the channels say of their URLs."""
    if draft.written("channels") is None:
        return mistakes
    from handler.local.validating.urls import (  # noqa: PLC0415 - apprise takes long to import
        find_url_mistakes,
        with_form,
    )

    return [*(with_form(mistake, draft) for mistake in mistakes), *find_url_mistakes(draft)]


def _marks_in(source: Source, lookup: Lookup) -> Mapping[Path, Mark]:
    """Where everything stands, in the text or, of channels, in their variable."""
    if source.is_variables:
        return channel_marks(lookup(CHANNELS_VARIABLE) or "")
    return find_marks(source.text) if source.tree is not None and source.text is not None else {}


def _placed(
    source: Source, mistakes: Iterable[Mistake], marks: Mapping[Path, Mark]
) -> tuple[PlacedMistake, ...]:
    """Say of each where it stands, in the order of the text."""
    found = [_place(source, mistake, marks) for mistake in mistakes]
    return tuple(sorted(found, key=lambda each: each.rank))


def _place(source: Source, mistake: Mistake, marks: Mapping[Path, Mark]) -> PlacedMistake:
    mark = mistake.mark or (nearest_mark(marks, mistake.path) if mistake.path else None)
    return PlacedMistake(
        mistake,
        dotted(mistake.path),
        file=None if source.is_variables else source.path or source.name,
        line=mark.line if mark else None,
        column=mark.column if mark else None,
        variable=source.variable_of(mistake.path),
    )
