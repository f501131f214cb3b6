"""The one home of HTTP: sends a signed request, brings back a bounded answer, never late.

It stands on urllib3, the layer beneath `requests`: an exchange costs half the CPU, and what a
signed request must not meet (netrc, proxy variables, cookies) is not even there. No retries.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException
from typing import Any, NamedTuple, Protocol, cast
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from handler.connections import Pool, TlsPool, UnreachedError, is_timeout, reason

CONNECT_SECONDS_MAX = 5
ANSWER_SECONDS_MAX = 10
BODY_BYTES_MAX = 1024 * 1024


class Request(NamedTuple):
    """A whole request; the URL is sent exactly as it stands, because its text was signed."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Response(NamedTuple):
    """A whole answer; header names are lower case, redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """No whole answer came; `request_sent` tells whether the other side may have acted."""

    def __init__(self, message: str, *, timed_out: bool, request_sent: bool) -> None:
        """Take a message that names the host and holds no secret."""
        super().__init__(message)
        self.timed_out = timed_out
        self.request_sent = request_sent


class TooLargeError(TransportError):
    """The answer's body has more than 1 MiB; status and headers came whole."""

    def __init__(self, host: str | None, status: int, headers: Mapping[str, str]) -> None:
        """Name the host; header names are lower case."""
        super().__init__(f"{host} answered with more than 1 MiB.", timed_out=False, request_sent=True)
        self.status = status
        self.headers = headers


class Send(Protocol):
    """What the DMS client and the stores need of a transport."""

    def __call__(self, request: Request, *, timeout_seconds: float) -> Response:
        """Send once, no retry; the whole exchange ends within `timeout_seconds`.

        Raises:
            TransportError: No whole answer came.
        """
        ...


class Transport:
    """Sends over kept connections, from any number of threads; one serves warm invocations too."""

    def __init__(
        self,
        *,
        connections: int,
        proxy: str | None = None,
        ca_file: str | None = None,
        answer_seconds_max: float = ANSWER_SECONDS_MAX,
    ) -> None:
        """Connect to nothing yet.

        Args:
            connections: How many to keep open per host.
            proxy: The setting `network.proxy`; may hold a user and a password.
            ca_file: The setting `network.ca_file`; trusted instead of the public authorities.
            answer_seconds_max: How long an answer may take, however much time there is.

        Raises:
            ValueError: A setting cannot be used; the message names it.
        """
        # A file that is no good is to be found out now, and not when there is news.
        context = _ssl_context(ca_file) if ca_file else None
        self._pools = _pools(proxy, connections, context)
        self._answer_seconds_max = answer_seconds_max
        self._pools.pool_classes_by_scheme = {"http": Pool, "https": cast("type[TlsPool]", _tls_pool)}

    def __call__(self, request: Request, *, timeout_seconds: float) -> Response:
        """See `Send`; only the look-up of the host's name has the resolver's limits, not ours."""
        host = urlsplit(request.url).hostname
        if timeout_seconds <= 0:
            message = f"No time is left to ask {host}."
            raise TransportError(message, timed_out=True, request_sent=False)
        try:
            return self._exchange(request, timeout_seconds)
        except UnreachedError as error:
            message, timed_out = str(error), is_timeout(error.__cause__)
            raise TransportError(message, timed_out=timed_out, request_sent=False) from error
        except ValueError:
            # Without the cause: it would quote the header, and that may be a token.
            message = f"The request to {host} has an address or a header that HTTP forbids."
            raise TransportError(message, timed_out=False, request_sent=True) from None
        except (HTTPError, HTTPException, OSError) as error:
            timed_out = is_timeout(error)
            did = "did not answer in time" if timed_out else f"broke off ({reason(error)})"
            message = f"{host} {did}."
            raise TransportError(message, timed_out=timed_out, request_sent=True) from error

    def _exchange(self, request: Request, timeout_seconds: float) -> Response:
        answer = self._pools.urlopen(
            request.method,
            request.url,
            headers={"User-Agent": "headway", **request.headers},
            body=request.body or None,
            timeout=urllib3.Timeout(
                total=timeout_seconds, connect=CONNECT_SECONDS_MAX, read=self._answer_seconds_max
            ),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = answer.read(BODY_BYTES_MAX + 1)
        finally:
            # A connection read to its end is back in its pool by now; any other is closed.
            answer.close()
        headers = {name.lower(): value for name, value in answer.headers.itermerged()}
        if len(body) > BODY_BYTES_MAX:
            raise TooLargeError(urlsplit(request.url).hostname, answer.status, headers)
        return Response(answer.status, headers, body)


def _tls_pool(host: str, port: int, **options: Any) -> TlsPool:  # noqa: ANN401 - urllib3's options
    options["ssl_context"] = options.get("ssl_context") or _public_context()
    return TlsPool(host, port, **options)


def _pools(proxy: str | None, connections: int, context: ssl.SSLContext | None) -> urllib3.PoolManager:
    if proxy is None:
        return urllib3.PoolManager(maxsize=connections, ssl_context=context)
    try:
        user = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None
        return urllib3.ProxyManager(
            proxy,
            proxy_headers=headers,
            maxsize=connections,
            ssl_context=context,
            # Else urllib3 would trust what the machine does, on the way to a proxy that speaks TLS.
            proxy_ssl_context=(context or _public_context()) if proxy.startswith("https:") else None,
        )
    except ValueError:
        # Without the cause: it would quote the address, password and all.
        message = "network.proxy is not an address such as http://proxy.example.com:3128."
        raise ValueError(message) from None


@cache
def _public_context() -> ssl.SSLContext:
    """Read the public authorities, once and only where they are needed: it takes longer than an exchange."""
    import certifi  # noqa: PLC0415 - see above

    return ssl.create_default_context(cafile=certifi.where())


def _ssl_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ValueError(f"network.ca_file cannot be used: {reason(error)}.") from error
