"""What happens to a request at the simulated endpoint: throttled, refused, lost on the way, or answered."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Final, NamedTuple

import msgspec

from handler.huaweicloud.signing import Credentials
from handler.local.exchange import Answered, Asked
from handler.local.simulation.answers import (
    MISHAPS,
    NO_API,
    NO_INSTANCE,
    Answer,
    Page,
    Reply,
    Silence,
    refused,
    throttled,
)
from handler.local.simulation.calls import UNKNOWN, answer_call, read_call
from handler.local.simulation.gateway import fault_of
from handler.local.simulation.project import Project
from handler.local.simulation.throttle import Bucket, Throttle
from handler.transport import Request


class Conditions(NamedTuple):
    """What the endpoint makes of requests, whatever they ask.

    Attributes:
        throttle: How many it bears; None bears all.
        error_share: How many of those that pass throttling and gateway go wrong, 0 to 1.
        seed: Which of them do, and how: the same ones for the same seed and order of requests.
        delay_seconds: How long each answer takes.
    """

    throttle: Throttle | None = None
    error_share: float = 0.0
    seed: int = 0
    delay_seconds: float = 0.0


FAIR: Final = Conditions()
"""Nothing goes wrong but what the project says."""


class Endpoint:
    """Answers requests, from any number of threads, and counts each of them once.

    Attributes:
        project: What is there; may be exchanged.
        counts: How many requests came, by kind: `instances`, `instance`, `tasks`, `task`, `progress`,
            `refused` (a bad signature), `throttled`, `faulty` (went wrong on purpose) and `unknown` (another
            call, project, instance or task).
    """

    def __init__(
        self,
        project: Project,
        *,
        credentials: Credentials,
        project_id: str,
        conditions: Conditions,
        now: Callable[[], datetime],
    ) -> None:
        """Take what is there, whose it is, who may ask, and the gateway's clock."""
        self.project = project
        self.credentials = credentials
        self.project_id = project_id
        self.conditions = conditions
        self.counts: Counter[str] = Counter()
        self._now = now
        self._lock = threading.Lock()
        self._bucket: Bucket | None = None
        self._random = random.Random(conditions.seed)  # noqa: S311 - mishaps are no secret

    def serve(self, asked: Asked) -> Answered | None:
        """Answer a request that came over HTTP, as the gateway does."""
        url = f"http://{asked.headers.get('host', '')}{asked.target}"
        return _written(*self.answer(Request(asked.method, url, asked.headers, asked.body)))

    def answer(self, request: Request) -> tuple[Reply, datetime]:
        """Answer a request, and say when that was."""
        now = self._now()
        kind, reply = self._decide(request, now)
        with self._lock:
            self.counts[kind] += 1
        return reply, now

    def _decide(self, request: Request, now: datetime) -> tuple[str, Reply]:
        """Go the way of a request: first the gateway in its own order, then what is behind it."""
        excess = self._throttled(now)
        if excess is not None:
            return "throttled", excess
        call = read_call(request.url) if request.method == "GET" else None
        if call is None:
            return UNKNOWN, NO_API
        fault = fault_of(request, self.credentials, now)
        if fault is not None:
            return "refused", refused(fault, request.headers.get("authorization", ""))
        mishap = self._mishap()
        if mishap is not None:
            return "faulty", mishap
        if call.project_id != self.project_id:
            return UNKNOWN, NO_INSTANCE
        return answer_call(call, self.project, now)

    def _throttled(self, now: datetime) -> Reply | None:
        throttle = self.conditions.throttle
        if throttle is None:
            return None
        with self._lock:
            bucket = self._bucket or Bucket(throttle.burst, now)
            self._bucket, wait_seconds = bucket.take(throttle, now)
        if not wait_seconds:
            return None
        return throttled(wait_seconds if throttle.tells_when else None)

    def _mishap(self) -> Reply | None:
        with self._lock:
            goes_wrong = self._random.random() < self.conditions.error_share
            return self._random.choice(MISHAPS) if goes_wrong else None


def _written(reply: Reply, now: datetime) -> Answered | None:
    """Write an answer out; None where there is none."""
    headers = {"Date": format_datetime(now, usegmt=True)}
    match reply:
        case Answer(status, document, more):
            headers |= {"X-Request-Id": uuid.uuid4().hex, "Content-Type": "application/json", **more}
            return Answered(status, headers, msgspec.json.encode(document))
        case Page(status, html):
            return Answered(status, {**headers, "Content-Type": "text/html"}, html.encode())
        case Silence():
            return None
