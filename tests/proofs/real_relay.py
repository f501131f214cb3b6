"""Stands before a server on loopback and passes everything on, until it is told to make trouble."""

from __future__ import annotations

import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Final

from typing_extensions import Self

from tests.fakes.loopback import HOST
from tests.proofs.real_trouble import Trouble

_TRICKLE_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 30
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Relay(ABC):
    """A relay for the time of a `with` block; `trouble` is what is wrong with it, None if nothing.

    `passed_at` is when requests were passed on, on the monotonic clock.
    """

    def __init__(self, upstream: int, strikes: Callable[[bytes], bool] = lambda _: True) -> None:
        """Stand before the port `upstream`; trouble strikes only what `strikes` says, else all."""
        self.trouble: Trouble | None = None
        self.passed_at: list[float] = []
        self.port = 0
        self._upstream = upstream
        self._strikes = strikes
        self._listener: socket.socket
        self._clients: set[socket.socket] = set()
        self._is_over = threading.Event()

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._listener = _bound(0)
        self.port = self._listener.getsockname()[1]
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and let go of what hangs."""
        self.fail(Trouble.DOWN)
        self._listener.close()

    def fail(self, trouble: Trouble | None) -> None:
        """Be in this trouble from now on, or in none; connections that stand are broken."""
        was_down, self.trouble = self.trouble is Trouble.DOWN, trouble
        self._is_over.set()
        self._is_over = threading.Event()
        if trouble is Trouble.DOWN:
            self._deafen()
        elif was_down:
            self._listen()
        for client in [*self._clients]:
            reset(client)

    @abstractmethod
    def converse(self, client: socket.socket) -> None:
        """Serve one client, to the end."""

    def struck_by(self, request: bytes) -> Trouble | None:
        """The trouble that this request meets."""
        return self.trouble if self._strikes(request) else None

    def upstream(self) -> socket.socket:
        """Connect to the server itself."""
        self.passed_at.append(time.monotonic())
        return socket.create_connection((HOST, self._upstream), timeout=_PATIENCE_SECONDS)

    def say(self, client: socket.socket, answer: bytes, trouble: Trouble | None) -> None:
        """Give the server's answer, in the way that the trouble is."""
        match trouble:
            case Trouble.CUT_BEFORE | Trouble.CUT_AFTER:
                reset(client)
            case Trouble.SILENT | Trouble.SLOW:
                self._is_over.wait(_PATIENCE_SECONDS)
                reset(client)
            case Trouble.TRICKLE:
                self._trickle(client, answer)
            case _:
                client.sendall(answer)

    def _trickle(self, client: socket.socket, answer: bytes) -> None:
        is_over = self._is_over
        for byte in answer:
            if is_over.wait(_TRICKLE_SECONDS):
                return
            client.sendall(bytes([byte]))

    def _listen(self) -> None:
        self._listener.listen(256)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _deafen(self) -> None:
        """Refuse connections, but keep the port."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = _bound(self.port)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            self._clients.add(client)
            try:
                if self.trouble is Trouble.RESET:
                    reset(client)
                else:
                    self.converse(client)
            finally:
                self._clients.discard(client)


def reset(client: socket.socket) -> None:
    """Break a connection without a goodbye."""
    with suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        # Whoever still reads from it, here, would keep it open.
        client.shutdown(socket.SHUT_RD)
    client.close()


def line_of(reader: BinaryIO) -> bytes:
    """Read a line.

    Raises:
        ConnectionError: There is none any more.
    """
    line = reader.readline(65536)
    if not line.endswith(b"\n"):
        raise ConnectionError
    return line


def _bound(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener
