"""The bots of Feishu and of Lark, which is Feishu abroad: signed cards, where apprise sends unsigned text."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote, urlsplit

import msgspec
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark

from notifiers.services.bots import Clock, signature
from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

_PATH: Final = re.compile(r"/open-apis/bot/v2/hook/([\w-]+)/?", re.ASCII)


class _CardBot(OwnService):
    """`SCHEMA://[SECRET@]TOKEN`, or the bot's own address; the secret may also stand in `secret=`.

    See https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
    """

    notify_url: str
    token: Any

    def __init__(
        self,
        *,
        qsd: Mapping[str, str] | None = None,
        user: str | None = None,
        now: Clock = time.time,
        **options: Any,  # noqa: ANN401 - apprise's
    ) -> None:
        """Keep what signs."""
        super().__init__(**options)
        self._secret = (qsd or {}).get("secret") or unquote(user or "")
        self._now = now

    def deliver(self, letter: Letter) -> bool:
        """Send a card, which is what the letter's body is."""
        payload = {"msg_type": "interactive", "card": msgspec.Raw(letter.body.encode())}
        return self.post(f"{self.notify_url}{self.token}", {**self._signed(), **payload})

    def _signed(self) -> dict[str, str]:
        """Sign the moment; what DingTalk takes for the text is the key here, and the text is empty."""
        if not self._secret:
            return {}
        timestamp = str(round(self._now()))
        return {"timestamp": timestamp, "sign": signature(key=f"{timestamp}\n{self._secret}", text="")}


class Feishu(_CardBot, NotifyFeishu):  # type: ignore[no-untyped-call]
    """A group in Feishu."""

    notify_url = "https://open.feishu.cn/open-apis/bot/v2/hook/"

    @staticmethod
    def parse_native_url(url: str) -> dict[str, Any] | None:
        """Take apart the address that Feishu hands out; None if it is another one."""
        own = _own_url("feishu", url)
        return cast("dict[str, Any]", NotifyFeishu.parse_url(own)) if own else None  # type: ignore[no-untyped-call]


class Lark(_CardBot, NotifyLark):  # type: ignore[no-untyped-call]
    """A group in Lark."""

    notify_url = "https://open.larksuite.com/open-apis/bot/v2/hook/"

    @staticmethod
    def parse_native_url(url: str) -> dict[str, Any] | None:
        """Take apart the address that Lark hands out; None if it is another one."""
        own = _own_url("lark", url)
        return cast("dict[str, Any]", NotifyLark.parse_url(own)) if own else None  # type: ignore[no-untyped-call]


def _own_url(schema: str, url: str) -> str | None:
    """Write the address that a vendor hands out with our schema; None for another address."""
    address = urlsplit(url)
    match = _PATH.fullmatch(address.path)
    # A question mark with nothing behind it apprise does not understand.
    return f"{schema}://{match[1]}/?{address.query}".rstrip("?") if match else None
