"""Draws a message as Slack may show it: the payload's text, and its attachment beside a bar in its colour.

What is drawn is what is sent; only the frame around it, sender, time and fonts, is made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Slack</title><style>
body {{ margin: 0; padding: 24px; background: #f3f4f6; color: #1d1c1d;
  font: 15px/1.47 Slack-Lato, Lato, "Helvetica Neue", Arial, sans-serif; }}
article {{ display: grid; grid-template-columns: 36px 1fr; column-gap: 8px; padding: 18px 20px 20px;
  border: 1px solid #e5e7eb; border-radius: 8px; background: #fff; }}
.sign {{ width: 36px; height: 36px; border-radius: 8px; background: #2563eb; color: #fff;
  font: bold 20px/36px Arial, sans-serif; text-align: center; }}
.sender {{ font-weight: 900; }}
.app {{ margin: 0 4px; padding: 1px 3px; border-radius: 2px; background: #dddddd; color: #616061;
  font-size: 10px; font-weight: 700; vertical-align: 1px; }}
.time {{ color: #616061; font-size: 12px; }}
.attachment {{ display: grid; grid-template-columns: 4px 1fr; column-gap: 12px; margin-top: 6px; }}
.bar {{ border-radius: 8px; background: {colour}; }}
p {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }}
a {{ color: #1264a3; text-decoration: none; }}
</style></head><body><article>
<div class="sign">H</div>
<div><span class="sender">Headway</span> <span class="app">APP</span> <span class="time">{time}</span>
<p>{text}</p>
<div class="attachment"><div class="bar"></div><p>{section}</p></div></div>
</article></body></html>
"""


def draw_slack(payload: Mapping[str, Any], time: str) -> str:
    """Draw a message as an HTML page; of a form that this does not know nothing is left out silently.

    Args:
        payload: What an incoming webhook is sent: `text`, and an attachment with a section of mrkdwn.
        time: When it came, as Slack shows it.
    """
    (attachment,) = payload["attachments"]
    (block,) = attachment["blocks"]
    assert (block["type"], block["text"]["type"]) == ("section", "mrkdwn")
    assert set(payload) == {"attachments", "mrkdwn", "text"}
    return _PAGE.format(
        colour=attachment["color"],
        time=time,
        text=_of_mrkdwn(payload["text"]),
        section=_of_mrkdwn(block["text"]["text"]),
    )


def _of_mrkdwn(text: str) -> str:
    """HTML of the mrkdwn that we send, whose `&`, `<` and `>` are escaped as HTML's are.

    https://docs.slack.dev/messaging/formatting-message-text: `*bold*`, and `<url|label>`.
    """
    linked = re.sub(r"<([^<>|]+)\|([^<>]*)>", r'<a href="\1">\2</a>', text)
    return re.sub(r"^\*(.+)\*$", r"<b>\1</b>", linked)
