"""A DMS endpoint on loopback that verifies signatures and plays a scripted change in real time."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, final
from urllib.parse import unquote, urlsplit

from handler.core.change import ChangeId
from handler.huaweicloud.signing import Credentials
from handler.local.answers import NO_API, NO_INSTANCE, NO_TASK, Answer, refused
from handler.local.gateway import fault_of
from handler.local.playback import Playback
from handler.local.script import Script
from handler.transport import Request

HOST: Final = "127.0.0.1"
REGION: Final = "simulated-1"
CREDENTIALS: Final = Credentials("SIMULATEDACCESSKEY", "simulated-secret-key")
PROJECT_ID: Final = "0123456789abcdef0123456789abcdef"
CHANGE: Final = ChangeId("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000")

_CALL: Final = re.compile(r"/v2/([^/]+)/instances/([^/]+)/tasks/([^/]+)(/progress)?")


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@final
class Simulator:
    """Plays one change for the time of a `with` block; it starts when the block does.

    `counts` is how many requests came, by kind: `progress`, `task`, `refused` (a bad signature) and
    `unknown` (another call, project, instance or task).
    """

    def __init__(  # noqa: PLR0913 - each by name
        self,
        script: Script,
        *,
        speed: float = 1.0,
        port: int = 0,
        credentials: Credentials = CREDENTIALS,
        project_id: str = PROJECT_ID,
        change: ChangeId = CHANGE,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Take the port, but serve nothing yet.

        Args:
            script: What happens.
            speed: How much faster than written.
            port: Where to listen on 127.0.0.1; 0 takes a free one.
            credentials: The only ones that are accepted.
            project_id: The project that the change belongs to.
            change: What the change is called.
            now: The server's clock.

        Raises:
            OSError: The port cannot be used.
        """
        self._server = _Server(port, self)
        self.port = self._server.server_port
        self.credentials = credentials
        self.project_id = project_id
        self.change = change
        self.counts: Counter[str] = Counter()
        self._script = script
        self._speed = speed
        self._now = now
        self._lock = threading.Lock()

    def __enter__(self) -> Simulator:
        """Start the change and serve."""
        self._playback = Playback(self._script, self.change.task_id, self._now(), self._speed)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The endpoint, as `huaweicloud.endpoint` wants it."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The variables that point Headway at this endpoint and its change."""
        return {
            "HEADWAY_ENDPOINT": self.url,
            "HEADWAY_REGION": REGION,
            "HEADWAY_PROJECT_ID": self.project_id,
            "HEADWAY_INSTANCE_ID": self.change.instance_id,
            "HEADWAY_TASK_ID": self.change.task_id,
            "HUAWEICLOUD_SDK_AK": self.credentials.access_key,
            "HUAWEICLOUD_SDK_SK": self.credentials.secret_key,
        }

    def answer(self, request: Request) -> tuple[Answer, datetime]:
        """Answer a request, and say when that was."""
        now = self._now()
        kind, answer = self._decide(request, now)
        with self._lock:
            self.counts[kind] += 1
        return answer, now

    def _decide(self, request: Request, now: datetime) -> tuple[str, Answer]:
        call = _CALL.fullmatch(unquote(urlsplit(request.url).path))
        if call is None:
            return "unknown", NO_API
        fault = fault_of(request, self.credentials, now)
        if fault is not None:
            return "refused", refused(fault, request.headers.get("authorization", ""))
        project_id, instance_id, task_id, is_progress = call.groups()
        if (project_id, instance_id) != (self.project_id, self.change.instance_id):
            return "unknown", NO_INSTANCE
        if task_id != self.change.task_id:
            return "unknown", NO_TASK
        if is_progress:
            return "progress", self._playback.progress(now)
        return "task", self._playback.task(now)


class _Server(ThreadingHTTPServer):
    # Some versions of Python would let two simulators share a port, each getting half of the requests.
    allow_reuse_port = False

    def __init__(self, port: int, simulator: Simulator) -> None:
        super().__init__((HOST, port), _Handler)
        self.simulator = simulator

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up, or did not speak HTTP."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one request per connection, so that none outlives the server."""

    server: _Server
    timeout = 10
    wbufsize = -1

    def do_GET(self) -> None:
        headers = {name.lower(): text for name, text in self.headers.items()}
        host = headers.get("host", "")
        answer, now = self.server.simulator.answer(Request("GET", f"http://{host}{self.path}", headers))
        body = json.dumps(answer.document).encode()
        self.send_response_only(answer.status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        self.send_header("X-Request-Id", uuid.uuid4().hex)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
        """Say nothing."""
