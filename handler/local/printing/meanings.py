"""What services mean by their own codes, and what to do then. Pure.

What a service says besides its code is never kept, hence these tables; its page stands beside each. The codes
that count as refusals stand in `notifiers/codes.py`; here are also some that pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEY: Final = "the service does not accept the token or password in the channel's url; take a new one there"
ADDRESS: Final = "the service does not know this address; check the channel's url"
GONE: Final = "the bot or its group is gone or switched off; make a new one, and put its url into the channel"
WAIT: Final = "the service was told too much in a short time"
TROUBLE: Final = "the service is in trouble itself"
MESSAGE: Final = "the service does not take the message as it is; check the options in the channel's url"
TOO_LONG: Final = "the service finds the message too long"
_SOURCE: Final = "the service lets only known addresses send; add this machine's and the function's there"
_RECIPIENT: Final = "the service does not know the recipient; check the channel's url"
_ACCOUNT: Final = "the account at the service may not send at present; sign in there and see why"
_RIGHTS: Final = "the bot may not write there; let it, or have it write elsewhere"
_RULES: Final = (
    "the bot's own security settings turned the message away: check its signature (and this machine's clock),"
    " the word that each message must hold, or the addresses that may send"
)

# https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3, https://www.rfc-editor.org/rfc/rfc4954#section-6
_LOGIN: Final = "the mail server does not accept user and password; some want one made for programs"
_SENDER: Final = "the mail server does not take mails from this sender; check `from` in the channel's url"
_MAILBOX: Final = "the mail server does not take mails to this recipient; check `to` in the channel's url"
_MAIL: Final[Mapping[str, str]] = {
    "421": TROUBLE,
    "450": "the mailbox cannot be used at present",
    "451": TROUBLE,
    "452": TROUBLE,
    "454": TROUBLE,
    "501": _SENDER,
    "530": _LOGIN,
    "534": _LOGIN,
    "535": _LOGIN,
    "550": _MAILBOX,
    "551": _MAILBOX,
    "552": "the mail server finds the mail too large, or the mailbox is full",
    "553": _SENDER,
    "554": "the mail server turned the mail away; check `from` and `to` in the channel's url",
}

# https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
_FEISHU: Final[Mapping[str, str]] = {
    "11232": WAIT,
    "9499": MESSAGE,
    "19001": KEY,
    "19002": MESSAGE,
    "19007": GONE,
    "19021": "the signature does not fit; check the secret in the channel's url, and this machine's clock",
    "19022": _SOURCE,
    "19024": "the bot takes only messages with a certain word; choose one that each of them has, or none",
}

# http://api.pushplus.plus/doc-3034446
_PUSHPLUS: Final[Mapping[str, str]] = {
    "401": _ACCOUNT,
    "403": _SOURCE,
    "805": _ACCOUNT,
    "888": _ACCOUNT,
    "900": "the account has sent too much and is closed for some days",
    "903": KEY,
    "905": "the account's owner is not verified; do that at the service",
    "999": MESSAGE,
}

MEANINGS: Final[Mapping[str, Mapping[str, str]]] = {
    # https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
    "dingtalk": {
        "40035": MESSAGE,
        "130101": WAIT,
        "300001": KEY,
        "300005": KEY,
        "310000": _RULES,
        "400013": GONE,
        "400101": KEY,
        "400102": GONE,
        "400105": MESSAGE,
        "400106": GONE,
        "410100": WAIT,
        "430101": MESSAGE,
        "430102": MESSAGE,
        "430103": MESSAGE,
        "430104": MESSAGE,
        "460101": TOO_LONG,
    },
    "feishu": _FEISHU,
    "lark": _FEISHU,
    "mailto": _MAIL,
    "mailtos": _MAIL,
    "pushplus": _PUSHPLUS,
    # https://docs.slack.dev/reference/methods/chat.postMessage
    "slack": {
        "access_denied": _RIGHTS,
        "account_inactive": KEY,
        "channel_not_found": _RECIPIENT,
        "invalid_auth": KEY,
        "invalid_blocks": MESSAGE,
        "is_archived": "the Slack channel is archived",
        "missing_scope": "the bot lacks the scope chat:write; add it, and install the app anew",
        "msg_blocks_too_long": TOO_LONG,
        "msg_too_long": TOO_LONG,
        "no_permission": _RIGHTS,
        "not_allowed_token_type": KEY,
        "not_authed": KEY,
        "not_in_channel": "the bot is not in the Slack channel; invite it there",
        "restricted_action": _RIGHTS,
        "restricted_action_read_only_channel": _RIGHTS,
        "team_access_not_granted": _RIGHTS,
        "token_expired": KEY,
        "token_revoked": KEY,
    },
    # https://support.huaweicloud.com/intl/en-us/api-smn/smn_api_64000.html,
    # https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
    "smn": {
        "APIGW.0301": "Huawei Cloud does not accept the access key; check it, and this machine's clock",
        "APIGW.0302": "the access key may not publish there; it needs the permission smn:topic:publish",
        "APIGW.0308": WAIT,
        "SMN.0001": "the access key may not publish there; it needs the permission smn:topic:publish",
        "SMN.0005": _RECIPIENT,
        "SMN.0006": "there is no such topic; check region, project and topic in the channel's url",
    },
    # https://developer.work.weixin.qq.com/document/path/90313
    "wechat": {
        "40001": KEY,
        "40013": KEY,
        "40056": KEY,
        "45009": WAIT,
        "60020": _SOURCE,
        "81013": _RECIPIENT,
        "301002": _RECIPIENT,
    },
    "wecom": _PUSHPLUS,
    "wecombot": {
        "40008": MESSAGE,
        "40058": MESSAGE,
        "44004": MESSAGE,
        "45002": TOO_LONG,
        "45009": WAIT,
        "60020": _SOURCE,
        "93000": GONE,
        "93004": GONE,
        "93008": GONE,
    },
    # https://wxpusher.zjiecode.com/docs/openapi.yaml
    "wxpusher": {"1001": MESSAGE, "1002": KEY},
}
"""By the service, as the channel's URL begins, and its code."""
