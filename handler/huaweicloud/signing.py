"""Signs requests with SDK-HMAC-SHA256, as Huawei Cloud's gateways want it; pure: `now` is an argument.

The rules are those of https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-0001.html.
V11-HMAC-SHA256, the derived key, is deliberately absent: DMS never asks for it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from handler.transport import Request

_ALGORITHM: Final = "SDK-HMAC-SHA256"
_HASHED_TYPES: Final = ("application/json", "application/bson")


@dataclass(frozen=True)
class Credentials:
    """An access key and its secret; temporary ones come with a security token."""

    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What the access key and its secret are told from others by; neither can be read from it."""
        both = f"{self.access_key}\n{self.secret_key}"
        return hashlib.sha256(both.encode()).hexdigest()[:8]


def sign(request: Request, *, credentials: Credentials, now: datetime) -> Request:
    """Return the request as it has to be sent: query in canonical order, all its headers signed."""
    url = urlsplit(request.url)
    url = url._replace(query=_canonical_query(url.query))
    headers = _headers_to_sign(request.headers, url.netloc, credentials, now)
    signable = {name.lower(): value for name, value in headers.items() if "_" not in name}
    names = ";".join(sorted(signable))
    text = _string_to_sign(_canonical_request(request, url, signable), signable["x-sdk-date"])
    signature = hmac.new(credentials.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        f"{_ALGORITHM} Access={credentials.access_key}, SignedHeaders={names}, Signature={signature}"
    )
    return request._replace(url=url.geturl(), headers=headers)


def _headers_to_sign(
    given: Mapping[str, str], host: str, credentials: Credentials, now: datetime
) -> dict[str, str]:
    date = now.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {"Host": host, **given, "X-Sdk-Date": date}
    if credentials.security_token:
        headers["X-Security-Token"] = credentials.security_token
    if not headers.get("Content-Type", _HASHED_TYPES[0]).startswith(_HASHED_TYPES):
        headers["X-Sdk-Content-Sha256"] = "UNSIGNED-PAYLOAD"
    return {name: value.strip() for name, value in headers.items()}


def _canonical_query(query: str) -> str:
    # Pairs are put in order before they are encoded: "[" comes after "B", though "%5B" does not.
    return urlencode(sorted(parse_qsl(query, keep_blank_values=True)), quote_via=quote, safe="")


def _canonical_request(request: Request, url: SplitResult, headers: Mapping[str, str]) -> str:
    path = quote(unquote(url.path))
    names = sorted(headers)
    return "\n".join(
        [
            request.method.upper(),
            path if path.endswith("/") else f"{path}/",  # for signing only: what is sent has none
            url.query,
            *(f"{name}:{headers[name]}" for name in names),
            "",
            ";".join(names),
            _payload_hash(request.body, headers),
        ]
    )


def _payload_hash(body: bytes, headers: Mapping[str, str]) -> str:
    replacement = headers.get("x-sdk-content-sha256") if body else None
    return replacement or hashlib.sha256(body).hexdigest()


def _string_to_sign(canonical_request: str, date: str) -> str:
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    return f"{_ALGORITHM}\n{date}\n{digest}"
