"""Headway's side of a fleet: a configuration that names every change, and a timer that looks at them all."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

from handler.application import Application
from handler.machine import SystemClock
from handler.wiring import Workshop
from tests.benchmarks.fleet_shape import CONNECTIONS, Fleet

TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
CONFIGURATION: Final = """
huaweicloud:
  region: eu-west-101
  project_id: project
  endpoint: {dms}
  access_key: AKEXAMPLE
  secret_key: secret-key
  connections: {connections}
  rate_per_second: 1000
state: s3://{prefix}?region=eu-west-1&endpoint={bucket}&path_style=true
watches:
{watches}
"""
WATCH: Final = """\
  - instance_id: {instance}
    task_id: task"""


def make_tick(fleet: Fleet) -> Callable[[], None]:
    """Build the application; each run is one invocation, which must find everything in order."""
    clock = SystemClock()
    application = Application(
        _environ(fleet), Workshop(clock), clock, config_path="not-there.yaml", log_file=io.StringIO()
    )

    def tick() -> None:
        report = application.invoke(TIMER, None).report
        mishap = _find_mishap(report, fleet.changes)
        if mishap is not None:
            raise SystemExit(f"Headway did not do its job: {mishap}")

    return tick


def _find_mishap(report: dict[str, Any], changes: int) -> str | None:
    """What is wrong with a report that should tell of so many changes, all of them seen."""
    errors = [change["error"] for change in report["changes"] if change["error"]]
    if not report["ok"] or report["deferred"] or errors:
        return f"ok is {report['ok']}, {report['deferred']} deferred, {report['error'] or errors[:1]}"
    told = len(report["changes"])
    return f"the report tells of {told} changes" if told != changes else None


def _environ(fleet: Fleet) -> dict[str, str]:
    return {
        "HEADWAY_CONFIG": CONFIGURATION.format(
            dms=fleet.dms,
            bucket=fleet.bucket,
            prefix=fleet.prefix,
            connections=CONNECTIONS,
            watches="\n".join(WATCH.format(instance=instance) for instance in fleet.instances),
        ),
        "AWS_ACCESS_KEY_ID": "AKEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret-key",
    }
