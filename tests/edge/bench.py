"""A place to run the pages' commands in: a project, channels and functions, all on loopback, and a shell."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from typer.testing import CliRunner, Result

from handler.huaweicloud.signing import Credentials
from handler.local import cli
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from handler.stores import sigv4
from tests.fakes.functiongraph_api import URN, FakeFunctionGraph
from tests.fakes.invoke_api import Result as Answered
from tests.fakes.lambda_api import ARN, FakeLambda
from tests.fakes.webhook_server import WebhookServer

TOKEN: Final = "the-token-of-this-function"
HUAWEI: Final = Credentials("HUAWEIKEY", "huawei/secret+key", "huawei-security-token==")
AWS: Final = sigv4.Credentials("AWSKEY", "aws/secret+key", "aws-session-token==")
KEYS: Final[Mapping[str, str]] = {
    "HUAWEICLOUD_SDK_AK": HUAWEI.access_key,
    "HUAWEICLOUD_SDK_SK": HUAWEI.secret_key,
    "HUAWEICLOUD_SDK_SECURITY_TOKEN": str(HUAWEI.security_token),
    "AWS_ACCESS_KEY_ID": AWS.access_key,
    "AWS_SECRET_ACCESS_KEY": AWS.secret_key,
    "AWS_SESSION_TOKEN": str(AWS.session_token),
}
_HEADWAY: Final = ".venv/bin/headway"
_SHELL_SECONDS_MAX: Final = 60


class Bench(NamedTuple):
    """The place, with this folder as the current one."""

    folder: Path
    simulator: Simulator
    hook: WebhookServer
    functiongraph: FakeFunctionGraph
    functions: FakeLambda

    @property
    def meant(self) -> dict[str, str]:
        """What stands here for what the pages leave to their readers."""
        change = self.simulator.change
        return {
            "INSTANCE/TASK": str(change),
            "INSTANCE_ID": change.instance_id,
            "TASK_ID": change.task_id,
            "TARGET": ARN,
            "$function": ARN,
            "FUNCTION_URN": URN,
        }

    @property
    def variables(self) -> dict[str, str]:
        """What leads `headway` to the project without a configuration."""
        found = self.simulator.environment()
        return {name: found[name] for name in found if not name.endswith(("INSTANCE_ID", "TASK_ID"))}

    def configuration(self) -> dict[str, Any]:
        """One that watches the simulator's change and tells two webhooks."""
        told = {
            name: self.simulator.environment()[f"HEADWAY_{name.upper()}"] for name in ("region", "endpoint")
        }
        return {
            "huaweicloud": {
                **told,
                "project_id": self.simulator.project_id,
                "access_key": self.simulator.credentials.access_key,
                "secret_key": self.simulator.credentials.secret_key,
            },
            "state": "file:state",
            "watches": [{"instance_id": self.simulator.change.instance_id}],
            "channels": {
                name: {"url": f"json://{self.hook.location}/{name}"} for name in ("team", "on-call")
            },
            "http": {"token": TOKEN},
        }

    def configure(self) -> None:
        """Have the configuration lie in the folder."""
        (self.folder / "headway.yaml").write_text(json.dumps(self.configuration(), indent=1), "utf-8")

    def headway(self, command: str, *more: str, environ: Mapping[str, str] | None = None) -> Result:
        """Run a page's command in this process, with what the page leaves open, and more words behind it."""
        program, *words = shlex.split(command)
        assert program == _HEADWAY
        words = [self.meant.get(word, word) for word in words]
        return CliRunner().invoke(cli.app, [*words, *more], env=environ, prog_name="headway")

    def shell(self, command: str, typed: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a page's command in bash; programs of our own in `bin` come before the machine's."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(  # noqa: S603 - the pages' own words
            ["bash", "-euo", "pipefail", "-c", command],  # noqa: S607 - whichever bash there is
            cwd=self.folder,
            env={**environ, "PATH": path},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SHELL_SECONDS_MAX,
        )

    def install(self, name: str, script: str) -> None:
        """Put a program of our own there."""
        program = self.folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        program.chmod(0o755)


@contextmanager
def a_bench(folder: Path) -> Iterator[Bench]:
    """Set it up while the block runs; the change of its simulator begins then, and takes three seconds."""

    def work(event: object) -> Answered:
        is_trial = isinstance(event, dict) and "test_alert" in event
        return Answered({"ok": True, "trials": [_TRIAL]} if is_trial else _REPORT)

    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator(find_script("good"), speed=100))
        hook = stack.enter_context(WebhookServer())
        functiongraph = stack.enter_context(FakeFunctionGraph(work, HUAWEI))
        functions = stack.enter_context(FakeLambda(work, AWS))
        yield Bench(folder, simulator, hook, functiongraph, functions)


_TRIAL: Final[Mapping[str, object]] = {
    "channel": "team",
    "service": "json",
    "outcome": "sent",
    "code": None,
    "remarks": [],
}
_REPORT: Final = {
    "ok": True,
    "trigger": "manual",
    "started_at": "2026-11-26T08:00:00Z",
    "duration_ms": 84,
    "deferred": 0,
    "error": None,
    "changes": [],
}
