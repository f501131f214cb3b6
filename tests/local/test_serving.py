"""HTTP on loopback: connections, methods, lengths, the speed of answers, and the end."""

from __future__ import annotations

import gc
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, RemoteDisconnected
from threading import Event
from typing import Any

import pytest

from handler.local.exchange import BODY_BYTES_MAX, Answered, Answering, Asked
from handler.local.serving import LOOPBACK, LoopbackServer

REFUSED = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Connection": "close",
}
FINE = Answered(200, {"X-Own": "yes"}, b"fine")


def always(answered: Answered | None) -> Answering:
    """The same answer whatever is asked."""
    return lambda _: answered


be_fine = always(FINE)


@contextmanager
def serving(answering: Answering = be_fine, delay_seconds: float = 0.0) -> Iterator[LoopbackServer]:
    """A server that answers as told, or that all is fine."""
    server = LoopbackServer(0, answering, delay_seconds)
    server.start()
    try:
        yield server
    finally:
        server.close()


@contextmanager
def connection_to(server: LoopbackServer) -> Iterator[HTTPConnection]:
    """A connection of one's own."""
    connection = HTTPConnection(LOOPBACK, server.server_port, timeout=5)
    try:
        yield connection
    finally:
        connection.close()


def get(connection: HTTPConnection) -> tuple[int, bytes]:
    """Status and body of an answer."""
    connection.request("GET", "/")
    answer = connection.getresponse()
    return answer.status, answer.read()


def exchange(server: LoopbackServer, sent: bytes) -> bytes:
    """Send these very bytes and nothing more; all that comes back."""
    with socket.create_connection((LOOPBACK, server.server_port), timeout=5) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def tell(server: LoopbackServer, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """The same; status, headers and body of the answer, if there is one."""
    head, _, body = exchange(server, sent).partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    headers = dict(name_and_text.split(": ", 1) for name_and_text in lines)
    return int(line.split(" ")[1]), headers, body


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has closed it, also if it had not even accepted it."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_connection_is_kept() -> None:
    """One is enough for any number of requests."""
    with serving() as server, connection_to(server) as connection:
        connection.connect()
        own_port = connection.sock.getsockname()[1]
        answers = {get(connection) for _ in range(20)}

        assert answers == {(200, b"fine")}
        assert connection.sock.getsockname()[1] == own_port


def test_sixty_four_connections_are_served_side_by_side() -> None:
    """All of them are open before the first one asks, and none waits for another."""
    with serving(delay_seconds=0.2) as server, ThreadPoolExecutor(64) as pool:
        barrier = threading.Barrier(64)

        def ask(_: int) -> list[tuple[int, bytes]]:
            with connection_to(server) as connection:
                connection.connect()
                barrier.wait(10)
                return [get(connection) for _ in range(3)]

        begin = time.monotonic()
        answers = [answer for some in pool.map(ask, range(64)) for answer in some]
        passed_seconds = time.monotonic() - begin

    assert answers == [(200, b"fine")] * 192
    # One after the other they would take 38 s.
    assert 0.6 <= passed_seconds < 10


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_a_request_comes_through_as_it_was_sent(method: str) -> None:
    """By any method, with its body, which does not belong to the next request."""
    heard: list[Asked] = []

    def answering(asked: Asked) -> Answered:
        heard.append(asked)
        return FINE

    with serving(answering) as server, connection_to(server) as connection:
        connection.request(method, "/a%20b?c=d", body=b"body", headers={"X-Name": "value"})
        answer = connection.getresponse()
        told = answer.status, answer.headers["X-Own"], answer.read()
        status, _ = get(connection)

    assert (told, status) == ((200, "yes", b"fine"), 200)
    assert heard[0][:2] == (method, "/a%20b?c=d")
    assert (heard[0].headers["x-name"], heard[0].body) == ("value", b"body")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://127.0.0.1:80/a?b=http://c/", "/a?b=http://c/"),
        ("HTTP://127.0.0.1:80", "/"),
        ("https://127.0.0.1:80?b=c", "/?b=c"),
    ],
)
def test_a_target_with_a_host_is_asked_for_by_its_path(target: str, path: str) -> None:
    """As proxies send it; its host counts, and the header says nothing."""
    heard: list[Asked] = []
    with serving(heard.append) as server:
        exchange(server, f"GET {target} HTTP/1.1\r\nHost: elsewhere\r\n\r\n".encode())

    assert [(asked.target, asked.headers["host"]) for asked in heard] == [(path, "127.0.0.1:80")]


