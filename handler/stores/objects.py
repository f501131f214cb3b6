"""A bucket as a state store, but for saving: that is where S3 and OBS differ in more than words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from html import unescape
from http import HTTPStatus

from handler.stores.answer import Answer
from handler.stores.client import Client
from handler.stores.listing import Listed, Page, latest_first, read_page
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
)
from handler.transport import Request

# As they may stand in an answer that began as a 200.
_GONE = ("NoSuchKey", "PreconditionFailed")
_COPIED = re.compile(rb"<ETag>([^<]+)</ETag>")


class Objects:
    """All of a `StateStore` but `save`; a document's version is its ETag exactly as it was received."""

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        """Ask nothing yet; `now` dates answers that carry no date themselves."""
        self._client = client
        self._now = now

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        condition = {} if known_version is None else {"If-None-Match": known_version}
        answer = self._client.insist(Request("GET", self._client.bucket.url(key), condition))
        store_date = answer.date or self._now()
        match answer.status:
            case 200 if "etag" in answer.headers:
                version = answer.headers["etag"]
                if answer.body is None:
                    return Oversized(version, store_date)
                return Loaded(answer.body, version, store_date)
            case 304 if known_version is not None:
                return Unchanged(store_date)
            case 404 if answer.code == "NoSuchKey":
                return Absent(store_date)
            case _:
                may = self._client.bucket.dialect
                permission = f"{may.may_read}, or {may.may_list} for what is not there,"
                raise self._client.refusal(answer, permission)

    def put(self, key: str, document: bytes) -> None:
        """See `StateStore`."""
        answer = self._client.insist(Request("PUT", self._client.bucket.url(key), body=document))
        if not answer.is_done:
            raise self._client.refusal(answer, self._client.bucket.dialect.may_write)

    def copy(self, key: str, version: str, to: str) -> Committed | Conflict:
        """See `StateStore`.

        The server copies; its 200 is only the beginning of an answer, which may still tell of an error:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0082.html
        """
        bucket = self._client.bucket
        source = f"{bucket.dialect.header}copy-source"
        headers = {source: bucket.source(key), f"{source}-if-match": version}
        answer = self._client.ask(Request("PUT", bucket.url(to), headers))
        copied = _COPIED.search(answer.body or b"")
        if answer.is_done and copied:
            return Committed(unescape(copied[1].decode(errors="replace")))
        if answer.status == HTTPStatus.PRECONDITION_FAILED or answer.code in _GONE:
            return Conflict()
        raise self._client.refusal(answer, f"{bucket.dialect.may_read} or {bucket.dialect.may_write}")

    def latest(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        return [self._client.bucket.key(name) for name in latest_first(self._objects(prefix))]

    def list(self, prefix: str) -> list[str]:
        """See `StateStore`."""
        return sorted(self._client.bucket.key(each.name) for each in self._objects(prefix))

    def remove(self, key: str) -> None:
        """See `StateStore`."""
        answer = self._client.ask(Request("DELETE", self._client.bucket.url(key)))
        if not answer.is_done and answer.code != "NoSuchKey":
            raise self._client.refusal(answer, self._client.bucket.dialect.may_delete)

    def _objects(self, prefix: str) -> Iterator[Listed]:
        return (each for page, _ in self._pages(prefix) for each in page.objects)

    def _pages(self, prefix: str) -> Iterator[tuple[Page, datetime | None]]:
        """The listing page by page, each with the store's date."""
        bucket, marker = self._client.bucket, None
        while True:
            answer = self._client.insist(Request("GET", bucket.list_url(prefix, marker)))
            page = self._page(answer)
            yield page, answer.date
            marker = page.next_marker
            if marker is None:
                return

    def _page(self, answer: Answer) -> Page:
        bucket = self._client.bucket
        if not answer.is_done:
            raise self._client.refusal(answer, bucket.dialect.may_list)
        if answer.body is None:
            raise StateUnavailableError(f"{bucket} lists more at once than can be read.")
        try:
            return read_page(answer.body, bucket.dialect.next_marker)
        except ValueError as error:
            raise StateUnavailableError(f"{bucket} cannot be listed: {error}.") from None
