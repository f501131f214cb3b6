"""The services of a fleet, each in a process of its own: the DMS API and an S3 bucket.

They verify nothing, answer each request after the same delay, and count what they are asked. Protocols
instead of streams, because they must not be what the clients wait for: see `Counts.cpu_seconds`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from multiprocessing.connection import Connection
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.benchmarks.loopback import PROGRESS, TASK

PAGE_KEYS_MAX: Final = 1000


class Request(NamedTuple):
    """What a service needs to know of a request; the query is part of the path."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """What it counts as: the method, or LIST."""
        return "LIST" if "list-type=" in self.path else self.method


Answer = Callable[[Request], bytes]


class Counts(NamedTuple):
    """What a service did since it was last asked: requests by kind, and its own CPU."""

    requests: Counter[str]
    cpu_seconds: float


def make_dms() -> Answer:
    """The API: every change stands at the same point, for ever."""
    progress, task = (json.dumps(answer).encode() for answer in (PROGRESS, TASK))
    return lambda request: _response(200, progress if request.path.endswith("/progress") else task)


def make_bucket() -> Answer:
    """The bucket: objects, listings, and reads on the condition that something has changed."""
    objects: dict[str, tuple[bytes, str]] = {}

    def answer(request: Request) -> bytes:
        if request.kind == "LIST":
            return _response(200, _list_page(request.path, objects))
        if request.method == "PUT":
            objects[request.path] = request.body, _etag(request.body)
            return _response(200, etag=objects[request.path][1])
        if request.path not in objects:
            return _response(404, b"<Error><Code>NoSuchKey</Code></Error>")
        document, etag = objects[request.path]
        is_known = request.headers.get("if-none-match") == etag
        return _response(304, etag=etag) if is_known else _response(200, document, etag)

    return answer


def _list_page(target: str, objects: Mapping[str, tuple[bytes, str]]) -> bytes:
    """A page of at most a thousand, as S3 words it; whatever it is, it was written just now."""
    url = urlsplit(target)
    query = dict(parse_qsl(url.query))
    first, after = f"{url.path}{query['prefix']}", query.get("continuation-token", "")
    names = sorted(name for name in objects if name.startswith(first) and name > after)
    modified = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    text = "".join(
        f"<Contents><Key>{name.removeprefix(url.path)}</Key><LastModified>{modified}</LastModified>"
        f"<ETag>&quot;{objects[name][1][1:-1]}&quot;</ETag><Size>{len(objects[name][0])}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for name in names[:PAGE_KEYS_MAX]
    )
    if len(names) > PAGE_KEYS_MAX:
        text += f"<NextContinuationToken>{names[PAGE_KEYS_MAX - 1]}</NextContinuationToken>"
    return f"<ListBucketResult>{text}</ListBucketResult>".encode()


def _etag(document: bytes) -> str:
    return f'"{hashlib.md5(document, usedforsecurity=False).hexdigest()}"'


def _response(status: int, body: bytes = b"", etag: str = "") -> bytes:
    tag = f"ETag: {etag}\r\n" if etag else ""
    date = formatdate(usegmt=True)
    head = f"HTTP/1.1 {status} X\r\nDate: {date}\r\n{tag}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Serving:
    """All of a service's connections: what they answer, and when."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._delay_seconds = 0.0
        self._counted: Counter[str] = Counter()
        self._cpu_seconds = time.process_time()

    def serve(self, request: Request, transport: asyncio.WriteTransport) -> None:
        self._counted[request.kind] += 1
        self._loop.call_later(self._delay_seconds, transport.write, self._answer(request))

    def obey(self, line: Connection) -> None:
        """Answer from now on after the delay that comes over the line; say what was done until now."""
        self._delay_seconds = line.recv()
        counts = Counts(self._counted, time.process_time() - self._cpu_seconds)
        self._counted, self._cpu_seconds = Counter(), time.process_time()
        line.send(counts)


class _Protocol(asyncio.Protocol):
    """One connection, on which requests come one after the other."""

    def __init__(self, serving: _Serving) -> None:
        self._serving = serving
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        if len(body) < int(headers.get("content-length", 0)):
            return
        self._heard = b""
        method, path, _ = first.split(" ")
        self._serving.serve(Request(method, path, headers, body), self._transport)


def _run(make: Callable[[], Answer], line: Connection) -> None:
    async def main() -> None:
        serving, loop = _Serving(make()), asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Protocol(serving), "127.0.0.1", 0, backlog=1024)
        loop.add_reader(line.fileno(), serving.obey, line)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


class Service:
    """A service as a benchmark sees it: its address, and a line to the process that it runs in."""

    def __init__(self, line: Connection) -> None:
        """Wait until it listens."""
        self._line = line
        self.url = f"http://127.0.0.1:{line.recv()}"

    def turn(self, delay_seconds: float) -> Counts:
        """Answer after so long from now on; returns what was done since the last call."""
        self._line.send(delay_seconds)
        counts: Counts = self._line.recv()
        return counts


@contextmanager
def service(make: Callable[[], Answer]) -> Iterator[Service]:
    """Run a service for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(make, theirs), daemon=True)
    process.start()
    try:
        yield Service(ours)
    finally:
        process.terminate()
        process.join()
