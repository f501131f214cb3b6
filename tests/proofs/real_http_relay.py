"""A relay before a server that speaks HTTP."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import BinaryIO, Final

from tests.proofs.real_relay import Relay, line_of
from tests.proofs.real_trouble import Trouble

_HEAD: Final = "HTTP/1.1 {}\r\nContent-Length: 8\r\nDate: Tue, 24 Nov 2026 08:00:00 GMT\r\n{}\r\nnonsense"
_INSTEAD: Final[Mapping[Trouble, bytes]] = {
    Trouble.GARBAGE: _HEAD.format("200 OK", "").encode(),
    Trouble.NOISE: b"\x16\x03\x01nonsense\r\n\r\n",
    Trouble.BUSY: _HEAD.format("503 Service Unavailable", "").encode(),
    Trouble.BUSY_FOR: _HEAD.format("503 Service Unavailable", "Retry-After: 600\r\n").encode(),
    Trouble.LIMITED: _HEAD.format("429 Too Many Requests", "").encode(),
}


class HttpRelay(Relay):
    """Passes requests on one by one, each over a connection of its own."""

    def converse(self, client: socket.socket) -> None:
        """See `Relay`."""
        with client.makefile("rb") as reader:
            while True:
                request = _read(reader)
                trouble = self.struck_by(request)
                is_done = trouble is None or trouble.is_done
                answer = self._ask(request) if is_done else b""
                self.say(client, _INSTEAD.get(trouble, answer) if trouble else answer, trouble)

    def _ask(self, request: bytes) -> bytes:
        with self.upstream() as server, server.makefile("rb") as reader:
            server.sendall(request)
            return _read(reader)


def _read(reader: BinaryIO) -> bytes:
    """Read a whole request or answer; all who speak here say how long their bodies are."""
    lines = [line_of(reader)]
    while lines[-1] != b"\r\n":
        lines.append(line_of(reader))
    fields = (line.partition(b":") for line in lines)
    lengths = [int(value) for name, _, value in fields if name.lower() == b"content-length"]
    body = reader.read(lengths[0]) if lengths else b""
    return b"".join([*lines, body])
