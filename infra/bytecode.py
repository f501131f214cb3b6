"""Compiles what a zip holds with the target's own Python, so that a function need not do it at every start.

A function's folder is read-only, and unzipping gives files new times. So the bytecode is of the kind that is
never compared with its source, and the source stays, because apprise looks for its services by it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.targets import PackagingError

# Nothing of whoever builds changes what is built: no settings of Python, and sets in one order.
_ENVIRONMENT: Final = {"PYTHONHASHSEED": "0"}
_TAG: Final = "import sys; print(sys.implementation.cache_tag)"


def find_interpreter(python: str) -> str | None:
    """Find a Python of a minor version, such as `3.12`; None if this machine has none."""
    tag = f"cpython-{python.replace('.', '')}"
    return next((found for found in _candidates(python) if _output(found, "-c", _TAG) == tag), None)


def compile_folder(interpreter: str, folder: Path, code_folder: str) -> None:
    """Put bytecode beside every module in a folder, as if compiled in the function's own folder.

    Raises:
        PackagingError: Something in it cannot be compiled.
    """
    options = ("-q", "-f", "-j", "1", "--invalidation-mode", "unchecked-hash")
    shown = ("-s", str(folder), "-p", code_folder)
    done = _run(interpreter, "-m", "compileall", *options, *shown, str(folder))
    if done.returncode:
        raise PackagingError(f"Not everything can be compiled:\n{(done.stdout + done.stderr).strip()}")


def _candidates(python: str) -> Iterator[str]:
    yield sys.executable
    on_path = shutil.which(f"python{python}")
    if on_path:
        yield on_path
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    yield from sorted(map(str, versions.glob(f"{python}.*/bin/python{python}")), key=_by_number, reverse=True)


def _by_number(path: str) -> list[int]:
    """The digits of a path, so that 3.12.10 is newer than 3.12.9."""
    return [int(part) for part in "".join(c if c.isdigit() else " " for c in path).split()]


def _output(interpreter: str, *arguments: str) -> str | None:
    """What it prints; None if it cannot, as pyenv's shim for a version that is not switched on."""
    try:
        done = _run(interpreter, *arguments)
    except OSError:
        return None
    return None if done.returncode else done.stdout.strip()


def _run(interpreter: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [interpreter, "-S", *arguments]
    return subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
