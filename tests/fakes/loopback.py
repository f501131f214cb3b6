"""HTTP servers on loopback, for fakes that speak real protocol."""

from __future__ import annotations

import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import Self

HOST = "127.0.0.1"


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections open, answers in one packet, logs nothing."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the parent's name for it
        """Say nothing."""

    def respond(self) -> None:
        """Answer a request of any method."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Pass on to `respond`."""
        self.respond()

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 — the parent's names

    def body(self) -> bytes:
        """Read the request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Send a whole answer."""
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    is_stopped = False

    def serve(self) -> None:
        """Serve, until `stop` breaks off the waiting for the next connection."""
        while not self.is_stopped:
            self.handle_request()

    def stop(self) -> None:
        """Take no more connections; `serve` ends."""
        self.is_stopped = True
        self.socket.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, which is what some tests are about."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve HTTP, or HTTPS with a context, in a thread while the block runs; gives the port."""
    with _Server((HOST, 0), handler) as server:
        if context:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.stop()
            thread.join()


class LoopbackServer(ABC):
    """A server for the time of a `with` block."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """Serve nothing yet; then HTTP, or HTTPS with a context."""
        self.port = 0
        self._context = context
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        server = self

        class Handler(QuietHandler):
            def respond(self) -> None:
                server.visit(self)

            do_HEAD = QuietHandler.do_GET  # noqa: N815 — the parent's names

        self.port = self._stack.enter_context(serving(Handler, self._context))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    @property
    def endpoint(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._context else 'http'}://{HOST}:{self.port}"

    @abstractmethod
    def visit(self, handler: QuietHandler) -> None:
        """Answer a request of any method."""


@contextmanager
def accepting(converse: Callable[[socket.socket], None]) -> Iterator[int]:
    """Hand every connection to `converse`, raw, and close it afterwards; gives the port."""
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, converse), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


def _accept(listener: socket.socket, converse: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(connection, converse), daemon=True).start()


def _converse(connection: socket.socket, converse: Callable[[socket.socket], None]) -> None:
    with connection, suppress(OSError):
        converse(connection)
        # To close over unread bytes would reset the connection and destroy what was just said.
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(1)
        while connection.recv(65536):
            pass
