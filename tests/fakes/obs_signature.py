"""What OBS checks of a signed request, written from its documentation, not from our signer.

https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0010.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from handler.stores.obs_signing import Credentials
from tests.fakes.s3_signature import Received

_AUTHORIZATION = re.compile(r"OBS (?P<key>[^:\s]+):(?P<signature>[A-Za-z0-9+/]{27}=)")
_SKEW_MAX = timedelta(minutes=15)
_SIGNED_QUERY = {
    *("acl", "append", "cors", "delete", "lifecycle", "location", "logging", "metadata", "position"),
    *("rename", "tagging", "uploadId", "uploads", "versionId", "versioning", "versions"),
    *("response-content-type",),
}


def refused(
    received: Received, bucket: str, credentials: Credentials, now: datetime
) -> tuple[int, str] | None:
    """Status and code with which OBS would refuse the request; None if the signature is good."""
    found = _AUTHORIZATION.fullmatch(received.headers.get("authorization", ""))
    if found is None:
        return 403, "AccessDenied"
    is_known = received.headers.get("x-obs-security-token") == credentials.security_token
    if found["key"] != credentials.access_key or not is_known:
        return 403, "InvalidAccessKeyId"
    if not _is_timely(received.headers, now):
        return 403, "RequestTimeTooSkewed"
    text = _string_to_sign(received, bucket)
    expected = hmac.new(credentials.secret_key.encode(), text.encode(), hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(expected).decode(), found["signature"]):
        return 403, "SignatureDoesNotMatch"
    digest = base64.b64encode(hashlib.md5(received.body, usedforsecurity=False).digest()).decode()
    return None if received.headers.get("content-md5", digest) == digest else (400, "BadDigest")


def _is_timely(headers: Mapping[str, str], now: datetime) -> bool:
    try:
        moment = parsedate_to_datetime(headers.get("x-obs-date", headers.get("date", "")))
    except (ValueError, TypeError):
        return False
    return abs(moment - now) <= _SKEW_MAX


def _string_to_sign(received: Received, bucket: str) -> str:
    headers = received.headers
    date = "" if "x-obs-date" in headers else headers.get("date", "")
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-obs-"))
    return (
        f"{received.method}\n"
        f"{headers.get('content-md5', '')}\n"
        f"{headers.get('content-type', '')}\n"
        f"{date}\n"
        + "".join(f"{name}:{value.strip()}\n" for name, value in own)
        + _resource(received, bucket)
    )


def _resource(received: Received, bucket: str) -> str:
    path, _, query = received.target.partition("?")
    signed = {}
    for parameter in filter(None, query.split("&")):
        name, has_value, value = parameter.partition("=")
        if name in _SIGNED_QUERY:
            signed[name] = f"={unquote(value)}" if has_value else ""
    parameters = "&".join(name + signed[name] for name in sorted(signed))
    return f"/{bucket}{path}" + (f"?{parameters}" if parameters else "")
