"""What a channel's URL tells of its service by itself: apprise, which knows more, takes long to import."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

SCHEMA: Final = re.compile(r"\s*([a-z][a-z0-9]{1,19})://", re.IGNORECASE)
_HOST: Final = re.compile(r"\s*https?://([^\s/?#:]+)", re.IGNORECASE)

HOSTS: Final[Mapping[str, str]] = {
    "alert.victorops.com": "splunk",
    "api.incident.io": "incidentio",
    "api.powerplatform.com": "workflow",
    "api.spike.sh": "spike",
    "chat.googleapis.com": "gchat",
    "discord.com": "discord",
    "discordapp.com": "discord",
    "hooks.slack-gov.com": "slack",
    "hooks.slack.com": "slack",
    "logic.azure.com": "workflow",
    "oapi.dingtalk.com": "dingtalk",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "lark",
    "qyapi.weixin.qq.com": "wecombot",
    "signals.firehydrant.com": "firehydrant",
    "squadcast.com": "squadcast",
    "xmatters.com": "xmatters",
}
"""Services whose own web addresses apprise takes for a URL, as far as it matters here which one it is."""

_INCIDENT_SCHEMAS: Final = frozenset(
    {
        "betterstack",
        "firehydrant",
        "goalert",
        "goalerts",
        "ilert",
        "incidentio",
        "jira",
        "opsgenie",
        "pagerduty",
        "pagertree",
        "signl4",
        "spike",
        "splunk",
        "squadcast",
        "victorops",
        "xmatters",
    }
)
"""Of all that apprise 2.2 knows, those that page whoever is on call; of Jira it knows only such alerts."""


def schema_of(url: str) -> str:
    """Tell by which schema apprise knows the service; empty when the URL is none.

    A web address of none of `HOSTS` keeps its own schema.
    """
    match, web = SCHEMA.match(url), _HOST.match(url)
    host = f".{web[1].lower()}" if web else ""
    known = (schema for name, schema in HOSTS.items() if host.endswith(f".{name}"))
    return next(known, match[1].lower() if match else "")


def is_incident_service(schema: str) -> bool:
    """Whether each message to the service opens an incident of its own."""
    return schema in _INCIDENT_SCHEMAS
