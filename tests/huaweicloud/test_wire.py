"""The client against servers that do not even speak HTTP properly: a problem each time, never more."""

from __future__ import annotations

import gzip
import socket
import time
from datetime import datetime, timezone
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.core.problem import Problem, ProblemKind
from handler.core.reading import TimeUnit
from handler.huaweicloud.dms import DmsClient
from handler.huaweicloud.pace import Pace
from handler.transport import Transport
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID
from tests.fakes.loopback import HOST, accepting

CHANGE: Final = ChangeId("instance", "task")


def fetched(said: bytes) -> object:
    """What the client makes of a server that says just this and hangs up."""

    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with accepting(converse) as port:
        return DmsClient(
            send=Transport(connections=1),
            endpoint=f"http://{HOST}:{port}",
            project_id=PROJECT_ID,
            credentials=CREDENTIALS,
            unit=TimeUnit.SECONDS,
            pace=Pace(1000, time.monotonic, time.sleep),
            now=lambda: datetime.now(timezone.utc),
            timeout_seconds=lambda: 2.0,
            exchange_seconds=5.0,
        ).fetch_progress(CHANGE)


def answer(headers: bytes, body: bytes = b"{}") -> bytes:
    """A good status line, and then as told."""
    return b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + body


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        answer(b"Content-Length: -1\r\n"),
        answer(b"Content-Length: many\r\n"),
        answer(b"Transfer-Encoding: chunked\r\n", b"zz\r\n"),
        answer(b"Content-Encoding: gzip\r\nContent-Length: 2\r\n"),
        answer(b"Content-Encoding: gzip\r\n", gzip.compress(b"{" * 100)[:-9]),
        answer(b"Content-Length: 2\r\nDate: \xff\xfe\r\nno colon\r\n"),
        answer(b"X: " + b"y" * 70_000 + b"\r\n"),
        answer(b"X: y\r\n" * 200),
    ],
    ids=range(14),
)
def test_broken_http_is_a_problem(said: bytes) -> None:
    """Whatever part of it is broken."""
    found = fetched(said)

    assert isinstance(found, Problem)
    assert found.kind in {ProblemKind.MALFORMED, ProblemKind.UNAVAILABLE}
    assert found.message.startswith("The DMS API")


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=st.binary(max_size=50)
    | st.builds(
        answer,
        st.lists(st.binary(max_size=20).map(lambda line: line + b"\r\n"), max_size=3).map(b"".join),
        st.binary(max_size=20),
    )
)
def test_random_bytes_are_a_problem(said: bytes) -> None:
    """Nothing on the wire makes the client raise."""
    assert isinstance(fetched(said), Problem)
