"""The transport with servers that misbehave: it ends in time, and knows whether they may have acted."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from handler.transport import BODY_BYTES_MAX, Request, Transport, TransportError
from tests.fakes.loopback import HOST, accepting

TIMEOUT_SECONDS = 0.3
SLACK_SECONDS = 0.5
SECRETS = ("tok3n", "s1gnature", "b0dy")

Converse = Callable[[socket.socket], None]


def failure(
    transport: Transport, port: int, host: str = HOST, headers: dict[str, str] | None = None
) -> TransportError:
    """Ask for something that must fail, in time and without giving anything away; gives the error."""
    signed = {"Authorization": "s1gnature", **(headers or {})}
    request = Request("PUT", f"http://{host}:{port}/path?token=tok3n", signed, b"b0dy")
    start = time.monotonic()
    with pytest.raises(TransportError) as caught:
        transport(request, timeout_seconds=TIMEOUT_SECONDS)

    assert time.monotonic() - start < TIMEOUT_SECONDS + SLACK_SECONDS
    assert host in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    return caught.value


def saying(*pieces: bytes) -> Converse:
    """Read the request, say this, hang up."""

    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        for piece in pieces:
            connection.sendall(piece)

    return converse


def trickling(start: bytes, drop: bytes) -> Converse:
    """Say the start, then one drop after the other."""

    def converse(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return converse


def silent(connection: socket.socket) -> None:
    """Listen, and say nothing."""
    while connection.recv(65536):
        pass


HEAD = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(bytes(20 * BODY_BYTES_MAX))

SLOW = {
    "never answers": silent,
    "trickles its body": trickling(HEAD + b"Content-Length: 10000\r\n\r\n", b"."),
    "trickles its chunks": trickling(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n"),
    "trickles its headers": trickling(HEAD, b"X-A: b\r\n"),
    "trickles its status line": trickling(b"HTTP/1.1 200 ", b"O"),
}

BROKEN = {
    "hangs up": saying(),
    "hangs up within its body": saying(HEAD + b"Content-Length: 10\r\n\r\n", b"half"),
    "hangs up within a chunk": saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"9\r\nha"),
    "speaks no HTTP": saying(b"220 mail.example.com ESMTP\r\n"),
    "squeezes badly": saying(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
}

TOO_LARGE = {
    "says so": saying(HEAD + b"Content-Length: 1048577\r\n\r\n", b"." * (BODY_BYTES_MAX + 1)),
    "is in chunks without end": trickling(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"80000\r\n" + b"." * 0x80000 + b"\r\n"
    ),
    "unpacks to more": saying(
        HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(BOMB)}\r\n\r\n".encode(), BOMB
    ),
}


@pytest.mark.parametrize("converse", SLOW.values(), ids=SLOW)
def test_a_server_that_is_slow_is_given_up_in_time(transport: Transport, converse: Converse) -> None:
    """The timeout is for the whole answer, however it trickles; the server may have acted."""
    with accepting(converse) as port:
        error = failure(transport, port)

    assert (error.timed_out, error.request_sent) == (True, True)
    assert str(error) == f"{HOST} did not answer in time."


@pytest.mark.parametrize("converse", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_breaks_off_is_no_answer(transport: Transport, converse: Converse) -> None:
    """Half an answer is never taken for a whole one; the server may have acted."""
    with accepting(converse) as port:
        error = failure(transport, port)

    assert (error.timed_out, error.request_sent) == (False, True)
    assert "broke off" in str(error)


@pytest.mark.parametrize("converse", TOO_LARGE.values(), ids=TOO_LARGE)
def test_an_answer_that_is_too_large_is_refused(transport: Transport, converse: Converse) -> None:
    """More than 1 MiB, unpacked, is an error and is not read to its end, never a shortened answer."""
    with accepting(converse) as port:
        error = failure(transport, port)

    assert (error.timed_out, error.request_sent) == (False, True)
    assert str(error) == f"{HOST} answered with more than 1 MiB."


def test_a_server_that_is_not_there_got_nothing(transport: Transport) -> None:
    """A refused connection is certain: nothing was sent."""
    with socket.create_server((HOST, 0)) as unused:
        port = unused.getsockname()[1]
    error = failure(transport, port)

    assert (error.timed_out, error.request_sent) == (False, False)
    assert str(error) == f"{HOST} could not be reached (Connection refused)."


@contextmanager
def deaf(*hosts: str) -> Iterator[int]:
    """Listen where nobody ever picks up, so that a further connection hangs; gives the port."""
    port, held = 0, []
    try:
        for host in hosts:
            listener = socket.create_server((host, port), backlog=0)
            port = listener.getsockname()[1]
            held += [listener, *(_begun(host, port) for _ in range(3))]
        yield port
    finally:
        for each in held:
            each.close()


def _begun(host: str, port: int) -> socket.socket:
    connection = socket.socket()
    connection.setblocking(False)  # noqa: FBT003 — the standard library's way to say it
    connection.connect_ex((host, port))
    return connection


def test_a_server_that_does_not_pick_up_got_nothing(transport: Transport) -> None:
    """A connection that does not come about in time is certain too."""
    with deaf(HOST) as port:
        error = failure(transport, port)

    assert (error.timed_out, error.request_sent) == (True, False)
    assert str(error) == f"{HOST} could not be reached in time."


@pytest.fixture
def several_addresses(monkeypatch: pytest.MonkeyPatch) -> str:
    """A host's name that DNS answers with three addresses."""
    look_up = socket.getaddrinfo

    def looked_up(host: str, port: int, *options: int, **more: int) -> list[object]:
        hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3") if host == "several.example.com" else (host,)
        return [found for each in hosts for found in look_up(each, port, *options, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return "several.example.com"


def test_all_addresses_of_a_host_share_the_time(transport: Transport, several_addresses: str) -> None:
    """In a network without a way out, each of S3's eight addresses must not cost a whole timeout."""
    with deaf("127.0.0.1", "127.0.0.2", "127.0.0.3") as port:
        error = failure(transport, port, host=several_addresses)

    assert (error.timed_out, error.request_sent) == (True, False)


def test_the_next_address_is_tried(transport: Transport, several_addresses: str) -> None:
    """One dead address of several does no harm."""
    with deaf("127.0.0.1") as port, socket.create_server(("127.0.0.2", port)) as listener:
        error = failure(transport, port, host=several_addresses)
        listener.setblocking(False)  # noqa: FBT003 — the standard library's way to say it
        connection, _ = listener.accept()
        connection.close()

    assert error.request_sent


def test_a_host_that_is_found_too_late_is_not_asked(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look it up keeps no time. Whoever asked may have said something else meanwhile."""
    look_up = socket.getaddrinfo

    def looked_up(host: str, port: int, *options: int, **more: int) -> list[object]:
        time.sleep(0.3)
        return [*look_up(host, port, *options, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with socket.create_server((HOST, 0)) as listener:
        listener.setblocking(False)  # noqa: FBT003 — the standard library's way to say it
        with pytest.raises(TransportError, match="could not be reached in time") as caught:
            transport(Request("GET", f"http://{HOST}:{listener.getsockname()[1]}/"), timeout_seconds=0.2)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert (caught.value.timed_out, caught.value.request_sent) == (True, False)


def test_without_time_nothing_is_begun(transport: Transport) -> None:
    """A deadline that has passed is a timeout, before anything was sent."""
    with pytest.raises(TransportError, match="No time is left") as caught:
        transport(Request("GET", f"http://{HOST}:9/"), timeout_seconds=0)

    assert (caught.value.timed_out, caught.value.request_sent) == (True, False)


@pytest.mark.parametrize("token", ["tok3n\n", "tok3n\r\nX-Injected: 1", "tok3n\u4e2d"])
def test_a_token_that_is_no_header_is_not_shown(transport: Transport, token: str) -> None:
    """A secret with a stray line break makes an error that does not quote it, not even as its cause."""
    with accepting(silent) as port:
        error = failure(transport, port, headers={"X-Amz-Security-Token": token})

    assert "a header that HTTP forbids" in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_failure_does_not_spoil_the_next_request(transport: Transport) -> None:
    """A connection that failed is thrown away, its host is not."""
    conversations = [saying(HEAD, b"Content-Length: 2\r\n\r\nok"), BROKEN["hangs up"], silent]

    def converse(connection: socket.socket) -> None:
        conversations.pop()(connection)

    with accepting(converse) as port:
        failure(transport, port)
        failure(transport, port)
        answer = transport(Request("GET", f"http://{HOST}:{port}/"), timeout_seconds=5)

    assert answer.body == b"ok"
