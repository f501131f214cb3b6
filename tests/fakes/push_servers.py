"""Teams, ntfy and the pushers to WeChat as their vendors document them: what they check, how they say no."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs

from tests.fakes.chat_servers import ChatServer
from tests.fakes.webhook_server import Answer, Received

Card = dict[str, Any]

TEAMS_BYTES_MAX: Final = 28 * 1024
_STYLES: Final = frozenset({"default", "emphasis", "good", "attention", "warning", "accent"})
_RUN_FIELDS: Final = frozenset({"type", "text", "weight", "size", "isSubtle", "selectAction"})


class TeamsServer(ChatServer):
    """A workflow that posts cards: https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook."""

    def __init__(self, path: str, signature: str) -> None:
        """Have a workflow at this path, with this signature in its address."""
        super().__init__()
        self._path = path
        self._signature = signature

    def judge(self, request: Received) -> Answer:
        """Check the address, how often, the size, and the card."""
        if request.path != self._path:
            return Answer.of_json({"error": {"code": "WorkflowNotFound"}}, 404)
        query = parse_qs(request.query)
        if query.get("sig") != [self._signature] or not query.keys() >= {"api-version", "sp", "sv"}:
            return Answer.of_json({"error": {"code": "AuthorizationFailed"}}, 401)
        if self.is_too_fast():
            return Answer.of_json({"error": {"code": "WorkflowRunRateExceeded"}}, 429)._replace(
                headers={"Retry-After": "12"}
            )
        if len(request.body) > TEAMS_BYTES_MAX:
            return Answer.of_json({"error": {"code": "RequestEntityTooLarge"}}, 413)
        message = request.json
        (attachment,) = message["attachments"]
        is_card = attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        if (
            message["type"] != "message"
            or not is_card
            or any(True for _ in card_faults(attachment["content"]))
        ):
            return Answer.of_json({"error": {"code": "TriggerInputSchemaMismatch"}}, 400)
        return Answer(b"", 202)


def card_faults(card: Card) -> Iterator[str]:
    """What a card has wrong, as far as ours can: https://adaptivecards.io/explorer/AdaptiveCard.html."""
    if card["type"] != "AdaptiveCard" or card["version"] != "1.2" or not card["fallbackText"]:
        yield "card"
    containers = [element for element in card["body"] if element["type"] == "Container"]
    yield from ("style" for container in containers if container["style"] not in _STYLES)
    runs = text_runs(card)
    yield from ("run" for run in runs if not run["text"].strip() or run.keys() - _RUN_FIELDS)
    if "actions" in card and not card["actions"]:
        yield "actions"
    addresses = [action["url"] for action in card_actions(card) if action["type"] == "Action.OpenUrl"]
    yield from ("url" for address in addresses if not re.fullmatch(r"https?://\S+", address))


def text_runs(card: Card) -> Iterator[Card]:
    """Each piece of text; a block that is no rich text has none, and is an error."""
    containers = [element for element in card["body"] if element["type"] == "Container"]
    others = [element for element in card["body"] if element["type"] != "Container"]
    for block in [*(block for container in containers for block in container["items"]), *others]:
        assert block["type"] == "RichTextBlock"
        assert block["inlines"]
        assert {run["type"] for run in block["inlines"]} == {"TextRun"}
        yield from block["inlines"]


def card_actions(card: Card) -> Iterator[Card]:
    """Each link, be it a button or a text's."""
    yield from card.get("actions", [])
    yield from (run["selectAction"] for run in text_runs(card) if "selectAction" in run)


