"""DMS on loopback: checks signatures with the official signer, says what a test scripts, counts."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
    r"/v2/(?P<project>[^/]+)/instances"
    r"(?:/(?P<instance>[^/]+)(?P<tasks>/tasks(?:/(?P<task>[^/]+)(?P<progress>/progress)?)?)?)?"
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
        """Say how the task stands, who ordered it and what."""
        return cls({"task_count": "1", "tasks": [a_task("t", status)]})

    @classmethod
    def of_instance(cls, storage_gb: int = 300) -> Answer:
        """Show an instance of a certain size."""
        size = {"specification": "kafka.2u4g.cluster", "broker_num": 3, "total_storage_space": storage_gb}
        return cls({**an_instance("i"), **size})

    @classmethod
    def of_error(cls, status: int, code: str, **headers: str) -> Answer:
        """Refuse in the API's own shape; a header's `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls({"error_code": code, "error_msg": f"the words for {code}"}, status, named)


DROP: Final = Answer(is_dropped=True)
"""The connection breaks without a word."""

_NO_API: Final = Answer.of_error(404, "APIGW.0101")
_NO_INSTANCE: Final = Answer.of_error(404, "DMS.00404022")
_BAD_QUERY: Final = Answer.of_error(400, "DMS.00400062")
_BEYOND_THE_LAST: Final = Answer.of_error(400, "DMS.40050010")

_INSTANCES_MAX: Final = 50
_TASKS_MAX: Final = 100

Shape = Mapping[str, object]
"""An entry of a list, as the API writes it."""


def an_instance(instance_id: str, name: str = "kafka", status: str = "RUNNING", **fields: object) -> Shape:
    """Write an entry of the list of instances."""
    return {"instance_id": instance_id, "name": name, "engine": "kafka", "status": status, **fields}


def a_task(task_id: str, status: str = "EXECUTING", **fields: object) -> Shape:
    """Write an entry of a list of tasks."""
    times = {"created_at": "2026-11-24T07:00:00.000Z", "updated_at": "2026-11-24T07:30:00.000Z"}
    order = {"user_name": "operator", "params": '{"oper_type": "storage", "new_storage_space": 600}'}
    return {"id": task_id, "name": "extend", "status": status, **order, **times, **fields}


class Visit(NamedTuple):
    """A request that came: times are monotonic, `path` is what was asked for, the query included.

    `kind` is progress, task, instance, instances, tasks, refused, or unknown.
    """

    kind: str
    began_at: float
    ended_at: float
    path: str


class FakeDms:
    """DMS behind a real socket, for the time of a `with` block.

    A change about which nothing is scripted belongs to an instance that does not exist; the others are of
    one size unless scripted. The lists show what it was told to hold, page by page, as strict about queries
    as the API's page says.
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
        self._interruptions: dict[str, list[Answer]] = {}
        self._instances: tuple[Shape, ...] = ()
        self._tasks: dict[str, tuple[Shape, ...]] = {}
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
        """How many requests came, by `kind`; `refused` is for bad signatures."""
        return Counter(visit.kind for visit in self.visits)

    def script_progress(self, change: ChangeId, *answers: Answer) -> None:
        """Answer the progress calls of a change in turn; the last answer stays."""
        self._scripts["progress", change] = list(answers)

    def script_task(self, change: ChangeId, *answers: Answer) -> None:
        """Answer the task calls of a change in turn; the last answer stays."""
        self._scripts["task", change] = list(answers)

    def script_instance(self, instance_id: str, *answers: Answer) -> None:
        """Answer the calls that show an instance in turn; the last answer stays."""
        self._scripts["instance", ChangeId(instance_id, "")] = list(answers)

    def hold_instances(self, *instances: Shape) -> None:
        """Show these in the list of instances; of those not yet known to have tasks the lists are empty."""
        self._instances = instances
        for instance in instances:
            self._tasks.setdefault(str(instance["instance_id"]), ())

    def hold_tasks(self, instance_id: str, *tasks: Shape) -> None:
        """Show these in the list of an instance's tasks, in this order."""
        self._tasks[instance_id] = tasks

    def interrupt(self, kind: str, *answers: Answer) -> None:
        """Say these, one each, to the next calls of a kind, whatever they ask for."""
        with self._lock:
            self._interruptions.setdefault(kind, []).extend(answers)

    def receive(self, request: QuietHandler) -> None:
        """Check, find the answer, wait as long as it says, send it and note the visit."""
        began_at = time.monotonic()
        kind, answer = self._decide(request)
        self._is_over.wait(answer.delay_seconds)
        with self._lock:
            self.visits.append(Visit(kind, began_at, time.monotonic(), request.path))
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
        kind = _kind(call)
        with self._lock:
            interruptions = self._interruptions.get(kind)
            return kind, interruptions.pop(0) if interruptions else self._answer(kind, call, request.path)

    def _answer(self, kind: str, call: re.Match[str], path: str) -> Answer:
        if kind == "instances":
            return _page_of_instances(self._instances, _query(path))
        if kind == "tasks":
            tasks = self._tasks.get(call["instance"])
            return _NO_INSTANCE if tasks is None else _page_of_tasks(tasks, _query(path))
        return self._next(kind, ChangeId(call["instance"], call["task"] or ""))

    def _next(self, kind: str, change: ChangeId) -> Answer:
        is_there = change.instance_id in {*self._tasks, *(known.instance_id for _, known in self._scripts)}
        unscripted = Answer.of_instance() if kind == "instance" and is_there else _NO_INSTANCE
        answers = self._scripts.get((kind, change), [unscripted])
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


def _kind(call: re.Match[str]) -> str:
    if call["task"]:
        return "progress" if call["progress"] else "task"
    if call["tasks"]:
        return "tasks"
    return "instance" if call["instance"] else "instances"


def _query(path: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(path).query, keep_blank_values=True)
    return dict(pairs)


def _page_of_instances(instances: Sequence[Shape], query: dict[str, str]) -> Answer:
    """See https://support.huaweicloud.com/api-kafka/ListInstances.html; beyond the last there is no page."""
    limit, offset = int(query.pop("limit", "10")), int(query.pop("offset", "0"))
    wanted = query.pop("instance_id", None)
    if query != {"engine": "kafka"} or not 1 <= limit <= _INSTANCES_MAX or offset < 0:
        return _BAD_QUERY
    found = [instance for instance in instances if wanted in (None, instance["instance_id"])]
    if offset >= max(1, len(found)):
        return _BEYOND_THE_LAST
    return Answer({"instances": found[offset : offset + limit], "instance_num": len(found)})


def _page_of_tasks(tasks: Sequence[Shape], query: dict[str, str]) -> Answer:
    """See https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html; it counts from 1, in text."""
    limit, start = int(query.pop("limit", "10")), int(query.pop("start", "1"))
    if query or not 1 <= limit <= _TASKS_MAX or start < 1:
        return _BAD_QUERY
    return Answer({"tasks": tasks[start - 1 : start - 1 + limit], "task_count": str(len(tasks))})


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
