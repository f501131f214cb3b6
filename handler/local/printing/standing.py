"""How a change stands, in a few words behind its name or its bar. Pure."""

from __future__ import annotations

from typing import Final

from notifiers import wording
from notifiers.messages import Situation
from notifiers.saying import SEPARATOR, Reader, fill

_LOST: Final = "lost"
_UNKNOWN: Final = "unknown"


def standing(situation: Situation, reader: Reader, *, is_seen: bool = True) -> str:
    """Say in which phase a change is, how far, and how long it will take; of a lost one what is known.

    Of one that was not seen just now (not `is_seen`) no time is promised.
    """
    if situation.phase == _UNKNOWN and situation.percent is None:
        return situation.phase
    if situation.phase != _LOST:
        # Whose phase is unknown, of that is not said again that its time is.
        has_time = situation.phase != _UNKNOWN or situation.remaining_seconds is not None
        said = wording.standing(situation, reader, is_estimate_good=is_seen and has_time)
        return SEPARATOR.join(filter(None, [situation.phase, said]))
    seen_at = wording.standing(situation, reader)
    last = [fill(reader.language.last_seen_at, percent=seen_at)] if seen_at else []
    return SEPARATOR.join(["no longer found, outcome unknown", *last])
