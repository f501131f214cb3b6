"""PushPlus, which brings Markdown to WeChat and whatever else its channels are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apprise.plugins.pushplus import NotifyPushplus, PushPlusChannel

from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter


class PushPlus(OwnService, NotifyPushplus):  # type: ignore[no-untyped-call]
    """One person, or the group behind a topic."""

    def __len__(self) -> int:
        """Count the topics, each of which would be a request; without one, it is the person."""
        return len(self.topics) or 1

    def deliver(self, letter: Letter) -> bool:
        """Send as https://www.pushplus.plus/doc/guide/api.html has it."""
        payload = {
            "token": self.token,
            "title": letter.title,
            "content": letter.body,
            "template": "markdown",
            "channel": self.channel,
        }
        if self.topics:
            payload["topic"] = self.topics[0]
        if self.channel == PushPlusChannel.WEBHOOK and self.webhook:
            payload["webhook"] = self.webhook
        return self.post(self.notify_url, payload)
