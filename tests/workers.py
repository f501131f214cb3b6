"""What is dear to make is made once a session, by whichever of pytest's workers wants it first."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def made_once(shared: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Give the folder of a name, made unless another worker has; afterwards nobody may write to it.

    Args:
        shared: The folder that the workers share: the fixture `shared`.
        name: What it is called there.
        make: Makes it, in an empty folder.
    """
    folder, whole = shared / name, shared / f"{name}.whole"
    with _locked(shared, name):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


@contextmanager
def first_alone(shared: Path, name: str) -> Iterator[None]:
    """Run a block in whichever worker comes first alone; the others wait for it, and then all run at once.

    Args:
        shared: The folder that the workers share.
        name: What the block is called there.
    """
    whole = shared / f"{name}.whole"
    if not whole.exists():
        with _locked(shared, name):
            if not whole.exists():
                yield
                whole.touch()
                return
    yield


@contextmanager
def _locked(shared: Path, name: str) -> Iterator[None]:
    with (shared / f"{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
