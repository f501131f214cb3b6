"""Deploys Headway with Terraform, and sees that it works: `python infra/deploy.py --help`.

A deployment is a folder with `headway.yaml` and what Terraform needs, such as `infra/aws/example`. It gets a
zip without the configuration, which Terraform puts into the bucket by itself. Then the function is asked to
look once, and to send a test alert to every channel. The first step that fails ends it, with its exit status.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Final

from infra.clouds import CLOUDS, Cloud, DeploymentError, with_keys
from infra.own_templates import read_templates
from infra.package import build
from infra.staging import CONFIG_NAME, RESERVED, read_config
from infra.targets import MANYLINUX, PYTHONS, PackagingError, Target

INTERRUPTED: Final = 130
"""The exit status of what somebody ended, as of every shell."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy what the command line asks for.

    Returns:
        The exit status: that of the step that failed, 1 if nothing could be deployed, 130 if somebody ended
        it. Wrong usage exits with 2.
    """
    asked = _parse(arguments)
    cloud = CLOUDS[asked.cloud]
    try:
        return _deploy(asked, cloud)
    except (DeploymentError, PackagingError, OSError) as error:
        print(f"deploy.py: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        return INTERRUPTED


def _deploy(asked: argparse.Namespace, cloud: Cloud) -> int:
    terraform, folder = _find_terraform(), _find_folder(asked.folder or cloud.folder)
    target = cloud.target._replace(
        python=asked.python or cloud.target.python,
        architecture=asked.architecture or cloud.target.architecture,
    )
    _refuse_other_package(folder, target)
    environ = with_keys(os.environ, cloud)
    archive = _package(folder, target, asked.output)
    environ |= {"TF_IN_AUTOMATION": "1", "TF_VAR_package_file": os.path.relpath(archive, folder)}
    approval = ("-auto-approve", "-input=false") if asked.approve else ()
    _run([terraform, "init", "-input=false"], folder, environ)
    _run([terraform, "apply", *approval], folder, environ)
    function = _output([terraform, "output", "-raw", cloud.function], folder, environ)
    endpoint = ("--endpoint", asked.endpoint) if asked.endpoint else ()
    invoke = [str(Path(sys.executable).with_name("headway")), "invoke", function, *endpoint]
    wait_seconds = cloud.wait_seconds if asked.wait is None else asked.wait
    _run([*invoke, "--wait", str(wait_seconds)], folder, environ)
    _run([*invoke, "--test-alert"], folder, environ)
    return 0


def _find_terraform() -> str:
    found = which("terraform")
    if not found:
        raise DeploymentError("There is no terraform on the PATH; install Terraform 1.11 or newer.")
    return found


def _find_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise DeploymentError(
            f"{folder} is no folder; DEPLOYMENT names the one with {CONFIG_NAME} and main.tf."
        )
    if not any(folder.glob("*.tf")):
        raise DeploymentError(f"{folder} holds no *.tf; copy what the example has.")
    if not (folder / CONFIG_NAME).is_file():
        raise DeploymentError(f"{folder} holds no {CONFIG_NAME}, the configuration to deploy.")
    return folder


def _refuse_other_package(folder: Path, target: Target) -> None:
    """See that Terraform will take the zip that is built now, and not one of another day."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf")))
    if not re.search(r'^variable "package_file"', written, re.MULTILINE) and target.zip_name not in written:
        raise DeploymentError(
            f'{folder} takes another zip than {target.zip_name}: give it variable "package_file".'
        )


def _package(folder: Path, target: Target, output: Path) -> Path:
    config = folder / CONFIG_NAME
    templates = read_templates(config, read_config(config), RESERVED)
    built = build(target, output, templates=templates)
    slow = (
        "" if built.has_bytecode else f", slower to start: there is no Python {target.python} to compile it"
    )
    print(f"{built.archive}{slow}", flush=True)
    return built.archive


def _run(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
    with _patient():
        subprocess.run(command, cwd=folder, env=environ, check=True)  # noqa: S603 - our own words


def _output(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


@contextmanager
def _patient() -> Iterator[None]:
    """Leave Ctrl-C to the program that runs: Terraform then still writes down what it has made."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="deploy.py",
        description="Build the zip, deploy it with Terraform, look once, and send a test alert.",
        allow_abbrev=False,
    )
    parser.add_argument("cloud", choices=CLOUDS)
    parser.add_argument("--folder", type=Path, help="the deployment; default: infra/CLOUD/example")
    parser.add_argument(
        "--approve", action="store_true", help="do not ask before anything is made or changed"
    )
    parser.add_argument("--python", choices=PYTHONS)
    parser.add_argument("--architecture", choices=MANYLINUX)
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=Path("dist"), help="default: dist")
    parser.add_argument("--wait", type=int, metavar="SECONDS", help="how long the first look may be in vain")
    parser.add_argument(
        "--endpoint", metavar="URL", help="where the function is called, if not in its region"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
