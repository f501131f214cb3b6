"""What of a configuration lies elsewhere: its text in a bucket, its secrets in AWS.

Both are asked for anew in every invocation, by means that need no configuration: the platform's own keys,
no proxy, public authorities. All of it together takes a few seconds at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from handler.clock import Budget, Clock, Deadline
from handler.configuration import UnavailableError
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

    def __init__(
        self,
        runtime: Runtime,
        clock: Clock,
        connect: Callable[[], Send],
        pause: Callable[[float], None] = pause_contender,
    ) -> None:
        """Begin to count the time; `pause` waits at random, no longer than told."""
        seconds = min(_SECONDS_MAX, Budget.of(runtime.timeout_seconds).exchange_seconds)
        self._runtime = runtime
        self._clock = clock
        self._connect = connect
        self._pause = pause
        self._deadline = Deadline(clock, seconds)
        # So that there is time for a second attempt when the first one hangs.
        self._attempt_seconds = seconds / 2

    def read(self, address: str) -> str | None:
        """Read the text of an object in a bucket; None if there is none there.

        Raises:
            LookupError: It cannot be had like that; the reason continues a sentence.
            UnicodeDecodeError: It is no text.
            UnavailableError: The bucket cannot be reached, or refuses.
        """
        bucket, name = self._open(address)
        try:
            found = bucket.load(name)
        except StateUnavailableError as error:
            raise UnavailableError([f"{CONFIG_VARIABLE}: {error}"]) from error
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

        means = self._conditions()
        calls = AwsCalls(means.send, self._runtime, means.now, means.timeout_seconds, self._rest)
        return fetch_values(references, calls)

    def _open(self, address: str) -> tuple[StateStore, str]:
        try:
            state, name = read_object(address)
            return open_bucket(state, self._runtime, self._conditions()), name
        except ValueError as error:
            raise LookupError(str(error)) from None

    def _conditions(self) -> Conditions:
        return Conditions(
            send=self._connect(),
            now=self._clock.now,
            remaining_seconds=self._deadline.remaining_seconds,
            exchange_seconds=self._attempt_seconds,
            random_name=random_name,
            pause=self._pause,
        )

    def _rest(self) -> None:
        """Wait between two attempts, but leave time for the second one."""
        self._pause(max(0.0, self._deadline.remaining_seconds() - self._attempt_seconds))
