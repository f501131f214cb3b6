"""AWS Signature Version 4 in the Authorization header, with a signed payload. Pure: no clock.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (read November 2026)
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from urllib.parse import quote, urlsplit

from handler.transport import Request

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """An AWS key pair, with a session token if it is temporary; only the access key is ever shown."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def sign(
    request: Request, *, region: str, credentials: Credentials, now: datetime, service: str = "s3"
) -> Request:
    """Sign every header of a request and its body; its URL must be encoded already.

    Returns:
        The request with the headers Host, X-Amz-* and Authorization added.
    """
    url = urlsplit(request.url)
    moment = now.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    payload_sha256 = hashlib.sha256(request.body).hexdigest()
    headers = {
        **request.headers,
        "Host": url.netloc,
        "X-Amz-Content-Sha256": payload_sha256,
        "X-Amz-Date": moment,
    }
    if credentials.session_token:
        headers["X-Amz-Security-Token"] = credentials.session_token
    signed = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in signed)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    path = url.path if service == "s3" else quote(url.path, safe="/-_.~")
    lines = [request.method, path or "/", _canonical(url.query)]
    lines += [f"{name}:{value}" for name, value in signed]
    lines += ["", names, payload_sha256]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}"
    signature = _hmac(_signing_key(credentials.secret_key, scope), text).hex()
    headers["Authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return request._replace(headers=headers)


def _canonical(query: str) -> str:
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    return "&".join(f"{name}={value}" for name, value in pairs)


@lru_cache(maxsize=2)
def _signing_key(secret_key: str, scope: str) -> bytes:
    """Derive the key of a day, once."""
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
