"""The zip of a platform as `make package` builds it, unpacked read-only, and what runs it.

    package = build("lambda", interpreter, shared)

Tests take it from the fixture `built`, which builds each once a session.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final, NamedTuple

from infra.targets import PLATFORMS, Target
from tests.infra.zips import build_plain
from tests.platforms.read_only import confined, protect
from tests.workers import made_once

REPOSITORY: Final = Path(__file__).parents[2]
ARCHITECTURE: Final = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
"""This machine's, in the words of `infra/package.py`."""

_PIP: Final = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
_STRICT: Final = ("--require-hashes", "--only-binary", ":all:")


class Interpreter(NamedTuple):
    """A Python on this machine: its minor version, such as `3.12`, and its binary outside of any venv."""

    minor: str
    binary: Path

    def __str__(self) -> str:
        """As tests are called by it, such as `py312`."""
        return f"py{self.minor.replace('.', '')}"


class Package(NamedTuple):
    """An unpacked zip: its folder, which nobody may write, and the interpreter that it was built for."""

    root: Path
    interpreter: Interpreter
    archive: Path

    def command(self, *words: str, cwd: Path | None = None) -> list[str]:
        """The command line that runs `words` in `cwd`, the folder itself if there is none.

        Run it with an environment of its own and no `cwd`; see `read_only` for what is guaranteed.
        """
        return confined(self.root, cwd or self.root, words)

    def contents(self) -> dict[str, tuple[int, str]]:
        """All its files by their path, with size and hash; whatever was written shows here."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): _fingerprint(path.read_bytes()) for path in files}

    def packed(self) -> dict[str, tuple[int, str]]:
        """The same of the zip itself: what `contents()` has to be for ever."""
        with zipfile.ZipFile(self.archive) as opened:
            return {name: _fingerprint(opened.read(name)) for name in opened.namelist() if name[-1] != "/"}


def interpreters(*minors: str) -> list[Interpreter]:
    """The running Python, and those of `minors` that pyenv has on this machine: parameters for a fixture."""
    running = "{}.{}".format(*sys.version_info)
    found = [Interpreter(running, Path(sys.base_prefix, "bin", f"python{running}"))]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for minor in minors:
        binaries = sorted(versions.glob(f"{minor}.*/bin/python{minor}"))
        found += [Interpreter(minor, binary) for binary in binaries[-1:] if minor != running]
    return found


def interpreters_of(platform: str) -> list[Interpreter]:
    """Those that a platform has and this machine too, the newest first; without any, the running Python."""
    minors = PLATFORMS[platform].pythons
    found = interpreters(*minors)
    return [each for minor in minors for each in found if each.minor == minor] or found[:1]


def build(target: str, interpreter: Interpreter, shared: Path) -> Package:
    """Build the zip of a platform, `lambda` or `functiongraph`, and unpack it, both for all workers."""
    archive = build_plain(shared, Target(target, interpreter.minor, ARCHITECTURE))

    def unpack(folder: Path) -> None:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder / "code")
        protect(folder / "code")

    root = made_once(shared, f"{target}-{interpreter}", unpack) / "code"
    return Package(root, interpreter, archive)


def install(requirements: Path, interpreter: Interpreter, shared: Path) -> Path:
    """Install hashed requirements for an interpreter into a folder of all workers, and give that folder."""

    def make(folder: Path) -> None:
        target = ("--python", str(interpreter.binary), "--target", str(folder))
        _run(
            *(sys.executable, "-m", "uv", "--system-certs", "pip", "install", "--quiet"),
            *(*target, *_STRICT, "--requirement", str(requirements)),
        )

    return made_once(shared, f"{requirements.stem}-{interpreter}", make)


def download(requirements: Path, folder: Path) -> list[Path]:
    """Download the wheels of hashed requirements, without what they require, and give their paths."""
    target = ("download", "--no-deps", "--dest", str(folder))
    _run(sys.executable, *_PIP, *target, *_STRICT, "--requirement", str(requirements))
    return sorted(folder.glob("*.whl"))


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def _fingerprint(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()
