"""WxPusher, which brings Markdown to WeChat and to its own app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apprise.plugins.wxpusher import NotifyWxPusher

from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

_MARKDOWN: Final = 3
_URL_LENGTH_MAX: Final = 400


class WxPusher(OwnService, NotifyWxPusher):  # type: ignore[no-untyped-call]
    """One person, or those who follow a topic."""

    def __len__(self) -> int:
        """Count the people and topics."""
        return len(self._users) + len(self._topics)

    def deliver(self, letter: Letter) -> bool:
        """Send as https://wxpusher.zjiecode.com/docs/#/?id=发送消息-1 has it.

        The summary stands in the chat, the content on a page of its own, which needs the title too.
        """
        payload = {
            "appToken": self.token,
            "content": f"### {letter.marked_title}\n\n{letter.body}",
            "summary": letter.title,
            "contentType": _MARKDOWN,
            "topicIds": self._topics,
            "uids": self._users,
        }
        if letter.page and len(letter.page) <= _URL_LENGTH_MAX:
            payload["url"] = str(letter.page)
        return self.post(self.notify_url, payload)
