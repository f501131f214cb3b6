"""Which secrets stand in the file itself, and which variables are not taken as somebody thinks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, get_args

from handler.local.validating.draft import Draft
from handler.settings import Secret, Settings
from handler.settings.section import each_field
from handler.settings.tree import Mistake, Place

_PLACES: Final = [
    place
    for place, field in each_field(Settings)
    # An access key's id alone opens nothing.
    if Secret in (field.type, *get_args(field.type)) and place[-1] != "access_key"
]
_OPEN: Final = re.compile(r"(?:https?|jsons?|mailtos?|ntfys?)://[^@]*", re.IGNORECASE)
"""Services that want no secret where there is no user in the URL, and proxies."""

_WEBHOOK: Final = re.compile(r"https://", re.IGNORECASE)
_OTHER_WAY: Final = re.compile(r"\$[A-Z][A-Z0-9_]{2,}|\$\(|\{\{|%[A-Z][A-Z0-9_]{2,}%")
"""How shells and templates take variables."""


def find_bare_secrets(draft: Draft) -> Iterator[Mistake]:
    """Find what anybody can read who reads the file."""
    for place in _PLACES:
        for path, _ in draft.texts(*place):
            text = str(draft.written(*path))
            if _OTHER_WAY.search(text):
                yield Mistake(path, "seems to take a value in a way that Headway does not know", "${NAME}")
            elif draft.is_file and "${" not in text and not _is_open(place, text):
                yield Mistake(path, "stands in the file for all to read", "${NAME}, which keeps it out")


def _is_open(place: Place, text: str) -> bool:
    """Whether there is no secret in it; whoever knows the address of a heartbeat can ping it."""
    is_webhook = place[0] == "channels" and _WEBHOOK.match(text)
    is_secret = is_webhook or place[0] == "heartbeat"
    return bool(_OPEN.fullmatch(text)) and not is_secret