def test_whoever_asks_before_sending_a_body_is_told_at_once_to_go_on() -> None:
    """Else curl waits for a second."""
    with (
        serving() as server,
        socket.create_connection((LOOPBACK, server.server_port), timeout=5) as client,
        client.makefile("rb") as answers,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        told = [answers.readline(), answers.readline()]
        client.sendall(b"body")

        assert told == [b"HTTP/1.1 100 Continue\r\n", b"\r\n"]
        assert answers.readline() == b"HTTP/1.1 200 OK\r\n"


def test_a_connection_that_is_over_is_not_remembered() -> None:
    """A server that runs for weeks would remember them all."""
    accepted: list[weakref.ref[socket.socket]] = []

    class Watched(LoopbackServer):
        def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the parent's
            accepted.append(weakref.ref(request))
            super().process_request(request, client_address)

    server = Watched(0, be_fine)
    server.start()
    try:
        tell(server, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        until = time.monotonic() + 5
        while accepted[0]() is not None and time.monotonic() < until:
            gc.collect()
            time.sleep(0.01)
        assert accepted[0]() is None
    finally:
        server.close()


def test_an_answer_to_head_has_no_body() -> None:
    """And the length that it would have, if that is known; the next answer is read rightly."""
    with serving() as server, connection_to(server) as connection:
        connection.request("HEAD", "/")
        answer = connection.getresponse()

        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "4", b"")
        assert get(connection) == (200, b"fine")
    with serving(always(Answered(200, {}, b""))) as server:
        assert tell(server, b"HEAD / HTTP/1.0\r\n\r\n") == (200, {}, b"")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_by_its_status_says_nothing_of_its_length(status: int) -> None:
    """As HTTP wants it; the connection is kept."""
    with serving(always(Answered(status, {}, b""))) as server, connection_to(server) as connection:
        for _ in range(2):
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, answer.getheaders(), answer.read()) == (status, [], b"")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("Content-Length: -1", 400),
        ("Content-Length: +1", 400),
        ("Content-Length: 1_0", 400),
        ("Content-Length: one", 400),
        ("Content-Length:", 400),
        ("Content-Length: " + "9" * 5000, 400),
        ("Content-Length: 1\r\nContent-Length: 2", 400),
        ("Host: x", 400),
        ("Host: elsewhere", 400),
        (f"Content-Length: {BODY_BYTES_MAX + 1}", 413),
        ("Transfer-Encoding: chunked", 411),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1", 411),
    ],
)
def test_a_request_whose_host_or_end_is_unclear_or_far_is_refused(line: str, status: int) -> None:
    """Nobody is asked, and nothing that follows is taken for another request."""
    heard: list[Asked] = []
    with serving(heard.append) as server:
        request = f"POST / HTTP/1.1\r\nHost: x\r\n{line}\r\n\r\nGET / HTTP/1.1\r\n\r\n"
        told, headers, body = tell(server, request.encode())

    assert (told, heard) == (status, [])
    assert headers == {**REFUSED, "Content-Length": str(len(body))}
    assert body.endswith(b".\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET /" + b"a" * 70_000, 414),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
    ],
)
def test_a_refusal_of_the_servers_own_is_as_careful_as_any_answer(sent: bytes, status: int) -> None:
    """No browser may take it for something else, show it inside another page or keep it."""
    with serving() as server:
        told, headers, body = tell(server, sent)

    assert (told, headers) == (status, {**REFUSED, "Content-Length": str(len(body))})


