"""Where a channel leads, found out by having it send while nothing can leave this machine.

Python tells before it looks a name up, connects or sends, so it does not matter which service it is, and with
which library it sends: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, NamedTuple

_CONNECT: Final = "socket.connect"
_LOOK_UP: Final = "socket.getaddrinfo"
_LEAVING: Final = frozenset({_CONNECT, _LOOK_UP, "socket.gethostbyname", "socket.sendmsg", "socket.sendto"})
_TELLING: Final = frozenset(
    {
        *("syslog.syslog", "subprocess.Popen"),
        *("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system"),
    }
)
"""How a service may tell somebody by the machine that it is on: its log, or another program."""


class Destination(NamedTuple):
    """A host, and the port there to connect to; None if there is none, or none is known."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        """Name it as an address does."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


class RehearsalError(ConnectionError):
    """Nothing may leave now."""


class _Stage:
    """Keeps back whatever wants to leave, in whichever thread, as long as a rehearsal goes on."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.met: list[Destination] | None = None

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        met = self.met
        if met is None or event not in _LEAVING | _TELLING:
            return
        if event in _LEAVING:
            met.extend(_destinations(event, arguments))
        raise RehearsalError


@cache
def _stage() -> _Stage:
    """Make the only one; Python keeps what it was once told to ask, to the end."""
    stage = _Stage()
    sys.addaudithook(stage.watch)
    return stage


@contextmanager
def rehearsing() -> Iterator[list[Destination]]:
    """Let nothing leave this process while the block runs; gives whom it wanted to reach, in order."""
    stage = _stage()
    with stage.lock:
        met: list[Destination] = []
        stage.met = met
        try:
            yield met
        finally:
            stage.met = None


def _destinations(event: str, arguments: tuple[Any, ...]) -> Iterator[Destination]:
    """Read what Python tells; a socket of this machine's own is no destination."""
    if event == _LOOK_UP:
        host, port, *_ = arguments
    else:
        host, port, *_ = arguments[-1] if isinstance(arguments[-1], tuple) else (arguments[-1], None)
    if isinstance(host, bytes):
        host = host.decode("idna")
    if isinstance(host, str) and not host.startswith(("/", "\0")):
        can_connect = event in {_CONNECT, _LOOK_UP} and port
        yield Destination(host, int(port) if can_connect else None)
