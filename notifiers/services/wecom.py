"""The bot of a WeCom group: Markdown, where apprise sends text, and people called by their user IDs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from apprise.plugins.wecombot import NotifyWeComBot

from notifiers.forms import octets
from notifiers.services.bots import UrlError, calls_somebody
from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

CALL_BYTES_MAX: Final = 400
"""What the form leaves free of the 4096 bytes that a bot takes."""

_USER_ID: Final = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_EVERYBODY: Final = frozenset({"all", "@all"})


class WeComBot(OwnService, NotifyWeComBot):  # type: ignore[no-untyped-call]
    """`wecombot://KEY`, or the bot's own address; `mention=zhangsan,lisi` calls people if there is need.

    Of its Markdown only the first kind knows mentions, as `<@userid>`, and none of everybody:
    https://developer.work.weixin.qq.com/document/path/99110.
    """

    def __init__(self, key: str, *, qsd: Mapping[str, str] | None = None, **options: Any) -> None:  # noqa: ANN401 - apprise's
        """Understand who is to be called.

        Raises:
            UrlError: Somebody cannot be called.
        """
        super().__init__(key=key, **options)  # type: ignore[no-untyped-call]
        self._call = _call((qsd or {}).get("mention", ""))

    def deliver(self, letter: Letter) -> bool:
        """Send Markdown, and below it those who are called."""
        call = f"\n{self._call}" if self._call and calls_somebody(letter.content) else ""
        return self.post(
            self.api_url, {"msgtype": "markdown", "markdown": {"content": f"{letter.body}{call}"}}
        )


def _call(mention: str) -> str:
    user_ids = [user_id.strip() for user_id in mention.split(",") if user_id.strip()]
    if not _EVERYBODY.isdisjoint(map(str.lower, user_ids)):
        raise UrlError("mentions everybody, which WeCom's Markdown cannot; write its members' user IDs.")
    if not all(map(_USER_ID.fullmatch, user_ids)):
        raise UrlError("mentions somebody by what is no user ID of WeCom's.")
    call = " ".join(f"<@{user_id}>" for user_id in user_ids)
    if octets(f"\n{call}") > CALL_BYTES_MAX:
        raise UrlError("mentions more people than fit into a message.")
    return call
