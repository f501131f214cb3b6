"""What is dear to make is made once a session, by whichever of pytest's workers wants it first."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def made_once(shared: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Give the folder of a name, made unless another worker has; afterwards nobody may write to it.

    Args:
        shared: The folder that the workers share: the fixture `shared`.
        name: What it is called there.
        make: Makes it, in an empty folder.
    """
    folder, whole = shared / name, shared / f"{name}.whole"
    with (shared / f"{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
