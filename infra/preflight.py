"""What is looked for before anything is built or made: programs, the deployment's folder, what it takes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from shutil import which
from typing import Final

from handler.local.validating import review_file
from handler.settings.sources import CONFIG_FILE
from handler.settings.yaml_text import parse_yaml
from infra.clouds import Cloud, DeploymentError
from infra.targets import Target, targets

_TAKES_PACKAGE: Final = re.compile(r'^variable "package_file"', re.MULTILINE)


def find_terraform() -> str:
    """The program.

    Raises:
        DeploymentError: There is none.
    """
    found = which("terraform")
    if not found:
        raise DeploymentError("There is no terraform on the PATH; install Terraform 1.11 or newer.")
    return found


def find_headway() -> str:
    """The command that calls the function at the end.

    Raises:
        DeploymentError: There is none.
    """
    found = Path(sys.executable).with_name("headway")
    if not found.is_file():
        raise DeploymentError(
            f"There is no {found}, which calls the function at the end: deploy with `make`."
        )
    return str(found)


def find_folder(folder: Path | None, cloud: str) -> Path:
    """The deployment's folder, by its whole path.

    Raises:
        DeploymentError: It is not there, or lacks something.
    """
    if folder is None:
        raise DeploymentError(
            f"Say which: DEPLOYMENT=infra/{cloud}/production, your copy of infra/{cloud}/example."
        )
    if not folder.is_dir():
        raise DeploymentError(
            f"{folder} is no folder; DEPLOYMENT names the one with {CONFIG_FILE} and main.tf."
        )
    if not any(folder.glob("*.tf")):
        raise DeploymentError(f"{folder} holds no *.tf; copy what the example has.")
    if not (folder / CONFIG_FILE).is_file():
        raise DeploymentError(f"{folder} holds no {CONFIG_FILE}, the configuration to deploy.")
    return folder.resolve()


def refuse_other_cloud(config: Path, cloud: Cloud) -> None:
    """See that the state is kept where the function will be, as far as the configuration says where.

    Raises:
        DeploymentError: It is not.
    """
    tree, _ = parse_yaml(config.read_text(encoding="utf-8", errors="replace"))
    state = tree.get("state") if isinstance(tree, dict) else None
    if isinstance(state, str) and not state.startswith(cloud.state):
        raise DeploymentError(f"{config}: `state` has to be {cloud.state}BUCKET/PREFIX here.")


def tell_remarks(config: Path) -> None:
    """Print what looks odd in the configuration, such as what the example left over; it may be right."""
    for remark in review_file(config).remarks:
        print(f"deploy.py: {remark.write('remark')}", file=sys.stderr)


def target_for(cloud: Cloud, python: str | None, architecture: str | None) -> Target:
    """What the zip is built for.

    Raises:
        DeploymentError: The platform offers none such.
    """
    wanted = cloud.target
    found = targets(wanted.platform, python or wanted.python, architecture or wanted.architecture)
    if not found:
        raise DeploymentError(f"There a function made of a zip cannot be for {architecture}.")
    return found[0]


def takes_package(folder: Path, target: Target) -> bool:
    """Whether Terraform has to be told of the zip that is built now.

    Raises:
        DeploymentError: It would take one of another day.
    """
    files = sorted(folder.glob("*.tf"))
    written = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
    is_told = _TAKES_PACKAGE.search(written) is not None
    if not is_told and target.zip_name not in written:
        raise DeploymentError(
            f'{folder} takes another zip than {target.zip_name}: give it variable "package_file".'
        )
    return is_told
