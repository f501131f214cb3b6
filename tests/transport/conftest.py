"""The transport under test."""

from __future__ import annotations

import pytest

from handler.transport import Transport


@pytest.fixture
def transport() -> Transport:
    """As it is without any setting under `network`."""
    return Transport(connections=4)
