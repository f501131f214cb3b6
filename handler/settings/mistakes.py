"""What the models find wrong, in sentences that name the key and never the value."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from handler.settings.later import LATER
from handler.settings.models import each_field
from handler.settings.tree import Mistake, Path, matches

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class SettingsError(ValueError):
    """The configuration cannot be used; its text has a line for each mistake."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the lines, which hold no secret."""
        self.lines = tuple(lines)
        super().__init__("\n".join(("The configuration cannot be used.", *self.lines)))


def explain(detail: ErrorDetails) -> Mistake:
    """Say in our words what pydantic found; its own may repeat the value."""
    path, kind = detail["loc"], detail["type"]
    if path[-1] == "[key]":
        return Mistake(path[:-1], "is no name; expected lower-case letters, digits, '-' and '_'")
    if kind == "extra_forbidden":
        return Mistake(path, _explain_unknown(path))
    problem = "is missing" if kind == "missing" else "is not valid"
    if kind == "value_error":
        problem = str(detail["ctx"]["error"])
    return Mistake(path, f"{problem}; expected {_expectation(path)}")


def _explain_unknown(path: Path) -> str:
    if any(matches(place, path) for place in LATER):
        return "is not in this version yet"
    places = (*(place for place, _ in each_field()), *LATER)
    siblings = [place[-1] for place in places if matches(place[:-1], path[:-1])]
    close = get_close_matches(str(path[-1]), siblings, n=1)
    return f"is no key that Headway knows{f'; perhaps {close[0]} was meant' if close else ''}"


def _expectation(path: Path) -> str:
    """What the key expects, or the nearest key around it that we know."""
    descriptions = (field.description for place, field in each_field() if matches(place, path))
    return next((text for text in descriptions if text), None) or _expectation(path[:-1])
