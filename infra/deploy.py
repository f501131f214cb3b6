"""Deploys Headway with Terraform, and sees that it works: `python infra/deploy.py --help`.

A deployment is a folder with `headway.yaml` and what Terraform needs, such as `infra/aws/example`. It gets a
zip without the configuration, which Terraform puts into the bucket by itself. Then the function is asked to
look once, and to send a test alert to every channel. The first step that fails ends it, with its exit status.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from handler.settings.addresses import read_endpoint
from handler.settings.sources import CONFIG_FILE
from infra.clouds import CLOUDS, Cloud, DeploymentError, with_keys
from infra.own_templates import read_templates
from infra.package import build
from infra.preflight import (
    find_folder,
    find_headway,
    find_terraform,
    refuse_other_cloud,
    takes_package,
    target_for,
    tell_remarks,
)
from infra.staging import RESERVED, read_config
from infra.targets import MANYLINUX, PYTHONS, PackagingError, Target

INTERRUPTED: Final = 130
"""The exit status of what somebody ended, as of every shell."""

_SIGNALLED: Final = 128
_STANDS: Final = (
    "All is deployed, and looks by its timer; only this check has failed. Once that is mended:"
    " .venv/bin/headway invoke {} --test-alert"
)
# As of `headway invoke`.
_WAIT_SECONDS_MAX: Final = 3600


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy what the command line asks for.

    Returns:
        The exit status: that of the step that failed, 1 if nothing could be deployed, 130 if somebody ended
        it, and of a step that was ended by a signal what a shell makes of it. Wrong usage exits with 2.
    """
    asked = _parse(arguments)
    cloud = CLOUDS[asked.cloud]
    try:
        return _deploy(asked, cloud)
    except (DeploymentError, PackagingError, OSError) as error:
        print(f"deploy.py: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode if error.returncode >= 0 else _SIGNALLED - error.returncode
    except KeyboardInterrupt:
        return INTERRUPTED


def _deploy(asked: argparse.Namespace, cloud: Cloud) -> int:
    terraform, headway = find_terraform(), find_headway()
    folder = find_folder(asked.folder, asked.cloud)
    refuse_other_cloud(folder / CONFIG_FILE, cloud)
    target = target_for(cloud, asked.python, asked.architecture)
    is_told = takes_package(folder, target)
    environ = with_keys(os.environ, cloud) | {"TF_IN_AUTOMATION": "1"}
    archive = _package(folder, target, asked.output)
    tell_remarks(folder / CONFIG_FILE)
    # On the command line, where no *.tfvars beats it; relative, as it is kept in the state.
    package = ("-var", f"package_file={os.path.relpath(archive, folder)}") if is_told else ()
    approval = ("-auto-approve", "-input=false") if asked.approve else ()
    _run([terraform, "init", "-input=false"], folder, environ)
    _run([terraform, "apply", *package, *approval], folder, environ)
    function = _output([terraform, "output", "-raw", cloud.function], folder, environ)
    endpoint = ("--endpoint", asked.endpoint) if asked.endpoint else ()
    invoke = [headway, "invoke", function, *endpoint]
    wait_seconds = cloud.wait_seconds if asked.wait is None else asked.wait
    try:
        _run([*invoke, "--wait", str(wait_seconds)], folder, environ)
        # With no wait: what may look may also send, and whose channel is refused wants to know now.
        _run([*invoke, "--test-alert"], folder, environ)
    except subprocess.CalledProcessError:
        print(f"deploy.py: {_STANDS.format(function)}", file=sys.stderr)
        raise
    return 0


def _package(folder: Path, target: Target, output: Path) -> Path:
    config = folder / CONFIG_FILE
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
    parser.add_argument("--folder", type=Path, help="the deployment, with headway.yaml and main.tf")
    parser.add_argument(
        "--approve", action="store_true", help="do not ask before anything is made or changed"
    )
    parser.add_argument("--python", choices=PYTHONS)
    parser.add_argument("--architecture", choices=MANYLINUX)
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=Path("dist"), help="default: dist")
    parser.add_argument(
        "--wait", type=_seconds, metavar="SECONDS", help="how long the first look may be in vain"
    )
    parser.add_argument(
        "--endpoint",
        type=_endpoint,
        metavar="URL",
        help="where the function is called, if not in its region",
    )
    return parser.parse_args(arguments)


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) > _WAIT_SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"has to be a number from 0 to {_WAIT_SECONDS_MAX}")
    return int(text)


def _endpoint(text: str) -> str:
    try:
        return read_endpoint(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
