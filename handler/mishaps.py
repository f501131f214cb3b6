"""What can go wrong with a tick on our own side, as problems for its report."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import Final, NamedTuple

from handler.core.problem import Problem, ProblemKind
from handler.stores.port import Conflict, StateUnavailableError, Unknown

TIME_IS_UP: Final = Problem(
    ProblemKind.TIMEOUT, "Time was up before anything could be saved; the next tick does it.", asked=False
)
UNRECORDED: Final = Problem(
    ProblemKind.STATE_UNAVAILABLE,
    "What was sent could not be recorded before time was up; it may be sent once more.",
)
LOST: Final = Problem(
    ProblemKind.STATE_UNAVAILABLE,
    "What was sent could not be recorded: the ledger was damaged or removed meanwhile.",
)
_CONFLICT: Final = Problem(
    ProblemKind.STATE_CONFLICT, "Another invocation saved this change first; it is left to that one."
)
_UNKNOWN: Final = Problem(
    ProblemKind.STATE_UNAVAILABLE,
    "The store's answer to a save was lost, and reading back did not tell; nothing is sent.",
)


class Crash(NamedTuple):
    """A defect of ours as it may be told: without its text, which may quote a secret."""

    error: str
    where: list[str]


def crash_of(error: Exception) -> Crash:
    """Tell by an exception which defect has shown, and where, from the outside in."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return Crash(type(error).__name__, where)


def unsaved(answer: Conflict | Unknown) -> Problem:
    """Say why a claim cannot be used."""
    return _CONFLICT if isinstance(answer, Conflict) else _UNKNOWN


def caught(error: Exception) -> Problem:
    """Say of an exception what it means for the change: the state is out of reach, or we are at fault."""
    if isinstance(error, StateUnavailableError):
        return Problem(ProblemKind.STATE_UNAVAILABLE, str(error))
    # A defect is named by where it is; its text could hold anything.
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(place.filename).name}, line {place.lineno}"
    message = f"A defect of Headway's own ({type(error).__name__} in {where}); please report it."
    return Problem(ProblemKind.MALFORMED, message, is_defect=True)
