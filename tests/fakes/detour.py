"""Leads to a server on loopback whatever apprise sends, to whichever host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.fakes.webhook_server import WebhookServer


@contextmanager
def detour_to(server: WebhookServer) -> Iterator[None]:
    """Have the server in place of every host there is: a request to HOST/PATH comes as /HOST/PATH."""
    send = HTTPAdapter.send

    def detour(
        adapter: HTTPAdapter,
        request: requests.PreparedRequest,
        **options: Any,  # noqa: ANN401 - whatever requests passes on
    ) -> requests.Response:
        address = urlsplit(str(request.url))
        if address.netloc != server.location:
            request.url = f"{server.url}/{address.netloc}{address.path}?{address.query}"
        return send(adapter, request, **options)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(HTTPAdapter, "send", detour)
        yield
