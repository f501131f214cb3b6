"""What both platforms' events and answers have in common: the samples, and what an HTTP caller is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

EVENTS: Final = Path(__file__).parents[1] / "edge" / "events"


class HttpAnswer(NamedTuple):
    """What the caller gets; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it is
        """The body, read as JSON."""
        return json.loads(self.body)


def sample(name: str) -> dict[str, Any]:
    """A sample event as it is."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event
