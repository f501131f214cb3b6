"""Fills in the templates of pages; whatever is put into them is text, never markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES: Final = PackageLoader("handler.web.pages")
_STYLE: Final = "style.css"
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_NEEDLESS: Final = re.compile(r";? ?(}) ?| ?([{;,]) ?|(?<=:) ")


def render(name: str, values: Mapping[str, Any]) -> str:
    """Fill in a template; lines of the page have no blanks around them, and none is empty."""
    text = _environment().get_template(name).render(values, style=Markup(style()))  # noqa: S704 - our own
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def style_source() -> str:
    """What a content security policy has to allow as `style-src`: the hash of the one style sheet."""
    digest = hashlib.sha256(style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def style() -> str:
    """The style sheet as it stands in every page, without what is only for those who write it."""
    source, _, _ = _TEMPLATES.get_source(_environment(), _STYLE)
    return _NEEDLESS.sub(r"\1\2", " ".join(_COMMENT.sub("", source).split()))


@cache
def _environment() -> Environment:
    return Environment(
        loader=_TEMPLATES,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
