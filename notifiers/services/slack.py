"""Slack through apprise, but with our own markup and the title where a push notification shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apprise.plugins.slack import NotifySlack

from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter


class Slack(OwnService, NotifySlack):  # type: ignore[no-untyped-call]
    """Incoming webhooks and bots; the letter is mrkdwn already."""

    def deliver(self, letter: Letter) -> bool:
        """Let apprise find the way, and put what we have to say into its envelope."""
        self._letter = letter
        # Its own markup apprise leaves alone where no format is declared.
        return bool(self.send(letter.body, title=letter.marked_title))  # type: ignore[no-untyped-call]

    def _send(self, url: str, payload: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - apprise's own
        return super()._send(url, _envelope(payload, self._letter), *args, **options)  # type: ignore[no-untyped-call]


def _envelope(payload: dict[str, Any], letter: Letter) -> dict[str, Any]:
    """Put the title first and bold, and the body below it beside a bar in the severity's colour.

    A push notification shows no attachment, and a plain one is folded after five lines; a section is not.
    `verbatim` keeps Slack from making links and mentions of what is only text.
    """
    if "attachments" not in payload:
        return payload
    text = {"type": "mrkdwn", "text": letter.body, "verbatim": True}
    return {
        **payload,
        "mrkdwn": True,
        "text": f"*{letter.marked_title}*",
        "attachments": [{"color": letter.colour, "blocks": [{"type": "section", "text": text}]}],
    }
