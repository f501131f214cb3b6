"""Telegram through its Bot API: one message in the letter's own HTML, to one chat or topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apprise.plugins.telegram import NotifyTelegram

from notifiers.services.bots import UrlError
from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter


class Telegram(OwnService, NotifyTelegram):  # type: ignore[no-untyped-call]
    """A bot and the chat that it writes to."""

    def __init__(self, **tokens: Any) -> None:  # noqa: ANN401 - whatever apprise reads of the URL
        """Want a chat: without one, apprise would look for it in the bot's mail.

        Raises:
            UrlError: There is none.
        """
        super().__init__(**tokens)  # type: ignore[no-untyped-call]
        if not self.targets:
            raise UrlError(
                "has no chat in its url; write tgram://BOT_TOKEN/CHAT or tgram://BOT_TOKEN/CHAT:TOPIC."
            )

    def deliver(self, letter: Letter) -> bool:
        """Send as https://core.telegram.org/bots/api#sendmessage has it."""
        chat, topic = self.targets[0]
        payload = {
            "chat_id": chat,
            "text": letter.body,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": not self.preview},
            "disable_notification": self.silent,
        }
        if topic:
            payload["message_thread_id"] = topic
        return self.post(f"{self.notify_url}{self.bot_token}/sendMessage", payload)
