"""Fills the folder that becomes a zip: dependencies first, then, if nothing is in its way, what is ours."""

from __future__ import annotations

import csv
import posixpath
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from handler.local.validating import review_file
from handler.settings.sources import CONFIG_FILE
from handler.settings.yaml_text import parse_yaml
from infra.targets import MANYLINUX, PackagingError, Target

SHIM_NAME: Final = "index.py"

_PACKAGES: Final = ("handler", "notifiers")
# The command line: a function has nobody to type.
_LEFT_OUT: Final = "handler/local/"
_PAGE: Final = "README.md"
# Distributions called handler and notifiers exist; one of infra's name would only confuse.
RESERVED: Final = frozenset({*_PACKAGES, "infra", Path(SHIM_NAME).stem})
# What our packages consist of. Another kind of file is refused, not shipped: it may be anything.
_OUR_KINDS: Final = frozenset({".css", ".html", ".j2", ".js", ".json", ".py", ".svg", ".typed"})


def install(target: Target, requirements: Path, folder: Path) -> None:
    """Install hashed requirements for a target, whatever Python and machine this is.

    Raises:
        PackagingError: uv is not there, or could not do it.
    """
    if not requirements.is_file():
        raise PackagingError(f"{requirements} is missing; `make lock` makes it.")
    command = [
        *(sys.executable, "-m", "uv", "--system-certs", "pip", "install", "--quiet", "--target", str(folder)),
        *("--python", sys.executable, "--python-version", target.python),
        *("--python-platform", MANYLINUX[target.architecture]),
        *("--only-binary", ":all:", "--no-deps", "--require-hashes", "--requirement", str(requirements)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise PackagingError(f"uv could not install {requirements.name}:\n{done.stderr.strip()}")


def owners(folder: Path) -> dict[str, list[str]]:
    """Which distributions installed each file, by its path.

    Raises:
        PackagingError: A distribution does not say what it installed.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for metadata in sorted(folder.glob("*.dist-info")):
        record = metadata / "RECORD"
        if not record.is_file():
            raise PackagingError(f"{metadata.name} has no RECORD: what it installed cannot be checked.")
        with record.open(encoding="utf-8", newline="") as lines:
            for name in {posixpath.normpath(line[0]) for line in csv.reader(lines) if line}:
                found[name].append(metadata.name.partition("-")[0])
    return dict(found)


def refuse_collisions(folder: Path, owned: Mapping[str, list[str]]) -> None:
    """See that dependencies neither take a name of ours nor overwrite each other.

    Raises:
        PackagingError: They do.
    """
    for name in sorted(path.name for path in folder.iterdir()):
        is_taken = name.casefold().partition(".")[0] in RESERVED or name.casefold() == CONFIG_FILE
        if is_taken:
            culprits = {by for path, all_of_them in owned.items() if _top(path) == name for by in all_of_them}
            blamed = ", ".join(sorted(culprits)) or "nobody who says so"
            raise PackagingError(f"A dependency brings {name}, a name of ours; installed by {blamed}.")
    for path, culprits_of_path in sorted(owned.items()):
        if len(culprits_of_path) > 1:
            raise PackagingError(f"{' and '.join(culprits_of_path)} both install {path}.")


def read_config(path: Path) -> bytes:
    """Read a configuration file to include, whatever it is called.

    Raises:
        PackagingError: It cannot be read, is no UTF-8, or cannot be used.
    """
    try:
        content = path.read_bytes()
        text = content.decode()
        mistakes = [*map(str, review_file(path).mistakes)] or _passing_state(text)
    except OSError as error:
        raise PackagingError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PackagingError(f"{path} is not UTF-8 text.") from error
    if mistakes:
        raise PackagingError("\n".join((f"{path} cannot be used.", *mistakes)))
    return content


def _passing_state(text: str) -> list[str]:
    """What is wrong with a state in the function's own folder, which goes with the function's instance."""
    tree, _ = parse_yaml(text)
    state = tree.get("state", "file:") if isinstance(tree, dict) else None
    is_passing = isinstance(state, str) and state.startswith("file:") and not state.startswith("file:/")
    return (
        ["state: a function needs a bucket, as s3://BUCKET/PREFIX or obs://BUCKET/PREFIX."]
        if is_passing
        else []
    )


def add_ours(repository: Path, folder: Path, config: bytes | None) -> None:
    """Add our packages without command line and pages, the shim, and the configuration if there is one.

    Raises:
        PackagingError: Something lies among our code that is not of it.
    """
    for package in _PACKAGES:
        top = repository / package
        for path in (top, *sorted(top.rglob("*"))):
            name = path.relative_to(repository).as_posix()
            if _is_wanted(name):
                _refuse_link(path)
                if path.is_file():
                    _add(path, folder / name)
    _add(repository / "infra" / SHIM_NAME, folder / SHIM_NAME)
    if config is not None:
        (folder / CONFIG_FILE).write_bytes(config)


def _is_wanted(name: str) -> bool:
    is_hidden = any(part.startswith((".", "__pycache__")) for part in name.split("/"))
    is_page = posixpath.basename(name) == _PAGE
    return not (is_hidden or is_page or name.startswith(_LEFT_OUT))


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise PackagingError(f"{path} is a link, which may lead anywhere; replace it by what it leads to.")


def _add(source: Path, destination: Path) -> None:
    if source.suffix not in _OUR_KINDS:
        kinds = " ".join(sorted(_OUR_KINDS))
        raise PackagingError(f"{source} is of no kind that is shipped ({kinds}); remove it, or add its kind.")
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, destination)


def _top(path: str) -> str:
    return path.partition("/")[0]
