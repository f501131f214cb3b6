"""The state store on Amazon S3 and on what speaks its protocol, conditional writes included.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read November 2026)
Deliberately absent: a second attempt at a save. After a lost answer only reading back can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from handler.stores.bucket import Bucket
from handler.stores.client import Client
from handler.stores.objects import Objects
from handler.stores.port import Committed, Conflict, Unknown
from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request, Send


class S3Store(Objects):
    """A `StateStore` in a bucket."""

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

        def signed(request: Request) -> Request:
            return sign(request, region=bucket.region, credentials=credentials, now=now())

        super().__init__(Client(bucket, sign=signed, send=send, timeout_seconds=timeout_seconds), now)

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`."""
        condition = {"If-None-Match": "*"} if expected is None else {"If-Match": expected}
        request = Request("PUT", self._client.bucket.url(key), condition, document)
        answer = self._client.commit(request)
        if answer is None:
            return Unknown()
        match answer.status:
            case 409 | 412:
                return Conflict()
            case 404 if expected is not None and answer.code == "NoSuchKey":
                return Conflict()
            case _ if answer.is_done:
                return Committed(answer.headers["etag"]) if "etag" in answer.headers else Unknown()
            case _:
                raise self._client.refusal(answer, self._client.bucket.dialect.may_write)
