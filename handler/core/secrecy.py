"""What sounds as if something secret were behind it: such parameters of a task are neither kept nor shown.

The API documents no parameters, so names and values are judged by how they sound, and rather too strictly:
what is left out by mistake is missed by nobody.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# A `value` stands beside a name, perhaps that of a password.
_WORDS: Final = frozenset(
    {"ak", "auth", "cert", "certs", "jaas", "otp", "pem", "pin", "pw", "salt", "sk", "val", "value", "values"}
)
_PARTS: Final = re.compile(
    r"passw|passphrase|passcode|pwd|psw|secret|token|credential|access.?key|api.?key|private|authori|authcode"
    r"|bearer|jwt|hmac|signature|cookie|keystore|truststore|\u5bc6\u7801|\u53e3\u4ee4|\u5bc6\u94a5|\u4ee4\u724c"
)
_ENDS: Final = ("key", "keys", "otp", "pass", "pem", "pin", "pw")
_HARMLESS: Final = frozenset({"bypass", "compass", "hotkey", "monkey", "monkeys", "spin", "turkey"})

_ACCOUNTS: Final = re.compile(r"account|auth|login|proxy|sasl|user")
"""In such a name's value a password may follow after a colon."""

_CONTENTS: Final = re.compile(r"-----begin|\beyj[a-z0-9_-]{8}")
"""A PEM file, or a signed token: https://www.rfc-editor.org/rfc/rfc7519#section-3.1."""

_WORD_BEGINS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def hints_at_secret(text: str) -> bool:
    """True when a name, or a text in which one may stand, sounds as if something secret were behind it."""
    text = unicodedata.normalize("NFKC", text)
    words = set(re.split(r"[^a-z]+", _WORD_BEGINS.sub(" ", text).lower()))
    ends = (word for word in words - _HARMLESS if word.endswith(_ENDS))
    return not _WORDS.isdisjoint(words) or any(ends) or _PARTS.search(text.lower()) is not None


def may_be_secret(name: str, value: str) -> bool:
    """True when a parameter's name or value hints at a secret, or the value looks like one.

    So does whatever stands before an `@` with a colon in it, as the password in `https://NAME:PASSWORD@HOST`.
    """
    name, value = (unicodedata.normalize("NFKC", text) for text in (name, value))
    if hints_at_secret(name) or hints_at_secret(value) or _CONTENTS.search(value.lower()):
        return True
    if ":" in value and _ACCOUNTS.search(name.lower()):
        return True
    return any("@" in word.partition(":")[2] for word in value.split())
