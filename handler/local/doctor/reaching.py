"""Whether a host can be reached, without a word to whoever is there."""

from __future__ import annotations

import http.client
import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote, urlsplit

from handler.connections import connected

LOOK_UP_SECONDS_MAX: Final = 5.0
CONNECT_SECONDS_MAX: Final = 5.0
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80


def _resolve(host: str) -> object:
    return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)


def look_up(
    host: str,
    seconds_max: float = LOOK_UP_SECONDS_MAX,
    resolve: Callable[[str], object] = _resolve,
) -> None:
    """Look up a host's name, for so long at most.

    Raises:
        OSError: There is no such name, or nobody said so in time.
        UnicodeError: It can be none.
    """
    # Not every resolver knows that these are loopback: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    if host.endswith(".localhost"):
        return
    failures: list[Exception] = []

    def ask() -> None:
        try:
            resolve(host)
        except (OSError, UnicodeError) as error:
            failures.append(error)

    # A resolver cannot be told how long it may take, but nobody has to wait for it.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds_max)
    if thread.is_alive():
        raise socket.gaierror(socket.EAI_AGAIN, "no answer in time")
    if failures:
        raise failures[0]


def reach(host: str, port: int, proxy: str | None) -> None:
    """Connect to a port of a host, and hang up; `proxy` is the address of one that leads there.

    Whether a proxy leads there can be told for HTTPS alone: all else it takes with its first request.

    Raises:
        OSError: It cannot be reached.
        UnicodeError: That is no name of a host.
    """
    if proxy is None:
        look_up(host)
        connected(host, port, CONNECT_SECONDS_MAX).close()
        return
    url = urlsplit(proxy)
    is_tls = url.scheme == "https"
    proxy_host, proxy_port = url.hostname or "", url.port or (HTTPS_PORT if is_tls else HTTP_PORT)
    look_up(proxy_host)
    if is_tls or port != HTTPS_PORT:
        connected(proxy_host, proxy_port, CONNECT_SECONDS_MAX).close()
        return
    connection = http.client.HTTPConnection(proxy_host, proxy_port, timeout=CONNECT_SECONDS_MAX)
    user = b64encode(f"{unquote(url.username or '')}:{unquote(url.password or '')}".encode()).decode()
    connection.set_tunnel(host, port, {"Proxy-Authorization": f"Basic {user}"} if url.username else {})
    try:
        connection.connect()
    finally:
        connection.close()
