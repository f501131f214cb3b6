"""The server beneath the simulated endpoint: its connections, its speed of answer, and its end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, RemoteDisconnected
from threading import Event

import pytest

from handler.local.answers import Answer, Page, Reply, Silence
from handler.local.serving import LOOPBACK, Answering, LoopbackServer
from handler.transport import Request
from tests.local.projects import START

FINE = Answer(200, {"fine": True})


def always(reply: Reply) -> Answering:
    """The same answer whatever is asked."""
    return lambda _: (reply, START)


@contextmanager
def serving(answering: Answering | None = None, delay_seconds: float = 0.0) -> Iterator[LoopbackServer]:
    """A server that answers as told, or that all is fine."""
    server = LoopbackServer(0, answering or always(FINE), delay_seconds)
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

        assert answers == {(200, b'{"fine":true}')}
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

    assert answers == [(200, b'{"fine":true}')] * 192
    # One after the other they would take 38 s.
    assert 0.6 <= passed_seconds < 10


def test_a_request_comes_through_as_it_was_sent() -> None:
    """With its body, which belongs to what is signed and not to the next request."""
    heard: list[Request] = []

    def answering(request: Request) -> tuple[Reply, datetime]:
        heard.append(request)
        return FINE, START

    with serving(answering) as server, connection_to(server) as connection:
        connection.request("GET", "/a%20b?c=d", body=b"body", headers={"X-Name": "value"})
        connection.getresponse().read()
        status, _ = get(connection)

    assert status == 200
    assert heard[0].url == f"http://{LOOPBACK}:{server.server_port}/a%20b?c=d"
    assert (heard[0].headers["x-name"], heard[0].body) == ("value", b"body")


def test_an_answer_has_the_headers_of_the_real_api() -> None:
    """And those of its own; the date is what the endpoint says it is."""
    with (
        serving(always(Answer(429, {}, {"Retry-After": "7"}))) as server,
        connection_to(server) as connection,
    ):
        connection.request("GET", "/")
        answer = connection.getresponse()
        headers = dict(answer.getheaders())

    assert (answer.status, len(headers.pop("X-Request-Id"))) == (429, 32)
    assert headers == {
        "Date": "Tue, 24 Nov 2026 08:00:00 GMT",
        "Content-Type": "application/json",
        "Retry-After": "7",
        "Content-Length": "2",
    }


def test_a_page_of_some_gateway_is_no_json() -> None:
    """After it the connection is as good as before."""
    with serving(always(Page(502, "<html>"))) as server, connection_to(server) as connection:
        assert get(connection) == get(connection) == (502, b"<html>")


def test_a_connection_may_be_closed_without_a_word() -> None:
    """Each time anew."""
    with serving(always(Silence.HUNG_UP)) as server, connection_to(server) as connection:
        for _ in range(2):
            with pytest.raises(RemoteDisconnected):
                get(connection)


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
