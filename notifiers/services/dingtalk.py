"""The bot of a DingTalk group: signed as DingTalk has it, where apprise encodes the signature twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.utils.parse import parse_list

from notifiers.services.bots import Clock, UrlError, calls_somebody, signature
from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

PHONES_MAX: Final = 10
"""More would not surely fit beside the longest message."""

_PATH: Final = "/robot/send"


class DingTalk(OwnService, NotifyDingTalk):  # type: ignore[no-untyped-call]
    """`dingtalk://[SECRET@]TOKEN[/PHONE…]`, or the bot's own address with `&secret=` and `&to=PHONE` added.

    See https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages.
    """

    def __init__(self, *, targets: list[str] | None = None, now: Clock = time.time, **options: Any) -> None:  # noqa: ANN401 - apprise's
        """Understand who is to be called.

        Raises:
            UrlError: Somebody cannot be called.
        """
        super().__init__(targets=targets, **options)  # type: ignore[no-untyped-call]
        self._now = now
        # Apprise drops what is no phone number, and nobody would be called.
        if len(self.targets) != len(parse_list(targets)):  # type: ignore[no-untyped-call]
            raise UrlError("calls somebody by what is no phone number.")
        if len(self.targets) > PHONES_MAX:
            raise UrlError(f"calls more than {PHONES_MAX} people.")

    def __len__(self) -> int:
        """There is one target, the group, whoever is called there."""
        return 1

    @staticmethod
    def parse_native_url(url: str) -> dict[str, Any] | None:
        """Take apart the address that DingTalk hands out; None if it is another one."""
        address = urlsplit(url)
        query = dict(parse_qsl(address.query))
        token = query.pop("access_token", "")
        if address.path.rstrip("/") != _PATH or not token.isalnum():
            return None
        # A question mark with nothing behind it apprise does not understand.
        own = f"dingtalk://{token}/?{urlencode(query)}".rstrip("?")
        return cast("dict[str, Any] | None", NotifyDingTalk.parse_url(own))  # type: ignore[no-untyped-call]

    def deliver(self, letter: Letter) -> bool:
        """Send Markdown; who is called has to stand in its text too."""
        payload: dict[str, Any] = {"msgtype": "markdown"}
        text = letter.body
        if self.targets and calls_somebody(letter.content):
            payload["at"] = {"atMobiles": self.targets, "isAtAll": False}
            text = f"{text}\n\n{' '.join(f'@{phone}' for phone in self.targets)}"
        payload["markdown"] = {"title": letter.title, "text": text}
        return self.post(f"{self.notify_url.format(token=self.token)}{self._signed()}", payload)

    def _signed(self) -> str:
        """Sign the moment: https://open.dingtalk.com/document/orgapp/customize-robot-security-settings."""
        if not self.secret:
            return ""
        timestamp = str(round(self._now() * 1000))
        sign = signature(key=self.secret, text=f"{timestamp}\n{self.secret}")
        return f"&{urlencode({'timestamp': timestamp, 'sign': sign})}"
