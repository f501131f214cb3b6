"""What our own services have in common: apprise reads the URL, and they word the request themselves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
import requests

if TYPE_CHECKING:
    from notifiers.rendering import Letter

USER_AGENT: Final = "Headway"
_JSON: Final = "application/json; charset=utf-8"
_SUCCESSES: Final = 2


class OwnService(ABC):
    """A service that sends a letter in its own way; mixed into the class of apprise's that knows its URL."""

    verify_certificate: Any
    request_timeout: Any

    @abstractmethod
    def deliver(self, letter: Letter) -> bool:
        """Send once; true if the status says that the service took it. Its own code is judged later."""

    def post(self, url: str, payload: Any, headers: Mapping[str, str] | None = None) -> bool:  # noqa: ANN401 - JSON
        """Post JSON."""
        body = msgspec.json.encode(payload)
        return self.request("POST", url, body, {"Content-Type": _JSON, **(headers or {})})

    def request(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        **options: Any,  # noqa: ANN401 - what else `requests` takes
    ) -> bool:
        """Send a request to exactly this address; true if the status says that the service took it."""
        response = requests.request(
            method,
            url,
            data=body,
            headers={"User-Agent": USER_AGENT, **headers},
            verify=self.verify_certificate,
            timeout=self.request_timeout,
            allow_redirects=False,
            **options,
        )
        return response.status_code // 100 == _SUCCESSES
