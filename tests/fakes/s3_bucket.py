"""A bucket in memory with S3's conditional requests; knows nothing of sockets, signatures and faults."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from tests.fakes.s3_signature import Received


class Answer(NamedTuple):
    """What S3 answers."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


class FakeBucket:
    """Objects by name, and what a request does to them; one request at a time."""

    def __init__(self, name: str, page_keys_max: int) -> None:
        """Hold nothing yet."""
        self.objects: dict[str, bytes] = {}
        self._name = name
        self._page_keys_max = page_keys_max

    def answer(self, received: Received) -> Answer:
        """Do what is asked."""
        name = self._object_name(received)
        if name is None:
            return error(404, "NoSuchBucket")
        match received.method:
            case "GET" if "list-type=" in received.target:
                return self._listing(received)
            case "GET":
                return self._get(name, received.headers.get("if-none-match"))
            case "PUT":
                return self._put(name, received)
            case _:
                self.objects.pop(name, None)
                return Answer(204)

    def _object_name(self, received: Received) -> str | None:
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
        headers = {"ETag": _etag(document)}
        return Answer(304, headers) if known == headers["ETag"] else Answer(200, headers, document)

    def _put(self, name: str, received: Received) -> Answer:
        found = self.objects.get(name)
        match received.headers:
            case {"if-none-match": "*"} if found is not None:
                return error(412, "PreconditionFailed")
            case {"if-match": _} if found is None:
                return error(404, "NoSuchKey")
            case {"if-match": etag} if found is not None and etag != _etag(found):
                return error(412, "PreconditionFailed")
            case _:
                self.objects[name] = received.body
                return Answer(200, {"ETag": _etag(received.body)})

    def _listing(self, received: Received) -> Answer:
        query = parse_qs(received.target.partition("?")[2])
        prefix, after = query.get("prefix", [""])[0], query.get("continuation-token", [""])[0]
        names = sorted(name for name in self.objects if name.startswith(prefix) and name > after)
        page = names[: self._page_keys_max]
        contents = "".join(f"<Contents><Key>{escape(name)}</Key></Contents>" for name in page)
        if page != names:
            contents += f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>"
        return Answer(200, {}, f"<ListBucketResult>{contents}</ListBucketResult>".encode())


def error(status: int, code: str) -> Answer:
    """Word a refusal."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>A vendor's words.</Message></Error>"
    return Answer(status, {"Content-Type": "application/xml"}, text.encode())


def _etag(document: bytes) -> str:
    return f'"{hashlib.md5(document, usedforsecurity=False).hexdigest()}"'
