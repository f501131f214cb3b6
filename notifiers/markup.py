"""Keeps whatever comes from outside from being markup, a mention or a link, in each family's own way.

Where a service has no dependable way to escape, what would be markup there is shown as its full-width twin,
which looks much the same and is nothing but text: `<@all>` becomes `＜＠all＞`.
"""

from __future__ import annotations

import html as html_module
import json as json_module
import re
from typing import Final
from urllib.parse import quote

_TWINS_ABOVE: Final = 0xFEE0
_SAFE_IN_URL: Final = "!#$%&'*+,-./:;=?@_~"
_EDGE_UNDERSCORE: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI_CODE: Final = re.compile(r":(?=[\w+-]+:)")
_COMMAND: Final = re.compile(r"(?<![\w/<>])/(?=\w)")
_CASHTAG: Final = re.compile(r"\$(?=\w)")
_DOT_OF_ADDRESS: Final = re.compile(r"(?<=\S)\.(?=[^\W\d_]|\d{1,3}\.\d{1,3}\.\d)")
_WORD_JOINER: Final = "\u2060"
"""Takes no room and ends an address; what stands on both its sides stays in one line."""

_WEB: Final = re.compile(r"(?<=www)\.", re.IGNORECASE)
_LIST_MARK: Final = re.compile(r"\A\s*(?:[-+=]|\d{1,9}[.)](?!\S))")


class Url(str):
    """An address that is safe wherever an address may stand: nothing in it ends a link."""

    __slots__ = ()


def safe_url(url: str) -> Url:
    """Percent-encode what could end a link or be markup within one; a whole address stays what it was."""
    return Url(quote(url, safe=_SAFE_IN_URL, errors="replace").replace("*", "%2A"))


def raw(text: str) -> str:
    """For programs: text is text."""
    return text


def plain(text: str) -> str:
    """For plain texts, which programs look through for addresses to make links of."""
    return _WEB.sub("．", text.replace("://", "：//"))


def html(text: str) -> str:
    """For HTML, in text as in attributes; programs that show mails make links of addresses as well."""
    return html_module.escape(plain(text))


def json(value: object) -> str:
    """For JSON: the value as JSON writes it, quotes included; fit for UTF-8."""
    encoded = json_module.dumps(value, ensure_ascii=False)
    # A lone half of a pair cannot be sent at all.
    return encoded.encode("utf-8", "replace").decode()


def slack(text: str) -> str:
    """For Slack's mrkdwn: https://docs.slack.dev/messaging/formatting-message-text."""
    inert = _twins(_without_links(text), "*`~|@#")
    return _twins_at_edges(inert).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def telegram(text: str) -> str:
    """For Telegram's HTML, which links names, tags, commands and addresses by itself, `evil.com` as well.

    See https://core.telegram.org/bots/api#html-style; what is an address there says `find_urls` in
    https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp.
    """
    inert = _COMMAND.sub("／", _twins(_without_links(text), "@#"))
    inert = _DOT_OF_ADDRESS.sub(f".{_WORD_JOINER}", _CASHTAG.sub(lambda match: _twins(match[0], "$"), inert))
    return html_module.escape(inert, quote=False)


def markdown(text: str) -> str:
    """For any service's Markdown; without brackets before them, parentheses are only text."""
    inert = _twins(_without_links(text), "<>[]*`~|\\#@")
    return _twins_at_edges(_LIST_MARK.sub(lambda match: _twins(match[0], "-+=.)"), inert))


def _without_links(text: str) -> str:
    """Keep addresses and names of emoji from being made links and pictures, and lines from being broken."""
    return _EMOJI_CODE.sub("：", plain(" ".join(text.splitlines())))


def _twins_at_edges(text: str) -> str:
    """Underscores emphasise at the edge of a word only."""
    return _EDGE_UNDERSCORE.sub("＿", text)


def _twins(text: str, characters: str) -> str:
    return text.translate({ord(char): ord(char) + _TWINS_ABOVE for char in characters})
