"""What S3 and other services check of a signed request, written from AWS's pages, not from our signer.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import reduce
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from handler.stores.sigv4 import Credentials

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/"
    r"(?P<service>[a-z0-9-]+)/aws4_request, ?"
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW_MAX = timedelta(minutes=15)


class Received(NamedTuple):
    """A request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def refused(
    received: Received, credentials: Credentials, region: str, now: datetime, service: str = "s3"
) -> tuple[int, str] | None:
    """Status and code with which S3 would refuse the request; None if the signature is good."""
    found = _AUTHORIZATION.fullmatch(received.headers.get("authorization", ""))
    if found is None or found["service"] != service:
        return 403, "AccessDenied"
    if found["key"] != credentials.access_key:
        return 403, "InvalidAccessKeyId"
    if found["region"] != region:
        return 400, "AuthorizationHeaderMalformed"
    if received.headers.get("x-amz-security-token") != credentials.session_token:
        return 400, "InvalidToken"
    return _content_refused(received, found, credentials, now)


def _content_refused(
    received: Received, found: re.Match[str], credentials: Credentials, now: datetime
) -> tuple[int, str] | None:
    names = found["names"].split(";")
    must_be_signed = {"host"} | {name for name in received.headers if name.startswith("x-amz-")}
    if names != sorted(names) or not must_be_signed <= set(names):
        return 403, "AccessDenied"
    moment = received.headers.get("x-amz-date", "")
    if abs(_parsed(moment) - now) > _SKEW_MAX or moment[:8] != found["day"]:
        return 403, "RequestTimeTooSkewed"
    if received.headers.get("x-amz-content-sha256") != hashlib.sha256(received.body).hexdigest():
        return 400, "XAmzContentSHA256Mismatch"
    if not hmac.compare_digest(_signature(received, found, credentials), found["signature"]):
        return 403, "SignatureDoesNotMatch"
    return None


def _parsed(moment: str) -> datetime:
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return datetime.min.replace(tzinfo=timezone.utc)


def _signature(received: Received, found: re.Match[str], credentials: Credentials) -> str:
    path, _, query_string = received.target.partition("?")
    query = sorted(
        (quote(name, "-_.~"), quote(value, "-_.~"))
        for name, value in parse_qsl(query_string, keep_blank_values=True)
    )
    path = quote(unquote(path), "/-_.~")
    # Only S3 takes the path as it is sent.
    path = path if found["service"] == "s3" else quote(path, "/-_.~")
    canonical_request = (
        f"{received.method}\n"
        f"{path}\n"
        f"{'&'.join(f'{name}={value}' for name, value in query)}\n"
        + "".join(
            f"{name}:{' '.join(received.headers[name].split())}\n" for name in found["names"].split(";")
        )
        + f"\n{found['names']}\n{received.headers['x-amz-content-sha256']}"
    )
    scope = [found["day"], found["region"], found["service"], "aws4_request"]
    text = (
        f"AWS4-HMAC-SHA256\n{received.headers['x-amz-date']}\n{'/'.join(scope)}\n"
        f"{hashlib.sha256(canonical_request.encode()).hexdigest()}"
    )
    secret = f"AWS4{credentials.secret_key}".encode()
    key = reduce(lambda key, part: hmac.new(key, part.encode(), hashlib.sha256).digest(), scope, secret)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
