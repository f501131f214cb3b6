"""Checks the signature of a request as Huawei Cloud's gateway does: signs it anew and compares."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from typing import Final

from handler.huaweicloud.signing import Credentials, sign
from handler.transport import Request

SKEW_MAX: Final = timedelta(minutes=15)

_AUTHORIZATION: Final = re.compile(
    r"SDK-HMAC-SHA256 Access=[^,]*, SignedHeaders=([^,]*), Signature=[0-9a-f]*"
)
_SET_BY_SIGNER: Final = frozenset({"host", "x-sdk-date", "x-security-token"})


def fault_of(request: Request, credentials: Credentials, now: datetime) -> str | None:
    """Say what is wrong with a request's signature; None if nothing is.

    Args:
        request: As it arrived, its header names in lower case.
        credentials: The only ones that are accepted.
        now: The gateway's clock.
    """
    authorization = request.headers.get("authorization", "")
    match = _AUTHORIZATION.fullmatch(authorization)
    date = _read_date(request.headers.get("x-sdk-date", ""))
    if match is None or date is None:
        return "Authorization or X-Sdk-Date is missing or badly formed"
    if abs(now - date) > SKEW_MAX:
        return "X-Sdk-Date is more than 15 minutes off"
    names = set(match[1].split(";")) - _SET_BY_SIGNER
    headers = {name.title(): request.headers.get(name, "") for name in names}
    expected = sign(request._replace(headers=headers), credentials=credentials, now=date)
    if not hmac.compare_digest(expected.headers["Authorization"].encode(), authorization.encode()):
        return "verify aksk signature fail"
    return None


def _read_date(text: str) -> datetime | None:
    try:
        return datetime.strptime(f"{text}+0000", "%Y%m%dT%H%M%SZ%z")
    except ValueError:
        return None
