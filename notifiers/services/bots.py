"""What the bots of chat groups have in common: how they sign, when they call people, what they cannot."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable

from notifiers.alerts import Severity
from notifiers.messages import Content

Clock = Callable[[], float]
"""Tells the moment, in seconds since 1970."""


class UrlError(ValueError):
    """A URL asks for what a service cannot do; the text goes on after the channel's name, without secrets."""


def signature(key: str, text: str) -> str:
    """Sign a text as DingTalk and Feishu want it: HMAC-SHA256 in Base64."""
    return b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def calls_somebody(content: Content) -> bool:
    """Whether the reader has to do something, so that people are called by name."""
    return content.severity.rank >= Severity.WARNING.rank
