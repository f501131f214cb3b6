"""What can be in a command's way, told as an error that ends it: whose matter it is, and in which word."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from handler.configuration import UnavailableError
from handler.core.problem import ProblemKind
from handler.credentials import ConfigurationError
from handler.local.exits import USAGE, CommandError, ExitCode
from handler.outcome import Outcome
from handler.registry import RegistryError
from handler.settings import SettingsError
from handler.settings.sources import CONFIG_FILE, CONFIG_VARIABLE, is_address, place_in
from handler.stores.port import StateUnavailableError
from handler.trial import TrialError, UnknownChannelError

CONFLICT: Final = "conflict"
"""The kind of an error where what was wanted cannot be done as things stand, as over HTTP."""

_LACKING: Final = re.compile(r": needs (?:the variable |ssm:|secret:)")


@contextmanager
def failures_told() -> Iterator[None]:
    """End the command with a sentence where something is in the way."""
    try:
        yield
    except (UnavailableError, StateUnavailableError) as error:
        raise CommandError(str(error), ProblemKind.STATE_UNAVAILABLE.value) from error
    except RegistryError as error:
        raise CommandError(str(error), CONFLICT) from error
    except UnknownChannelError as error:
        raise CommandError(str(error), USAGE, ExitCode.WRONG_USAGE) from error
    except SettingsError as error:
        said = "\n".join(filter(None, [str(error), lead_on(str(error))]))
        raise CommandError(said, ProblemKind.MISCONFIGURED.value, ExitCode.WRONG_USAGE) from error
    except (ConfigurationError, TrialError) as error:
        raise CommandError(str(error), ProblemKind.MISCONFIGURED.value, ExitCode.WRONG_USAGE) from error


def lead_on(said: str) -> str | None:
    """Say where more is told of the configuration that the command which runs now cannot use, if anywhere.

    Args:
        said: What was said of it. Of values that are not there alone nothing more is told.
    """
    try:
        # Not public: another version may have it elsewhere, and nothing but this hint hangs on it.
        from typer._click.globals import get_current_context  # noqa: PLC0415
    except ImportError:
        return None
    context = get_current_context(silent=True)
    if context is None or all(map(_LACKING.search, said.splitlines()[1:])):
        return None
    # Who has an instance watched has that done by variables alone.
    reads_file = context.info_name != "watch" or not context.params.get("instance")
    return lines_named_by(context.params.get("config"), os.environ) if reads_file else None


def lead_on_from(outcome: Outcome) -> str | None:
    """Say the same after a look for which the configuration could not be read."""
    error = outcome.report["error"]
    is_mistaken = error is not None and error["kind"] == ProblemKind.MISCONFIGURED.value
    return lead_on(error["message"]) if is_mistaken and outcome.channels is None else None


def lines_named_by(config: str | Path | None, environ: Mapping[str, str]) -> str | None:
    """Say which command names all mistakes, for the others stop at those that keep them from reading on.

    Args:
        config: The file that was named; None leaves it to the variable, or the file in this folder.
        environ: Where that variable is.

    Returns:
        A sentence; None where no text is on this machine that it could look at.
    """
    text = None if config else environ.get(CONFIG_VARIABLE)
    place = place_in(text) if text else str(config or CONFIG_FILE)
    if place is not None and (is_address(place) or not Path(place).exists()):
        return None
    named = f" {shlex.quote(str(config))}" if config else ""
    return f"`headway validate{named}` names every mistake with its line."
