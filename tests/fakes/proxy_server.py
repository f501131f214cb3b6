"""A company proxy on loopback: CONNECT only, with a user and a password."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from tests.fakes.loopback import HOST, QuietHandler, serving

AUTHORIZATION = "Basic dXNlcjpwQHNz"
"""What user `user` with password `p@ss` sends."""


class ProxyHandler(QuietHandler):
    """Joins the client with whom it asks for; `targets` is whom they asked for."""

    targets: list[str]

    def do_CONNECT(self) -> None:  # noqa: N802 — http.server's name for it
        """Open the tunnel, for those who may."""
        if self.headers["Proxy-Authorization"] != AUTHORIZATION:
            self.answer(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, {"Connection": "close"})
            return
        self.targets.append(self.path)
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as target:
            self.answer(HTTPStatus.OK, {})
            back = threading.Thread(target=_pump, args=(target, self.connection), daemon=True)
            back.start()
            _pump(self.connection, target)
            back.join()
        self.close_connection = True


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while received := source.recv(65536):
            sink.sendall(received)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def running_proxy(context: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[str]]]:
    """Run it while the block runs, over TLS with a context; gives host and port, and the list of targets."""
    targets: list[str] = []
    handler = type("Handler", (ProxyHandler,), {"targets": targets})
    with serving(handler, context) as port:
        yield f"{HOST}:{port}", targets
