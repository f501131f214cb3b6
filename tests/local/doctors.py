"""How tests ask the doctor: a configuration in the present folder, and what is found by checks' names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from handler.huaweicloud.signing import Credentials
from handler.local.configuration import Configuration
from handler.local.doctor.check import Check, Finding, Outcome
from handler.local.doctor.examination import examine
from handler.local.simulation.simulator import CREDENTIALS, PROJECT_ID

NOWHERE: Final = "https://127.0.0.1:9"
"""An endpoint at which nobody listens."""


def configure(endpoint: str = NOWHERE, **sections: Any) -> None:  # noqa: ANN401 - YAML's
    """Write a configuration into the present folder, with one change to watch unless another is named."""
    cloud = {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": endpoint}
    watches = [{"instance_id": "instance", "task_id": "task"}]
    settings = {"huaweicloud": cloud, "watches": watches, **sections}
    Path("headway.yaml").write_text(json.dumps(settings), encoding="utf-8")


def keys(credentials: Credentials = CREDENTIALS) -> dict[str, str]:
    """The variables with an access key."""
    return {
        "HUAWEICLOUD_SDK_AK": credentials.access_key,
        "HUAWEICLOUD_SDK_SK": credentials.secret_key,
        **(
            {"HUAWEICLOUD_SDK_SECURITY_TOKEN": credentials.security_token}
            if credentials.security_token
            else {}
        ),
    }


def ask(environ: Mapping[str, str] | None = None) -> list[Check]:
    """Have everything examined with the configuration in the present folder."""
    with closing(examine(Configuration(keys() if environ is None else environ, "headway.yaml"))) as checks:
        return [*checks]


def finding(checks: Iterable[Check], name: str) -> Finding:
    """What the one check of a name has found."""
    (check,) = (check for check in checks if check.name == name)
    return check.finding


def outcomes(checks: Iterable[Check], top: str = "") -> dict[str, Outcome]:
    """How the checks have ended whose names begin so."""
    return {check.name: check.finding.outcome for check in checks if check.name.startswith(top)}


def said(checks: Iterable[Check]) -> str:
    """All that a terminal shows."""
    return "\n".join(check.show().plain for check in checks)


def without_variables() -> list[str]:
    """The variables of Headway's own that this process has."""
    return [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_", "AWS_"))]
