"""A transport that answers what it was given and keeps what it was asked."""

from __future__ import annotations

from handler.transport import Request, Response, TransportError


class CannedSend:
    """A `Send`; gives its answers in turn, the last one for ever."""

    def __init__(self, *answers: Response | TransportError) -> None:
        """Take at least one answer; an error is raised."""
        self._answers = list(answers)
        self.requests: list[Request] = []
        self.timeouts: list[float] = []

    def __call__(self, request: Request, *, timeout_seconds: float) -> Response:
        """See `Send`."""
        self.requests.append(request)
        self.timeouts.append(timeout_seconds)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, TransportError):
            raise answer
        return answer
