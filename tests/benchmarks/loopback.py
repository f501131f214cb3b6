"""Both services of a no-change tick in a process of their own: the progress call and an S3 object.

They verify nothing and answer after a given delay, so that what is measured is the client.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from multiprocessing.connection import Connection

PROGRESS = {
    "progress_percentage": 40,
    "remain_time": 1124,
    "step_list": [
        {"name": "pre_check", "statue": "COMPLETED", "start_time": 1764000000000, "end_time": 1764000043000},
        {"name": "rolling_scaling", "statue": "IN_PROGRESS", "start_time": 1764000043118, "end_time": None},
    ],
}
TASK = {"task_count": "1", "tasks": [{"id": "task", "status": "EXECUTING"}]}


class Loopback:
    """A tiny HTTP/1.1 server: /v2/… is the DMS API, everything else a bucket of objects."""

    def __init__(self, delay_seconds: float) -> None:
        """Answer every request after the delay."""
        self._delay_seconds = delay_seconds
        self._objects: dict[str, bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests in turn until it closes."""
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            await asyncio.sleep(self._delay_seconds)
            writer.write(self._answer(method, target.partition("?")[0], headers, body))
            await writer.drain()

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        if path.startswith("/v2/"):
            answer = PROGRESS if path.endswith("/progress") else TASK
            return _response(200, json.dumps(answer).encode())
        if method == "PUT":
            self._objects[path] = body
            return _response(200, b"", _etag(body))
        document = self._objects.get(path)
        if document is None:
            return _response(404, b"<Error><Code>NoSuchKey</Code></Error>")
        if headers.get("if-none-match") == _etag(document):
            return _response(304, b"", _etag(document))
        return _response(200, document, _etag(document))


def _etag(document: bytes) -> str:
    return f'"{hashlib.md5(document, usedforsecurity=False).hexdigest()}"'


def _response(status: int, body: bytes, etag: str = "") -> bytes:
    tag = f"ETag: {etag}\r\n" if etag else ""
    head = (
        f"HTTP/1.1 {status} X\r\nDate: {formatdate(usegmt=True)}\r\n{tag}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _run(delay_seconds: float, ready: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(Loopback(delay_seconds).serve, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    sys.stderr.close()
    asyncio.run(main())


@contextmanager
def loopback(delay_seconds: float) -> Iterator[str]:
    """Run the server in its own process; gives its base URL."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(delay_seconds, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()
