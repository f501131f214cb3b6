"""Headway's side of a page: a request as a gateway hands it over, and what goes back to whoever asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

from handler.application import Application
from handler.machine import SystemClock
from handler.wiring import Workshop
from tests.benchmarks.fleet_shape import CONNECTIONS, Fleet

TOKEN: Final = "the-token-of-this-function"
CONFIGURATION: Final = """
huaweicloud:
  region: eu-west-101
  project_id: project
  endpoint: {dms}
  access_key: AKEXAMPLE
  secret_key: secret-key
  connections: {connections}
state: s3://{prefix}?region=eu-west-1&endpoint={bucket}&path_style=true
http:
  token: {token}
"""


def make_overview(fleet: Fleet) -> Callable[[], str]:
    """The overview."""
    return _make(fleet, "/")


def make_change_page(fleet: Fleet) -> Callable[[], str]:
    """The first change's page."""
    return _make(fleet, f"/changes/{fleet.instances[0]}/task")


def _make(fleet: Fleet, path: str) -> Callable[[], str]:
    clock = SystemClock()
    application = Application(
        _environ(fleet), Workshop(clock), clock, config_path="not-there.yaml", log_file=io.StringIO()
    )
    event = _event(path)

    def show() -> str:
        response = application.invoke(event, None).response
        if response is None or response.status != 200 or "orders-0" not in response.body:
            raise SystemExit(f"Headway did not show {path}: {response}")
        return response.body

    return show


def _event(path: str) -> dict[str, Any]:
    """As a function URL has it."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"accept": "text/html", "accept-language": "en", "authorization": f"Bearer {TOKEN}"},
        "requestContext": {"http": {"method": "GET", "path": path}},
        "isBase64Encoded": False,
    }


def _environ(fleet: Fleet) -> dict[str, str]:
    return {
        "HEADWAY_CONFIG": CONFIGURATION.format(
            dms=fleet.dms, bucket=fleet.bucket, prefix=fleet.prefix, connections=CONNECTIONS, token=TOKEN
        ),
        "AWS_ACCESS_KEY_ID": "AKEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret-key",
    }
