"""A copy of the repository to deploy from as people do: with `make`, and nothing of this machine's user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.infra.terraform import LEAN, Terraform, copied
from tests.infra.zips import REPOSITORY

STARTED: Final = (
    "orders: capacity change started · 0% · about 1 minute left · done around TIME · no action needed"
)
"""What the first look at a change has to tell."""
TRIED: Final = (
    "TEST · example: capacity change started · 0% · about 37 minutes left · done around TIME"
    " · no action needed"
)
"""The test alert."""
REFUSED: Final = (
    "hook (json): refused (404): the service does not know this address; check the channel's url\n"
)
"""What whoever deploys is told when the channel does not exist."""

_SOURCES: Final = ("handler", "infra", "notifiers")
# Whoever runs the tests may have keys, settings of Terraform, and a make around this one.
_FOREIGN: Final = ("AWS_", "COVERAGE_", "HEADWAY_", "HUAWEICLOUD_", "HW_", "MAKE", "MFLAGS", "TF_")
_TIMEOUT_SECONDS: Final = 170


def clean_environ() -> dict[str, str]:
    """This process's environment without what is only its user's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


class Checkout:
    """A copy, and the example in it that is to be deployed to a cloud, `aws` or `huaweicloud`."""

    def __init__(self, root: Path, cloud: str, mirrors: Sequence[Path] = ()) -> None:
        """Copy what is needed; Terraform takes its providers from the mirrors."""
        for name in _SOURCES:
            copied(REPOSITORY / name, root / name)
        shutil.copy2(REPOSITORY / "Makefile", root)
        self.root = root
        self.folder = root / "infra" / cloud / "example"
        # Somebody has once deployed another zip, and forgotten that.
        (self.folder / "old.auto.tfvars").write_text('package_file = "old.zip"\n', encoding="utf-8")
        self.environ: Mapping[str, str] = {}
        """What whoever deploys has in the environment."""
        self._cloud = cloud
        self._mirrors = mirrors
        self.terraform({})

    def configure(self, text: str) -> None:
        """Write the configuration to deploy."""
        (self.folder / "headway.yaml").write_text(text, encoding="utf-8")

    def terraform(self, environ: Mapping[str, str]) -> Terraform:
        """Terraform beside `make`; it also writes down where the providers are found."""
        return Terraform(self.folder, environ, self._mirrors)

    def deploy(self, *variables: str) -> subprocess.CompletedProcess[str]:
        """Run `make deploy-CLOUD`; nobody answers what it asks."""
        command = [
            *("make", "--old-file", ".venv/.installed", f"BIN={Path(sys.executable).parent}"),
            *(f"deploy-{self._cloud}", f"DEPLOYMENT=infra/{self._cloud}/example", "WAIT=10", *variables),
        ]
        settings = {"TF_CLI_CONFIG_FILE": str(self.folder / ".terraformrc"), "CHECKPOINT_DISABLE": "1"}
        return subprocess.run(  # noqa: S603 - our own words
            command,
            cwd=self.root,
            env={**clean_environ(), **LEAN, **settings, **self.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
