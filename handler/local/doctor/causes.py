"""What keeps one from reaching a host, by the error that it comes to, and what to do then. Pure."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final, NamedTuple

from handler.connections import is_timeout, reason
from handler.transport import TransportError

_TUNNEL_FAILED: Final = re.compile(r"Tunnel connection failed: (\d{3})")
_WANTS_LOGIN: Final = "407"
_BEHIND_PROXY: Final = " and, where only a proxy leads out, set network.proxy"


class Cause(NamedTuple):
    """What keeps one from reaching a host, and what to do then."""

    detail: str
    advice: str


def cause_of(
    error: BaseException, host: str, key: str, proxy: str | None = None, *, takes_proxy: bool = True
) -> Cause:
    """Say why a host could not be reached.

    Args:
        error: What happened; what has caused that counts.
        host: Who was to be reached.
        key: What of the configuration names it.
        proxy: The host of the proxy that leads there, if there is one.
        takes_proxy: Whether one could.
    """
    if isinstance(error, TransportError) and error.request_sent:
        # Whoever led there has done so.
        proxy = None
    while error.__cause__ is not None:
        error = error.__cause__
    tunnel = _TUNNEL_FAILED.match(str(error))
    if tunnel:
        return _refused_by_proxy(tunnel[1], host, proxy or "")
    if isinstance(error, ssl.SSLError):
        return _without_tls(error, host, key)
    cause = _unconnected(error, host, key, proxy)
    return cause if takes_proxy else cause._replace(advice=cause.advice.removesuffix(_BEHIND_PROXY))


def _refused_by_proxy(status: str, host: str, proxy: str) -> Cause:
    if status == _WANTS_LOGIN:
        return wants_login(proxy)
    detail = f"the proxy {proxy} does not lead to {host} (it answered {status})"
    return Cause(detail, f"have {host} allowed there, or check network.proxy")


def wants_login(proxy: str) -> Cause:
    """Say that the proxy lets nobody through without a password."""
    advice = "write network.proxy as http://USER:PASSWORD@HOST:PORT, with the right ones"
    return Cause(f"the proxy {proxy} wants a user and a password", advice)


def _without_tls(error: ssl.SSLError, host: str, key: str) -> Cause:
    if isinstance(error, ssl.SSLCertVerificationError):
        detail = (
            f"the certificate of {host} is not trusted ({getattr(error, 'verify_message', reason(error))})"
        )
        advice = (
            "where the network puts its own certificates in place, name a file with its authority in"
            f" network.ca_file; else check {key} and this machine's clock"
        )
        return Cause(detail, advice)
    return Cause(f"{host} speaks no TLS on that port ({reason(error)})", f"check {key}")


def _unconnected(error: BaseException, host: str, key: str, proxy: str | None) -> Cause:
    where, key = (f"the proxy {proxy}", "network.proxy") if proxy else (host, key)
    name, elsewhere = where.partition(":")[0], "" if proxy else _BEHIND_PROXY
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        detail, advice = (
            f"no name server says where {name} is",
            "check this machine's network and DNS",
        )
    elif isinstance(error, (socket.gaierror, UnicodeError)):
        detail, advice = f"the name of {name} is not known", f"check {key}{elsewhere}"
    elif isinstance(error, ConnectionRefusedError):
        detail, advice = f"{where} refused the connection", f"check {key} and its port, and firewalls"
    elif is_timeout(error):
        detail = f"{where} did not answer in time"
        advice = f"see whether a firewall lets this machine there{elsewhere}"
    else:
        what = reason(error) if isinstance(error, Exception) else type(error).__name__
        detail, advice = (
            f"the connection to {where} failed ({what})",
            f"check {key} and this machine's network",
        )
    return Cause(detail, advice)
