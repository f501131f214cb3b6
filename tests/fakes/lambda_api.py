"""Lambda's invoke API on loopback; checks signatures with AWS's own signer.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read November 2026)
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import unquote

import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as OfficialCredentials

from handler.stores.sigv4 import Credentials
from tests.fakes.invoke_api import Function, InvokeApi, Refusal, Reply, Result
from tests.fakes.loopback import QuietHandler

REGION: Final = "eu-west-1"
ARN: Final = f"arn:aws:lambda:{REGION}:111122223333:function:headway"

_CALL: Final = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_SIGNED: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^,]+, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)
_SKEW_MAX: Final = timedelta(minutes=5)


class FakeLambda(InvokeApi):
    """The API with one function."""

    def __init__(self, function: Function, credentials: Credentials) -> None:
        """Accept one key."""
        super().__init__(function)
        self.credentials = credentials

    def check(self, request: QuietHandler, body: bytes) -> Refusal | None:
        """See `InvokeApi`."""
        call = _CALL.fullmatch(request.path)
        if request.command != "POST" or call is None:
            return Refusal(404, "UnknownOperationException")
        if not self._is_signed(request, body):
            return Refusal(403, "InvalidSignatureException")
        if request.headers.get("X-Amz-Security-Token") != self.credentials.session_token:
            return Refusal(403, "UnrecognizedClientException")
        return None if unquote(call[1]) == ARN else Refusal(404, "ResourceNotFoundException")

    def refuse(self, refusal: Refusal) -> Reply:
        """See `InvokeApi`."""
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.code}
        document = {"Type": "User", "message": f"SECRET words: {self.credentials.session_token}"}
        return Reply(refusal.status, headers, msgspec.json.encode(document))

    def reply(self, result: Result) -> Reply:
        """See `InvokeApi`."""
        headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
        if result.has_failed:
            headers["X-Amz-Function-Error"] = "Unhandled"
        return Reply(200, headers, msgspec.json.encode(result.payload))

    def _is_signed(self, request: QuietHandler, body: bytes) -> bool:
        match = _SIGNED.fullmatch(request.headers.get("Authorization", ""))
        names = match[1].split(";") if match else []
        if match is None or not {"host", "x-amz-date"} <= {*names}:
            return False
        moment = request.headers["X-Amz-Date"]
        official = AWSRequest(
            request.command,
            f"http://{request.headers['Host']}{request.path}",
            headers={name: request.headers[name] for name in names},
            data=body,
        )
        official.context["timestamp"] = moment
        keys = self.credentials
        signer = SigV4Auth(OfficialCredentials(keys.access_key, keys.secret_key), "lambda", REGION)
        text = signer.string_to_sign(official, signer.canonical_request(official))
        off = datetime.strptime(f"{moment}+0000", "%Y%m%dT%H%M%SZ%z") - datetime.now(timezone.utc)
        return bool(signer.signature(text, official) == match[2]) and abs(off) <= _SKEW_MAX
