"""What of a configuration lies elsewhere: its text in a bucket, its secrets in AWS.

Both are asked for anew in every invocation, by means that need no configuration: the platform's own keys,
no proxy, public authorities. All of it together takes a few seconds at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from handler.clock import Budget, Clock, Deadline
from handler.machine import pause_contender, random_name
from handler.runtimes import Runtime
from handler.settings.sources import CONFIG_VARIABLE
from handler.settings.state import read_object
from handler.storage import Conditions, open_bucket
from handler.stores.port import Loaded, Oversized, StateStore, StateUnavailableError
from handler.transport import Send

_SECONDS_MAX: Final = 5.0


class Elsewhere:
    """For one invocation; nothing is connected to, nor imported for it, before something is asked for."""

    def __init__(self, runtime: Runtime, clock: Clock, connect: Callable[[], Send]) -> None:
        """Begin to count the time."""
        seconds = min(_SECONDS_MAX, Budget.of(runtime.timeout_seconds).exchange_seconds)
        deadline = Deadline(clock, seconds)
        self._runtime = runtime
        self._now = clock.now
        self._connect = connect
        self._remaining_seconds = deadline.remaining_seconds
        # So that there is time for a second attempt when the first one hangs.
        self._attempt_seconds = seconds / 2

    def read(self, address: str) -> str | None:
        """Read the text of an object in a bucket; None if there is none there.

        Raises:
            LookupError: It cannot be had like that; the reason continues a sentence.
            UnicodeDecodeError: It is no text.
            StateUnavailableError: The bucket cannot be reached, or refuses.
        """
        bucket, name = self._open(address)
        try:
            found = bucket.load(name)
        except StateUnavailableError as error:
            raise StateUnavailableError(f"{CONFIG_VARIABLE}: {_worded(error)}") from error
        match found:
            case Loaded():
                return found.document.decode()
            case Oversized():
                raise LookupError("names an object of more than 1 MiB")
            case _:
                return None

    def fetch(self, references: Collection[str]) -> Mapping[str, str | LookupError]:
        """Fetch values kept in AWS, by `ssm:NAME` and `secret:NAME`; see `Fetch`."""
        from handler.aws_calls import AwsCalls  # noqa: PLC0415 - only where one is asked for
        from handler.kept_values import fetch_values  # noqa: PLC0415 - as above

        calls = AwsCalls(self._connect(), self._runtime, self._now, self._timeout_seconds)
        return fetch_values(references, calls)

    def _open(self, address: str) -> tuple[StateStore, str]:
        try:
            state, name = read_object(address)
            return open_bucket(state, self._runtime, self._conditions()), name
        except ValueError as error:
            raise LookupError(_worded(error).removesuffix(".")) from None

    def _conditions(self) -> Conditions:
        return Conditions(
            send=self._connect(),
            now=self._now,
            remaining_seconds=self._remaining_seconds,
            exchange_seconds=self._attempt_seconds,
            random_name=random_name,
            pause=pause_contender,
        )

    def _timeout_seconds(self) -> float:
        return min(self._attempt_seconds, self._remaining_seconds())


def _worded(error: Exception) -> str:
    """What a store says of the address in `state`, said of the one in the variable."""
    return str(error).removeprefix("state: ").replace("`state`", CONFIG_VARIABLE)
