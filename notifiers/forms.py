"""The forms that messages take, one for each family of services, and what bounds them.

Every limit is the service's own, in the unit that the service counts in; its page stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from notifiers import markup

BRIEF_BYTES_MAX: Final = 400
"""A message about a step is short in its text form, title included."""


def characters(text: str) -> int:
    """Count code points."""
    return len(text)


def octets(text: str) -> int:
    """Count bytes, as UTF-8 has them."""
    return len(text.encode())


def utf16_units(text: str) -> int:
    """Count as Telegram and Discord do: what lies beyond the basic plane counts twice."""
    return len(text.encode("utf-16-le")) // 2


def octets_in_json(text: str) -> int:
    """Count bytes as they stand in a JSON document, where quotes and backslashes take two."""
    return octets(markup.json(text))


class Form(NamedTuple):
    """How a family shows a message: `folder` holds its templates, `escape` keeps texts from being markup.

    `size_max` bounds title and body together, as `size` counts them, and `brief_bytes_max` one that only
    tells how the change is getting on. A `is_card` form's templates make JSON. `title_length_max` is in
    characters. A form that `holds_title` has it in its bodies, which are all that is sent but for a preview;
    one that `marks_title` has titles that are shown as its texts are, and need the same care.
    """

    folder: str
    escape: Callable[[Any], str]
    size: Callable[[str], int]
    size_max: int
    brief_bytes_max: int = 1_000_000
    title_length_max: int = 250
    is_card: bool = False
    escapes_url: bool = False
    holds_title: bool = False
    marks_title: bool = False


_LONG_TEXT: Final = Form("plain", markup.plain, octets, 100_000, marks_title=True)
# For a service that nothing else is known of: it may know Markdown; WeCom's text, for one, is 2048 bytes.
PLAIN: Final = _LONG_TEXT._replace(escape=markup.markdown, size_max=2000, brief_bytes_max=BRIEF_BYTES_MAX)
# Gmail cuts off what is over 102 KB: https://github.com/hteumeuleu/email-bugs/issues/41
MAIL: Final = Form("mail", markup.html, octets, 100_000, escapes_url=True, holds_title=True)
MAIL_TEXT: Final = _LONG_TEXT
# A section's text: https://docs.slack.dev/reference/block-kit/blocks/section-block
SLACK: Final = Form("slack", markup.slack, characters, 3000, escapes_url=True)
# 4096, less what people are called with: https://developer.work.weixin.qq.com/document/path/91770
WECOM: Final = Form("wecom", markup.markdown, octets, 3696, holds_title=True)
# 20,000, beside a title as preview: https://open.dingtalk.com/document/orgapp/custom-robot-access
DINGTALK: Final = Form("dingtalk", markup.markdown, octets, 18_000, holds_title=True)
# The whole request, 20 KB: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
FEISHU: Final = Form("feishu", markup.json, octets, 19_000, is_card=True, holds_title=True)
# https://core.telegram.org/bots/api#sendmessage
TELEGRAM: Final = Form("telegram", markup.telegram, utf16_units, 4096, escapes_url=True, holds_title=True)
# 28 KB: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
TEAMS: Final = Form("teams", markup.json, octets, 26_000, is_card=True, holds_title=True)
# An embed's description, 4096: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
DISCORD: Final = Form("discord", markup.markdown, utf16_units, 4096)
# More becomes an attachment, and is refused as JSON of twice that: https://docs.ntfy.sh/publish/#limitations
NTFY: Final = Form(
    "ntfy", markup.plain, octets_in_json, 4096, brief_bytes_max=BRIEF_BYTES_MAX, marks_title=True
)
# PushPlus takes 20,000 characters: https://www.pushplus.plus/doc/guide/api.html
MARKDOWN: Final = Form("markdown", markup.markdown, octets, 20_000, title_length_max=100)
# A title of 32 characters: https://sct.ftqq.com/sendkey
SERVERCHAN: Final = MARKDOWN._replace(title_length_max=32)
# 256 KB, a subject of 512 bytes: https://support.huaweicloud.com/intl/en-us/api-smn/PublishMessage.html
SMN: Final = _LONG_TEXT._replace(title_length_max=120)
# A summary of 1024 characters: https://developer.pagerduty.com/docs/send-alert-event
PAGERDUTY: Final = _LONG_TEXT._replace(size_max=20_000)
# With the same in fields it stays within 64 KB.
JSON: Final = _LONG_TEXT._replace(escape=markup.raw, size=octets_in_json, size_max=20_000)

# Apprise cuts longer titles: https://github.com/caronc/apprise/wiki has each service's page.
_SHORT_TITLES: Final = {
    "cliq": 200,
    "kumulos": 64,
    "revolt": 100,
    "sns": 99,
    "splunk": 60,
    "victorops": 60,
    "youlmk": 120,
    "zcliq": 200,
    "zohocliq": 200,
    "zulip": 60,
}

_FORMS: Final[Mapping[str, Form]] = {
    "dingtalk": DINGTALK,
    "discord": DISCORD,
    "feishu": FEISHU,
    "json": JSON,
    "jsons": JSON,
    "lark": FEISHU,
    "mailto": MAIL,
    "mailtos": MAIL,
    "ntfy": NTFY,
    "ntfys": NTFY,
    "pagerduty": PAGERDUTY,
    "pushplus": MARKDOWN,
    "schan": SERVERCHAN,
    "slack": SLACK,
    "smn": SMN,
    "tgram": TELEGRAM,
    "wecom": MARKDOWN,
    "wecombot": WECOM,
    "workflow": TEAMS,
    "workflows": TEAMS,
    "wxpusher": MARKDOWN,
    **{schema: PLAIN._replace(title_length_max=length) for schema, length in _SHORT_TITLES.items()},
}


def form_for(schema: str) -> Form:
    """The form for a service, by the schema that apprise knows it by."""
    return _FORMS.get(schema, PLAIN)


FAMILIES: Final[Mapping[str, Form]] = {
    "plain": PLAIN,
    "mail": MAIL,
    "slack": SLACK,
    "wecom": WECOM,
    "dingtalk": DINGTALK,
    "feishu": FEISHU,
    "telegram": TELEGRAM,
    "teams": TEAMS,
    "discord": DISCORD,
    "ntfy": NTFY,
    "markdown": MARKDOWN,
    "smn": SMN,
    "pagerduty": PAGERDUTY,
    "json": JSON,
}
"""By the name of the family; what is sent to services that nothing else is known of is `plain`."""
