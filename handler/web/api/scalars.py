"""The single values of the API's JSON: what each may be, and how each is made of what is kept."""

# Without `from __future__ import annotations`: the description is made of what these hold.
from datetime import datetime, timezone
from typing import Annotated, Final

from msgspec import Meta

from handler.core.change import ID
from notifiers.saying import one_line

TEXT_LENGTH_MAX: Final = 200
"""Characters of any text from elsewhere that are shown."""

Id = Annotated[str, Meta(pattern=f"^{ID}$")]
ChangeName = Annotated[str, Meta(pattern=f"^{ID}/{ID}$")]
Text = Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
Time = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]
Number = Annotated[int, Meta(ge=1)]
Percent = Annotated[int, Meta(ge=0, le=100)]


def shown(text: str) -> str:
    """Make one line of a text from elsewhere."""
    return one_line(text, TEXT_LENGTH_MAX)


def shown_if_any(text: str | None) -> str | None:
    """The same of a text that may be unknown."""
    return None if text is None else shown(text)


def in_utc(moment: datetime) -> datetime:
    """Tell a moment in UTC, to the second."""
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def in_utc_if_any(moment: datetime | None) -> datetime | None:
    """The same of a moment that may be unknown."""
    return None if moment is None else in_utc(moment)
