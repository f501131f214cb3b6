"""The state store on Huawei OBS, which documents no conditional PUT: a lease stands in for it.

https://support.huaweicloud.com/api-obs/obs_04_0080.html (read November 2026)
Deliberately absent: `If-Match` on a PUT. OBS may ignore it, and answer 200 to every writer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import NamedTuple

from handler.stores.bucket import Bucket
from handler.stores.client import Client
from handler.stores.keys import LEASES
from handler.stores.lease import (
    Announce,
    Announcement,
    Look,
    Operation,
    Pause,
    ReadBack,
    Reread,
    Seen,
    Withdraw,
    Write,
    announcement_name,
    run,
    swap,
    swap_announced,
)
from handler.stores.objects import Objects
from handler.stores.obs_signing import Credentials, sign
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    StateUnavailableError,
    Unchanged,
    Unknown,
)
from handler.transport import Request, Send


class Announcing(NamedTuple):
    """What announcing a save takes from outside."""

    lease_seconds: Callable[[], int]
    """From now, until no write of ours can arrive any more."""
    random_name: Callable[[], str]
    """Letters and digits, never the same twice."""
    pause: Callable[[], bool]
    """Waits at random before the next attempt; gives whether time is left for one."""


class ObsStore(Objects):
    """A `StateStore` in a bucket; announcements stand under `leases/KEY/`."""

    def __init__(  # noqa: PLR0913 - each by name
        self,
        bucket: Bucket,
        credentials: Credentials,
        *,
        send: Send,
        now: Callable[[], datetime],
        timeout_seconds: Callable[[], float],
        announcing: Announcing | None,
    ) -> None:
        """Ask nothing yet.

        Args:
            bucket: Where everything is kept.
            credentials: What to sign with.
            send: The transport.
            now: The wall clock, UTC.
            timeout_seconds: How long a request may take if it begins now; 0 when time is up.
            announcing: None if the platform sees to it that nobody else writes.
        """

        def signed(request: Request) -> Request:
            return sign(request, bucket=bucket.name, credentials=credentials, now=now())

        super().__init__(Client(bucket, sign=signed, send=send, timeout_seconds=timeout_seconds), now)
        self._announcing = announcing
        self._announced: dict[str, set[str]] = {}
        self._may_not_withdraw: StateUnavailableError | None = None

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """See `StateStore`; five requests under a lease that nobody contests, two without one."""
        perform = partial(self._perform, _Save(key, document, expected))
        announcing = self._announcing
        if announcing is None:
            return run(swap(expected), perform)
        earlier, names = self._announced.setdefault(key, set()), list[str]()

        def new_name() -> str:
            names.append(announcement_name(announcing.lease_seconds(), announcing.random_name()))
            return names[-1]

        try:
            outcome = run(swap_announced(expected, new_name, frozenset(earlier)), perform)
        finally:
            # Not before: while it lasts, a save in another thread must take them for somebody else's.
            earlier.update(names)
        if outcome == Conflict() and self._may_not_withdraw:
            # Whom we met may be ourselves, a minute ago, and will be again in a minute.
            raise self._may_not_withdraw
        return outcome

    def _perform(self, save: _Save, operation: Operation) -> object:
        answer: object = None
        match operation:
            case Announce(name=name):
                self._announce(save.lease(name))
            case Look():
                answer = self._look(save.lease(""))
            case Reread():
                answer = self._reread(save)
            case Write():
                answer = self._write(save)
            case ReadBack():
                answer = self._read_back(save)
            case Withdraw(name=name):
                self._withdraw(save.lease(name))
            case Pause():
                answer = self._announcing is not None and self._announcing.pause()
        return answer

    def _announce(self, key: str) -> None:
        answer = self._client.ask(Request("PUT", self._client.bucket.url(key)))
        if not answer.is_done:
            raise self._client.refusal(answer, self._client.bucket.dialect.may_write)

    def _look(self, top: str) -> Seen:
        pages = list(self._pages(top))
        found = (
            Announcement(self._client.bucket.key(each.name)[len(top) :], each.modified)
            for page, _ in pages
            for each in page.objects
        )
        # Beneath may stand those for a document whose key goes on where this one's ends.
        return Seen(tuple(each for each in found if "/" not in each.name), store_date=pages[0][1])

    def _reread(self, save: _Save) -> str | None:
        found = self.load(save.key, save.expected)
        match found:
            case Unchanged():
                return save.expected
            case Absent():
                return None
            case _:
                return found.version

    def _write(self, save: _Save) -> str | None:
        answer = self._client.commit(Request("PUT", self._client.bucket.url(save.key), body=save.document))
        if answer is None:
            return None
        if not answer.is_done:
            raise self._client.refusal(answer, self._client.bucket.dialect.may_write)
        return answer.headers.get("etag")

    def _read_back(self, save: _Save) -> str | None:
        with suppress(StateUnavailableError):
            found = self.load(save.key)
            if isinstance(found, Loaded) and found.document == save.document:
                return found.version
        return None

    def _withdraw(self, key: str) -> None:
        # What cannot be removed expires; what others put there may even have a name that is no key.
        with suppress(StateUnavailableError, ValueError):
            answer = self._client.ask(Request("DELETE", self._client.bucket.url(key)))
            if answer.status == HTTPStatus.FORBIDDEN:
                self._may_not_withdraw = self._client.refusal(answer, self._client.bucket.dialect.may_delete)


class _Save(NamedTuple):
    """What was asked for."""

    key: str
    document: bytes
    expected: str | None

    def lease(self, name: str) -> str:
        """The key of an announcement."""
        return f"{LEASES}{self.key}/{name}"
