"""FunctionGraph's invoke API on loopback; checks signatures with the official signer.

https://support.huaweicloud.com/intl/en-us/api-functiongraph/functiongraph_06_0125.html (read November 2026).
How an error of the function itself is enveloped is not documented: `errors` says in which of the likely ways.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from enum import Enum
from typing import Final
from urllib.parse import unquote

import msgspec

from handler.huaweicloud.signing import Credentials
from tests.fakes.dms_server import PROJECT_ID
from tests.fakes.invoke_api import Function, InvokeApi, Refusal, Reply, Result
from tests.fakes.loopback import QuietHandler
from tests.fakes.sdk_signature import is_signed

URN: Final = f"urn:fss:eu-west-101:{PROJECT_ID}:function:default:headway:latest"

_CALL: Final = re.compile(r"/v2/([^/]+)/fgs/functions/([^/]+)/invocations")
_REQUEST_ID: Final = "1cbe80f3-3c65-475e-ad88-76ac518d386a"


class Errors(Enum):
    """How the function's own error is told."""

    BY_HEADERS = "by headers"
    BY_CODE = "by the header with the code"
    BY_SHAPE = "by its shape alone"
    BY_STATUS = "by status 500, without an envelope"


class FakeFunctionGraph(InvokeApi):
    """The API with one function."""

    def __init__(self, function: Function, credentials: Credentials) -> None:
        """Accept one key."""
        super().__init__(function)
        self.credentials = credentials
        self.errors = Errors.BY_HEADERS
        self._is_v1 = False

    def check(self, request: QuietHandler, body: bytes) -> Refusal | None:
        """See `InvokeApi`."""
        call = _CALL.fullmatch(unquote(request.path))
        if request.command != "POST" or call is None:
            return Refusal(404, "APIGW.0101")
        if not is_signed(request, body, self.credentials, PROJECT_ID, datetime.now(timezone.utc)):
            return Refusal(401, "APIGW.0301")
        if call[1] != PROJECT_ID:
            return Refusal(403, "FSS.0403")
        self._is_v1 = request.headers.get("X-CFF-Request-Version") == "v1"
        return None if call[2] == URN else Refusal(404, "FSS.1051")

    def refuse(self, refusal: Refusal) -> Reply:
        """See `InvokeApi`."""
        document = {"error_code": refusal.code, "error_msg": "SECRET words"}
        return Reply(refusal.status, {"Content-Type": "application/json"}, msgspec.json.encode(document))

    def reply(self, result: Result) -> Reply:
        """See `InvokeApi`."""
        text = result.payload if isinstance(result.payload, str) else json.dumps(result.payload)
        is_plain = not result.has_failed or self.errors is Errors.BY_SHAPE
        headers = {
            "X-Cff-Request-Id": _REQUEST_ID,
            "X-Func-Err-Code": "0" if is_plain else "4001",
            "X-Is-Func-Err": "false" if is_plain or self.errors is Errors.BY_CODE else "true",
        }
        if not self._is_v1 or (result.has_failed and self.errors is Errors.BY_STATUS):
            return Reply(500 if result.has_failed else 200, headers, text.encode())
        envelope = {"request_id": _REQUEST_ID, "result": text, "log": "", "status": 200}
        return Reply(200, {"Content-Type": "application/json", **headers}, msgspec.json.encode(envelope))
