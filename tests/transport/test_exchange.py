"""The transport with a server that behaves: what is sent is what arrives, and what comes back is whole."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.transport import BODY_BYTES_MAX, Request, Response, TooLargeError, Transport
from tests.fakes.loopback import HOST, QuietHandler, accepting, serving


class Echo(QuietHandler):
    """Answers with what it was asked; the query says how."""

    clients: set[object]
    requests: list[tuple[str, str, dict[str, str], bytes]]
    lock = threading.Lock()

    def respond(self) -> None:
        """Record and answer."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.lock:
            self.clients.add(self.client_address)
            self.requests.append((self.command, self.path, headers, self.body()))
        match self.path.partition("?")[2]:
            case "status=304":
                self.answer(304, {"ETag": '"e"'})
            case "status=302":
                self.answer(302, {"Location": "/elsewhere"})
            case "gzip":
                self.answer(200, {"Content-Encoding": "gzip"}, gzip.compress(b"squeezed"))
            case "chunked":
                self.answer(
                    200, {"Transfer-Encoding": "chunked", "X-Twice": "a"}, b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
                )
            case "oversized":
                self.answer(200, {"ETag": '"e"'}, b"." * (BODY_BYTES_MAX + 1))
            case "full":
                self.answer(200, {}, b"." * BODY_BYTES_MAX)
            case _:
                self.answer(200, {"X-Odd-Case": "Kept"}, b"hello")


@pytest.fixture
def echo() -> type[Echo]:
    """A server's memory, one for each test."""
    return type("Echo", (Echo,), {"clients": set(), "requests": []})


@pytest.fixture
def base(echo: type[Echo]) -> Iterator[str]:
    """The server's address."""
    with serving(echo) as port:
        yield f"http://{HOST}:{port}"


def get(transport: Transport, url: str) -> Response:
    """Ask, with time enough."""
    return transport(Request("GET", url), timeout_seconds=5)


def test_an_answer_is_whole_and_its_header_names_are_lower_case(transport: Transport, base: str) -> None:
    """Status, headers and body arrive; a header's value stays as it was sent."""
    answer = get(transport, f"{base}/")

    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["x-odd-case"] == "Kept"


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("body", [b"", b"\0some bytes"])
def test_a_request_arrives_as_it_stands(
    transport: Transport, base: str, echo: type[Echo], method: str, body: bytes
) -> None:
    """Method, address, headers and body reach the server unchanged, for their text was signed."""
    target = "/b/changes/a-1_%20%7E/T.json?list-type=2&prefix=a%2Fb&empty="
    headers = {"Host": "bucket.s3.example.com", "Authorization": "SIGNED, by=us", "If-Match": '"etag"'}
    transport(Request(method, f"{base}{target}", headers, body), timeout_seconds=5)

    [(arrived_method, arrived_target, arrived_headers, arrived_body)] = echo.requests

    assert (arrived_method, arrived_target, arrived_body) == (method, target, body)
    assert {name.lower(): value for name, value in headers.items()}.items() <= arrived_headers.items()
    assert "cookie" not in arrived_headers


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text("abcXYZ019/_.-").filter(lambda key: "/." not in key))
def test_any_key_arrives_as_it_stands(transport: Transport, base: str, echo: type[Echo], key: str) -> None:
    """No key that a store takes is rewritten on the way."""
    get(transport, f"{base}/b/x{key}")

    assert echo.requests[-1][1] == f"/b/x{key}"


def test_a_connection_serves_many_requests(transport: Transport, base: str, echo: type[Echo]) -> None:
    """Whatever the answer was, empty, squeezed, full or in chunks, the connection is kept."""
    for query in ("", "?status=304", "?status=302", "?gzip", "?chunked", "?full", "?"):
        get(transport, f"{base}/{query}")

    assert len(echo.clients) == 1


def test_threads_share_the_connections(base: str, echo: type[Echo]) -> None:
    """As many threads as connections never open more than one each."""
    transport = Transport(connections=8)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: get(transport, f"{base}/").status, range(200)))

    assert answers == [200] * 200
    assert len(echo.clients) <= 8


def test_a_connection_that_the_server_closed_is_replaced(transport: Transport) -> None:
    """A warm process may hold a connection that is long dead; the next request does not notice."""
    closed = threading.Semaphore(0)

    def answer_and_close(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.close()
        closed.release()

    with accepting(answer_and_close) as port:
        for _ in range(3):
            assert get(transport, f"http://{HOST}:{port}/").body == b"ok"
            assert closed.acquire(timeout=5)


def test_a_redirect_is_an_answer_like_any_other(transport: Transport, base: str, echo: type[Echo]) -> None:
    """A signed request is never sent to where an answer points."""
    answer = get(transport, f"{base}/?status=302")

    assert (answer.status, answer.headers["location"]) == (302, "/elsewhere")
    assert len(echo.requests) == 1


def test_a_squeezed_answer_is_unpacked(transport: Transport, base: str) -> None:
    """A gateway may squeeze an answer although we never ask for it."""
    assert get(transport, f"{base}/?gzip").body == b"squeezed"


def test_an_answer_of_the_largest_size_is_whole(transport: Transport, base: str) -> None:
    """The bound is what is still allowed."""
    assert len(get(transport, f"{base}/?full").body) == BODY_BYTES_MAX


def test_of_an_answer_that_is_too_large_the_head_is_known(transport: Transport, base: str) -> None:
    """Status and headers came whole, and may be all that matters."""
    with pytest.raises(TooLargeError) as caught:
        get(transport, f"{base}/?oversized")

    assert (caught.value.status, caught.value.headers["etag"]) == (200, '"e"')


def test_names_under_localhost_are_this_machine(transport: Transport, base: str, echo: type[Echo]) -> None:
    """Also where the resolver does not know them; the server sees the whole name."""
    port = base.rpartition(":")[2]

    assert get(transport, f"http://bucket.localhost:{port}/").status == 200
    assert echo.requests[0][2]["host"] == f"bucket.localhost:{port}"


def test_the_environment_has_no_say(
    base: str, echo: type[Echo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A netrc entry would replace our signature, a proxy variable would divert it: neither is read."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{HOST}:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    Transport(connections=1)(Request("GET", base, {"Authorization": "ours"}), timeout_seconds=5)

    assert [headers["authorization"] for _, _, headers, _ in echo.requests] == ["ours"]
