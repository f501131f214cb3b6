"""Who starts cold: Headway as it is deployed, and its three rivals, each with the same to do."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.cold_servers import Aftermath, Counts, Services
from tests.benchmarks.fresh import FailedError, Function, pack_rival

_TESTS: Final = Path(__file__).parent.parent
_RIVALS: Final = _TESTS / "benchmarks" / "rivals"
_ARCHITECTURES: Final = {"x86_64": "x86_64", "aarch64": "arm64"}
_KEYS: Final = {
    "HUAWEICLOUD_SDK_AK": "AKEXAMPLE",
    "HUAWEICLOUD_SDK_SK": "secret-key",
    "AWS_ACCESS_KEY_ID": "AKEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret-key",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_LAMBDA_FUNCTION_NAME": "headway",
}


@dataclass(frozen=True)
class Side:
    """A function with its environment; `state_file` is where it keeps its state if not in the bucket."""

    name: str
    function: Function
    event: Any
    environ: Mapping[str, str]
    state_file: Path | None = None

    def check(self, answer: str, after: Aftermath, *, is_changed: bool) -> None:
        """Make sure that a run did its job, no more and no less.

        Raises:
            FailedError: It did not.
        """
        told = json.loads(answer.splitlines()[-1])
        reads, writes = (0, 0) if self.state_file else (1, 2 * is_changed)
        expected = {
            "dms": Counts(connections=1, reads=1),
            "bucket": Counts(min(reads, 1), reads, writes),
            "webhook": Counts(int(is_changed), 0, int(is_changed)),
        }
        if after.counts != expected or not told.get("ok", True):
            raise FailedError(f"{self.name} asked {after.counts} instead of {expected}, and said: {answer}")


def make_sides(python: str, version: str, services: Services, folder: Path) -> list[Side]:
    """Build all four functions under a folder."""
    environ = _rival_environ(services, folder)
    script, sdk = (_RIVALS / f"requirements-{name}.txt" for name in ("script", "sdk"))
    event = json.loads((_TESTS / "edge/events/lambda-scheduler-default.json").read_text(encoding="utf-8"))
    return [
        Side("headway", _pack_headway(version, folder), event, _headway_environ(services)),
        Side("floor", pack_rival(python, "floor", None, folder / "floor"), event, environ),
        Side(
            "script",
            pack_rival(python, "script", script, folder / "script"),
            event,
            environ,
            Path(environ["STATE_FILE"]),
        ),
        Side("sdk", pack_rival(python, "sdk", sdk, folder / "sdk"), event, environ),
    ]


def _rival_environ(services: Services, folder: Path) -> dict[str, str]:
    return {
        **_KEYS,
        "HOME": str(folder),  # the official SDK keeps a file there
        "DMS_ENDPOINT": services.dms,
        "PROJECT_ID": "project",
        "INSTANCE_ID": "instance",
        "TASK_ID": "task",
        "STATE_ENDPOINT": services.bucket,
        "STATE_BUCKET": "bucket",
        "STATE_KEY": "state.json",
        "STATE_FILE": str(folder / "state.json"),
        "WEBHOOK_URL": f"{services.webhook}/hook",
        "CHANNEL_URL": _channel(services),
    }


def _headway_environ(services: Services) -> dict[str, str]:
    return {
        **_KEYS,
        "HEADWAY_REGION": "eu-west-101",
        "HEADWAY_PROJECT_ID": "project",
        "HEADWAY_ENDPOINT": services.dms,
        "HEADWAY_INSTANCE_ID": "instance",
        "HEADWAY_TASK_ID": "task",
        "HEADWAY_STATE": f"s3://bucket/state?region=eu-west-1&endpoint={services.bucket}&path_style=true",
        "HEADWAY_CHANNELS": f"hook={_channel(services)}",
    }


def _channel(services: Services) -> str:
    return services.webhook.replace("http://", "json://") + "/hook"


def _pack_headway(version: str, folder: Path) -> Function:
    target = ["--platform", "lambda", "--python", version]
    target += ["--architecture", _ARCHITECTURES[platform.machine()], "--output", str(folder)]
    package = str(_TESTS.parent / "infra" / "package.py")
    packed = subprocess.run(  # noqa: S603 - our own
        [sys.executable, package, *target], check=False, capture_output=True, text=True
    )
    if packed.returncode:
        raise FailedError(packed.stdout + packed.stderr)
    (archive,) = folder.glob("headway-*.zip")
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder / "headway")
    return Function(folder / "headway", "index", archive.stat().st_size)
