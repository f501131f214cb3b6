"""A bucket in memory with S3's conditional requests; knows nothing of sockets, signatures and faults."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from tests.fakes.s3_signature import Received


class Answer(NamedTuple):
    """What an object store answers."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


class FakeBucket:
    """Objects by name, and what a request does to them; one request at a time."""

    copy_source = "x-amz-copy-source"

    def __init__(self, name: str, page_keys_max: int, now: Callable[[], datetime]) -> None:
        """Hold nothing yet."""
        self.objects: dict[str, bytes] = {}
        self.modified: dict[str, datetime] = {}
        self.now = now
        self._name = name
        self._page_keys_max = page_keys_max

    def answer(self, received: Received) -> Answer:
        """Do what is asked."""
        name = self.object_name(received)
        if name is None:
            return error(404, "NoSuchBucket")
        match received.method:
            case "GET" if self.is_listing(received):
                return self._listing(received)
            case "GET":
                return self._get(name, received.headers.get("if-none-match"))
            case "PUT" if self.copy_source in received.headers:
                return self._copy(name, received.headers)
            case "PUT":
                return self._unfit(name, received.headers) or self._put(name, received.body)
            case _:
                self.objects.pop(name, None)
                return Answer(204)

    def is_listing(self, received: Received) -> bool:
        """Whether the bucket's content is asked for."""
        return "list-type=" in received.target

    def object_name(self, received: Received) -> str | None:
        """Read either style of address; None is another bucket."""
        path = unquote(received.target.partition("?")[0]).lstrip("/")
        if received.headers["host"].startswith(f"{self._name}."):
            return path
        bucket, _, name = path.partition("/")
        return name if bucket == self._name else None

    def _get(self, name: str, known: str | None) -> Answer:
        if name not in self.objects:
            return error(404, "NoSuchKey")
        document = self.objects[name]
        headers = {"ETag": etag_of(document)}
        return Answer(304, headers) if known == headers["ETag"] else Answer(200, headers, document)

    def _unfit(self, name: str, headers: Mapping[str, str]) -> Answer | None:
        """How a PUT is refused whose condition does not hold."""
        found = self.objects.get(name)
        match headers:
            case {"if-none-match": "*"} if found is not None:
                return error(412, "PreconditionFailed")
            case {"if-match": _} if found is None:
                return error(404, "NoSuchKey")
            case {"if-match": etag} if found is not None and etag != etag_of(found):
                return error(412, "PreconditionFailed")
            case _:
                return None

    def _put(self, name: str, document: bytes) -> Answer:
        self.objects[name] = document
        self.modified[name] = self.now()
        return Answer(200, {"ETag": etag_of(document)})

    def _copy(self, name: str, headers: Mapping[str, str]) -> Answer:
        bucket, _, source = headers[self.copy_source].lstrip("/").partition("/")
        if bucket != self._name or source not in self.objects:
            return error(404, "NoSuchKey")
        etag = etag_of(self.objects[source])
        if headers.get(f"{self.copy_source}-if-match", etag) != etag:
            return error(412, "PreconditionFailed")
        self._put(name, self.objects[source])
        quoted = escape(etag, {'"': "&quot;"})
        text = f"<CopyObjectResult><ETag>{quoted}</ETag></CopyObjectResult>"
        return Answer(200, {}, text.encode())

    def _listing(self, received: Received) -> Answer:
        names, is_last = self.page(received, "continuation-token")
        contents = "".join(map(self.entry, names))
        if not is_last:
            contents += f"<NextContinuationToken>{escape(names[-1])}</NextContinuationToken>"
        return Answer(200, {}, f"<ListBucketResult>{contents}</ListBucketResult>".encode())

    def page(self, received: Received, marker: str) -> tuple[list[str], bool]:
        """The names on a page, and whether it is the last."""
        query = parse_qs(received.target.partition("?")[2])
        prefix, after = query.get("prefix", [""])[0], query.get(marker, [""])[0]
        keys_max = min(self._page_keys_max, int(query.get("max-keys", ["1000"])[0]))
        names = sorted(name for name in self.objects if name.startswith(prefix) and name > after)
        return names[:keys_max], len(names) <= keys_max

    def entry(self, name: str) -> str:
        """An object as a listing shows it; one that a test put there itself is as old as the question."""
        modified = self.modified.get(name, self.now()).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return f"<Contents><Key>{escape(name)}</Key><LastModified>{modified}</LastModified></Contents>"


def error(status: int, code: str) -> Answer:
    """Word a refusal."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>A vendor's words.</Message></Error>"
    return Answer(status, {"Content-Type": "application/xml"}, text.encode())


def etag_of(document: bytes) -> str:
    """The MD5 in quotes."""
    return f'"{hashlib.md5(document, usedforsecurity=False).hexdigest()}"'