class NtfyServer(ChatServer):
    """https://docs.ntfy.sh/publish/#publish-as-json.

    It may want a `login`, which is a user with a password, or a token. `is_attachment` says whether the last
    message was too long to be one.
    """

    def __init__(self) -> None:
        """Have open topics."""
        super().__init__()
        self.login: str | None = None
        self.is_attachment = False

    def judge(self, request: Received) -> Answer:
        """Check path, login, how often, sizes and fields."""
        if not re.fullmatch(r"(?:/[^/]+)?/", request.path) or request.method != "POST":
            return self._no(404, 40401, "page not found")
        if self.login is not None and request.headers.get("authorization") != self._wanted():
            return self._no(403, 40301, "forbidden")
        if self.is_too_fast():
            return self._no(429, 42901, "limit reached: too many requests")
        if len(request.body) > 8192:
            return self._no(413, 41303, "JSON body too large")
        return self._take(request.json)

    def _take(self, message: dict[str, Any]) -> Answer:
        if not re.fullmatch(r"[-_A-Za-z0-9]{1,64}", message["topic"]) or not 1 <= message["priority"] <= 5:
            return self._no(400, 40009, "invalid request: topic invalid")
        actions = message.get("actions", [])
        if len(actions) > 3 or any({"action", "label", "url"} != action.keys() for action in actions):
            return self._no(400, 40018, "invalid request: actions invalid")
        self.is_attachment = len(message["message"].encode()) > 4096
        return Answer.of_json({"id": "hwQ2YpKdmg", "event": "message", "topic": message["topic"]})

    def _wanted(self) -> str:
        login = str(self.login)
        return f"Basic {base64.b64encode(login.encode()).decode()}" if ":" in login else f"Bearer {login}"

    def _no(self, status: int, code: int, error: str) -> Answer:
        return Answer.of_json({"code": code, "http": status, "error": error}, status)


class ServerChanServer(ChatServer):
    """https://sct.ftqq.com/sendkey and https://doc2.ft07.com/serverchan3/server/api."""

    def __init__(self, path: str) -> None:
        """Have a key at this path."""
        super().__init__()
        self._path = path

    def judge(self, request: Received) -> Answer:
        """Check the key, how often, and the sizes."""
        if request.path != self._path:
            return Answer.of_json({"code": 40001, "message": "[AUTH]错误的Key", "scode": 461}, 400)
        if self.is_too_fast():
            return Answer.of_json({"code": 40001, "message": "超过当天的发送次数限制", "scode": 471}, 400)
        message = request.json
        if not 0 < len(message["title"]) <= 32 or len(message["desp"].encode()) > 32 * 1024:
            return Answer.of_json({"code": 40002, "message": "参数错误"}, 400)
        return Answer.of_json({"code": 0, "message": "", "data": {"pushid": "3", "errno": 0}})


class PushPlusServer(ChatServer):
    """http://api.pushplus.plus/doc-3034446; it answers 200 whatever it makes of a request."""

    def __init__(self, token: str) -> None:
        """Have a user with this token."""
        super().__init__()
        self._token = token

    def judge(self, request: Received) -> Answer:
        """Check token, how often, template and sizes."""
        message = request.json
        if message["token"] != self._token:
            return Answer.of_json({"code": 903, "msg": "无效的用户令牌"})
        if self.is_too_fast():
            return Answer.of_json({"code": 900, "msg": "用户账号使用受限"})
        is_short = 0 < len(message["title"]) <= 100 and 0 < len(message["content"]) <= 20_000
        if not is_short or message["template"] != "markdown":
            return Answer.of_json({"code": 999, "msg": "服务端验证错误"})
        return Answer.of_json({"code": 200, "msg": "请求成功", "data": "075074e3c17e449e9a0cb79cc6f3fc83"})


class WxPusherServer(ChatServer):
    """https://wxpusher.zjiecode.com/docs/openapi.yaml; it answers 200 whatever it makes of a request."""

    def __init__(self, token: str, user: str) -> None:
        """Have an application with this token, which one user follows."""
        super().__init__()
        self._token = token
        self._user = user

    def judge(self, request: Received) -> Answer:
        """Check token, user, how often, and the sizes."""
        message = request.json
        if message["appToken"] != self._token:
            return Answer.of_json({"code": 1001, "msg": "APP_TOKEN不正确", "data": None})
        if self.is_too_fast():
            return Answer.of_json({"code": 1005, "msg": "系统繁忙", "data": None})
        is_short = len(message["summary"]) <= 100 and 0 < len(message["content"]) <= 40_000
        if not is_short or len(message["content"].encode()) > 65_535 or message["contentType"] != 3:
            return Answer.of_json({"code": 1001, "msg": "内容超限", "data": None})
        (user,) = message["uids"]
        told = {"uid": user, "code": 1000 if user == self._user else 1001, "status": "创建发送任务"}
        return Answer.of_json({"code": 1000, "msg": "处理成功", "data": [told]})
