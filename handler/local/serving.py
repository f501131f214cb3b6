"""HTTP on loopback for the simulated endpoint: kept connections, none of which outlives the server."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import msgspec

from handler.local.answers import Answer, Page, Reply, Silence
from handler.transport import Request

LOOPBACK: Final = "127.0.0.1"
_IDLE_SECONDS_MAX: Final = 75
"""Longer than a client that comes every minute needs to find its connection open."""

Answering = Callable[[Request], tuple[Reply, datetime]]


class LoopbackServer(ThreadingHTTPServer):
    """Serves from one thread per connection; `close` leaves neither threads nor connections."""

    # Some versions of Python would let two simulators share a port, each getting half of the requests.
    allow_reuse_port = False
    # Not to be left behind: `server_close` waits for them.
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, port: int, answering: Answering, delay_seconds: float = 0.0) -> None:
        """Take the port, but serve nothing yet.

        Raises:
            OSError: The port cannot be used.
        """
        super().__init__((LOOPBACK, port), _Handler)
        self.answering = answering
        self.delay_seconds = delay_seconds
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    def start(self) -> None:
        """Serve, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving, in the middle of whatever is going on."""
        self.closing.set()
        self.shutdown()
        self._thread.join()
        for connection in [*self._connections]:
            # Its thread may close it at this very moment.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the parent has it
        """Remember the connection, and give it a thread."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as the parent has it
        """Forget the connection, and close it."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up, or did not speak HTTP."""


class _Handler(BaseHTTPRequestHandler):
    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS_MAX
    # An answer goes out in one piece.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        headers = {name.lower(): text for name, text in self.headers.items()}
        url = f"http://{headers.get('host', '')}{self.path}"
        body = self.rfile.read(int(headers.get("content-length", "0")))
        reply, now = self.server.answering(Request("GET", url, headers, body))
        is_closing = self.server.closing.wait(self.server.delay_seconds)
        if is_closing or isinstance(reply, Silence):
            self.close_connection = True
        elif isinstance(reply, Page):
            self._send(reply.status, {"Content-Type": "text/html"}, reply.html.encode(), now)
        else:
            self._send_answer(reply, now)

    def _send_answer(self, answer: Answer, now: datetime) -> None:
        headers = {"X-Request-Id": uuid.uuid4().hex, "Content-Type": "application/json", **answer.headers}
        self._send(answer.status, headers, msgspec.json.encode(answer.document), now)

    def _send(self, status: int, headers: dict[str, str], body: bytes, now: datetime) -> None:
        self.send_response_only(status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
        """Say nothing."""
