"""Keeps the loggers of what we send with away from everybody: they write tokens and whole URLs."""

from __future__ import annotations

import logging


def quiet_libraries() -> None:
    """Cut apprise and urllib3 off everybody's logs for good.

    Call it before anything is sent; once is enough.
    """
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.INFO)
        # With none at all, warnings would go to stderr.
        logger.handlers[:] = [logging.NullHandler()]
