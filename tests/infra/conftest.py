"""What tests of packaging share: the zips, and the one for this interpreter unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.infra.zips import Zips, build_all, build_own
from tests.workers import made_once


@pytest.fixture(scope="session")
def zips(shared: Path) -> Zips:
    """All zips."""
    return build_all(shared)


@pytest.fixture(scope="session")
def unpacked(shared: Path) -> Path:
    """The folder of a deployed function."""
    own = build_own(shared)

    def unpack(folder: Path) -> None:
        with zipfile.ZipFile(own) as opened:
            opened.extractall(folder / "code")

    return made_once(shared, "own-unpacked", unpack) / "code"
