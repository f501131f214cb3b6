"""Chat services as their vendors document them: what they check, what readers see, and how they say no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.fakes.loopback import QuietHandler
from tests.fakes.webhook_server import Answer, Received, WebhookServer

TELEGRAM_TAGS: Final = frozenset({"a", "b", "i"})
FLOOD_SECONDS: Final = 35


def utf16_units(text: str) -> int:
    """Count as JavaScript and Telegram do."""
    return len(text.encode("utf-16-le")) // 2


class ChatServer(WebhookServer):
    """A vendor's server, in place of every host, which takes as many messages as there is `allowance` for."""

    def __init__(self) -> None:
        """Have plenty of allowance."""
        super().__init__()
        self.allowance = 1_000_000

    def visit(self, handler: QuietHandler) -> None:
        """Keep a request and judge it."""
        address = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Received(handler.command, address.path, address.query, headers, handler.body())
        self.requests.append(request)
        handler.close_connection = True
        answer = self.judge(request)
        handler.answer(answer.status, dict(answer.headers), answer.body)

    def judge(self, request: Received) -> Answer:
        """Say what becomes of it."""
        raise NotImplementedError

    def is_too_fast(self) -> bool:
        """Count one more message."""
        self.allowance -= 1
        return self.allowance < 0


class _Entities(HTMLParser):
    """Reads Telegram's HTML, of which any other tag, or one that is not closed, is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.links, self.open = "", list[str](), list[str]()
        self.is_wrong = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.is_wrong |= tag not in TELEGRAM_TAGS or names != (["href"] if tag == "a" else [])
        self.links += [str(value) for _, value in attrs]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.is_wrong |= not self.open or self.open.pop() != tag

    def handle_data(self, data: str) -> None:
        self.text += data


class TelegramServer(ChatServer):
    """https://core.telegram.org/bots/api#sendmessage.

    `shown` is the last message without markup, `links` where it leads, `called` what Telegram would make live
    of it by itself: mentions, hashtags, commands and addresses.
    """

    def __init__(self, token: str, chats: dict[int | str, bool]) -> None:
        """Have a bot with this token and these chats, true for each that it may write to."""
        super().__init__()
        self._token = token
        self._chats = chats
        self.shown = ""
        self.links: list[str] = []
        self.called: list[str] = []

    def judge(self, request: Received) -> Answer:
        """Check method, token, chat, how often, and the message."""
        match = re.fullmatch(r"/api\.telegram\.org/bot([^/]+)/sendMessage", request.path)
        if match is None:
            return self._no(404, "Not Found")
        if match[1] != self._token:
            return self._no(401, "Unauthorized")
        if self.is_too_fast():
            told = f"Too Many Requests: retry after {FLOOD_SECONDS}"
            return self._no(429, told, parameters={"retry_after": FLOOD_SECONDS})
        message = request.json
        if message["chat_id"] not in self._chats:
            return self._no(400, "Bad Request: chat not found")
        if not self._chats[message["chat_id"]]:
            return self._no(403, "Forbidden: bot was blocked by the user")
        return self._take(message)

    def _take(self, message: dict[str, Any]) -> Answer:
        entities = _Entities()
        entities.feed(message["text"])
        entities.close()
        if message["parse_mode"] != "HTML" or entities.is_wrong or entities.open:
            return self._no(400, "Bad Request: can't parse entities")
        if not entities.text.strip():
            return self._no(400, "Bad Request: message text is empty")
        if utf16_units(entities.text) > 4096:
            return self._no(400, "Bad Request: message is too long")
        self.shown, self.links = entities.text, entities.links
        self.called = re.findall(r"(?<!\w)[@#]\w+|(?<!\S)/\w+|\w+://\S+", entities.text)
        return Answer.of_json({"ok": True, "result": {"message_id": 7, "text": entities.text}})

    def _no(self, status: int, description: str, **more: object) -> Answer:
        return Answer.of_json({"ok": False, "error_code": status, "description": description, **more}, status)


class DiscordServer(ChatServer):
    """https://discord.com/developers/docs/resources/webhook#execute-webhook.

    `called` is who would be told that the last message is for them.
    """

    def __init__(self, address: str, threads: frozenset[str] = frozenset()) -> None:
        """Have a webhook `ID/TOKEN` whose channel has these threads."""
        super().__init__()
        self._path = f"/discord.com/api/webhooks/{address}"
        self._threads = threads
        self.called: list[str] = []

    def judge(self, request: Received) -> Answer:
        """Check the webhook, the thread, how often, and the sizes."""
        if request.path != self._path:
            return Answer.of_json({"message": "Unknown Webhook", "code": 10015}, 404)
        query = parse_qs(request.query)
        if not set(query.get("thread_id", ())) <= self._threads:
            return Answer.of_json({"message": "Unknown Channel", "code": 10003}, 400)
        if self.is_too_fast():
            told = {"message": "You are being rate limited.", "retry_after": 64.57, "global": False}
            return Answer.of_json(told, 429)._replace(headers={"Retry-After": "65"})
        message = request.json
        if any(True for _ in self._faults(message)):
            return Answer.of_json({"code": 50035, "errors": {}, "message": "Invalid Form Body"}, 400)
        self.called = list(self._mentions(message))
        return Answer.of_json({"id": "1"}) if query.get("wait") == ["true"] else Answer(b"", 204)

    def _faults(self, message: dict[str, Any]) -> Iterator[str]:
        embeds = message.get("embeds", [])
        if utf16_units(message.get("content", "")) > 2000 or len(embeds) > 10:
            yield "content"
        for embed in embeds:
            if utf16_units(embed.get("title", "")) > 256 or not 0 <= embed.get("color", 0) <= 0xFFFFFF:
                yield "embed"
            if not 0 < utf16_units(embed.get("description", "")) <= 4096:
                yield "description"
        if (
            sum(utf16_units(embed.get(name, "")) for embed in embeds for name in ("title", "description"))
            > 6000
        ):
            yield "embeds"

    def _mentions(self, message: dict[str, Any]) -> Iterator[str]:
        """Find what the content mentions and the message allows; embeds call nobody."""
        content = message.get("content", "")
        allowed = message.get("allowed_mentions", {"parse": ["everyone", "users", "roles"]})
        if "everyone" in allowed.get("parse", ()):
            yield from re.findall(r"@everyone|@here", content)
        for sort, pattern in (("users", r"<@!?(\d+)>"), ("roles", r"<@&(\d+)>")):
            found = re.findall(pattern, content)
            yield from (
                one for one in found if sort in allowed.get("parse", ()) or one in allowed.get(sort, ())
            )
