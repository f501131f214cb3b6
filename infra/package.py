"""Builds the deployment zips: `python infra/package.py --help`.

Dependencies as locked, for the target and not for this machine; pruned; our packages last; bytecode by the
target's Python if there is one here. The same sources give the same bytes, wherever and whenever.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from infra.archive import manifest, write_zip
from infra.bytecode import compile_folder, find_interpreter
from infra.own_templates import add_templates, read_templates
from infra.pruning import prune
from infra.staging import RESERVED, add_ours, install, owners, read_config, refuse_collisions
from infra.targets import MANYLINUX, PLATFORMS, PYTHONS, PackagingError, Target, targets

REPOSITORY: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = REPOSITORY / "infra" / "requirements.txt"
BYTES_MAX: Final = 10_000_000
"""What a function is worth waiting for; a zip that large still uploads directly everywhere."""

_NONE: Final[Mapping[str, bytes]] = MappingProxyType({})


class Built(NamedTuple):
    """A finished zip, and whether there was an interpreter to compile its modules."""

    archive: Path
    has_bytecode: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for, and print a line for each zip.

    Returns:
        The exit status: 0, or 1 if a zip could not be built. Wrong usage exits with 2.
    """
    asked, wanted = _parse(arguments)
    try:
        config = read_config(asked.config) if asked.config else None
        templates = read_templates(asked.config, config, RESERVED) if config else {}
        for target in wanted:
            built = build(target, asked.output, config, templates=templates)
            print(_line(built, target, asked.config), flush=True)
            if asked.manifest:
                print(*(f"{digest}  {name}" for name, digest in manifest(built.archive).items()), sep="\n")
    except (PackagingError, OSError) as error:
        print(f"package.py: {error}", file=sys.stderr)
        return 1
    return 0


def build(
    target: Target,
    output: Path,
    config: bytes | None = None,
    requirements: Path = REQUIREMENTS,
    templates: Mapping[str, bytes] = _NONE,
) -> Built:
    """Build one zip; whatever had its name before stays until this one is whole.

    Args:
        target: What to build it for.
        output: The folder it goes to.
        config: What to include as `headway.yaml`.
        requirements: The hashed dependencies.
        templates: The user's own templates to include, by their path.

    Raises:
        PackagingError: It could not be built, or is too large.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".package-", dir=output) as scratch:
        folder, draft = Path(scratch, "code").resolve(), Path(scratch, target.zip_name)
        folder.mkdir()
        install(target, requirements, folder)
        owned = owners(folder)
        refuse_collisions(folder, owned)
        prune(folder, owned)
        add_ours(REPOSITORY, folder, config)
        add_templates(templates, folder)
        interpreter = find_interpreter(target.python)
        if interpreter:
            compile_folder(interpreter, folder, PLATFORMS[target.platform].code_folder)
        write_zip(folder, draft)
        refuse_excess(draft)
        return Built(draft.replace(output / target.zip_name), interpreter is not None)


def refuse_excess(archive: Path) -> None:
    """See that a zip is not too large.

    Raises:
        PackagingError: It is.
    """
    size = archive.stat().st_size
    if size > BYTES_MAX:
        raise PackagingError(f"{archive.name} would have {size:,} bytes, more than {BYTES_MAX:,}.")


def _line(built: Built, target: Target, config: Path | None) -> str:
    content = built.archive.read_bytes()
    missing = f"without .pyc, so slower to start: there is no Python {target.python} here"
    compiled = "with .pyc" if built.has_bytecode else missing
    configured = f"with {config}" if config else "without a configuration"
    digest = hashlib.sha256(content).hexdigest()
    return f"{built.archive}  {len(content) / 1e6:.2f} MB  sha256 {digest}  {compiled}  {configured}"


def _parse(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[Target]]:
    parser = argparse.ArgumentParser(
        prog="package.py",
        description="Build deployment zips. Each option narrows what is built: without any,"
        " FunctionGraph's for Python 3.12 and 3.10, and Lambda's for Python 3.13 on x86_64 and arm64.",
        allow_abbrev=False,
    )
    parser.add_argument("--platform", choices=PLATFORMS)
    parser.add_argument("--python", choices=PYTHONS)
    parser.add_argument("--architecture", choices=MANYLINUX)
    parser.add_argument("--config", type=Path, metavar="FILE", help="include it as headway.yaml")
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=Path("dist"), help="default: dist")
    parser.add_argument("--manifest", action="store_true", help="also print the hash of every file")
    asked = parser.parse_args(arguments)
    wanted = targets(asked.platform, asked.python, asked.architecture)
    if not wanted:
        parser.error(
            f"argument --architecture: {asked.platform} does not let a function"
            f" made of a zip choose {asked.architecture}"
        )
    return asked, wanted


if __name__ == "__main__":
    sys.exit(main())
