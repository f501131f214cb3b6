"""HTTP on loopback: a server whose connections are kept, and none of which outlives it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, TypeVar

from handler.local.exchange import Answering, Exchange

LOOPBACK: Final = "127.0.0.1"

ServiceT = TypeVar("ServiceT", bound="LoopbackService")


class LoopbackServer(ThreadingHTTPServer):
    """Serves from one thread per connection; `close` leaves neither threads nor connections."""

    # Some versions of Python would let two servers share a port, each getting half of the requests.
    allow_reuse_port = False
    # Not to be left behind: `server_close` waits for them.
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, port: int, answering: Answering, delay_seconds: float = 0.0) -> None:
        """Take the port, but serve nothing yet.

        Raises:
            OSError: The port cannot be used.
        """
        super().__init__((LOOPBACK, port), Exchange)
        self.answering = answering
        self.delay_seconds = delay_seconds
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    def start(self) -> None:
        """Serve, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving, in the middle of whatever is going on but an answer that is being made."""
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


class LoopbackService:
    """Something that is served for the time of a `with` block.

    Attributes:
        port: Where, on 127.0.0.1.
    """

    def __init__(self, port: int, answering: Answering, delay_seconds: float = 0.0) -> None:
        """Take the port, or with 0 a free one, but serve nothing yet.

        Raises:
            OSError: The port cannot be used.
        """
        self._server = LoopbackServer(port, answering, delay_seconds)
        self.port = self._server.server_port

    def __enter__(self: ServiceT) -> ServiceT:  # noqa: PYI019 - Python 3.10 has no Self
        """Serve."""
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving, and close what is open; an answer that is being made is waited for."""
        self._server.close()
