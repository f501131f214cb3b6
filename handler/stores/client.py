"""Asks a bucket: signs, keeps to the deadline, repeats what may be repeated, words what went wrong."""

from __future__ import annotations

from collections.abc import Callable

from handler.stores.answer import Answer
from handler.stores.bucket import Bucket
from handler.stores.port import StateUnavailableError
from handler.stores.refusals import explain
from handler.transport import Request, Send, TooLargeError, TransportError

Sign = Callable[[Request], Request]
"""Gives a request as it has to be sent now."""


class Client:
    """The one who asks; what an answer means is for its users to say."""

    def __init__(
        self, bucket: Bucket, *, sign: Sign, send: Send, timeout_seconds: Callable[[], float]
    ) -> None:
        """Ask nothing yet.

        Args:
            bucket: Whom to ask.
            sign: The signer, with credentials and clock.
            send: The transport.
            timeout_seconds: How long a request may take if it begins now; 0 when time is up.
        """
        self.bucket = bucket
        self._sign = sign
        self._send = send
        self._timeout_seconds = timeout_seconds

    def ask(self, request: Request) -> Answer:
        """Ask once.

        Raises:
            StateUnavailableError: No answer came, or no time is left.
        """
        try:
            return self._attempt(request)
        except TransportError as error:
            raise self._unreached(error) from error

    def insist(self, request: Request) -> Answer:
        """Ask, and once more if the first attempt met a passing trouble: for what may happen twice.

        Raises:
            StateUnavailableError: No answer came, or no time is left.
        """
        try:
            answer = self._attempt(request)
            if not answer.is_passing:
                return answer
        except TransportError:
            pass
        return self.ask(request)

    def commit(self, request: Request) -> Answer | None:
        """Ask once for what must not happen twice; None if it may have happened.

        Raises:
            StateUnavailableError: It certainly did not happen.
        """
        try:
            answer = self._attempt(request)
        except TransportError as error:
            if error.request_sent:
                return None
            raise self._unreached(error) from error
        return None if answer.is_failed else answer

    def refusal(self, answer: Answer, permission: str) -> StateUnavailableError:
        """Word an answer that is neither yes nor conflict; `permission` is what may be missing on 403."""
        return StateUnavailableError(f"{self.bucket} {explain(answer, permission)}")

    def _attempt(self, request: Request) -> Answer:
        timeout_seconds = self._timeout_seconds()
        if timeout_seconds <= 0:
            raise StateUnavailableError(f"No time is left to ask {self.bucket}.")
        try:
            return Answer(*self._send(self._sign(request), timeout_seconds=timeout_seconds))
        except TooLargeError as error:
            return Answer(error.status, error.headers, None)

    def _unreached(self, error: TransportError) -> StateUnavailableError:
        return StateUnavailableError(f"{self.bucket} cannot be reached: {error}")
