"""Checks the signature of a request with the official signer of Huawei Cloud."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from handler.huaweicloud.signing import Credentials
from tests.fakes.loopback import QuietHandler

_SIGNED: Final = re.compile(r"SDK-HMAC-SHA256 Access=.*, SignedHeaders=(.*), Signature=.*")
_SKEW_MAX: Final = timedelta(minutes=15)


def is_signed(
    request: QuietHandler, body: bytes, credentials: Credentials, project_id: str, now: datetime
) -> bool:
    """Whether a request without a query is signed with this key, and just now."""
    headers, shown = request.headers, request.headers.get("Authorization", "")
    match, date = _SIGNED.fullmatch(shown), headers.get("X-Sdk-Date", "")
    names = match[1].split(";") if match else []
    if not {"host", "x-sdk-date", "content-type"} <= set(names):
        return False
    official = SdkRequest(
        method=request.command,
        resource_path=urlsplit(request.path).path,
        query_params=[],
        header_params={name.title(): headers.get(name, "") for name in names},
        body=body,
    )
    keys = BasicCredentials(credentials.access_key, credentials.secret_key, project_id)
    moment = datetime.strptime(f"{date}+0000", "%Y%m%dT%H%M%SZ%z")
    return (
        Signer(keys).sign(official).header_params["Authorization"] == shown
        and headers.get("X-Security-Token") == credentials.security_token
        and abs(moment - now) <= _SKEW_MAX
    )
