"""Fresh processes, and functions as folders: what every side of the cold start is run by and packed with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent
ALONE = ("-I", "-S", "-B")
"""No variables of Python's, no site-packages, nothing written."""


class FailedError(Exception):
    """A process did not do what it was started for."""


class Cost(NamedTuple):
    """What one process cost, from its start to its end."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Function:
    """A function as it is deployed: its unpacked folder, the module to call, the size of its zip."""

    folder: Path
    module: str
    zip_bytes: int


def interpreter(version: str | None = None) -> str:
    """Find an interpreter without a virtual environment: the running one's, or another version's."""
    running = sysconfig.get_python_version()
    if version is None or version == running:
        return str(Path(sys.base_prefix, "bin", f"python{running}"))
    found = shutil.which(f"python{version}")
    if found is None:
        raise FailedError(f"There is no python{version} on the path.")
    # On the path may be pyenv's script, which looks for the interpreter and takes its time.
    asked = subprocess.run(  # noqa: S603 - an interpreter, found above
        [found, "-c", "import sys; print(sys.executable)"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYENV_VERSION": version},
    )
    if asked.returncode:
        raise FailedError(f"python{version} does not start: {asked.stderr}")
    return asked.stdout.strip()


def run_alone(python: str, arguments: list[str], environ: Mapping[str, str]) -> tuple[Cost, str]:
    """Run an interpreter once; returns its cost and what it printed.

    Raises:
        FailedError: It ended with an error.
    """
    launched = subprocess.run(  # noqa: S603 - our own launcher
        [python, *ALONE, str(_HERE / "launcher.py"), python, *ALONE, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=environ,
    )
    *printed, last = launched.stdout.splitlines()
    cost = json.loads(last)
    if cost.pop("status"):
        raise FailedError(launched.stdout + launched.stderr)
    return Cost(**cost), "\n".join(printed)


def invoke(python: str, function: Function, event: object, environ: Mapping[str, str]) -> tuple[Cost, str]:
    """Call a function once in a fresh process; returns its cost and what it printed."""
    runner = str(_HERE / "one_invocation.py")
    arguments = [runner, str(function.folder), function.module, json.dumps(event)]
    return run_alone(python, arguments, environ)


def pack_rival(python: str, module: str, requirements: Path | None, folder: Path) -> Function:
    """Make a rival what `pip install --target` and `zip` make it, compiled for the interpreter."""
    folder.mkdir(parents=True)
    if requirements is not None:
        install = ["install", "--quiet", "--python", python, "--target", str(folder), "--require-hashes"]
        _run(
            sys.executable, "-m", "uv", "--system-certs", "pip", *install, "--requirement", str(requirements)
        )
    shutil.copy(_HERE / "rivals" / f"{module}.py", folder)
    compile_all(python, folder)
    return Function(folder, module, zipped_bytes(folder))


def compile_all(python: str, folder: Path) -> None:
    """Compile a folder so that neither its place nor its files' times matter."""
    _run(python, "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash", str(folder))


def zipped_bytes(folder: Path) -> int:
    """Tell how large a folder is as a zip."""
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return archive.stat().st_size


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    if done.returncode:
        raise FailedError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
