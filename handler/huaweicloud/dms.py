"""The client of DMS for Kafka: asks how changes stand, and which instances and tasks there are.

Its calls return what they got or a named problem; they never raise for what the API or the network does.
Deliberately absent: logging, and every call that Headway does not make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from handler.core.change import ChangeId
from handler.core.listing import Instance, ListedTask, Page
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit
from handler.hosts import is_loopback
from handler.huaweicloud.calls import (
    instance_request,
    instances_request,
    progress_request,
    task_request,
    tasks_request,
)
from handler.huaweicloud.decipher import (
    decipher_instances,
    decipher_progress,
    decipher_specification,
    decipher_task,
    decipher_tasks,
    explain_silence,
)
from handler.huaweicloud.guard import Answer, Asker, KeyGuard, is_outage
from handler.huaweicloud.pace import Pace
from handler.huaweicloud.signing import Credentials, sign
from handler.transport import Request, Response, Send, TransportError
from notifiers.operations import Specification

RETRY_SECONDS_MIN: Final = 1.0
"""With less time than this left, no second attempt is made."""

SPECIFICATION_SECONDS_MAX: Final = 3.0
"""What nothing hangs on waits no longer for its answer."""

_NO_TIME: Final = Problem(
    ProblemKind.TIMEOUT, "The DMS API was not asked: no time was left for it.", asked=False
)
_SLOWED_DOWN: Final = Problem(
    ProblemKind.THROTTLED, "The DMS API was not asked: it wants fewer requests than that.", asked=False
)


@dataclass(frozen=True, eq=False)
class DmsClient:
    """Asks the API with one access key, from any number of threads; `KeyGuard` orders them.

    A client serves one invocation: it remembers a refused key for as long as it lives.

    Attributes:
        endpoint: `https://…`; `http://` only on this machine.
        unit: What the API counts the remaining time in.
        pace: How fast it may ask.
        timeout_seconds: How much time there is for a call, asked before each attempt.
        exchange_seconds: How much of it one attempt may take, for others wait for their turn.
        is_key_known: An earlier client of this process has seen this very key accepted.
    """

    send: Send
    endpoint: str
    project_id: str
    credentials: Credentials
    unit: TimeUnit
    pace: Pace
    now: Callable[[], datetime]
    timeout_seconds: Callable[[], float]
    exchange_seconds: float
    is_key_known: bool = False
    _guard: KeyGuard = field(default_factory=KeyGuard, init=False, repr=False)
    _extras: KeyGuard = field(default_factory=KeyGuard, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse to send a signed request, and perhaps a token, in the clear.

        Raises:
            ValueError: The endpoint is neither `https://` nor on this machine.
        """
        url = urlsplit(self.endpoint)
        if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
            raise ValueError("huaweicloud.endpoint must begin with https:// (http:// only for loopback)")

    @property
    def key_accepted(self) -> bool:
        """True when an answer has proved the key: a readable one, or an error with a code of DMS's own."""
        return self._guard.refusal is None and (self.is_key_known or self._guard.is_key_proved)

    @property
    def refusal(self) -> Problem | None:
        """What the API said when it refused this access key, if it has."""
        return self._guard.refusal

    @property
    def key_name(self) -> str:
        """What the access key is told from others by."""
        return self.credentials.name

    def fetch_progress(self, change: ChangeId) -> Progress | Problem:
        """Ask how far the change is."""
        request = progress_request(change, endpoint=self.endpoint, project_id=self.project_id)
        return self._fetch(change, request, lambda response: decipher_progress(response, self.unit))

    def fetch_task(self, change: ChangeId) -> Task | Problem:
        """Ask for the status of the change's task."""
        request = task_request(change, endpoint=self.endpoint, project_id=self.project_id)
        return self._fetch(change, request, decipher_task)

    def fetch_specification(self, instance_id: str) -> Specification | Problem:
        """Ask how large an instance is: once, with a proved key, and if nobody else needs the turn or time.

        Nothing hangs on it, so a refusal of the key, or a sign of an outage, only ends calls of this kind;
        nor does a 429 slow anybody down: the gateway counts each API by itself.
        """
        request = instance_request(instance_id, endpoint=self.endpoint, project_id=self.project_id)

        def ask() -> Specification | Problem:
            is_short = self.pace.is_throttled or self.timeout_seconds() < self.exchange_seconds
            is_unsafe = self._extras.has_met_outage or not self._guard.is_key_good
            if is_short or is_unsafe or not self.pace.wait(0):
                return _NO_TIME
            return self._exchange(request, decipher_specification, SPECIFICATION_SECONDS_MAX)

        return self._extras.admit(f"instance {instance_id}", ask, wait_seconds=SPECIFICATION_SECONDS_MAX)

    def list_instances(self, offset: int, instance_id: str | None = None) -> Page[Instance] | Problem:
        """Ask for up to 50 Kafka instances of the project, from `offset` on, or for a certain one."""
        request = instances_request(offset, instance_id, endpoint=self.endpoint, project_id=self.project_id)
        return self._fetch(f"instances {instance_id or offset}", request, decipher_instances)

    def list_tasks(self, instance_id: str, start: int) -> Page[ListedTask] | Problem:
        """Ask for up to 100 tasks of an instance, from the `start`-th on."""
        request = tasks_request(instance_id, start, endpoint=self.endpoint, project_id=self.project_id)
        return self._fetch(f"tasks {instance_id}", request, decipher_tasks)

    def _fetch(
        self, asker: Asker, request: Request, decipher: Callable[[Response], Answer | Problem]
    ) -> Answer | Problem:
        """Ask, and once more after an outage or a 429: at the end of the queue, others may fare better."""
        attempts = 0

        def ask() -> Answer | Problem:
            nonlocal attempts
            attempts += 1
            return self._ask(request, decipher)

        answer = self._guard.admit(asker, ask, wait_seconds=self.timeout_seconds())
        if attempts == 0 or not isinstance(answer, Problem):
            return answer
        if not self._deserves_retry(answer):
            return _SLOWED_DOWN if answer.kind is ProblemKind.THROTTLED else answer
        second = self._guard.admit(asker, ask, wait_seconds=self.timeout_seconds())
        # Who is only told to wait has not been failed.
        is_better = answer.kind is ProblemKind.THROTTLED or not isinstance(second, Problem) or second.asked
        return second if is_better else answer

    def _deserves_retry(self, problem: Problem) -> bool:
        is_throttled = problem.kind is ProblemKind.THROTTLED and problem.asked
        return (
            (is_throttled or (is_outage(problem) and problem.retry_after_seconds is None))
            and self._guard.refusal is None
            and self.timeout_seconds() >= RETRY_SECONDS_MIN
        )

    def _ask(self, request: Request, decipher: Callable[[Response], Answer | Problem]) -> Answer | Problem:
        # Who gets a turn must have time for an answer.
        if not self.pace.wait(max(0.0, self.timeout_seconds() - RETRY_SECONDS_MIN)):
            return _SLOWED_DOWN if self.pace.is_throttled else _NO_TIME
        answer = self._exchange(request, decipher, self.exchange_seconds)
        if isinstance(answer, Problem) and answer.kind is ProblemKind.THROTTLED:
            self.pace.slow_down(answer.retry_after_seconds)
        return answer

    def _exchange(
        self, request: Request, decipher: Callable[[Response], Answer | Problem], seconds_max: float
    ) -> Answer | Problem:
        timeout_seconds = min(self.timeout_seconds(), self.exchange_seconds, seconds_max)
        if timeout_seconds <= 0:
            return _NO_TIME
        signed = sign(request, credentials=self.credentials, now=self.now())
        try:
            return decipher(self.send(signed, timeout_seconds=timeout_seconds))
        except TransportError as error:
            return explain_silence(error)
