"""What keeps a text from being YAML, in words for whoever wrote it; none of them repeats the text."""

from __future__ import annotations

import re
from typing import Final

import yaml

from handler.settings.tree import Mark, Mistake
from handler.settings.yaml_text import mark_of

_QUOTES: Final = "which wants quotes around it"

_WORDS: Final = (
    (r"found character '\\t'", "a tab, and YAML indents by spaces alone"),
    (r"found character '", f"a value that begins with a character of YAML's own, {_QUOTES}"),
    (r"undefined alias|scanning an (alias|anchor)", f"a value that begins with * or &, {_QUOTES}"),
    (r"(?#begin)scanning a directive", f"a line that begins with %, {_QUOTES}"),
    (r"parsing a tag|scanning a tag|tag handle", f"a value that begins with !, {_QUOTES}"),
    (r"flow (mapping|sequence), .*got '\{'", f"a ${{…}} between brackets, {_QUOTES}"),
    (r"(?#begin)flow sequence, ", "a [ that no ] closes, or a comma is missing after it"),
    (r"(?#begin)flow mapping, ", "a { that no } closes, or a comma is missing after it"),
    (r"flow node, .*<stream end>", "a [ or { that is never closed"),
    (r"(?#begin)unexpected end of stream", "a quote that is never closed"),
    (r"double-quoted scalar", "a \\ between double quotes; single quotes would take it as it is"),
    (r"(?#begin)could not find expected ':'", "a line that has no colon after a key"),
    (
        r"mapping values are not allowed",
        "a colon where none may be, from wrong indentation or missing quotes",
    ),
    (r"expected a single document", "a second document after a ---; only one is read"),
    (r"found '<scalar>'", "something after the end of a value; quotes within quotes are written twice"),
    (r"found '[]}]'", "a ] or } that closes nothing"),
    (r"<block end>|<document start>", "a line that is not indented like those that it belongs to"),
)
"""For each pattern of the parser's own words what to say, the first that fits.

With `begin` in the pattern the place is where it began; the parser found out only later.
"""

_ELSE: Final = "something that cannot stand there, from wrong indentation or missing quotes"


def explain_error(error: yaml.YAMLError, text: str) -> Mistake:
    """Say what the parser did not understand, and where."""
    if isinstance(error, yaml.MarkedYAMLError):
        said = f"{error.context}, {error.problem}"
        fits = ((pattern, words) for pattern, words in _WORDS if re.search(pattern, said))
        pattern, words = next(fits, ("", _ELSE))
        mark = error.context_mark if "(?#begin)" in pattern else error.problem_mark
        return Mistake((), f"is no YAML: there is {words}", mark=mark_of(mark) if mark else None)
    position = error.position if isinstance(error, yaml.reader.ReaderError) else 0
    before = text[:position]
    mark_in_text = Mark(before.count("\n") + 1, position - before.rfind("\n"))
    return Mistake((), "holds a character that YAML does not allow", mark=mark_in_text)
