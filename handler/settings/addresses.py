"""How addresses are written in the configuration; each reader raises a `ValueError`, as those of `values`."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import urlsplit

from handler.hosts import is_loopback
from handler.settings.secret import Secret
from handler.settings.tree import Lookup
from handler.settings.values import matching, read_text

_HOST: Final = r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])"
ENDPOINT: Final = re.compile(rf"(https?)://({_HOST})(?::(\d{{1,5}}))?/?", re.ASCII)
PORT_MAX: Final = 65535
_COMMON_ENDPOINT: Final = "AWS_ENDPOINT_URL"
PROXY: Final = re.compile(rf"https?://(?:[^\s/?#@]+@)?{_HOST}(?::\d{{1,5}})?/?")
LINK: Final = re.compile(rf"https?://{_HOST}(?::\d{{1,5}})?(?:[/?#]\S*)?")
BASE: Final = re.compile(rf"https?://{_HOST}(?::\d{{1,5}})?(?:/[^\s?#]*)?")
CHANNEL_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S.*")
_WEB_ADDRESS: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/\S*")


def read_channel_url(value: object) -> Secret:
    """Read a channel's URL; whether its service understands it is for the service to say."""
    text = read_text(value)
    if "://" not in text:
        scheme = "https" if _WEB_ADDRESS.fullmatch(text) else "slack"
        raise ValueError(f"has no scheme such as {scheme}:// before it")
    return Secret(matching(CHANNEL_URL, text))


def read_proxy(value: object) -> Secret:
    """Read the URL of a proxy, which may hold a password."""
    return Secret(_with_port(matching(PROXY, value)))


def read_link(value: object) -> str:
    """Read a link to be shown to people, so without user and password."""
    return _with_port(matching(LINK, value)).rstrip("/")


def read_base(value: object) -> str:
    """Read the base address of pages: paths are put behind it, so that nothing may follow its own."""
    address = read_link(value)
    if not BASE.fullmatch(address):
        raise ValueError("has a ? or a # in it, and paths are put behind it")
    return address


def read_heartbeat(value: object) -> Secret:
    """Read the address to ping, as it is: whoever knows it can keep an alarm from going off."""
    return Secret(_with_port(matching(LINK, value)))


def read_endpoint(value: object) -> str:
    """Read an endpoint; unencrypted only where nothing leaves the machine."""
    match = ENDPOINT.fullmatch(read_text(value))
    if match is None or not _is_reachable(*match.groups()[1:]):
        raise ValueError("is no host with https:// before it and nothing but a port after it")
    scheme, host, _ = match.groups()
    if scheme == "http" and not is_loopback(host):
        raise ValueError("is unencrypted, which only a loopback host may be")
    return match[0].removesuffix("/")


def endpoint_in(lookup: Lookup, variable: str) -> str | None:
    """The endpoint that a service's variable puts in place of the region's, or else the common one of AWS.

    See https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (read November 2026).

    Raises:
        ValueError: It cannot be used; the text begins with the word `variable`.
    """
    name = variable if lookup(variable) else _COMMON_ENDPOINT
    value = lookup(name)
    try:
        return read_endpoint(value) if value else None
    except ValueError as error:
        raise ValueError(f"variable {name} {error}") from None


def _with_port(address: str) -> str:
    """The address, unless it names a port that is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ValueError("is not valid") from None
    try:
        is_port = parts.port != 0
    except ValueError:
        is_port = False
    if not is_port:
        raise ValueError(f"has a port that is not from 1 to {PORT_MAX}")
    return address


def _is_reachable(host: str, port: str | None) -> bool:
    """Whether there can be such a host and port; a name can only be tried."""
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1])
    except ValueError:
        return False
    return port is None or 1 <= int(port) <= PORT_MAX
