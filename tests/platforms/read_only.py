"""Runs a program for which a folder is read-only, as the code is on both platforms.

What is guaranteed depends on what this machine allows; `guard()` tells which it is:

- `MOUNT`: in a mount namespace of its own the program sees the folder bound read-only over itself.
  Even root cannot write there. Needs root, or a kernel that lets anybody have a user namespace.
- `MODE`: no file and no folder has the mode to be written, and we are not root.
- `NONE`: we are root and may not mount, as in many containers. Modes do not stop root.

In every case `Package.contents()` shows afterwards whether anything was written.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_SCRIPT: Final = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$2" && shift 2 && exec "$@"'
_WAYS: Final = (("unshare", "-m"), ("unshare", "-rm"))


class Guard(Enum):
    """What keeps the folder from being written."""

    MOUNT = "a read-only mount"
    MODE = "modes"
    NONE = "nothing"


def guard() -> Guard:
    """Tell what this machine allows."""
    if _way():
        return Guard.MOUNT
    return Guard.MODE if os.geteuid() else Guard.NONE


def protect(folder: Path) -> None:
    """Take away the right to write, from all that is in a folder."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def confined(folder: Path, cwd: Path, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` in `cwd`, with a protected folder.

    The process id of the one is that of the other: each program replaces the one before it.
    """
    if way := _way():
        return [*way, "sh", "-c", _SCRIPT, "sh", str(folder), str(cwd), *command]
    return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(cwd), *command]


@lru_cache
def _way() -> tuple[str, ...]:
    """How to get a mount namespace here; empty if there is no way."""
    with TemporaryDirectory() as folder:
        return next((way for way in _WAYS if _works(way, folder)), ())


def _works(way: Sequence[str], folder: str) -> bool:
    command = [*way, "sh", "-c", _SCRIPT, "sh", folder, folder, "sh", "-c", "! touch written"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
    except FileNotFoundError:
        return False
