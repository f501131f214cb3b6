"""The script of a simulated change: a YAML file that lists its steps and says what goes wrong.

A whole one, with everything that can be said; all times are seconds at speed 1:

    steps:                      # done one after the other, percent and time left following from them
      - name: pre_check
        seconds: 40             # how long the step takes
      - name: disk_expansion
        seconds: 160
        stalls:                 # optional: after 60 s of it nothing moves for 90 s, then it goes on
          after: 60
          seconds: 90
        fails_after: 120        # optional: after 120 s of it the step fails, and the change with it
    vanishes_after: 300         # optional: 300 s after the start the progress call stops answering

The scripts that come with Headway stand in the folder `scripts` beside this module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec

from handler.settings.tree import dotted
from handler.settings.yaml_text import parse_yaml

_SCRIPTS: Final = Path(__file__).with_name("scripts")
_SECONDS_MAX: Final = 7 * 24 * 3600
_STEPS_MAX: Final = 1000

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=_SECONDS_MAX)]


class Stall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step stands still `after` so much of its work, for so many `seconds`."""

    after: Seconds
    seconds: Seconds


class ScriptedStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: the work that it takes in seconds, and what goes wrong with it."""

    name: Name
    seconds: Seconds
    stalls: Stall | None = None
    fails_after: Seconds | None = None

    def __post_init__(self) -> None:
        """Refuse what could never happen.

        Raises:
            ValueError: A mishap lies behind the end of the step.
        """
        if self.fails_after is not None and self.fails_after > self.seconds:
            raise ValueError("`fails_after` lies behind the end of the step")
        if self.stalls is not None and self.stalls.after >= self.work_seconds:
            raise ValueError("`stalls.after` lies behind the end of the step")

    @property
    def work_seconds(self) -> float:
        """How much of the step's work gets done."""
        return self.seconds if self.fails_after is None else self.fails_after

    @property
    def length_seconds(self) -> float:
        """How long the step takes, standing still included."""
        return self.work_seconds + (self.stalls.seconds if self.stalls else 0)

    def worked_seconds(self, passed_seconds: float) -> float:
        """How much of the work is done when so much time has passed since the step began."""
        if self.stalls is not None:
            moved_on = passed_seconds - self.stalls.seconds
            passed_seconds = max(min(passed_seconds, self.stalls.after), moved_on)
        return min(passed_seconds, self.work_seconds)


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A simulated change from its start to its end."""

    steps: Annotated[tuple[ScriptedStep, ...], msgspec.Meta(min_length=1, max_length=_STEPS_MAX)]
    vanishes_after: Seconds | None = None


def script_names() -> list[str]:
    """The names of the scripts that come with Headway."""
    return sorted(path.stem for path in _SCRIPTS.glob("*.yaml"))


def script_summaries() -> dict[str, str]:
    """What each of them plays, by its name: the comment in its first line, without a full stop."""
    lines = {name: _path_of(name).read_text(encoding="utf-8").partition("\n")[0] for name in script_names()}
    return {name: line.removeprefix("# ").removesuffix(".") for name, line in lines.items()}


def find_script(name_or_path: str) -> Script:
    """Read one of Headway's own scripts by its name, or any other by its path.

    Raises:
        ValueError: There is none, or it is not as it should be; the message names file and key.
    """
    is_ours = name_or_path in script_names()
    path = _path_of(name_or_path) if is_ours else Path(name_or_path)
    return _parse(path, _load(path))


def _path_of(name: str) -> Path:
    return _SCRIPTS / f"{name}.yaml"


def _load(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        names = ", ".join(script_names())
        raise ValueError(f"There is no script {str(path)!r}: take {names}, or the path of a file.") from error
    except OSError as error:
        raise ValueError(f"The script {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"The script {path} is no text.") from error


def _parse(path: Path, text: str) -> Script:
    tree, mistakes = parse_yaml(text)
    if mistakes:
        raise ValueError(f"The script {path}{_at(dotted(mistakes[0].path))} {mistakes[0].reason}.")
    try:
        # Not strict, because all that stands in the tree is text.
        return msgspec.convert(tree, Script, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(_sentence(path, str(error))) from error


def _sentence(path: Path, complaint: str) -> str:
    """Put the key before what msgspec says of it: "Expected `float`, got `str` - at `$.steps[0].seconds`"."""
    wrong, _, place = complaint.partition(" - at `$")
    key = place.strip("`.")
    return f"The script {path}{_at(key)} is not as it should be: {wrong}."


def _at(key: str) -> str:
    return f", at {key}," if key else ""
