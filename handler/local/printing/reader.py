"""Who reads what the command says: whoever sits in front of this machine."""

from __future__ import annotations

from datetime import datetime, timezone

from notifiers.saying import Reader


def local_reader() -> Reader:
    """By its clock, in English as all that the command says.

    The configured `language` and `timezone` are for the channels' readers, who may be anywhere. Here help and
    errors are English, and times are compared with the clock in the corner of the same screen.
    """
    return Reader(timezone=datetime.now().astimezone().tzinfo or timezone.utc)
