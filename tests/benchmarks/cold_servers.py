"""The services of a whole tick, in a process of their own: the progress call, an S3 bucket and a webhook.

Each has a port of its own, as in life each has a host. They verify nothing and answer at once, so that
what is measured is the client, and they count what they are asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from tests.benchmarks.loopback import PROGRESS

PROGRESSED = {**PROGRESS, "progress_percentage": 60, "remain_time": 700}


@dataclass
class Counts:
    """What one service was asked since the scene was set."""

    connections: int = 0
    reads: int = 0
    writes: int = 0


class Scene(NamedTuple):
    """What the services hold before a run: the progress that DMS tells, and the bucket's objects by path."""

    progress: Mapping[str, Any]
    objects: Mapping[str, bytes]


class Aftermath(NamedTuple):
    """What a run left behind."""

    counts: Mapping[str, Counts]
    objects: Mapping[str, bytes]
    messages: list[bytes]


class Services:
    """The services as a benchmark sees them: addresses, and a line to the process that they run in."""

    def __init__(self, line: Connection) -> None:
        """Wait until all of them listen."""
        self._line = line
        addresses = [f"http://127.0.0.1:{port}" for port in line.recv()]
        self.dms, self.bucket, self.webhook = addresses

    def set(self, scene: Scene) -> None:
        """Forget everything and begin with this."""
        self._line.send(scene)
        self._line.recv()

    def aftermath(self) -> Aftermath:
        """Tell what happened since the scene was set."""
        self._line.send(None)
        aftermath: Aftermath = self._line.recv()
        return aftermath


class _Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _Stage:
    """All three services: what they hold, and their counts."""

    def __init__(self) -> None:
        self.set(Scene({}, {}))

    def set(self, scene: Scene) -> None:
        self._progress, self._objects = json.dumps(scene.progress).encode(), dict(scene.objects)
        self._messages: list[bytes] = []
        self.counts = {name: Counts() for name in ("dms", "bucket", "webhook")}

    def aftermath(self) -> Aftermath:
        return Aftermath(self.counts, self._objects, self._messages)

    async def serve(self, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests in turn until it closes."""
        self.counts[service].connections += 1
        answer = {"dms": self._tell, "bucket": self._keep, "webhook": self._hear}[service]
        while request := await _read(reader, writer):
            counts = self.counts[service]
            counts.reads += request.method == "GET"
            counts.writes += request.method != "GET"
            writer.write(answer(request))
        writer.close()

    def _tell(self, request: _Request) -> bytes:
        if request.method != "GET" or not request.path.endswith("/progress"):
            return _response(405)
        return _response(200, self._progress)

    def _hear(self, request: _Request) -> bytes:
        self._messages.append(request.body)
        return _response(200, b"ok")

    def _keep(self, request: _Request) -> bytes:
        kept = self._objects.get(request.path)
        tag = _etag(kept) if kept is not None else None
        if request.method == "PUT":
            wanted = request.headers.get("if-match")
            is_taken = tag is not None and request.headers.get("if-none-match") == "*"
            if is_taken or (wanted is not None and wanted != tag):
                return _response(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            self._objects[request.path] = request.body
            return _response(200, etag=_etag(request.body))
        if request.method != "GET":
            return _response(405)
        if kept is None:
            return _response(404, b"<Error><Code>NoSuchKey</Code></Error>")
        if request.headers.get("if-none-match") == tag:
            return _response(304, etag=tag)
        return _response(200, kept, tag)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Request | None:
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        pairs = (line.split(":", 1) for line in lines[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        if headers.get("expect") == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return _Request(method, target.partition("?")[0], headers, body)


def _etag(document: bytes) -> str:
    return f'"{hashlib.md5(document, usedforsecurity=False).hexdigest()}"'


def _response(status: int, body: bytes = b"", etag: str | None = None) -> bytes:
    tag = f"ETag: {etag}\r\n" if etag else ""
    date = formatdate(usegmt=True)
    head = f"HTTP/1.1 {status} X\r\nDate: {date}\r\n{tag}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _run(line: Connection) -> None:
    async def main() -> None:
        stage = _Stage()
        ports = [await _listen(stage, service) for service in stage.counts]
        asyncio.get_running_loop().add_reader(line.fileno(), _obey, stage, line)
        line.send(ports)
        await asyncio.Event().wait()

    asyncio.run(main())


async def _listen(stage: _Stage, service: str) -> int:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stage.serve(service, reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    return port


def _obey(stage: _Stage, line: Connection) -> None:
    scene: Scene | None = line.recv()
    if scene is None:
        line.send(stage.aftermath())
    else:
        stage.set(scene)
        line.send("set")


@contextmanager
def services() -> Iterator[Services]:
    """Run the services for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Services(ours)
    finally:
        process.terminate()
        process.join()
