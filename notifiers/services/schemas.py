"""Which services there are, and what their URLs look like, for whoever has to write one."""

from __future__ import annotations

import re
from typing import Any, Final, cast

from apprise.plugins import N_MGR

from notifiers.services.catalog import KNOWN

_SECURE: Final = "s"

_FORMS: Final = {
    "dingtalk": "SECRET@TOKEN",
    "discord": "ID/TOKEN",
    "feishu": "SECRET@TOKEN",
    "json": "HOST/PATH",
    "lark": "SECRET@TOKEN",
    "mailto": "USER:PASSWORD@DOMAIN?smtp=HOST&to=ADDRESS",
    "ntfy": "HOST/TOPIC",
    "pagerduty": "INTEGRATION_KEY@API_KEY",
    "pushplus": "TOKEN",
    "schan": "SENDKEY",
    "slack": "TOKEN_A/TOKEN_B/TOKEN_C",
    "smn": "REGION/PROJECT_ID/TOPIC",
    "tgram": "BOT_TOKEN/CHAT",
    "wecom": "TOKEN",
    "wecombot": "KEY",
    "workflow": "HOST/WORKFLOW/SIGNATURE",
    "wxpusher": "AT_TOKEN/UID",
}
"""What stands after the `://` of mail and of our own services."""


def known_schemas() -> frozenset[str]:
    """All that a channel's URL may begin with; to know apprise's takes half a second."""
    return frozenset({*KNOWN, *cast("list[str]", N_MGR.schemas())})  # type: ignore[no-untyped-call]


def form_of(schema: str) -> str:
    """What a URL of a service looks like, with capitals for what one has to fill in."""
    form = _FORMS.get(schema) or _FORMS.get(schema.removesuffix(_SECURE))
    return f"{schema}://{form}" if form else _form_by_apprise(schema)


def _form_by_apprise(schema: str) -> str:
    service: Any = N_MGR[schema]
    templates = [str(template) for template in service.templates]
    written = next((each for each in templates if "{targets}" in each), templates[0])
    filled = re.sub(r"\{(\w+)\}", lambda field: field[1].upper(), written.replace("{schema}", schema))
    return filled.replace("TARGETS", "TARGET")
