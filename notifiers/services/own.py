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
        response = requests.post(
            url,
            data=msgspec.json.encode(payload),
            headers={
                "User-Agent": USER_AGENT,
                "Content-Type": "application/json; charset=utf-8",
                **(headers or {}),
            },
            verify=self.verify_certificate,
            timeout=self.request_timeout,
            allow_redirects=False,
        )
        return is_success(response)


def is_success(response: requests.Response) -> bool:
    """Whether a service took a request, as far as the status tells."""
    return response.status_code // 100 == _SUCCESSES
