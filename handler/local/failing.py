"""What can be in a command's way, told as an error that ends it: whose matter it is, and in which word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from handler.configuration import UnavailableError
from handler.core.problem import ProblemKind
from handler.credentials import ConfigurationError
from handler.local.exits import USAGE, CommandError, ExitCode
from handler.registry import RegistryError
from handler.settings import SettingsError
from handler.stores.port import StateUnavailableError
from handler.trial import TrialError, UnknownChannelError

CONFLICT: Final = "conflict"
"""The kind of an error where what was wanted cannot be done as things stand, as over HTTP."""


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
    except (SettingsError, ConfigurationError, TrialError) as error:
        raise CommandError(str(error), ProblemKind.MISCONFIGURED.value, ExitCode.WRONG_USAGE) from error
