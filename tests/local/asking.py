"""Asks the simulated endpoint the way any client would: over HTTP, with a signature."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

import requests

from handler.huaweicloud.signing import Credentials, sign
from handler.local.simulation.simulator import CREDENTIALS, ProjectSimulator
from handler.transport import Request

INSTANCES: Final = "/instances?engine=kafka&limit=50&offset=0"


def send(
    request: Request,
    *,
    credentials: Credentials = CREDENTIALS,
    now: datetime | None = None,
    session: requests.Session | None = None,
) -> requests.Response:
    """Sign and send a request; in a session the connection is kept."""
    signed = sign(request, credentials=credentials, now=now or datetime.now(timezone.utc))
    get = requests.get if session is None else session.get
    return get(signed.url, headers=dict(signed.headers), timeout=5)


def ask(
    simulator: ProjectSimulator,
    path: str,
    *,
    now: datetime | None = None,
    session: requests.Session | None = None,
) -> requests.Response:
    """Ask for what stands at this path below the project's."""
    request = Request("GET", f"{simulator.url}/v2/{simulator.project_id}{path}")
    return send(request, credentials=simulator.credentials, now=now, session=session)
