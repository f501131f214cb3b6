"""The bots of WeCom, DingTalk and Feishu as their vendors document them: what they check, how they say no.

They answer 200 whatever they make of a request, and count sizes in bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.fakes.loopback import QuietHandler
from tests.fakes.webhook_server import Received, WebhookServer

Said = dict[str, Any]

HOUR_SECONDS: Final = 3600
FONT: Final = re.compile(r'<font color="(?:info|comment|warning)">|</font>')
CARD_COLOURS: Final = frozenset({"blue", "green", "orange", "red", "grey", "default"})
CARD_MEMBERS: Final = {"div": ("text", "fields"), "action": ("actions",), "note": ("elements",)}


class BotServer(WebhookServer):
    """A vendor's server with one bot, which takes as many messages as there is `allowance` for.

    With a `secret` it wants signatures, which are held against its own `clock`. `called` is who would be told
    that the last message is for them.
    """

    def __init__(self, key: str) -> None:
        """Have a bot with this key or token, plenty of allowance, and want no signature."""
        super().__init__()
        self.key = key
        self.allowance = 20
        self.secret: str | None = None
        self.clock: Callable[[], float] = time.time
        self.called: list[str] = []

    def visit(self, handler: QuietHandler) -> None:
        """Keep a request and judge it."""
        address = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Received(handler.command, address.path, address.query, headers, handler.body())
        self.requests.append(request)
        handler.close_connection = True
        said = msgspec.json.encode(self.judge(request))
        handler.answer(200, {"Content-Type": "application/json"}, said)

    def judge(self, request: Received) -> Said:
        """Say what becomes of it: the first complaint, or that it is shown."""
        return next(self.complaints(request), None) or self.show(request.json)

    def complaints(self, request: Received) -> Iterator[Said]:
        """What is wrong, in the order in which it is checked."""
        raise NotImplementedError

    def show(self, message: Said) -> Said:
        """Show a message in the group."""
        raise NotImplementedError

    def is_too_fast(self) -> bool:
        """Count one more message."""
        self.allowance -= 1
        return self.allowance < 0


class WeComServer(BotServer):
    """https://developer.work.weixin.qq.com/document/path/99110."""

    def complaints(self, request: Received) -> Iterator[Said]:
        """Check the key, how often, the type, and the content's bytes."""
        if parse_qs(request.query).get("key") != [self.key]:
            yield {"errcode": 93000, "errmsg": "invalid webhook url"}
        if self.is_too_fast():
            yield {"errcode": 45009, "errmsg": "api freq out of limit"}
        if request.json.get("msgtype") != "markdown":
            yield {"errcode": 40008, "errmsg": "invalid message type"}
        content = request.json["markdown"].get("content", "")
        if not content:
            yield {"errcode": 44004, "errmsg": "empty content"}
        if len(content.encode()) > 4096:
            yield {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}

    def show(self, message: Said) -> Said:
        """Call whom it names."""
        self.called = re.findall(r"<@([^<>]+)>", message["markdown"]["content"])
        return {"errcode": 0, "errmsg": "ok"}


class DingTalkServer(BotServer):
    """https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages."""

    def complaints(self, request: Received) -> Iterator[Said]:
        """Check token, kind of content, signature, how often, size, and the message."""
        query = parse_qs(request.query)
        if query.get("access_token") != [self.key]:
            yield {"errcode": 300005, "errmsg": "token is not exist"}
        if not request.headers.get("content-type", "").startswith("application/json"):
            yield {"errcode": 43004, "errmsg": "无效的HTTP HEADER Content-Type"}
        if self.secret and (wrong := self._wrong(query)):
            yield {"errcode": 310000, "errmsg": wrong}
        if self.is_too_fast():
            yield {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        if len(request.body) > 20_000:
            yield {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}
        if request.json.get("msgtype") != "markdown":
            yield {"errcode": 400105, "errmsg": "不支持的消息类型"}
        if not all(request.json["markdown"].get(name) for name in ("title", "text")):
            yield {"errcode": 40035, "errmsg": "缺少参数 json"}

    def show(self, message: Said) -> Said:
        """Call those numbers that stand in the text too."""
        numbers = message.get("at", {}).get("atMobiles", [])
        self.called = [number for number in numbers if f"@{number}" in message["markdown"]["text"]]
        return {"errcode": 0, "errmsg": "ok"}

    def _wrong(self, query: Mapping[str, list[str]]) -> str | None:
        """What is wrong with a signature; the query has been decoded once."""
        (timestamp,), (sign,) = query.get("timestamp", ["0"]), query.get("sign", [""])
        if abs(self.clock() * 1000 - int(timestamp)) > HOUR_SECONDS * 1000:
            return "invalid timestamp"
        key = str(self.secret).encode()
        digest = hmac.new(key, f"{timestamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        return None if base64.b64encode(digest) == sign.encode() else "sign not match"


class FeishuServer(BotServer):
    """https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot."""

    def complaints(self, request: Received) -> Iterator[Said]:
        """Check token, size, signature, how often, and the card."""
        if not request.path.endswith(f"/open-apis/bot/v2/hook/{self.key}"):
            yield {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        if len(request.body) > 20 * 1024:
            yield {"code": 9499, "msg": "Bad Request", "data": {}}
        if self.secret and not self._is_signed(request.json):
            yield {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        if self.is_too_fast():
            yield {"code": 11232, "msg": "frequency limited"}
        if request.json.get("msg_type") != "interactive":
            yield {"code": 19002, "msg": "params error, msg_type need"}
        if list(faults(request.json["card"])):
            yield {"code": 9499, "msg": "Bad Request", "data": {}}

    def show(self, message: Said) -> Said:
        """Say so under the new names and the old ones."""
        assert message["card"]
        return {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}

    def _is_signed(self, message: Said) -> bool:
        timestamp, sign = message.get("timestamp"), message.get("sign", "")
        if not isinstance(timestamp, str) or abs(self.clock() - int(timestamp)) > HOUR_SECONDS:
            return False
        digest = hmac.new(f"{timestamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return base64.b64encode(digest).decode() == str(sign)


def faults(card: Said) -> Iterator[str]:
    """What is wrong with a card of JSON 1.0, as far as ours go: texts without words, groups without members.

    See https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-json-structure.
    """
    header, elements = card["header"], card["elements"]
    if header["template"] not in CARD_COLOURS or not elements:
        yield "header"
    for element in elements:
        if not any(element.get(name) for name in CARD_MEMBERS.get(element["tag"], ())):
            yield str(element["tag"])
    for text in [header["title"], *(text for element in elements for text in _texts(element))]:
        if text["tag"] != "plain_text" or not text["content"].strip():
            yield "text"


def _texts(element: Said) -> Iterator[Said]:
    yield from [element["text"]] if "text" in element else []
    yield from element.get("elements", [])
    holders = [*element.get("fields", []), *element.get("actions", []), element.get("extra")]
    yield from (holder["text"] for holder in holders if holder)
