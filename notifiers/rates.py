"""How often services take messages: as many seconds as one has to be left alone after each.

Where a service limits several spans of time, the longest counts that a few invocations could fill. Each
service's own page stands beside its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PAUSE_SECONDS: Final[Mapping[str, float]] = {
    # 20 a minute, else the bot is silenced for ten.
    # https://open.dingtalk.com/document/group/custom-robot-access
    "dingtalk": 3.0,
    # 5 in 2 s, as its headers say.
    # https://birdie0.github.io/discord-webhooks-guide/other/rate_limits.html
    "discord": 0.4,
    # 100 a minute (and 5 a second).
    # https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
    "feishu": 0.6,
    "lark": 0.6,
    # 60 a minute and space.
    # https://developers.google.com/workspace/chat/limits
    "gchat": 1.0,
    # 50 a minute and integration key.
    # https://docs.ilert.com/developer-docs/rest-api/alertsource-throttle
    "ilert": 1.2,
    # 120 a minute and integration key.
    # https://community.pagerduty.com/forum/t/monitoring-api-rate-limiting/3318
    "pagerduty": 0.5,
    # 1 a second.
    # https://docs.slack.dev/apis/web-api/rate-limits
    "slack": 1.0,
    # 20 a minute and group.
    # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    "tgram": 3.0,
    # 30 a minute and member, what is more is dropped in silence.
    # https://developer.work.weixin.qq.com/document/path/90236
    "wechat": 2.0,
    # 20 a minute and bot.
    # https://developer.work.weixin.qq.com/document/path/91770
    "wecombot": 3.0,
    # 60 in 30 s (and 4 a second).
    # https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    "workflow": 0.5,
    "workflows": 0.5,
}


def pause_seconds(schema: str) -> float:
    """Seconds to wait between two messages to the same channel; none where nothing is known."""
    return PAUSE_SECONDS.get(schema, 0.0)
