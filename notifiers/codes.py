"""The codes by which services say in the body what became of a message, whatever the status says.

Each service's own page stands beside its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec


class Codes(msgspec.Struct, frozen=True):
    """A service's own codes: how they are read from an answer's body, and what they mean.

    Any other code is an error that the service itself reports; what was not accepted can be sent again.
    """

    read: Callable[[bytes], object]
    success: str
    refused: frozenset[str] = frozenset()


def _codes(key: str, success: str, *refused: str) -> Codes:
    """Codes that stand in JSON under a key."""
    return Codes(lambda body: _members(body).get(key), success, frozenset(refused))


def _members(body: bytes) -> Mapping[str, object]:
    """Read a JSON object; anything else is as good as an empty one."""
    try:
        answer = msgspec.json.decode(body)
    except (RecursionError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _slack_word(body: bytes) -> object:
    """Read what a bot is told in JSON; an incoming webhook is told `ok`, and else by the status."""
    answer = _members(body)
    return "ok" if body == b"ok" or answer.get("ok") is True else answer.get("error")


_BARK: Final = _codes("code", "200")
_PUSHDEER: Final = _codes("code", "0")
_FEISHU: Final = _codes("code", "0", "19001", "19002", "19007", "19021", "19022", "19024")
_PUSHPLUS: Final = _codes("code", "200", "401", "403", "805", "888", "900", "903", "905")

CODES: Final[Mapping[str, Codes]] = {
    # https://developer.work.weixin.qq.com/document/path/90313
    "wecombot": _codes("errcode", "0", "40008", "40058", "44004", "45002", "60020", "93000"),
    "wechat": _codes("errcode", "0", "40001", "40013", "40056", "60020", "81013", "301002"),
    # https://open.dingtalk.com/document/orgapp/custom-robot-access
    "dingtalk": _codes("errcode", "0", "300001", "300005", "310000", "400013", "400101", "400102", "400106"),
    # https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
    "feishu": _FEISHU,
    "lark": _FEISHU,
    "schan": _codes("code", "0"),
    "pushdeer": _PUSHDEER,
    "pushdeers": _PUSHDEER,
    "bark": _BARK,
    "barks": _BARK,
    "wxpusher": _codes("code", "1000", "1001"),
    # https://www.pushplus.plus/doc/guide/code.html
    "pushplus": _PUSHPLUS,
    "wecom": _PUSHPLUS,
    # https://docs.slack.dev/reference/methods/chat.postMessage
    "slack": Codes(
        _slack_word,
        "ok",
        frozenset(
            {
                "account_inactive",
                "channel_not_found",
                "invalid_auth",
                "is_archived",
                "missing_scope",
                "not_authed",
                "not_in_channel",
                "token_expired",
                "token_revoked",
            }
        ),
    ),
}
