"""Slack as its documentation has it: what it checks, and how it says no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.chat_servers import ChatServer
from tests.fakes.webhook_server import Answer, Received


class SlackServer(ChatServer):
    """https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; it says no in words."""

    def __init__(self, path: str, refusal: tuple[int, str] | None = None) -> None:
        """Have a webhook at this path, which may be out of order."""
        super().__init__()
        self.path = path
        self._refusal = refusal

    def judge(self, request: Received) -> Answer:
        """Check the webhook, how often, and the message."""
        if request.path != self.path:
            return Answer(b"no_service", 404)
        if self._refusal:
            status, word = self._refusal
            return Answer(word.encode(), status)
        if self.is_too_fast():
            return Answer(b"rate_limited", 429, {"Retry-After": "30"})
        return Answer(b"invalid_payload", 400) if any(True for _ in slack_faults(request.json)) else Answer()


def slack_faults(message: dict[str, Any]) -> Iterator[str]:
    """What Slack would not take, or not show whole.

    4,000 characters of text, 100 attachments, 50 blocks, 3,000 characters in a section:
    https://docs.slack.dev/reference/methods/chat.postMessage,
    https://docs.slack.dev/reference/block-kit/blocks/section-block.
    """
    attachments = message.get("attachments", [])
    if not message.get("text", "").strip() or len(message["text"]) > 4000 or len(attachments) > 100:
        yield "text"
    for attachment in attachments:
        if (
            not re.fullmatch(r"#[0-9A-Fa-f]{6}", attachment["color"])
            or not 0 < len(attachment["blocks"]) <= 50
        ):
            yield "attachment"
        for block in attachment["blocks"]:
            text = block["text"]
            if (block["type"], text["type"]) != ("section", "mrkdwn") or not 0 < len(text["text"]) <= 3000:
                yield "section"
