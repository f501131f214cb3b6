"""Variables that look like Headway's own, and that nothing takes a value from: most likely misspelt ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from handler.local.validating.result import PlacedMistake
from handler.settings.sources import CONFIG_VARIABLE
from handler.settings.spelling import nearest
from handler.settings.tree import Mistake, Tree, variables_in
from handler.settings.variables import VARIABLES

_PREFIX: Final = "HEADWAY_"


def find_stray_variables(names: Iterable[str], tree: Tree) -> Iterator[PlacedMistake]:
    """Find them among all variables that are set; what the configuration takes a value from is none."""
    known = {*VARIABLES, CONFIG_VARIABLE}
    for name in sorted({*names} - known - variables_in(tree)):
        if name.startswith(_PREFIX):
            close = nearest(name.removeprefix(_PREFIX), [each.removeprefix(_PREFIX) for each in known])
            meant = (f"{_PREFIX}{close}",) if close else ()
            yield PlacedMistake(
                Mistake((), "is no variable that Headway knows", "", meant), "", variable=name
            )
