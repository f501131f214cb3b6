"""The zips that tests look at, built as `make package` does: each once a session, two at a time."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from infra.targets import Target, targets
from tests.workers import made_once

REPOSITORY: Final = Path(__file__).parents[2]
CONFIG: Final = """huaweicloud: {region: cn-north-4, project_id: 0123456789abcdef}  # Müller's
watches: [{instance_id: an-instance, task_id: '${TASK}'}]
state: '${STATE}'
"""

NAMED: Final = {target.zip_name: target for target in targets(None, None, None)}
"""What is built when nothing is named."""

OWN: Final = Target(
    "lambda",
    "{}.{}".format(*sys.version_info),
    {"aarch64": "arm64"}.get(platform.machine(), platform.machine()),
)
"""What this very interpreter can run."""

_OTHER_SETTINGS: Final[Mapping[str, str]] = {
    "PYTHONHASHSEED": "77",
    "PYTHONOPTIMIZE": "2",
    "TZ": "Asia/Shanghai",
    "UV_COMPILE_BYTECODE": "1",
}
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Zips(NamedTuple):
    """Finished zips."""

    own: Path
    """For this interpreter, with a configuration."""
    bare: Path
    """The same without it, built in another place, by another process with other settings."""
    named: Mapping[str, Path]
    """Those that are built when nothing is named, by their names."""


def run_package(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `infra/package.py` as a user does."""
    command = [sys.executable, "infra/package.py", *arguments]
    return subprocess.run(  # noqa: S603 - our own words
        command, cwd=REPOSITORY, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )


def build_all(shared: Path) -> Zips:
    """Build them for all workers."""
    with ThreadPoolExecutor(2) as pool:
        own, bare = pool.submit(build_own, shared), pool.submit(build_plain, shared, OWN)
        named: dict[str, Future[Path]] = {
            name: pool.submit(build_plain, shared, target) for name, target in NAMED.items()
        }
        return Zips(own.result(), bare.result(), {name: built.result() for name, built in named.items()})


def build_own(shared: Path) -> Path:
    """Build the one for this interpreter, with a configuration."""

    def make(folder: Path) -> None:
        config = folder / "any name.yml"
        config.write_text(CONFIG, encoding="utf-8")
        _build(OWN, folder, config=config)

    return made_once(shared, "own", make) / OWN.zip_name


def build_plain(shared: Path, target: Target) -> Path:
    """Build one for a target, without a configuration; that for this interpreter with other settings."""

    def make(folder: Path) -> None:
        _build(target, folder / "in another" / "place", environ=_OTHER_SETTINGS if target == OWN else {})

    return made_once(shared, target.zip_name, make) / "in another" / "place" / target.zip_name


def names(archive: Path) -> list[str]:
    """The paths of all that is in a zip."""
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def read(archive: Path) -> dict[str, bytes]:
    """All that is in a zip, by path."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _build(
    target: Target, output: Path, *, config: Path | None = None, environ: Mapping[str, str] = _NONE
) -> None:
    named = ("--platform", target.platform, "--python", target.python, "--architecture", target.architecture)
    config_option = ("--config", str(config)) if config else ()
    done = run_package(*named, *config_option, "--output", str(output), **environ)

    assert done.returncode == 0, done.stderr
