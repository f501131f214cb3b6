"""The state store on Amazon S3 and on what speaks its protocol, conditional writes included.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read November 2026)
Deliberately absent: a second attempt at a write. After a lost answer only reading back can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from handler.stores.bucket import Bucket
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    StateUnavailableError,
    Unchanged,
    Unknown,
)
from handler.stores.refusals import error_code, refusal
from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request, Response, Send, TransportError

_DONE = range(200, 300)
_FAILED = range(500, 600)
_TOO_MANY = 429
# The listing is flat and machine-made, and our keys and S3's tokens need no XML escape; an object
# whose name does is not one of ours.
_OBJECT_NAME = re.compile(rb"<Key>([A-Za-z0-9/_.-]+)</Key>")
_NEXT_PAGE = re.compile(rb"<NextContinuationToken>([^<]+)</NextContinuationToken>")


class S3Store:
    """A `StateStore` in a bucket; a document's version is its ETag exactly as it was received."""

    def __init__(
        self,
        bucket: Bucket,
        credentials: Credentials,
        *,
        send: Send,
        now: Callable[[], datetime],
        timeout_seconds: Callable[[], float],
    ) -> None:
        """Ask nothing yet.

        Args:
            bucket: Where everything is kept.
            credentials: What to sign with.
            send: The transport.
            now: The wall clock, UTC.
            timeout_seconds: How long a request may take if it begins now; 0 when time is up.
        """
        self._bucket = bucket
        self._credentials = credentials
        self._send = send
        self._now = now
        self._timeout_seconds = timeout_seconds

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded:
        """See `StateStore`."""
        condition = {} if known_version is None else {"If-None-Match": known_version}
        answer = self._read(self._bucket.url(key), condition)
        store_date = _date(answer) or self._now()
        match answer.status:
            case 200 if "etag" in answer.headers:
                return Loaded(answer.body, answer.headers["etag"], store_date)
            case 304 if known_version is not None:
                return Unchanged(store_date)
            case 404 if error_code(answer) == "NoSuchKey":
                return Absent(store_date)
            case _:
                raise refusal(self._bucket, answer, "s3:GetObject, or s3:ListBucket for what is not there,")

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`."""
        condition = {"If-None-Match": "*"} if expected is None else {"If-Match": expected}
        try:
            answer = self._ask("PUT", self._bucket.url(key), condition, document)
        except TransportError as error:
            if error.request_sent:
                return Unknown()
            raise self._unreached(error) from error
        match answer.status:
            case status if status in _DONE:
                return Committed(answer.headers["etag"]) if "etag" in answer.headers else Unknown()
            case 409 | 412:
                return Conflict()
            case 404 if expected is not None and error_code(answer) == "NoSuchKey":
                return Conflict()
            case status if status in _FAILED:
                return Unknown()
            case _:
                raise refusal(self._bucket, answer, "s3:PutObject")

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        keys: list[str] = []
        token: str | None = None
        while True:
            answer = self._read(self._bucket.list_url(prefix, token))
            if answer.status not in _DONE:
                raise refusal(self._bucket, answer, "s3:ListBucket")
            names = _OBJECT_NAME.findall(answer.body)
            keys += (self._bucket.key(name.decode()) for name in names)
            following = _NEXT_PAGE.search(answer.body)
            if following is None:
                return sorted(keys)
            token = following[1].decode()

    def remove(self, key: str) -> None:
        """See `StateStore`."""
        try:
            answer = self._ask("DELETE", self._bucket.url(key))
        except TransportError as error:
            raise self._unreached(error) from error
        if answer.status not in _DONE and error_code(answer) != "NoSuchKey":
            raise refusal(self._bucket, answer, "s3:DeleteObject")

    def _read(self, url: str, headers: Mapping[str, str] = {}) -> Response:
        """GET, and once more if the first attempt met a passing trouble."""
        try:
            answer = self._ask("GET", url, headers)
            if answer.status != _TOO_MANY and answer.status not in _FAILED:
                return answer
        except TransportError:
            pass
        try:
            return self._ask("GET", url, headers)
        except TransportError as error:
            raise self._unreached(error) from error

    def _ask(self, method: str, url: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Response:
        timeout_seconds = self._timeout_seconds()
        if timeout_seconds <= 0:
            raise StateUnavailableError(f"No time is left to ask {self._bucket}.")
        request = Request(method, url, headers, body)
        signed = sign(request, region=self._bucket.region, credentials=self._credentials, now=self._now())
        return self._send(signed, timeout_seconds=timeout_seconds)

    def _unreached(self, error: TransportError) -> StateUnavailableError:
        return StateUnavailableError(f"{self._bucket} cannot be reached: {error}")


def _date(answer: Response) -> datetime | None:
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, OverflowError, TypeError):
        return None
    return date.replace(tzinfo=timezone.utc)