def test_without_a_word_about_its_length_a_request_has_no_body() -> None:
    """As HTTP has it: `curl -X POST` says none."""
    with serving() as server:
        assert tell(server, b"POST / HTTP/1.1\r\nHost: x\r\n\r\n") == (
            200,
            {"X-Own": "yes", "Content-Length": "4"},
            b"fine",
        )


def test_whoever_sends_too_much_gets_to_see_the_answer() -> None:
    """Though they were still sending when it was written."""
    with serving() as server, connection_to(server) as connection:
        connection.request("POST", "/", body=bytes(BODY_BYTES_MAX + 1))

        assert connection.getresponse().status == 413


def test_whatever_is_no_http_is_answered_with_a_sentence_at_most() -> None:
    """It repeats nothing of what was sent."""
    with serving() as server:
        answers = [exchange(server, nonsense) for nonsense in (b"<b>\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n")]
        endless = exchange(server, b"GET /" + b"<b>" * 30_000)

    assert [answer.rpartition(b"\r\n")[2] for answer in answers] == [
        b"Bad Request.\n",
        b"HTTP Version Not Supported.\n",
    ]
    assert endless.startswith(b"HTTP/1.1 414 ")
    assert b"<b>" not in endless


def test_a_request_of_which_half_came_is_passed_over() -> None:
    """Nobody is asked to answer what may mean something else."""
    heard: list[Asked] = []
    with serving(heard.append) as server:
        told = exchange(server, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")

    assert (told, heard) == (b"", [])


def test_slow_and_half_requests_keep_neither_others_nor_the_end_waiting() -> None:
    """Be it half of a line, of the headers or of a body, or an answer that nobody reads."""
    halves = (b"GET /", b"GET / HTTP/1.1\r\nHost:", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
    before = threading.active_count()
    with serving() as server, connection_to(server) as connection:
        slow = [socket.create_connection((LOOPBACK, server.server_port), timeout=5) for _ in halves]
        for client, half in zip(slow, halves, strict=True):
            client.sendall(half)

        assert get(connection) == (200, b"fine")
        begin = time.monotonic()

    assert time.monotonic() - begin < 5
    assert threading.active_count() == before
    for client in slow:
        with client:
            assert is_closed(client)


def test_a_connection_may_be_closed_without_a_word() -> None:
    """Each time anew."""
    with serving(always(None)) as server, connection_to(server) as connection:
        for _ in range(2):
            with pytest.raises(RemoteDisconnected):
                get(connection)


def test_it_listens_on_loopback_alone() -> None:
    """No other machine can reach it."""
    with serving() as server:
        assert server.server_address[0] == LOOPBACK == "127.0.0.1"


def test_no_connection_and_no_thread_outlives_the_server() -> None:
    """Not one that waits for the next request, nor one that has never asked for anything."""
    before = threading.active_count()
    with serving() as server, connection_to(server) as used:
        get(used)
        unused = socket.create_connection((LOOPBACK, server.server_port), timeout=5)
        begin = time.monotonic()

    with unused:
        assert is_closed(unused)
    assert time.monotonic() - begin < 5
    assert threading.active_count() == before


def test_the_end_does_not_wait_for_answers_that_are_delayed() -> None:
    """Whoever waits for one is told that there will be none."""
    asked = Event()

    def ask(server: LoopbackServer) -> None:
        with connection_to(server) as connection:
            connection.request("GET", "/")
            asked.set()
            with pytest.raises((RemoteDisconnected, ConnectionResetError)):
                connection.getresponse()

    with ThreadPoolExecutor(1) as pool:
        with serving(delay_seconds=60) as server:
            asking = pool.submit(ask, server)
            asked.wait(5)
            begin = time.monotonic()
        asking.result(5)

    assert time.monotonic() - begin < 5
