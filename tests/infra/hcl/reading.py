"""Parsed Terraform files as python-hcl2 gives them: quoted texts, expressions, blocks with marks."""

from __future__ import annotations

import re
from typing import Any, Final

Body = dict[str, Any]

BLOCK_MARK: Final = "__is_block__"
UNKNOWN: Final = object()
"""What an expression is worth that only Terraform can evaluate."""

_OWN_KEY: Final = re.compile(r"__\w+__")
_CODE_PIECE: Final = re.compile(r'#[^\n]*|//[^\n]*|/\*.*?\*/|["{}/]|[^#/"{}]+', re.DOTALL)
_TEXT_PIECE: Final = re.compile(r'\\.|\$\$|%%|[$%]\{|[^\\$%"]+|.', re.DOTALL)


def unquoted(text: object) -> str | None:
    """The text of a quoted string, None for anything else."""
    if isinstance(text, str) and len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return None


def items(body: Body) -> Body:
    """The arguments of a block without the parser's own keys."""
    return {unquoted(key) or key: value for key, value in body.items() if not _OWN_KEY.fullmatch(key)}


def is_block_list(value: object) -> bool:
    """Tell nested blocks from a list of objects."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(each, dict) and each.get(BLOCK_MARK) for each in value)


def literal(value: object) -> Any:  # noqa: ANN401 - a scalar of any type
    """A scalar literal as a Python value, UNKNOWN for an expression."""
    if isinstance(value, int | float):
        return value
    text = unquoted(value)
    if text is None or "${" in text or "%{" in text or text.startswith("<<"):
        return UNKNOWN
    return text


def code_only(source: str) -> str:
    """Drop comments and the fixed parts of strings; keep what can refer to something."""
    kept: list[str] = []
    modes = ["code"]  # a brace or an interpolation opens "code", a quote opens "text"
    at = 0
    while at < len(source):
        in_text = modes[-1] == "text"
        match = (_TEXT_PIECE if in_text else _CODE_PIECE).match(source, at)
        piece = match.group() if match else source[at]
        at += len(piece)
        if not in_text and not piece.startswith(('"', "#", "//", "/*")):
            kept.append(piece)
        _change_mode(modes, piece)
    return " ".join(kept)


def _change_mode(modes: list[str], piece: str) -> None:
    in_text = modes[-1] == "text"
    if piece == ('"' if in_text else "}"):
        if len(modes) > 1:
            modes.pop()
    elif piece == '"':
        modes.append("text")
    elif piece in ({"${", "%{"} if in_text else {"{"}):
        modes.append("code")
