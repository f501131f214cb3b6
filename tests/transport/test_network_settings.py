"""The settings under `network`: a company's proxy and a company's certificate authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handler.transport import Request, Transport, TransportError
from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.fakes.private_ca import PrivateCa, private_ca
from tests.fakes.proxy_server import running_proxy


class Hello(QuietHandler):
    """Says hello."""

    def respond(self) -> None:
        """Say it."""
        self.answer(200, {}, b"hello")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateCa:
    """A private authority."""
    return private_ca(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def port(authority: PrivateCa) -> Iterator[int]:
    """A server that presents a certificate of that authority."""
    with serving(Hello, authority.server_context) as server_port:
        yield server_port


@pytest.fixture
def request_to_server(port: int) -> Request:
    """A request to that server."""
    return Request("GET", f"https://{HOST}:{port}/?token=tok3n")


def test_a_private_authority_is_trusted_when_configured(
    authority: PrivateCa, request_to_server: Request
) -> None:
    """`network.ca_file` makes a company's own certificates good, on every connection."""
    transport = Transport(connections=2, ca_file=str(authority.ca_file))

    assert transport(request_to_server, timeout_seconds=5).body == b"hello"
    assert transport(request_to_server, timeout_seconds=5).body == b"hello"


def test_an_unknown_authority_is_refused_before_anything_is_sent(request_to_server: Request) -> None:
    """Without the setting the certificate is not believed, and nothing leaves."""
    with pytest.raises(TransportError, match="certificate verify failed") as caught:
        Transport(connections=1)(request_to_server, timeout_seconds=5)

    assert (caught.value.timed_out, caught.value.request_sent) == (False, False)


def test_a_certificate_of_another_host_is_refused(authority: PrivateCa, port: int) -> None:
    """A good certificate for somebody else is a bad one."""
    with pytest.raises(TransportError, match="certificate verify failed") as caught:
        Transport(connections=1, ca_file=str(authority.ca_file))(
            Request("GET", f"https://localhost:{port}/"), timeout_seconds=5
        )

    assert not caught.value.request_sent


def test_the_configured_proxy_is_used(authority: PrivateCa, port: int, request_to_server: Request) -> None:
    """`network.proxy`, with its user and password, tunnels to the server; the proxy sees no request."""
    with running_proxy() as (address, targets):
        transport = Transport(
            connections=1, proxy=f"http://user:p%40ss@{address}", ca_file=str(authority.ca_file)
        )
        answers = [transport(request_to_server, timeout_seconds=5).body for _ in range(2)]

    assert answers == [b"hello", b"hello"]
    assert targets == [f"{HOST}:{port}"]


def test_a_proxy_that_speaks_tls_is_used(authority: PrivateCa, port: int, request_to_server: Request) -> None:
    """With `https://` before it; its certificate is believed as the servers' are, by `network.ca_file`."""
    with running_proxy(authority.server_context) as (address, targets):
        transport = Transport(
            connections=1, proxy=f"https://user:p%40ss@{address}", ca_file=str(authority.ca_file)
        )
        answer = transport(request_to_server, timeout_seconds=5)

    assert (answer.body, targets) == (b"hello", [f"{HOST}:{port}"])


def test_a_proxy_that_refuses_is_named(authority: PrivateCa, request_to_server: Request) -> None:
    """Which proxy, and its status; not the password, and nothing was sent."""
    with running_proxy() as (address, _):
        transport = Transport(
            connections=1, proxy=f"http://user:wr0ng@{address}", ca_file=str(authority.ca_file)
        )
        with pytest.raises(TransportError, match=rf"The proxy {HOST} could not be reached .*407") as caught:
            transport(request_to_server, timeout_seconds=5)

    assert not caught.value.request_sent
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(scheme: str) -> None:
    """It is the proxy that could not be reached, and nothing was sent."""
    transport = Transport(connections=1, proxy=f"http://user:p4ss@{HOST}:9")
    with pytest.raises(
        TransportError, match=rf"The proxy {HOST} could not be reached \(Connection"
    ) as caught:
        transport(Request("GET", f"{scheme}://kafka.example.com/"), timeout_seconds=5)

    assert not caught.value.request_sent


@pytest.mark.parametrize("proxy", ["socks5://user:p4ss@proxy:1080", "http://user:p4ss@proxy:port", "proxy"])
def test_a_proxy_that_is_no_address_is_refused_by_name(proxy: str) -> None:
    """The error names the setting and keeps the password to itself."""
    with pytest.raises(ValueError, match=r"^network\.proxy is not an address such as") as caught:
        Transport(connections=1, proxy=proxy)

    assert "p4ss" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_ca_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    """The error names the setting, whether the file is missing or no certificate."""
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")
    for ca_file in (tmp_path / "missing.pem", empty):
        with pytest.raises(ValueError, match=r"^network\.ca_file cannot be used"):
            Transport(connections=1, ca_file=str(ca_file))
