"""The first checks of the API: whether it can be reached, what time it is there, whether it takes our key.

Six refusals in a row lock an access key, so after the first one nothing more is asked with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from handler.core.listing import Instance, Page
from handler.core.problem import Problem
from handler.credentials import ConfigurationError
from handler.huaweicloud.dms import DmsClient
from handler.local.doctor.causes import cause_of, wants_login
from handler.local.doctor.check import Check, Finding, failed, made, needs, ok, warning
from handler.local.doctor.judging import judge_signature
from handler.local.doctor.means import EXCHANGE_SECONDS, Means
from handler.local.doctor.skew import is_refused, judge_skew
from handler.transport import Request, TransportError

_KEYS: Final = "huaweicloud.region and .endpoint"
_REDIRECTIONS: Final = range(300, 400)


class Api:
    """The way to the API, and what has been found on it.

    Attributes:
        client: Asks the API; None without an access key.
        listed: The first page of the project's instances, or why there is none; None if nothing was asked.
        obstacle: Why nothing more can be asked; None if it can.
    """

    def __init__(self, means: Means) -> None:
        """Ask nothing yet."""
        self.client: DmsClient | None = None
        self.listed: Page[Instance] | Problem | None = None
        self._means = means
        self._wire = means.wire()
        self._is_reached = False

    @property
    def has_refused_key(self) -> bool:
        """True when the access key must not be used any more."""
        return self.client is not None and self.client.refusal is not None

    @property
    def has_accepted_key(self) -> bool:
        """True when an answer has shown that the API takes the access key."""
        return self.client is not None and self.client.key_accepted

    @property
    def obstacle(self) -> str | None:
        """What is missing to ask the API more; None if nothing is."""
        if self.client is None:
            return "an access key"
        if self.listed is None or self.client.refusal is not None:
            return "an access key that is accepted"
        is_silent = isinstance(self.listed, Problem) and self.listed.status is None
        return "an answer of the API" if is_silent else None

    def checks(self) -> Iterator[Check]:
        """Make them, one after the other."""
        yield made("endpoint", self._reach)
        yield made("clock", self._compare_clocks)
        yield made("signature", self._sign)

    def _reach(self) -> Finding:
        """Ask for nothing in particular, unsigned: any answer is as good as another."""
        begun = self._means.clock.monotonic()
        try:
            answer = self._wire(Request("GET", f"{self._means.endpoint}/"), timeout_seconds=EXCHANGE_SECONDS)
        except TransportError as error:
            return failed(*cause_of(error, self._wire.host, _KEYS, self._wire.proxy))
        if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return failed(*wants_login(self._wire.proxy or ""))
        self._is_reached = True
        if answer.status in _REDIRECTIONS:
            said = f"{self._wire.host} redirects ({answer.status}), which the API never does"
            return warning(
                said, "check huaweicloud.endpoint, and whether the network wants somebody to sign in"
            )
        way = f" through the proxy {self._wire.proxy}" if self._wire.proxy else ""
        milliseconds = round((self._means.clock.monotonic() - begun) * 1000)
        return ok(f"{self._wire.host} answered{way} after {milliseconds} ms")

    def _compare_clocks(self) -> Finding:
        return judge_skew(self._wire.ahead, "API") if self._is_reached else needs("the endpoint")

    def _sign(self) -> Finding:
        """Ask with a signature for the first time: for a list that another check goes on with."""
        try:
            self.client = self._means.client(self._wire)
        except ConfigurationError:
            return needs("an access key")
        if not self._is_reached:
            return needs("the endpoint")
        if is_refused(self._wire.ahead):
            return needs("a clock that is right, or the API would refuse the access key")
        self.listed = self.client.list_instances(0)
        return judge_signature(self.listed, self._wire.answer)
