"""DMS on loopback: checks signatures with the official signer, says what a test scripts, counts."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from types import TracebackType
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from typing_extensions import Self

from handler.core.change import ChangeId
from handler.huaweicloud.signing import Credentials
from tests.fakes.loopback import HOST, QuietHandler, serving

CREDENTIALS: Final = Credentials("AKOFTHEFAKE", "the secret key of the fake")
PROJECT_ID: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

_CALL: Final = re.compile(
    r"/v2/(?P<project>[^/]+)/instances/(?P<instance>[^/]+)/tasks/(?P<task>[^/]+)(?P<progress>/progress)?"
)
_SIGNED_HEADERS: Final = re.compile(r"SDK-HMAC-SHA256 Access=.*, SignedHeaders=(.*), Signature=.*")
_SKEW_MAX: Final = timedelta(minutes=15)


class Answer(NamedTuple):
    """What is said to one request: `body` is bytes, or anything that becomes JSON."""

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    delay_seconds: float = 0.0
    is_dropped: bool = False

    @classmethod
    def of_progress(cls, percent: int, *steps: tuple[str, str], remain_time: int = 60) -> Answer:
        """Say how far a change is; a step is its name and the API's word for how it stands."""
        step_list = [{"name": name, "statue": statue} for name, statue in steps]
        return cls({"progress_percentage": percent, "remain_time": remain_time, "step_list": step_list})

    @classmethod
    def of_task(cls, status: str) -> Answer:
        """Say how the task stands."""
        return cls({"task_count": "1", "tasks": [{"id": "t", "name": "extend", "status": status}]})

    @classmethod
    def of_error(cls, status: int, code: str, **headers: str) -> Answer:
        """Refuse in the API's own shape; a header's `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls({"error_code": code, "error_msg": f"the words for {code}"}, status, named)


DROP: Final = Answer(is_dropped=True)
"""The connection breaks without a word."""

_NO_API: Final = Answer.of_error(404, "APIGW.0101")
_NO_INSTANCE: Final = Answer.of_error(404, "DMS.00404022")


class Visit(NamedTuple):
    """A request that came: `kind` is progress, task, or refused; times are monotonic."""

    kind: str
    began_at: float
    ended_at: float


class FakeDms:
    """DMS behind a real socket, for the time of a `with` block.

    A change about which nothing is scripted belongs to an instance that does not exist.
    """

    def __init__(
        self,
        *,
        credentials: Credentials = CREDENTIALS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Accept one key; `now` is the server's clock."""
        self.endpoint = ""
        self.visits: list[Visit] = []
        self._credentials = credentials
        self._now = now
        self._scripts: dict[tuple[str, ChangeId], list[Answer]] = {}
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Serve."""
        port = self._stack.enter_context(serving(_handler(self)))
        self.endpoint = f"http://{HOST}:{port}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self.end_delays()
        self._stack.close()

    def end_delays(self) -> None:
        """Say at once, from now on, what was to be said late."""
        self._is_over.set()

    @property
    def counts(self) -> Counter[str]:
        """How many requests came: `progress`, `task`, and `refused` for bad signatures."""
        return Counter(visit.kind for visit in self.visits)

    def script_progress(self, change: ChangeId, *answers: Answer) -> None:
        """Answer the progress calls of a change in turn; the last answer stays."""
        self._scripts["progress", change] = list(answers)

    def script_task(self, change: ChangeId, *answers: Answer) -> None:
        """Answer the task calls of a change in turn; the last answer stays."""
        self._scripts["task", change] = list(answers)

    def receive(self, request: QuietHandler) -> None:
        """Check, find the answer, wait as long as it says, send it and note the visit."""
        began_at = time.monotonic()
        kind, answer = self._decide(request)
        self._is_over.wait(answer.delay_seconds)
        with self._lock:
            self.visits.append(Visit(kind, began_at, time.monotonic()))
        if answer.is_dropped:
            request.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        date = {"Date": format_datetime(self._now(), usegmt=True), "X-Request-Id": f"{began_at:.9f}"}
        request.answer(answer.status, date | dict(answer.headers), body)

    def _decide(self, request: QuietHandler) -> tuple[str, Answer]:
        call = _CALL.fullmatch(unquote(urlsplit(request.path).path))
        if call is None or call["project"] != PROJECT_ID:
            return "unknown", _NO_API
        if not self._is_signed(request):
            return "refused", _refusal(request)
        kind = "progress" if call["progress"] else "task"
        return kind, self._next(kind, ChangeId(call["instance"], call["task"]))

    def _next(self, kind: str, change: ChangeId) -> Answer:
        with self._lock:
            answers = self._scripts.get((kind, change), [_NO_INSTANCE])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def _is_signed(self, request: QuietHandler) -> bool:
        headers = request.headers
        if not all(name in headers for name in ("Authorization", "Host", "X-Sdk-Date")):
            return False
        date = datetime.strptime(f"{headers['X-Sdk-Date']}+0000", "%Y%m%dT%H%M%SZ%z")
        has_token = headers["X-Security-Token"] == self._credentials.security_token
        return abs(date - self._now()) <= _SKEW_MAX and has_token and self._has_signature(request)

    def _has_signature(self, request: QuietHandler) -> bool:
        shown = request.headers["Authorization"]
        match = _SIGNED_HEADERS.fullmatch(shown)
        names = match[1].split(";") if match else []
        url = urlsplit(request.path)
        official = SdkRequest(
            method=request.command,
            resource_path=url.path,
            query_params=parse_qsl(url.query, keep_blank_values=True),
            header_params={name: request.headers[name] for name in names},
            body=request.body(),
        )
        keys = BasicCredentials(self._credentials.access_key, self._credentials.secret_key, PROJECT_ID)
        expected = Signer(keys).sign(official).header_params["Authorization"]
        return {"host", "x-sdk-date"} <= set(names) and shown == expected


def _refusal(request: QuietHandler) -> Answer:
    # As the gateway does: what was signed, and the signature, stand in the message.
    echo = f"{request.command} {request.path} {dict(request.headers)}"
    said = f"Incorrect IAM authentication information: verify signature failed, canonicalRequest:{echo}"
    return Answer({"error_code": "APIGW.0301", "error_msg": said}, 401)


def _handler(dms: FakeDms) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def respond(self) -> None:
            dms.receive(self)

    return Handler
