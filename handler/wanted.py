"""What the configuration wants followed."""

from __future__ import annotations

from handler.fleet import Wanted
from handler.settings import Settings


def wanted_of(settings: Settings) -> Wanted:
    """Read it out of the settings."""
    return Wanted(
        changes={watch.change: watch.name for watch in settings.watches if watch.change},
        instances={watch.instance_id: watch.name for watch in settings.watches if not watch.change},
        patterns=settings.discover,
        is_open=settings.follows_registered,
    )
