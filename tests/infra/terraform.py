"""Terraform as its users run it, in a copy of a deployment's folder and with nothing from the network.

    folder = copied(REPOSITORY / "infra/aws", tmp_path) / "example"
    terraform = Terraform(folder, {"AWS_REGION": "eu-west-1"}, mirrors=[mirror])
    terraform.init()
    terraform.apply()
    assert not terraform.plan()

It sees no variable of this machine's but a few that every program needs, and no file of the user's: no key
and no setting of whoever runs the tests gets near it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

TIMEOUT_SECONDS: Final = 300.0
LEAN: Final = {"GOGC": "400"}
"""Has Go tidy up its memory less often, which takes a fifth of the time of Terraform and its providers."""

_INHERITED: Final = ("LANG", "PATH", "TMPDIR")
_SETTINGS: Final = {
    **LEAN,
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "TF_CLI_ARGS": "-no-color",
    "CHECKPOINT_DISABLE": "1",
}
_LEFT_BEHIND: Final = (
    ".terraform",
    ".terraform.lock.hcl",
    ".terraformrc",
    "*.tfstate",
    "*.tfstate.*",
    "*.tfplan",
)
_APPROVED: Final = "TF_CLI_ARGS_apply=-auto-approve TF_CLI_ARGS_destroy=-auto-approve"
_PLAN: Final = "headway.tfplan"
_PLACES: Final = (
    "~/.terraform.d/*",
    "~/.local/share/terraform/*",
    "/usr/share/terraform/*",
    "/usr/local/share/terraform/*",
    "/opt/*",
)


def find_terraform() -> str | None:
    """The binary, if this machine has one."""
    return shutil.which("terraform")


NEEDS_TERRAFORM: Final = pytest.mark.skipif(
    find_terraform() is None, reason="there is no terraform on the path"
)
"""Marks the tests that run it."""


def find_mirror(provider: str = "hashicorp/aws") -> Path | None:
    """A folder of providers, laid out as Terraform's mirrors are, that holds this one; None without any."""
    for place in _PLACES:
        base = Path(place).expanduser()
        found = sorted(base.parent.glob(f"{base.name}/*/{provider}"))
        if found:
            return found[0].parents[2]
    return None


def copied(folder: Path, target: Path) -> Path:
    """A copy of a folder of modules, without what Terraform left there; gives `target`."""
    return Path(
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns(*_LEFT_BEHIND), dirs_exist_ok=True)
    )


class Terraform:
    """Terraform in one folder, which it writes to: have it work on a copy."""

    def __init__(self, folder: Path, environ: Mapping[str, str], mirrors: Sequence[Path]) -> None:
        """Run nothing yet.

        Args:
            folder: The root module.
            environ: Variables for it and for the providers, such as keys.
            mirrors: The folders that providers are taken from; without any they are fetched.
        """
        self.folder = folder
        self._settings = folder / ".terraformrc"
        self._settings.write_text(_installation(mirrors), encoding="utf-8")
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        own = {"HOME": str(folder), "TF_CLI_CONFIG_FILE": str(self._settings)}
        self._environ = {**inherited, **_SETTINGS, **own, **environ}

    def run(
        self, *arguments: str, codes: Collection[int] = (0,), timeout_seconds: float = TIMEOUT_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of Terraform's, and give what it said.

        Raises:
            AssertionError: It ended with another code than one of `codes`; says what it said.
            subprocess.TimeoutExpired: It took too long, and was ended with the providers that it had started.
        """
        terraform = find_terraform()
        assert terraform, "there is no terraform on the path"
        done = self._execute([terraform, *arguments], timeout_seconds)
        said = done.stderr or done.stdout
        assert done.returncode in codes, f"terraform {' '.join(arguments)}: {done.returncode}\n{said}"
        return done

    def run_script(self, script: str) -> None:
        """Run lines of shell that call Terraform, up to the first that fails; nobody is asked to approve."""
        done = self._execute(["sh", "-e", "-c", f"export {_APPROVED}\n{script}"], TIMEOUT_SECONDS)
        assert done.returncode == 0, f"{script}: {done.returncode}\n{done.stderr or done.stdout}"

    def init(self) -> None:
        """Take the providers and modules that the folder asks for."""
        self.run("init")

    def plan(self) -> bool:
        """Whether something has to change."""
        return self.run("plan", "-detailed-exitcode", codes=(0, 2)).returncode != 0

    def planned(self, *arguments: str) -> dict[str, Any]:
        """What would be done, as `terraform show -json` tells it of a plan."""
        self.run("plan", f"-out={_PLAN}", *arguments)
        shown: dict[str, Any] = json.loads(self.run("show", "-json", _PLAN).stdout)
        return shown

    def changes(self, *arguments: str) -> dict[str, list[str]]:
        """What would change: `create`, `update` and `delete` in their order, by the address of a resource."""
        resources = self.planned(*arguments).get("resource_changes", [])
        done = {each["address"]: each["change"]["actions"] for each in resources}
        return {address: actions for address, actions in done.items() if actions not in (["no-op"], ["read"])}

    def apply(self, *arguments: str) -> None:
        """Make it so."""
        self.run("apply", "-auto-approve", *arguments)

    def applied(self, *arguments: str) -> list[tuple[str, str]]:
        """Make it so, and give what was done in its order: `create`, `update` or `delete`, by address."""
        events = map(json.loads, self.run("apply", "-auto-approve", "-json", *arguments).stdout.splitlines())
        done = [each["hook"] for each in events if each["type"] == "apply_complete"]
        return [(each["resource"]["addr"], each["action"]) for each in done if each["action"] != "read"]

    def destroy(self, *arguments: str) -> None:
        """Take everything away."""
        self.run("destroy", "-auto-approve", *arguments)

    def outputs(self) -> dict[str, Any]:
        """The outputs' values by name, sensitive ones too."""
        return {name: each["value"] for name, each in json.loads(self.run("output", "-json").stdout).items()}

    def state(self) -> dict[str, Any]:
        """All that is kept in the state, as `terraform show -json` tells it."""
        shown: dict[str, Any] = json.loads(self.run("show", "-json").stdout)
        return shown

    def _execute(self, command: Sequence[str], timeout_seconds: float) -> subprocess.CompletedProcess[str]:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                output, errors = process.communicate(timeout=timeout_seconds)
            except BaseException:
                # The providers with it, which would live on.
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _installation(mirrors: Sequence[Path]) -> str:
    """The settings that let providers come from the mirrors only."""
    if not mirrors:
        return ""
    blocks = "\n".join(f"  filesystem_mirror {{ path = {json.dumps(str(mirror))} }}" for mirror in mirrors)
    return f"provider_installation {{\n{blocks}\n}}\n"
