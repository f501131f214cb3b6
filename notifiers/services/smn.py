"""Simple Message Notification (SMN) of Huawei Cloud, which apprise does not know; signed as DMS wants it.

    smn://REGION/PROJECT_ID/TOPIC
    smn://ACCESS_KEY:SECRET_KEY@REGION/PROJECT_ID/TOPIC?endpoint=https://HOST

`TOPIC` is a topic's name or its whole URN, which may be another project's. Without keys Headway's own are
used; they need the permission `smn:topic:publish`. What is published goes to all subscribers of the topic,
as mail, text message or otherwise; whether they have got it SMN does not tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import requests
from apprise import NotifyBase

from notifiers.services.bots import UrlError
from notifiers.services.own import OwnService
from notifiers.signer import Keys, SignedService, UnsignedRequest

if TYPE_CHECKING:
    from notifiers.rendering import Letter

# https://support.huaweicloud.com/intl/en-us/api-smn/PublishMessage.html
SUBJECT_BYTES_MAX: Final = 512
_NOT_IN_TEXT_MESSAGES: Final = str.maketrans("[]【】", "()()")
"""Operators take brackets for a sender's signature: a text message must not hold any, says the same page."""

_REGION: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_PROJECT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# https://support.huaweicloud.com/intl/en-us/smn_faq/smn_faq_0005.html
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_URN: Final = re.compile(rf"urn:smn:({_REGION.pattern}):{_PROJECT_ID.pattern}:{_TOPIC.pattern}")
_PORT: Final = r"(?::\d{1,5})?"
_ENDPOINT: Final = re.compile(
    rf"https://[A-Za-z0-9.-]+{_PORT}/?|http://(?:localhost|127(?:\.\d{{1,3}}){{3}}|\[::1\]){_PORT}/?"
)


class Smn(SignedService, OwnService, NotifyBase):  # type: ignore[no-untyped-call]
    """Publishes to one topic."""

    service_name = "Huawei Cloud SMN"  # type: ignore[assignment]
    service_url = "https://www.huaweicloud.com/intl/en-us/product/smn.html"  # type: ignore[assignment]
    secure_protocol = "smn"  # type: ignore[assignment]
    title_maxlen = SUBJECT_BYTES_MAX

    def __init__(
        self,
        *,
        place: list[str],
        keys: tuple[str, str],
        endpoint: str | None,
        **options: Any,  # noqa: ANN401 - apprise's own
    ) -> None:
        """Look at the parts of the URL: region, project and topic, both keys or none, and the endpoint.

        Raises:
            UrlError: One of them cannot be right.
        """
        super().__init__(**options)  # type: ignore[no-untyped-call]
        region, self._project_id, topic = _read_place(place)
        self._urn = _read_topic(topic, region, self._project_id)
        self._keys = Keys(*keys) if any(keys) else None
        self._endpoint = (endpoint or endpoint_for(region)).rstrip("/")
        if not all(keys) and any(keys):
            raise UrlError("has one of two keys in its url; write smn://ACCESS_KEY:SECRET_KEY@REGION/…")
        if not _ENDPOINT.fullmatch(self._endpoint):
            raise UrlError("needs an endpoint such as https://HOST; only a loopback host may have http://.")

    @staticmethod
    def parse_url(url: str, *_: object, **__: object) -> dict[str, Any]:
        """Take a URL apart, as all of apprise's services do."""
        found = NotifyBase.parse_url(url, verify_host=False) or {}
        path = NotifyBase.split_path(found.get("fullpath") or "")  # type: ignore[no-untyped-call]
        access_key, secret_key = (
            NotifyBase.unquote(found.pop(part, None) or "")  # type: ignore[no-untyped-call]
            for part in ("user", "password")
        )
        return {
            **found,
            "schema": "smn",
            "place": [found.get("host") or "", *path],
            "keys": (access_key, secret_key),
            "endpoint": found.get("qsd", {}).get("endpoint"),
        }

    def url(self, *_: object, **__: object) -> str:
        """Name the service alone: apprise shows this where it shows a service."""
        return "smn://"

    def deliver(self, letter: Letter) -> bool:
        """See `OwnService`."""
        payload = {
            "subject": _cut(letter.title.translate(_NOT_IN_TEXT_MESSAGES), SUBJECT_BYTES_MAX),
            "message": letter.body.translate(_NOT_IN_TEXT_MESSAGES),
        }
        url = f"{self._endpoint}/v2/{self._project_id}/notifications/topics/{self._urn}/publish"
        headers = {"Content-Type": "application/json", "X-Project-Id": self._project_id}
        request = UnsignedRequest("POST", url, headers, msgspec.json.encode(payload))
        signed = self.sign(request, self._keys)
        return self.request(request.method, request.url, request.body, signed, auth=_as_it_is)


def endpoint_for(region: str) -> str:
    """Return the address of SMN in a region, as the vendor's own SDK lists it."""
    top_level_domain = "eu" if region == "eu-west-101" else "com"
    return f"https://smn.{region}.myhuaweicloud.{top_level_domain}"


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep `requests` from putting a user's netrc in place of the signature."""
    return request


def _read_place(place: list[str]) -> list[str]:
    patterns = (_REGION, _PROJECT_ID)
    is_right = len(place) > len(patterns) and all(map(re.Pattern.fullmatch, patterns, place))
    if len(place) != len(patterns) + 1 or not is_right:
        raise UrlError("needs a url such as smn://REGION/PROJECT_ID/TOPIC.")
    return place


def _read_topic(topic: str, region: str, project_id: str) -> str:
    """Make the topic's URN, if it is not one already."""
    match = _URN.fullmatch(topic)
    if match is None and not _TOPIC.fullmatch(topic):
        raise UrlError("names neither a topic nor its URN in its url.")
    if match and match[1] != region:
        raise UrlError("names a topic of another region in its url.")
    return topic if match else f"urn:smn:{region}:{project_id}:{topic}"


def _cut(text: str, bytes_max: int) -> str:
    return text.encode()[:bytes_max].decode(errors="ignore")
