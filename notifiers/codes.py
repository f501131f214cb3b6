"""The codes by which services say in the body what became of a message, whatever the status says.

Each service's own page stands beside its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

_WAIT_SECONDS_MAX: Final = 999_999_999


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
    return _as_members(answer)


def _as_members(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _slack_word(body: bytes) -> object:
    """Read what a bot is told in JSON; an incoming webhook is told `ok`, and else by the status."""
    answer = _members(body)
    return "ok" if body == b"ok" or answer.get("ok") is True else answer.get("error")


def _wxpusher_code(body: bytes) -> object:
    """Read what became of the whole, or of the first target that it did not reach."""
    answer = _members(body)
    targets = answer.get("data")
    parts = [answer, *(map(_as_members, targets) if isinstance(targets, list) else ())]
    codes = [part["code"] for part in parts if "code" in part]
    return next((code for code in codes if code != _WXPUSHER_SUCCESS), _WXPUSHER_SUCCESS if codes else None)


_WXPUSHER_SUCCESS: Final = 1000


def _feishu_code(body: bytes) -> object:
    """Read the code, or what it was called before: Feishu still sends both, or only one of them."""
    answer = _members(body)
    return answer.get("code", answer.get("StatusCode"))


def _smn_code(body: bytes) -> object:
    """Read the error's code; a message that has been saved has an id instead.

    SMN says `code`, the gateway before it `error_code`: `SMN.0006`, `APIGW.0301`. See
    https://support.huaweicloud.com/intl/en-us/api-smn/smn_api_63001.html.
    """
    answer = _members(body)
    code = answer.get("code", answer.get("error_code"))
    if code is not None:
        return code
    is_saved = any(isinstance(answer.get(name), str) for name in ("message_id", "request_id"))
    return "ok" if is_saved else None


MESSAGE_CODES: Final = frozenset(
    {
        # WeCom
        *("40008", "40058", "44004", "45002"),
        # DingTalk, the last five for what a message holds
        *("40035", "400105", "430101", "430102", "430103", "430104", "460101"),
        # Feishu and Lark
        *("9499", "19002"),
        # PushPlus
        "999",
        # WxPusher: any fault of ours
        "1001",
        # Slack
        *("invalid_blocks", "msg_blocks_too_long", "msg_too_long"),
        # SMN: subject, message
        *("SMN.0008", "SMN.0009"),
    }
)
"""Refusals that are, or may be, about the one message: others may pass. Services do not share these codes."""

_BARK: Final = _codes("code", "200")
_PUSHDEER: Final = _codes("code", "0")
_FEISHU: Final = Codes(
    _feishu_code, "0", frozenset({"9499", "19001", "19002", "19007", "19021", "19022", "19024"})
)
_PUSHPLUS: Final = _codes("code", "200", "401", "403", "805", "888", "900", "903", "905", "999")

CODES: Final[Mapping[str, Codes]] = {
    # https://developer.work.weixin.qq.com/document/path/90313
    "wecombot": _codes(
        "errcode", "0", "40008", "40058", "44004", "45002", "60020", "93000", "93004", "93008"
    ),
    "wechat": _codes("errcode", "0", "40001", "40013", "40056", "60020", "81013", "301002"),
    # https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
    # 310000 is a wrong signature, keyword or address, or a clock that is more than an hour off.
    "dingtalk": _codes(
        "errcode",
        "0",
        "40035",
        "300001",
        "300005",
        "310000",
        "400013",
        "400101",
        "400102",
        "400105",
        "400106",
        "430101",
        "430102",
        "430103",
        "430104",
        "460101",
    ),
    # https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
    # 19021 is a wrong signature, or a clock that is more than an hour off.
    "feishu": _FEISHU,
    "lark": _FEISHU,
    # It refuses with status 400: https://sct.ftqq.com/sendkey, https://doc2.ft07.com/serverchan3/server/sdk
    "schan": _codes("code", "0"),
    "pushdeer": _PUSHDEER,
    "pushdeers": _PUSHDEER,
    "bark": _BARK,
    "barks": _BARK,
    # 1001 is any fault of ours, and 1002 the token's: https://wxpusher.zjiecode.com/docs/openapi.yaml
    "wxpusher": Codes(_wxpusher_code, str(_WXPUSHER_SUCCESS), frozenset({"1001", "1002"})),
    # After 900 no more may be sent that day: http://api.pushplus.plus/doc-3034446
    "pushplus": _PUSHPLUS,
    "wecom": _PUSHPLUS,
    # https://support.huaweicloud.com/intl/en-us/api-smn/PublishMessage.html
    "smn": Codes(_smn_code, "ok"),
    # https://docs.slack.dev/reference/methods/chat.postMessage
    "slack": Codes(
        _slack_word,
        "ok",
        frozenset(
            {
                "access_denied",
                "account_inactive",
                "channel_not_found",
                "invalid_auth",
                "invalid_blocks",
                "is_archived",
                "missing_scope",
                "msg_blocks_too_long",
                "msg_too_long",
                "no_permission",
                "not_allowed_token_type",
                "not_authed",
                "not_in_channel",
                "restricted_action",
                "restricted_action_read_only_channel",
                "team_access_not_granted",
                "token_expired",
                "token_revoked",
            }
        ),
    ),
}

_WAITS: Final[Mapping[str, Callable[[bytes], object]]] = {
    # Exact, while the header is rounded: https://discord.com/developers/docs/topics/rate-limits
    "discord": lambda body: _members(body).get("retry_after"),
    # The only place that is documented: https://core.telegram.org/bots/api#responseparameters
    "tgram": lambda body: _as_members(_members(body).get("parameters")).get("retry_after"),
}


def told_wait(schema: str, body: bytes) -> float | None:
    """Read how many seconds the service asks to be left alone, where it says so in the body."""
    told = _WAITS[schema](body) if schema in _WAITS else None
    is_wait = type(told) in {int, float} and 0 <= told <= _WAIT_SECONDS_MAX  # type: ignore[operator]
    return float(told) if is_wait else None  # type: ignore[arg-type]
