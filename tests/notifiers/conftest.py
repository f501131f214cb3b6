"""Where the tests of sending send to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.detour import detour_to
from tests.fakes.webhook_server import WebhookServer


@pytest.fixture
def webhook() -> Iterator[WebhookServer]:
    """A webhook's other end."""
    with WebhookServer() as server:
        yield server


@pytest.fixture
def internet(webhook: WebhookServer) -> Iterator[WebhookServer]:
    """The webhook server in place of every host there is: a request to HOST/PATH comes as /HOST/PATH."""
    with detour_to(webhook):
        yield webhook
