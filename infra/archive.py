"""Zips a folder so that the same files give the same bytes: no times, no owners, one order."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from pathlib import Path
from typing import Final

_UNIX: Final = 3


def write_zip(folder: Path, archive: Path) -> None:
    """Zip all files of a folder."""
    named = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(archive, "w") as opened:
        for name, path in sorted(named.items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if path.suffix == ".so" else 0o644)) << 16
            opened.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def manifest(archive: Path) -> dict[str, str]:
    """The SHA-256 of each file in a zip, by its path.

    Two machines whose zlib differ build zips that differ; their manifests do not.
    """
    with zipfile.ZipFile(archive) as opened:
        return {name: hashlib.sha256(opened.read(name)).hexdigest() for name in opened.namelist()}
