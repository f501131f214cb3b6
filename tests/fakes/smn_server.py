"""SMN on loopback: checks signatures with the official signer, holds topics, keeps what is published.

As strict as https://support.huaweicloud.com/intl/en-us/api-smn/PublishMessage.html, with the codes of
https://support.huaweicloud.com/intl/en-us/api-smn/smn_api_64000.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from handler.huaweicloud.signing import Credentials
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID
from tests.fakes.loopback import LoopbackServer, QuietHandler
from tests.fakes.sdk_signature import is_signed

TOPIC: Final = f"urn:smn:eu-west-101:{PROJECT_ID}:kafka-changes"

_CALL: Final = re.compile(r"/v2/([^/]+)/notifications/topics/([^/]+)/publish")
_URN: Final = re.compile(r"urn:smn:[a-z0-9-]+:[^:]+:[A-Za-z0-9_-]{1,255}")
_SUBJECT_BYTES_MAX: Final = 512
_MESSAGE_BYTES_MAX: Final = 256 * 1024


class Refusal(NamedTuple):
    """An answer other than success, in SMN's own shape or (`is_gateways`) in its gateway's."""

    status: int
    code: str
    headers: Mapping[str, str] = {}
    is_gateways: bool = False

    def body(self) -> Mapping[str, str]:
        """The shape, with words that nobody must keep."""
        names = ("error_code", "error_msg") if self.is_gateways else ("code", "message")
        return {"request_id": "r" * 32, **dict(zip(names, (self.code, "SECRET words"), strict=True))}


class FakeSmn(LoopbackServer):
    """SMN behind a real socket, for the time of a `with` block; `published` is what it took, in order."""

    def __init__(
        self,
        *,
        credentials: Credentials = CREDENTIALS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Accept one key, and hold one topic; `now` is the server's clock."""
        super().__init__()
        self.credentials = credentials
        self.topics = {TOPIC}
        self.published: list[Mapping[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.interruptions: list[Refusal] = []
        self._now = now

    def visit(self, handler: QuietHandler) -> None:
        """Check a handler, and keep what it publishes."""
        body = handler.body()
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        refusal = self._refuse(handler, body)
        if refusal:
            handler.answer(refusal.status, dict(refusal.headers), json.dumps(refusal.body()).encode())
            return
        self.published.append(json.loads(body))
        answer = {"message_id": f"{len(self.published):032x}", "handler_id": "r" * 32}
        handler.answer(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _refuse(self, request: QuietHandler, body: bytes) -> Refusal | None:
        call = _CALL.fullmatch(unquote(urlsplit(request.path).path))
        if request.command != "POST" or call is None:
            return Refusal(404, "APIGW.0101", is_gateways=True)
        if not is_signed(request, body, self.credentials, PROJECT_ID, self._now()):
            return Refusal(401, "APIGW.0301", is_gateways=True)
        if self.interruptions:
            return self.interruptions.pop(0)
        if call[1] != PROJECT_ID:
            return Refusal(403, "SMN.0001")
        if not _URN.fullmatch(call[2]):
            return Refusal(400, "SMN.0005")
        return _refuse_message(body) if call[2] in self.topics else Refusal(404, "SMN.0006")


def _refuse_message(body: bytes) -> Refusal | None:
    fields: dict[str, Any] = json.loads(body)
    subject, message = fields.pop("subject", ""), fields.pop("message", None)
    if fields:
        return Refusal(400, "SMN.0021")
    if not isinstance(subject, str) or "\n" in subject or len(subject.encode()) > _SUBJECT_BYTES_MAX:
        return Refusal(403, "SMN.0008")
    if not isinstance(message, str) or not message or len(message.encode()) > _MESSAGE_BYTES_MAX:
        return Refusal(403, "SMN.0009")
    return None
