"""Finds all that is wrong or odd in a configuration, offline: no bucket, no vault and no service is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from pathlib import Path as FilePath

from handler.configuration import config_folder, reader
from handler.local.configuration import Configuration
from handler.local.validating.doubts import find_doubts
from handler.local.validating.draft import Draft
from handler.local.validating.finding import Finding, Review
from handler.local.validating.hearing import find_deaf_channels
from handler.local.validating.secrecy import find_bare_secrets
from handler.local.validating.summary import summarise
from handler.settings.examination import examine
from handler.settings.lines import find_marks, nearest_mark
from handler.settings.mistakes import explain
from handler.settings.section import MISSING
from handler.settings.sources import CONFIG_VARIABLE, Source, find_source
from handler.settings.tree import Lookup, Mark, Mistake, Path, dotted


class OfflineError(Exception):
    """The configuration lies where it is not looked for; the text is a sentence."""


def review(configuration: Configuration) -> Review:
    """Look at the configuration that a command would run with.

    Raises:
        OfflineError: It lies in a bucket.
    """

    def lookup(name: str) -> str | None:
        return configuration.environ.get(name) or None

    source = find_source(lookup, reader(_Offline()), configuration.path)
    folder = config_folder(lookup, configuration.path)
    return _review(source, lookup, folder)


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


def _review(source: Source, lookup: Lookup, folder: FilePath) -> Review:
    examined = examine(source, lookup, _Offline().fetch)
    mistakes = _without_misspelt([explain(mistake) for mistake in examined.certain_mistakes()])
    if source.tree is None:
        return Review(source.path or source.name, _placed(source, mistakes), (), (), "")
    draft = Draft(source, examined, mistakes, lookup)
    mistakes += _url_mistakes(draft)
    wrong = {mistake.path for mistake in mistakes}
    doubts = chain(find_deaf_channels(draft, folder), find_doubts(draft), find_bare_secrets(draft))
    return Review(
        name=source.path or source.name,
        mistakes=_placed(source, mistakes),
        remarks=_placed(source, [doubt for doubt in doubts if doubt.path not in wrong]),
        elsewhere=tuple(sorted({mistake.needs for mistake in examined.missing})),
        summary=summarise(draft),
    )


def _without_misspelt(mistakes: list[Mistake]) -> list[Mistake]:
    """Leave out what is missing only because its key, or that of its section, is misspelt."""
    meant = {(*mistake.path[:-1], word) for mistake in mistakes for word in mistake.meant}
    return [
        mistake
        for mistake in mistakes
        if mistake.problem != MISSING
        or not any(mistake.path[:end] in meant for end in range(1, len(mistake.path) + 1))
    ]


def _url_mistakes(draft: Draft) -> list[Mistake]:
    if not [*draft.texts("channels", "*", "url")]:
        return []
    from handler.local.validating.urls import find_url_mistakes  # noqa: PLC0415 - apprise takes long to import

    return [*find_url_mistakes(draft)]


def _placed(source: Source, mistakes: Iterable[Mistake]) -> tuple[Finding, ...]:
    """Say of each where it stands, in the order of the text."""
    marks: Mapping[Path, Mark] = {}
    if source.tree is not None and source.text is not None:
        marks = find_marks(source.text)
    found = [_place(source, mistake, marks) for mistake in mistakes]
    return tuple(sorted(found, key=lambda each: each.line or 0))


def _place(source: Source, mistake: Mistake, marks: Mapping[Path, Mark]) -> Finding:
    mark = mistake.mark or (nearest_mark(marks, mistake.path) if mistake.path else None)
    return Finding(
        mistake,
        dotted(mistake.path),
        file=None if source.is_variables else source.path or source.name,
        line=mark.line if mark else None,
        column=mark.column if mark else None,
        variable=source.variable_of(mistake.path),
    )
