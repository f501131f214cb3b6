"""The client of DMS for Kafka: asks for the progress of a change and for the status of its task.

Its calls return what they got or a named problem; they never raise for what the API or the network does.
Deliberately absent: sleeping, logging, and every call that Headway does not make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from handler.core.change import ChangeId
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit, clean
from handler.huaweicloud.decipher import decipher_progress, decipher_task
from handler.huaweicloud.guard import Answer, KeyGuard, is_outage
from handler.huaweicloud.signing import Credentials, sign
from handler.transport import Request, Response, Send, TooLargeError, TransportError

RETRY_SECONDS_MIN: Final = 1.0
"""With less time than this left, no second attempt is made."""

_NO_TIME: Final = Problem(
    ProblemKind.TIMEOUT, "The DMS API was not asked: no time was left for it.", asked=False
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def endpoint_for(region: str) -> str:
    """Return the address of DMS in a region, as the vendor's own SDK lists it."""
    top_level_domain = "eu" if region == "eu-west-101" else "com"
    return f"https://dms.{region}.myhuaweicloud.{top_level_domain}"


def task_request(change: ChangeId, *, endpoint: str, project_id: str) -> Request:
    """Build the task call, unsigned: https://support.huaweicloud.com/api-kafka/ShowBackgroundTask.html."""
    project, instance, task = (quote(part, safe="") for part in (project_id, *change))
    url = f"{endpoint.rstrip('/')}/v2/{project}/instances/{instance}/tasks/{task}"
    return Request("GET", url, {"Content-Type": "application/json", "X-Project-Id": project_id})


def progress_request(change: ChangeId, *, endpoint: str, project_id: str) -> Request:
    """Build the progress call, unsigned.

    See https://support.huaweicloud.com/api-kafka/ShowBackgroundTaskProgress.html.
    """
    request = task_request(change, endpoint=endpoint, project_id=project_id)
    return request._replace(url=f"{request.url}/progress")


@dataclass(frozen=True, eq=False)
class DmsClient:
    """Asks the API with one access key, from any number of threads; `KeyGuard` orders them.

    A client serves one invocation: it remembers a refused key for as long as it lives.

    Attributes:
        endpoint: `https://…`; `http://` only on this machine.
        unit: What the API counts the remaining time in.
        timeout_seconds: How much time there is for a call, asked before each attempt.
        exchange_seconds: How much of it one attempt may take, for others wait for their turn.
        is_key_known: An earlier client of this process has seen this very key accepted.
    """

    send: Send
    endpoint: str
    project_id: str
    credentials: Credentials
    unit: TimeUnit
    now: Callable[[], datetime]
    timeout_seconds: Callable[[], float]
    exchange_seconds: float
    is_key_known: bool = False
    _guard: KeyGuard = field(default_factory=KeyGuard, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse to send a signed request, and perhaps a token, in the clear.

        Raises:
            ValueError: The endpoint is neither `https://` nor on this machine.
        """
        url = urlsplit(self.endpoint)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
            raise ValueError("huaweicloud.endpoint must begin with https:// (http:// only for loopback)")

    @property
    def key_accepted(self) -> bool:
        """True when an answer has proved the key: a readable one, or an error with a code of DMS's own."""
        return self._guard.refusal is None and (self.is_key_known or self._guard.is_key_proved)

    def fetch_progress(self, change: ChangeId) -> Progress | Problem:
        """Ask how far the change is."""
        request = progress_request(change, endpoint=self.endpoint, project_id=self.project_id)
        return self._fetch(change, request, lambda response: decipher_progress(response, self.unit))

    def fetch_task(self, change: ChangeId) -> Task | Problem:
        """Ask for the status of the change's task."""
        request = task_request(change, endpoint=self.endpoint, project_id=self.project_id)
        return self._fetch(change, request, decipher_task)

    def _fetch(
        self, change: ChangeId, request: Request, decipher: Callable[[Response], Answer | Problem]
    ) -> Answer | Problem:
        """Ask, and once more after an outage: at the end of the queue, for others may fare better."""
        attempts = 0

        def ask() -> Answer | Problem:
            nonlocal attempts
            attempts += 1
            return self._ask(request, decipher)

        answer = self._guard.admit(change, ask, wait_seconds=self.timeout_seconds())
        if attempts == 0 or not isinstance(answer, Problem) or not self._deserves_retry(answer):
            return answer
        second = self._guard.admit(change, ask, wait_seconds=self.timeout_seconds())
        return answer if isinstance(second, Problem) and not second.asked else second

    def _deserves_retry(self, problem: Problem) -> bool:
        return (
            is_outage(problem)
            and problem.retry_after_seconds is None
            and self._guard.refusal is None
            and self.timeout_seconds() >= RETRY_SECONDS_MIN
        )

    def _ask(self, request: Request, decipher: Callable[[Response], Answer | Problem]) -> Answer | Problem:
        timeout_seconds = min(self.timeout_seconds(), self.exchange_seconds)
        if timeout_seconds <= 0:
            return _NO_TIME
        signed = sign(request, credentials=self.credentials, now=self.now())
        try:
            return decipher(self.send(signed, timeout_seconds=timeout_seconds))
        except TransportError as error:
            return Problem(_kind(error), clean(f"The DMS API gave no answer: {error}"))


def _kind(error: TransportError) -> ProblemKind:
    if isinstance(error, TooLargeError):
        return ProblemKind.MALFORMED
    return ProblemKind.TIMEOUT if error.timed_out else ProblemKind.UNAVAILABLE
