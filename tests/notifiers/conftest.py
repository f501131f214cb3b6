"""Where the tests of sending send to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.fakes.webhook_server import WebhookServer


@pytest.fixture
def webhook() -> Iterator[WebhookServer]:
    """A webhook's other end."""
    with WebhookServer() as server:
        yield server


@pytest.fixture
def internet(webhook: WebhookServer, monkeypatch: pytest.MonkeyPatch) -> WebhookServer:
    """The webhook server in place of every host there is: a request to HOST/PATH comes as /HOST/PATH."""
    send = HTTPAdapter.send

    def detour(
        adapter: HTTPAdapter,
        request: requests.PreparedRequest,
        **options: Any,  # noqa: ANN401 - whatever requests passes on
    ) -> requests.Response:
        address = urlsplit(str(request.url))
        if address.netloc != webhook.location:
            request.url = f"{webhook.url}/{address.netloc}{address.path}?{address.query}"
        return send(adapter, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", detour)
    return webhook
