"""Huawei OBS's own signature in the Authorization header. Pure: no clock.

https://support.huaweicloud.com/api-obs/obs_04_0010.html (read November 2026)
The body itself is not signed, its MD5 is: OBS answers 400 BadDigest to a body that does not fit.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from handler.transport import Request

_SUB_RESOURCE: Final = re.compile(
    r"acl|append|backtosource|cors|delete|deletebucket|encryption|inventory|length|lifecycle|location|"
    r"logging|metadata|modify|name|notification|object-lock|partNumber|policy|position|quota|rename|"
    r"replication|requestPayment|response-cache-control|response-content-disposition|"
    r"response-content-encoding|response-content-language|response-content-type|response-expires|"
    r"restore|retention|storageClass|storagePolicy|storageinfo|tagging|torrent|truncate|uploadId|"
    r"uploads|versionId|versioning|versions|website|x-image-process"
)
"""What of a query is signed."""


class Credentials(Protocol):
    """A key pair of Huawei Cloud, with a security token if it is temporary; its repr shows no secret."""

    @property
    def access_key(self) -> str:
        """What everybody may see."""
        ...

    @property
    def secret_key(self) -> str:
        """What signs."""
        ...

    @property
    def security_token(self) -> str | None:
        """What is sent along with temporary keys."""
        ...


def sign(request: Request, *, bucket: str, credentials: Credentials, now: datetime) -> Request:
    """Sign a request whose URL names the bucket in its host, and is encoded already.

    Returns:
        The request with the headers Date, x-obs-security-token, Content-MD5 (for a body, and for every
        PUT) and Authorization added.
    """
    headers = {**request.headers, "Date": format_datetime(now.astimezone(timezone.utc), usegmt=True)}
    if credentials.security_token:
        headers["x-obs-security-token"] = credentials.security_token
    if request.body or request.method == "PUT":
        headers["Content-MD5"] = b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode()
    given = {name.lower(): value.strip() for name, value in headers.items()}
    lines = [request.method, *(given.get(name, "") for name in ("content-md5", "content-type", "date"))]
    lines += [f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-obs-")]
    lines += [_resource(request.url, bucket)]
    digest = hmac.digest(credentials.secret_key.encode(), "\n".join(lines).encode(), "sha1")
    headers["Authorization"] = f"OBS {credentials.access_key}:{b64encode(digest).decode()}"
    return request._replace(headers=headers)


def _resource(address: str, bucket: str) -> str:
    url = urlsplit(address)
    signed = "&".join(sorted(_sub_resources(url.query)))
    return f"/{bucket}{url.path or '/'}" + (f"?{signed}" if signed else "")


def _sub_resources(query: str) -> Iterator[str]:
    """Those of a query, their values as they are before encoding."""
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if _SUB_RESOURCE.fullmatch(name):
            yield f"{name}{equals}{unquote(value)}"
