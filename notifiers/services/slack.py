"""Slack through apprise, but with our own markup and the title where a push notification shows it."""

from __future__ import annotations

from typing import Any

from apprise import NotifyFormat
from apprise.plugins.slack import NotifySlack


class Slack(NotifySlack):  # type: ignore[no-untyped-call]
    """Incoming webhooks and bots; the body is mrkdwn already, the title is escaped by apprise."""

    def send(self, *args: Any, **options: Any) -> bool:  # noqa: ANN401 - apprise's own
        """Keep apprise from escaping the body once more and from waking up `<!channel>` in it."""
        options["body_format"] = NotifyFormat.TEXT
        return bool(super().send(*args, **options))  # type: ignore[no-untyped-call]

    def _send(self, url: str, payload: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - apprise's own
        return super()._send(url, _with_preview(payload), *args, **options)  # type: ignore[no-untyped-call]


def _with_preview(payload: dict[str, Any]) -> dict[str, Any]:
    """Put the title first and bold, and the body below it beside a bar in the severity's colour.

    A push notification shows no attachment, and a plain one is folded after five lines; a section is not.
    """
    attachment = payload.get("attachments", [{}])[0]
    if "text" not in attachment:
        return payload
    section = {"type": "section", "text": {"type": "mrkdwn", "text": attachment["text"]}}
    return {
        **payload,
        "mrkdwn": True,
        "text": f"*{attachment['title']}*",
        "attachments": [{"color": attachment["color"], "blocks": [section]}],
    }
