"""Keeps the loggers of what we send with away from everybody: they write tokens and whole URLs."""

from __future__ import annotations

import logging


def mute_libraries() -> None:
    """Cut apprise and urllib3 off the root logger, for good; call it once, before anything is sent."""
    for name in ("apprise", "urllib3", "requests"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.INFO)
        logger.addHandler(logging.NullHandler())
